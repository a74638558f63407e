// Logits and probabilities of the next token, as far as a trace holds them.
#pragma once

#include <optional>
#include <span>

#include "model/trace.h"

namespace gf::ui {

/// The logits of the prediction at `position`; empty where the trace does not hold them.
[[nodiscard]] std::span<const float> next_logits(const Trace& trace, int position);
/// The log-probability of `id` as the next token after `position`; nullopt where the trace does not hold it.
[[nodiscard]] std::optional<double> next_logprob(const Trace& trace, int position, TokenId id);
[[nodiscard]] std::optional<double> next_logit(const Trace& trace, int position, TokenId id);

}  // namespace gf::ui
