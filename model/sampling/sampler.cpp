#include "model/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/base/token_ids.h"
#include "model/sampling/philox.h"

namespace gf {

namespace {

constexpr std::uint8_t kNotCut = 255;

/// A NaN logit of broken weights counts as the least likely, so that all logits have an order.
double ordered_logit(float logit) { return std::isnan(logit) ? -std::numeric_limits<double>::infinity() : static_cast<double>(logit); }

/// Which tokens are out, and why: one entry for each id of the vocabulary.
class TokenCuts {
 public:
  TokenCuts(std::size_t n_vocab, DecodingStep& step) : why_(n_vocab, kNotCut), step_(step) {}
  void cut(TokenId id, CutReason reason) {
    std::uint8_t& why = why_[id.index()];
    if (why != kNotCut) return;
    why = static_cast<std::uint8_t>(reason);
    ++step_.n_cut[why];
  }
  [[nodiscard]] bool keeps(std::size_t id) const { return why_[id] == kNotCut; }
  [[nodiscard]] CutReason reason(std::size_t id) const { return static_cast<CutReason>(why_[id]); }
  [[nodiscard]] std::vector<std::int32_t> ids(bool kept) const {
    std::vector<std::int32_t> list;
    for (std::size_t id = 0; id < why_.size(); ++id)
      if (keeps(id) == kept) list.push_back(static_cast<std::int32_t>(id));
    return list;
  }

 private:
  std::vector<std::uint8_t> why_;
  DecodingStep& step_;
};

/// The logits that tokens are chosen by: the model's own, changed by the penalties. In float32, as transformers computes them.
std::vector<float> penalized_logits(const DecodingPoint& point, const SamplerOptions& o) {
  std::vector<float> logits(point.logits.begin(), point.logits.end());
  std::vector<std::uint8_t> seen(logits.size(), 0);  // 1: in the text, 2: generated
  for (std::size_t i = 0; i < point.before.size(); ++i)
    seen[point.before[i].index()] |= static_cast<std::uint8_t>(static_cast<int>(i) < point.n_prompt ? 1 : 3);
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (seen[id] == 0) continue;
    float& logit = logits[id];
    logit = logit < 0 ? logit * o.repetition_penalty : logit / o.repetition_penalty;
    if (seen[id] > 1) logit -= o.presence_penalty;
  }
  return logits;
}

bool has_penalty(const SamplerOptions& o) { return o.repetition_penalty != 1 || o.presence_penalty != 0; }

/// Tokens that would end a run of n tokens which stands in `before` already.
void cut_repeats(std::span<const TokenId> before, int n, TokenCuts& cuts) {
  const auto head = static_cast<std::size_t>(n) - 1;
  if (before.size() < head) return;
  const auto last = before.last(head);
  for (std::size_t i = 0; i + head < before.size(); ++i)
    if (std::ranges::equal(before.subspan(i, head), last)) cuts.cut(before[i + head], CutReason::Ngram);
}

/// The best `n` of `ids` in front, by score and then by the lower id.
template <class Score>
void best_ids_first(std::span<std::int32_t> ids, std::size_t n, const Score& score) {
  const auto better = [&](std::int32_t a, std::int32_t b) {
    const double x = score(a), y = score(b);
    return x > y || (x == y && a < b);
  };
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(n, ids.size()));
  constexpr std::ptrdiff_t kFew = 64;
  if (end - ids.begin() <= kFew) {
    std::partial_sort(ids.begin(), end, ids.end(), better);
    return;
  }
  if (end != ids.end()) std::nth_element(ids.begin(), end, ids.end(), better);
  std::sort(ids.begin(), end, better);
}

/// The kept ids while one filter after the other cuts some of them.
class KeptIds {
 public:
  KeptIds(std::span<const float> logits, const SamplerOptions& o, std::vector<std::int32_t>& ids, TokenCuts& cuts)
      : logits_(logits), o_(o), ids_(ids), cuts_(cuts) {}
  void keep_top_k();
  void keep_top_p();
  void keep_min_p();
  void keep_typical();

 private:
  [[nodiscard]] double logit(std::int32_t id) const { return ordered_logit(logits_[static_cast<std::size_t>(id)]); }
  void keep_first(std::size_t n, CutReason reason) {
    for (std::size_t i = n; i < ids_.size(); ++i) cuts_.cut(TokenId(ids_[i]), reason);
    ids_.resize(n);
  }
  /// Cuts those that `out` says; at least one must stay.
  template <class Out>
  void drop(const Out& out, CutReason reason) {
    std::erase_if(ids_, [&](std::int32_t id) {
      if (!out(id)) return false;
      cuts_.cut(TokenId(id), reason);
      return true;
    });
  }
  [[nodiscard]] double largest() const {
    double top = -std::numeric_limits<double>::infinity();
    for (const auto id : ids_) top = std::max(top, logit(id));
    return top;
  }

  std::span<const float> logits_;
  const SamplerOptions& o_;
  std::vector<std::int32_t>& ids_;
  TokenCuts& cuts_;
};

void KeptIds::keep_top_k() {
  if (o_.top_k <= 0 || static_cast<std::size_t>(o_.top_k) >= ids_.size()) return;
  best_ids_first(ids_, static_cast<std::size_t>(o_.top_k), [&](std::int32_t id) { return logit(id); });
  keep_first(static_cast<std::size_t>(o_.top_k), CutReason::TopK);
}

void KeptIds::keep_top_p() {
  if (o_.top_p >= 1.0F) return;
  const auto score = [&](std::int32_t id) { return logit(id); };
  const double top = largest();
  double total = 0;
  const auto weight = [&](std::int32_t id) { return std::exp((logit(id) - top) / static_cast<double>(o_.temperature)); };
  for (const auto id : ids_) total += weight(id);
  // Mostly a few hundred tokens are enough: no more are put in order than are looked at.
  constexpr std::size_t kFirstSorted = 256;
  const double enough = static_cast<double>(o_.top_p) * total;
  if (!(total > 0)) best_ids_first(ids_, 1, score);  // infinite logits: no sum tells how many are enough
  std::size_t n = 0, sorted = 0;
  for (double sum = 0; n < ids_.size() && sum < enough; sum += weight(ids_[n++])) {
    if (n < sorted) continue;
    sorted = std::min(ids_.size(), std::max(kFirstSorted, 4 * sorted));
    best_ids_first(std::span(ids_).subspan(n), sorted - n, score);
  }
  keep_first(std::max<std::size_t>(n, 1), CutReason::TopP);
}

void KeptIds::keep_min_p() {
  if (o_.min_p <= 0.0F) return;
  // p < min_p p_top, as logits: the sum of all falls out of both sides.
  const double least = largest() + static_cast<double>(o_.temperature) * std::log(static_cast<double>(o_.min_p));
  drop([&](std::int32_t id) { return logit(id) < least; }, CutReason::MinP);
}

void KeptIds::keep_typical() {
  if (o_.typical_p >= 1.0F) return;
  const double top = largest();
  if (!std::isfinite(top)) return;  // such logits have no entropy
  const auto lowered = [&](std::int32_t id) { return (logit(id) - top) / static_cast<double>(o_.temperature); };
  double total = 0, entropy = 0;
  for (const auto id : ids_) total += std::exp(lowered(id));
  const auto surprisal = [&](std::int32_t id) { return std::log(total) - lowered(id); };
  for (const auto id : ids_)
    if (const double p = std::exp(lowered(id)) / total; p > 0) entropy += p * surprisal(id);
  struct Far {
    double distance, p;
  };
  std::vector<Far> all;
  for (const auto id : ids_) all.push_back({std::abs(surprisal(id) - entropy), std::exp(lowered(id)) / total});
  std::ranges::sort(all, {}, &Far::distance);
  std::size_t last = 0;
  for (double sum = all[0].p; last + 1 < all.size() && sum < static_cast<double>(o_.typical_p); sum += all[last].p) ++last;
  const double farthest = all[last].distance;
  drop([&](std::int32_t id) { return std::abs(surprisal(id) - entropy) > farthest; }, CutReason::TypicalP);
}

/// What the filters leave of `ids`, in the order of transformers' warpers.
void cut_unlikely(std::span<const float> logits, const SamplerOptions& o, std::vector<std::int32_t>& ids, TokenCuts& cuts) {
  KeptIds kept(logits, o, ids, cuts);
  kept.keep_top_k();
  kept.keep_top_p();
  kept.keep_min_p();
  kept.keep_typical();
}

/// Fills the step's lists from what is decided by now; `ids` are the kept ones, `by` the logits that they are chosen by.
void describe_step(const DecodingPoint& point, std::span<const float> by, const SamplerOptions& o, std::vector<std::int32_t> ids,
                   const TokenCuts& cuts, DecodingStep& step) {
  const bool noisy = step.why == ChoiceReason::Noise;
  const auto temperature = static_cast<double>(noisy ? o.temperature : 1.0F);
  const auto logit = [&](std::int32_t id) { return ordered_logit(by[static_cast<std::size_t>(id)]); };
  const auto own = [&](std::int32_t id) { return ordered_logit(point.logits[static_cast<std::size_t>(id)]); };
  std::vector<double> scores(point.logits.size());
  double top = 0, sum = 0;
  for (const auto id : ids) top = id == ids[0] ? logit(id) : std::max(top, logit(id));
  const double total = log_sum_exp(point.logits);
  // Where nothing was cut or changed, the sum over the kept tokens is the sum over all.
  const bool whole = ids.size() == point.logits.size() && !noisy && by.data() == point.logits.data();
  if (whole) sum = std::exp(total - top);
  for (const auto id : ids) {
    scores[static_cast<std::size_t>(id)] = noisy ? logit(id) / temperature + gumbel(o.seed, step.position, TokenId(id)) : logit(id);
    if (!whole) sum += std::exp((logit(id) - top) / temperature);
  }
  step.n_kept = static_cast<int>(ids.size());
  const auto n = std::max(kLoggedTokens, static_cast<std::size_t>(o.beams));
  best_ids_first(ids, n, [&](std::int32_t id) { return scores[static_cast<std::size_t>(id)]; });
  for (const auto id : std::span(ids).first(std::min(n, ids.size()))) {
    std::optional<double> noise;
    if (noisy) noise = gumbel(o.seed, step.position, TokenId(id));
    const double penalty = logit(id) == own(id) ? 0 : own(id) - logit(id);
    step.candidates.push_back({TokenId(id), point.logits[static_cast<std::size_t>(id)], own(id) - total, penalty,
                               std::exp((logit(id) - top) / temperature) / sum, noise, scores[static_cast<std::size_t>(id)]});
  }
  auto out = cuts.ids(false);
  best_ids_first(out, kLoggedTokens, own);
  for (const auto id : std::span(out).first(std::min(kLoggedTokens, out.size())))
    step.cut.push_back(
        {TokenId(id), point.logits[static_cast<std::size_t>(id)], own(id) - total, cuts.reason(static_cast<std::size_t>(id))});
}

/// The cuts that do not depend on probabilities.
void cut_by_rule(const DecodingPoint& point, const SamplerOptions& o, TokenCuts& cuts) {
  for (auto id = static_cast<std::size_t>(point.n_text); id < point.logits.size(); ++id)
    cuts.cut(TokenId(static_cast<std::int32_t>(id)), CutReason::NoText);
  for (const TokenId id : o.ban) cuts.cut(id, CutReason::Ban);
  if (o.no_repeat_ngram > 0) cut_repeats(point.before, o.no_repeat_ngram, cuts);
}

}  // namespace

Result<void> check_sampler(const SamplerOptions& o, int n_vocab, int n_text) {
  const auto wrong = [](std::string what) { return fail(ErrorCode::InvalidArgument, std::move(what)); };
  for (const std::vector<TokenId>* list : {&o.ban, &o.force}) GF_TRY(check_ids(*list, n_vocab));
  if (!(o.temperature > 0) || !std::isfinite(o.temperature)) return wrong(text("the temperature must be above 0"));
  if (!(o.top_p > 0 && o.top_p <= 1)) return wrong(text("top-p must be above 0 and at most 1"));
  if (o.top_k < 0) return wrong(text("top-k must not be negative; 0 means all"));
  if (o.no_repeat_ngram < 0) return wrong(text("no-repeat-ngram must not be negative; 0 means off"));
  if (!(o.repetition_penalty > 0) || !std::isfinite(o.repetition_penalty))
    return wrong(text("the repetition penalty must be above 0; 1 means off"));
  if (!std::isfinite(o.presence_penalty)) return wrong(text("the presence penalty must be a number; 0 means off"));
  if (!(o.min_p >= 0 && o.min_p <= 1)) return wrong(text("min-p must be from 0 to 1; 0 means off"));
  if (!(o.typical_p > 0 && o.typical_p <= 1)) return wrong(text("typical-p must be above 0 and at most 1; 1 means off"));
  if (std::ranges::any_of(o.stop, [](const std::string& stop) { return stop.empty(); }))
    return wrong(text("a text to stop at is empty; leave it out"));
  if (o.beams < 0 || o.beams > 256) return wrong(text("a beam search has 1 to 256 beams"));
  if (o.beams > 0 && !o.greedy)
    return wrong(text("a beam search draws nothing; leave out temperature, top-k, top-p and seed, or the beams"));
  if (o.beams > 0 && (has_penalty(o) || !o.stop.empty()))
    return wrong(text("a beam search has no penalties and no text to stop at; leave them out, or the beams"));
  for (const TokenId id : o.force)
    if (std::ranges::find(o.ban, id) != o.ban.end())
      return wrong(text("token {0} is both forced and banned; leave out one of the two", id.v));
  std::vector<TokenId> banned = o.ban;
  std::ranges::sort(banned);
  const auto distinct = std::ranges::unique(banned).begin() - banned.begin();
  if (std::ranges::count_if(banned.begin(), banned.begin() + distinct, [&](TokenId id) { return id.v < n_text; }) >= n_text)
    return wrong(text("every token is banned, so none is left to generate"));
  return {};
}

DecodingStep decide(const DecodingPoint& point, const SamplerOptions& o) {
  const std::size_t n_vocab = point.logits.size();
  EXPECTS(n_vocab > 0 && point.n_text > 0, "there are tokens to choose from");
  DecodingStep step;
  step.position = static_cast<int>(point.before.size());
  TokenCuts cuts(n_vocab, step);
  const auto index = static_cast<std::size_t>(point.n_generated);
  if (index < o.force.size()) {
    step.why = ChoiceReason::Force;
    for (std::size_t id = 0; id < n_vocab; ++id)
      if (id != o.force[index].index()) cuts.cut(TokenId(static_cast<std::int32_t>(id)), CutReason::Force);
  } else {
    cut_by_rule(point, o, cuts);
    step.why = o.beams > 0 ? ChoiceReason::Beam : o.greedy ? ChoiceReason::Likeliest : ChoiceReason::Noise;
  }
  std::vector<std::int32_t> ids = cuts.ids(true);
  std::vector<float> changed;
  std::span<const float> by = point.logits;
  if (has_penalty(o) && step.why != ChoiceReason::Force) {
    changed = penalized_logits(point, o);
    by = changed;
    for (std::size_t id = 0; id < n_vocab; ++id) step.n_penalized += by[id] != point.logits[id] && !std::isnan(by[id]) ? 1 : 0;
  }
  if (step.why == ChoiceReason::Noise && !ids.empty()) cut_unlikely(by, o, ids, cuts);
  describe_step(point, by, o, std::move(ids), cuts, step);
  if (o.beams == 0 && !step.candidates.empty()) step.chosen = step.candidates.front().id;
  return step;
}

std::vector<double> drawing(const DecodingPoint& point, const SamplerOptions& o) {
  DecodingStep unused;
  TokenCuts cuts(point.logits.size(), unused);
  cut_by_rule(point, o, cuts);
  const std::vector<float> by = penalized_logits(point, o);
  std::vector<std::int32_t> ids = cuts.ids(true);
  std::vector<double> shares(by.size(), 0.0);
  if (ids.empty()) return shares;
  cut_unlikely(by, o, ids, cuts);
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const auto id : ids) top = std::max(top, ordered_logit(by[static_cast<std::size_t>(id)]));
  for (const auto id : ids) {
    double& share = shares[static_cast<std::size_t>(id)];
    share = std::exp((ordered_logit(by[static_cast<std::size_t>(id)]) - top) / static_cast<double>(o.temperature));
    sum += share;
  }
  for (const auto id : ids) shares[static_cast<std::size_t>(id)] /= sum;
  return shares;
}

}  // namespace gf
