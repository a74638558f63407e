#include "model/analysis/sweeping.h"

#include <array>

#include "model/base/token_ids.h"

namespace gf {

Result<std::vector<float>> logits_at(Session& session, const Run& run, int position, std::stop_token stop) {
  const Trace& trace = *run.edited;
  std::vector<float> found(trace.last_logits().begin(), trace.last_logits().end());
  if (position < 0 || position == trace.length() - 1) return found;
  // A cut that changes nothing gives the run's own logits.
  Edit same;
  same.hook = name_of(HookId{HookKind::ResidPost, trace.config().n_layer - 1});
  same.op = EditOp::Scale;
  same.factor = 1.0F;
  const auto keep = [&found](std::size_t, std::span<const float> logits) { found.assign(logits.begin(), logits.end()); };
  GF_TRY(session.sweep(run, {&same, 1}, keep, std::move(stop), position));
  return found;
}

Result<void> check_tokens(const ModelConfig& config, TokenId a, std::optional<TokenId> b) {
  const std::array ids{a, b.value_or(a)};
  return check_ids(ids, config.n_vocab);
}

double logit_difference(std::span<const float> logits, TokenId a, std::optional<TokenId> b) {
  return static_cast<double>(logits[a.index()]) - (b ? static_cast<double>(logits[b->index()]) : 0.0);
}

}  // namespace gf
