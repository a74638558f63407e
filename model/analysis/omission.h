// Heads and MLP channels (neurons) that a model may do without: how much each matters over a text, and what leaving some out costs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "model/edits/recipe.h"
#include "model/session.h"

namespace gf {

/// A number, or a mark, for each head [layer, head] and each neuron [layer, d_mlp].
template <class T>
struct OfUnits {
  std::vector<T> heads, neurons;
};

enum class ImportanceBy : std::uint8_t {
  /// Mean over sequences of |sum over positions of a . dL/da|, with a the head's z or the neuron's hook_post, and L the sequence's
  /// loss: how much cutting it changes the loss, to first order. Source: Michel, Levy and Neubig 2019, "Are Sixteen Heads Really
  /// Better than One?", equation 2.
  Attribution,
  /// Mean over positions of the length of what it adds to the residual stream.
  Norm,
};

using TextSequences = std::span<const std::vector<TokenId>>;

/// `told` is called after each sequence. Errors: Cancelled, those of Session::pass(). Expects sequences of two tokens or more.
[[nodiscard]] Result<OfUnits<float>> importance_over(Session& session, TextSequences sequences, ImportanceBy by,
                                                     const std::stop_token& stop, const std::function<void()>& told);

/// Heads and neurons that are left out: their z and hook_post are 0 at every position.
using Omission = OfUnits<bool>;

/// Mean of -ln p of each next token, nats, over all sequences. `omitted`: may be nullptr. Errors and `told`: as above.
[[nodiscard]] Result<double> loss_over(Session& session, TextSequences sequences, const Omission* omitted, const std::stop_token& stop,
                                       const std::function<void()>& told);

/// Indices in the order in which they are left out: the least important first, equal ones by their index.
[[nodiscard]] std::vector<std::size_t> omission_order(std::span<const float> importance);
/// The first of each order, the share `rate` of it, rounded to whole units; an empty order: none.
[[nodiscard]] Omission omit(const OfUnits<std::size_t>& orders, double rate, const ModelConfig& config);

/// One edit for each block in which heads, and one in which neurons are left out.
[[nodiscard]] Recipe recipe_of_omission(const Omission& omitted, const ModelConfig& config);

}  // namespace gf
