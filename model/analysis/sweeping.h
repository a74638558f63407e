// What sweeps and attributions share: the logits of one position, and checks of the tokens A and B.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "model/session.h"

namespace gf {

/// Logits of the edited run at a position; -1: the last. Errors: those of Session::sweep().
[[nodiscard]] Result<std::vector<float>> logits_at(Session& session, const Run& run, int position, std::stop_token stop);

/// Errors: InvalidArgument where a token is not in the vocabulary.
[[nodiscard]] Result<void> check_tokens(const ModelConfig& config, TokenId a, std::optional<TokenId> b);
/// Logit of A, minus that of B.
[[nodiscard]] double logit_difference(std::span<const float> logits, TokenId a, std::optional<TokenId> b);

}  // namespace gf
