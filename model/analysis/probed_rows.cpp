#include "model/analysis/probed_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/analysis/row_states.h"
#include "model/base/error.h"

namespace gf {

namespace {

constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

std::vector<double> main_scores(const ProbeSpace& space, const TagColumn& tags, int folds) {
  return held_out_scores(space, static_cast<std::size_t>(folds), [&](const RowList& rows) {
    return tags.is_number() ? ridge_probe(space, tags.targets, rows) : logistic_probe(space, tags.labels, rows);
  });
}

MainScore judged(const std::vector<double>& scores, const TagColumn& tags) {
  if (tags.is_number()) return {r2_of(scores, tags.targets), spearman_of(scores, tags.targets)};
  return {accuracy_of(scores, tags.labels), kNoScore};
}

/// Gives w the length at which a step along it raises w . x by this much.
void stretch(std::vector<double>& w, double by) {
  const double squares = std::inner_product(w.begin(), w.end(), w.begin(), 0.0);
  if (squares > 0)
    for (double& x : w) x *= by / squares;
}

double deviation_of(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size()), mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / n);
}

/// Whether each fold leaves both classes to learn from.
bool can_be_learnt(const TagColumn& tags, int folds) {
  if (tags.is_number()) return true;
  for (const auto& [begin, end] : contiguous_folds(tags.labels.size(), static_cast<std::size_t>(folds))) {
    std::array<std::size_t, 2> counts{};
    for (std::size_t i = 0; i < tags.labels.size(); ++i)
      if (i < begin || i >= end) ++counts[static_cast<std::size_t>(tags.labels[i])];
    if (counts[0] == 0 || counts[1] == 0) return false;
  }
  return true;
}

}  // namespace

ProbedRows probed_rows(const RowMatrix& rows, const TagColumn& tags, int folds) {
  ProbedRows out{.difference = {kNoScore, kNoScore},
                 .logistic = {kNoScore, kNoScore},
                 .separation = kNoScore,
                 .r2 = kNoScore,
                 .spearman = kNoScore,
                 .held_out = std::vector<double>(rows.n, kNoScore),
                 .direction = std::vector<double>(rows.d, kNoScore),
                 .probe = std::vector<double>(rows.d, kNoScore),
                 .mean = std::vector<double>(rows.d, kNoScore),
                 .deviation = kNoScore,
                 .components = {.places = std::vector<double>(rows.n * 2, kNoScore),
                                .explained = {kNoScore, kNoScore},
                                .directions = {std::vector<double>(rows.d, kNoScore), std::vector<double>(rows.d, kNoScore)}}};
  if (!rows.is_finite()) return out;
  const ProbeSpace space(rows);
  RowList all(rows.n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  out.held_out = main_scores(space, tags, folds);
  Probe whole;
  if (tags.is_number()) {
    const MainScore judgement = judged(out.held_out, tags);
    out.r2 = judgement.score;
    out.spearman = judgement.spearman;
    whole = ridge_probe(space, tags.targets, all);
    stretch(whole.w, deviation_of(tags.targets));
  } else {
    const auto apart = held_out_scores(space, static_cast<std::size_t>(folds),
                                       [&](const RowList& some) { return mean_difference_probe(space, tags.labels, some); });
    out.difference = {accuracy_of(apart, tags.labels), auc_of(apart, tags.labels)};
    out.logistic = {accuracy_of(out.held_out, tags.labels), auc_of(out.held_out, tags.labels)};
    out.separation = separation_of(apart, tags.labels);
    whole = mean_difference_probe(space, tags.labels, all);
    std::vector<double> probe = logistic_probe(space, tags.labels, all).w;
    stretch(probe, std::inner_product(probe.begin(), probe.end(), whole.w.begin(), 0.0));
    out.probe = space.back(probe);
  }
  const double length = std::sqrt(std::inner_product(whole.w.begin(), whole.w.end(), whole.w.begin(), 0.0));
  double squares = 0;
  for (std::size_t i = 0; i < rows.n; ++i) {  // the rows of the space have the mean 0
    const auto z = space.row(i);
    const double along = std::inner_product(z.begin(), z.end(), whole.w.begin(), 0.0);
    squares += along * along;
  }
  out.deviation = length > 0 ? std::sqrt(squares / static_cast<double>(rows.n)) / length : 0;
  out.direction = space.back(whole.w);
  out.mean = space.mean();
  out.components = two_components(space);
  return out;
}

MainScore main_score(const RowMatrix& rows, const TagColumn& tags, int folds) {
  if (!rows.is_finite()) return {kNoScore, kNoScore};
  const ProbeSpace space(rows);
  return judged(main_scores(space, tags, folds), tags);
}

MainScore shuffled_score(const RowMatrix& rows, const TagColumn& tags, int folds, std::uint64_t seed) {
  constexpr std::uint32_t kTimes = 4, kMostTries = 64;
  if (!rows.is_finite()) return {kNoScore, kNoScore};
  const ProbeSpace space(rows);
  MainScore sum{0, 0};
  std::uint32_t done = 0;
  for (std::uint32_t number = 0; done < kTimes && number < kMostTries; ++number) {
    const auto order = shuffled_order(rows.n, seed, number);
    TagColumn dealt = tags;
    for (std::size_t i = 0; i < rows.n; ++i) {
      if (tags.is_number()) dealt.targets[i] = tags.targets[order[i]];
      else dealt.labels[i] = tags.labels[order[i]];
    }
    if (!can_be_learnt(dealt, folds)) continue;
    const MainScore one = judged(main_scores(space, dealt, folds), dealt);
    sum.score += one.score;
    sum.spearman += one.spearman;
    ++done;
  }
  if (done == 0) return {kNoScore, kNoScore};
  return {sum.score / done, sum.spearman / done};
}

double majority_of(const TagColumn& tags) {
  if (tags.is_number() || tags.labels.empty()) return kNoScore;
  const auto ones = static_cast<double>(std::ranges::count(tags.labels, 1)), all = static_cast<double>(tags.labels.size());
  return std::max(ones, all - ones) / all;
}

}  // namespace gf
