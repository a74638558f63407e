// The direction of the final residual stream that raises the logit of a token.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/session.h"

namespace gf {

/// gamma * u / scale, centred, with u = W_U[:, A] (minus W_U[:, B]): a plain dot product with a component c of the final
/// stream equals (c - mean c) / scale * gamma . u.
[[nodiscard]] std::vector<double> logit_direction(const Weights& w, double scale, TokenId a, std::optional<TokenId> b);
/// W . g, what one unit of each input of W adds.
[[nodiscard]] std::vector<double> through_output(const Matrix& w, const std::vector<double>& g);
[[nodiscard]] double dot_with(std::span<const float> x, const std::vector<double>& g);
[[nodiscard]] double dot_with(const TensorView& x, const std::vector<double>& g);  ///< 0 for an empty view

/// The direction at one position of a run, under that position's own ln_final.
struct DirectionAt {
  int position = 0;
  std::vector<double> g;
};
/// position -1: the last. Errors: NotCaptured (needs the default plan), InvalidArgument (a token that is not in the vocabulary).
[[nodiscard]] Result<DirectionAt> direction_at(const Weights& w, const Trace& trace, TokenId a, std::optional<TokenId> b, int position);

}  // namespace gf
