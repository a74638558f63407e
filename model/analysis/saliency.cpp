// Which tokens an answer depends on: gradients at the token embeddings, and integrated gradients.
// Source: Sundararajan, Taly and Yan 2017, Axiomatic attribution for deep networks, eq. 3, by midpoints.
#include <array>
#include <cmath>

#include "model/analysis/gradient_runs.h"
#include "model/analysis/sweeping.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array<std::string_view, 2> kBaselines{"zero", "mean"};
constexpr std::array kSaliencyParams{
    kObjectiveParam,
    Param{.name = "baseline",
          .kind = Param::Kind::Choice,
          .doc = phrase("the embedding that integrated gradients start from: 0, or the mean over the vocabulary"),
          .fallback = "zero",
          .choices = kBaselines},
    Param{.name = "steps",
          .kind = Param::Kind::Whole,
          .doc = phrase("points between the baseline and the embeddings"),
          .fallback = "32",
          .low = 1,
          .high = 1000},
};
constexpr std::array kSaliencyParts{
    PartInfo{.name = "grad_norm",
             .axes = "position",
             .unit = "logit",
             .title = phrase("length of the gradient"),
             .doc = phrase("length of the gradient of {0} at the token's embedding")},
    PartInfo{.name = "grad_x_input",
             .axes = "position",
             .unit = "logit",
             .title = phrase("gradient times embedding"),
             .doc = phrase("gradient of {0} along the token's embedding"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "integrated",
             .axes = "position",
             .unit = "logit",
             .title = phrase("integrated gradients"),
             .doc = phrase("what the token's embedding, in place of the baseline, adds to {0}"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "completeness",
             .unit = "logit",
             .title = phrase("completeness"),
             .doc = phrase("the sum of the integrated gradients minus what they should add up to; near 0 with enough steps"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
};

const HookId kSaliencyHook{HookKind::Embed, -1};

std::vector<float> mean_embedding(const Weights& w) {
  const auto d = static_cast<std::size_t>(w.config.d_model);
  std::vector<double> sums(d);
  std::vector<float> row(d);
  for (std::size_t id = 0; id < static_cast<std::size_t>(w.config.n_vocab); ++id) {
    widen(w.wte.data + id * d * size_of(w.wte.dtype), w.wte.dtype, row.data(), d);
    for (std::size_t i = 0; i < d; ++i) sums[i] += static_cast<double>(row[i]);
  }
  for (std::size_t i = 0; i < d; ++i) row[i] = static_cast<float>(sums[i] / w.config.n_vocab);
  return row;
}

struct IntegratedGradients {
  Grid positions;
  double completeness = 0;
};

/// Later positions than the explained one do not count, so the passes end there.
Result<IntegratedGradients> integrated_gradients(const Asking& asking, const Objective& objective, CompiledEdits* recipe, double m) {
  const Trace& run = asking.trace();
  const auto ids = run.ids().first(static_cast<std::size_t>(objective.position) + 1);
  FixedRows::Rows to = rows_of(run, kSaliencyHook);
  to.resize(ids.size());
  std::vector<float> start(to[0].size());
  if (asking.params.text("baseline") == "mean") start = mean_embedding(*asking.model().weights);
  const FixedRows::Rows from(ids.size(), start);
  CapturePlan at_embeddings = CapturePlan::none();
  at_embeddings.want(HookKind::Embed);
  std::vector<std::vector<double>> sums(ids.size(), std::vector<double>(start.size()));
  const int steps = asking.params.whole("steps");
  const auto run_at = [&](double share, FixedRows& edits) {
    edits.set(kSaliencyHook, rows_between(from, to, share));
    return asking.session.pass(ids, run.n_prompt(), backward_plan(), &edits, asking.stop);
  };
  for (int k = 0; k < steps; ++k) {
    FixedRows edits(recipe);
    GF_TRY_ASSIGN(const Trace between, run_at((k + 0.5) / steps, edits));
    const LogitSlope slope = objective.slope(between.last_logits());
    GF_TRY_ASSIGN(const Trace gradients, asking.session.gradients(between, {&slope, 1}, at_embeddings, &edits, asking.stop));
    for (std::size_t p = 0; p < ids.size(); ++p) {
      const auto row = gradients.row(kSaliencyHook, static_cast<int>(p));
      for (std::size_t i = 0; i < row.size(); ++i) sums[p][i] += static_cast<double>(row[i]) / steps;
    }
    if (asking.progress) asking.progress(static_cast<double>(k + 1) / (steps + 1));
  }
  FixedRows edits(recipe);
  GF_TRY_ASSIGN(const Trace at_baseline, run_at(0, edits));
  IntegratedGradients out{Grid::of({"position"}, {run.length()}, objective.unit()), 0};
  for (int p = 0; p < run.length(); ++p) out.positions.at(p) = 0;
  for (std::size_t p = 0; p < ids.size(); ++p) {
    double sum = 0;
    for (std::size_t i = 0; i < start.size(); ++i) sum += sums[p][i] * (static_cast<double>(to[p][i]) - static_cast<double>(start[i]));
    out.positions.values[p] = static_cast<float>(sum);
    out.completeness += sum;
  }
  out.completeness -= m - objective.value(at_baseline.last_logits());
  return out;
}

Result<Answer> answer_saliency(const Asking& asking) {
  const Trace& run = asking.trace();
  if (!run.has(kSaliencyHook))
    return fail(ErrorCode::NotCaptured, text("saliency needs {0}; capture the default plan", name_of(kSaliencyHook)));
  GF_TRY_ASSIGN(const Objective objective, objective_of(asking, run.length()));
  GF_TRY_ASSIGN(const auto logits, logits_at(asking.session, asking.run, objective.position, asking.stop));
  GF_TRY_ASSIGN(const auto edits, asking.session.edits_of(run, asking.request));
  const LogitSlope slope = objective.slope(logits);
  CapturePlan plan = CapturePlan::none();
  plan.want(HookKind::Embed);
  GF_TRY_ASSIGN(const Trace gradients, asking.session.gradients(run, {&slope, 1}, plan, edits.get(), asking.stop));
  const auto by_position = [&] { return Grid::of({"position"}, {run.length()}, objective.unit()); };
  Grid norm = by_position(), along = by_position();
  for (int p = 0; p < run.length(); ++p) {
    const auto g = gradients.row(kSaliencyHook, p);
    norm.at(p) = static_cast<float>(std::sqrt(dot_rows(g, g)));
    along.at(p) = static_cast<float>(dot_rows(g, run.row(kSaliencyHook, p)));
  }
  Answer answer;
  answer.add("grad_norm", std::move(norm));
  answer.add("grad_x_input", std::move(along));
  if (!asking.wants("integrated") && !asking.wants("completeness")) return answer;
  GF_TRY_ASSIGN(auto integrated, integrated_gradients(asking, objective, edits.get(), objective.value(logits)));
  answer.add("integrated", std::move(integrated.positions));
  answer.add("completeness", Answer::Number{integrated.completeness, objective.unit()});
  return answer;
}

}  // namespace

extern constinit const Question kSaliencyQuestion{.name = "saliency",
                                                  .title = phrase("Saliency"),
                                                  .doc = phrase("which tokens the answer depends on, by gradients"),
                                                  .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                  .params = kSaliencyParams,
                                                  .parts = kSaliencyParts,
                                                  .answer = answer_saliency};

}  // namespace gf
