// What neurons write: in a run towards one token, and by their weights alone towards all tokens.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/session.h"

namespace gf {

struct NeuronAttribution {
  int layer = 0, neuron = 0;
  float activation = 0, contribution = 0;
};
/// The direct contribution of every neuron, by layer and neuron: activation * (W_out row, centred) / scale * gamma . u.
/// Errors: as direct_attribution().
[[nodiscard]] Result<std::vector<NeuronAttribution>> all_neurons(const Model& model, const Trace& trace, TokenId a,
                                                                 std::optional<TokenId> b, int position = -1);
/// The `count` of them with the largest absolute contribution; largest first, ties by layer and neuron.
[[nodiscard]] Result<std::vector<NeuronAttribution>> neuron_attribution(const Model& model, const Trace& trace, TokenId a,
                                                                        std::optional<TokenId> b, int count, int position = -1);

struct NeuronVocabulary {
  struct Token {
    TokenId id;
    float logit;  ///< that one unit of activation adds, before ln_final's division
  };
  std::vector<Token> writes_for, writes_against;  ///< strongest first
};
/// The same of any vector that is added to the residual stream. `written`: [d_model].
[[nodiscard]] NeuronVocabulary vocabulary_of(const Weights& weights, std::span<const double> written, int count);
/// (W_out row, centred) * gamma . W_U, the `count` largest and smallest. Errors: InvalidArgument.
[[nodiscard]] Result<NeuronVocabulary> neuron_vocabulary(const Weights& weights, int layer, int neuron, int count);

}  // namespace gf
