#include "app/ui/docks/next_logits.h"

#include "model/base/logits.h"

namespace gf::ui {

std::span<const float> next_logits(const Trace& trace, int position) {
  if (position == trace.length() - 1) return trace.last_logits();
  const HookId hook{HookKind::Logits, -1};
  if (position >= 0 && position < trace.length() && trace.plan().all_logits && trace.has(hook)) return trace.row(hook, position);
  return {};
}

std::optional<double> next_logprob(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logprob);
  const std::span<const float> logits = next_logits(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return logprob_of(logits, id.index());
}

std::optional<double> next_logit(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logit);
  const std::span<const float> logits = next_logits(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return static_cast<double>(logits[id.index()]);
}

}  // namespace gf::ui
