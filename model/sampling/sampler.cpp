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

/// What top_k and top_p leave of `ids`.
void cut_unlikely(std::span<const float> logits, const SamplerOptions& o, std::vector<std::int32_t>& ids, TokenCuts& cuts) {
  const auto logit = [&](std::int32_t id) { return ordered_logit(logits[static_cast<std::size_t>(id)]); };
  const auto keep = [&](std::size_t n, CutReason reason) {
    for (std::size_t i = n; i < ids.size(); ++i) cuts.cut(TokenId(ids[i]), reason);
    ids.resize(n);
  };
  if (o.top_k > 0 && static_cast<std::size_t>(o.top_k) < ids.size()) {
    best_ids_first(ids, static_cast<std::size_t>(o.top_k), logit);
    keep(static_cast<std::size_t>(o.top_k), CutReason::TopK);
  }
  if (o.top_p >= 1.0F) return;
  double top = -std::numeric_limits<double>::infinity(), total = 0;
  for (const auto id : ids) top = std::max(top, logit(id));
  const auto weight = [&](std::int32_t id) { return std::exp((logit(id) - top) / static_cast<double>(o.temperature)); };
  for (const auto id : ids) total += weight(id);
  // Mostly a few hundred tokens are enough: no more are put in order than are looked at.
  constexpr std::size_t kFirstSorted = 256;
  const double enough = static_cast<double>(o.top_p) * total;
  if (!(total > 0)) best_ids_first(ids, 1, logit);  // infinite logits: no sum tells how many are enough
  std::size_t n = 0, sorted = 0;
  for (double sum = 0; n < ids.size() && sum < enough; sum += weight(ids[n++])) {
    if (n < sorted) continue;
    sorted = std::min(ids.size(), std::max(kFirstSorted, 4 * sorted));
    best_ids_first(std::span(ids).subspan(n), sorted - n, logit);
  }
  keep(std::max<std::size_t>(n, 1), CutReason::TopP);
}

/// Fills the step's lists from what is decided by now; `ids` are the kept ones.
void describe_step(const DecodingPoint& point, const SamplerOptions& o, std::vector<std::int32_t> ids, const TokenCuts& cuts,
                   DecodingStep& step) {
  const bool noisy = step.why == ChoiceReason::Noise;
  const auto temperature = static_cast<double>(noisy ? o.temperature : 1.0F);
  const auto logit = [&](std::int32_t id) { return ordered_logit(point.logits[static_cast<std::size_t>(id)]); };
  std::vector<double> scores(point.logits.size());
  double top = 0, sum = 0;
  for (const auto id : ids) top = id == ids[0] ? logit(id) : std::max(top, logit(id));
  const double total = log_sum_exp(point.logits);
  // Where nothing was cut, the sum over the kept tokens is the sum over all.
  const bool whole = ids.size() == point.logits.size() && !noisy;
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
    step.candidates.push_back({TokenId(id), point.logits[static_cast<std::size_t>(id)], logit(id) - total,
                               std::exp((logit(id) - top) / temperature) / sum, noise, scores[static_cast<std::size_t>(id)]});
  }
  auto out = cuts.ids(false);
  best_ids_first(out, kLoggedTokens, logit);
  for (const auto id : std::span(out).first(std::min(kLoggedTokens, out.size())))
    step.cut.push_back(
        {TokenId(id), point.logits[static_cast<std::size_t>(id)], logit(id) - total, cuts.reason(static_cast<std::size_t>(id))});
}

}  // namespace

Result<void> check_sampler(const SamplerOptions& o, int n_vocab, int n_text) {
  const auto wrong = [](std::string what) { return fail(ErrorCode::InvalidArgument, std::move(what)); };
  for (const std::vector<TokenId>* list : {&o.ban, &o.force}) GF_TRY(check_ids(*list, n_vocab));
  if (!(o.temperature > 0) || !std::isfinite(o.temperature)) return wrong(text("the temperature must be above 0"));
  if (!(o.top_p > 0 && o.top_p <= 1)) return wrong(text("top-p must be above 0 and at most 1"));
  if (o.top_k < 0) return wrong(text("top-k must not be negative; 0 means all"));
  if (o.no_repeat_ngram < 0) return wrong(text("no-repeat-ngram must not be negative; 0 means off"));
  if (o.beams < 0 || o.beams > 256) return wrong(text("a beam search has 1 to 256 beams"));
  if (o.beams > 0 && !o.greedy)
    return wrong(text("a beam search draws nothing; leave out temperature, top-k, top-p and seed, or the beams"));
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
    for (auto id = static_cast<std::size_t>(point.n_text); id < n_vocab; ++id)
      cuts.cut(TokenId(static_cast<std::int32_t>(id)), CutReason::NoText);
    for (const TokenId id : o.ban) cuts.cut(id, CutReason::Ban);
    if (o.no_repeat_ngram > 0) cut_repeats(point.before, o.no_repeat_ngram, cuts);
    step.why = o.beams > 0 ? ChoiceReason::Beam : o.greedy ? ChoiceReason::Likeliest : ChoiceReason::Noise;
  }
  std::vector<std::int32_t> ids = cuts.ids(true);
  if (step.why == ChoiceReason::Noise && !ids.empty()) cut_unlikely(point.logits, o, ids, cuts);
  describe_step(point, o, std::move(ids), cuts, step);
  if (o.beams == 0 && !step.candidates.empty()) step.chosen = step.candidates.front().id;
  return step;
}

}  // namespace gf
