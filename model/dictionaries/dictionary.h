// Dictionaries of features: sparse autoencoders of a hook's rows, and transcoders from one hook to another.
// Sources: Bricken et al. 2023 (Towards Monosemanticity), Gao et al. 2024 (TopK), Rajamanoharan et al. 2024 (gated, JumpReLU),
// Dunefsky et al. 2024 (transcoders); SAELens 6 for what a file means.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/dictionaries/feature_names.h"
#include "model/weights.h"

namespace gf {

/// How a feature's activation is computed from its pre-activation p.
enum class FeatureActivation : std::uint8_t {
  Relu,      ///< max(p, 0)
  TopK,      ///< the k largest of a row, the others 0
  JumpRelu,  ///< p where it is above the feature's threshold, else 0
  Gated,     ///< max(magnitude, 0) where the gate is above 0, else 0
};
[[nodiscard]] const char* name_of(FeatureActivation activation);  ///< "relu", "topk", "jumprelu", "gated"

/// How a row is normalised before b_dec is subtracted; decoding undoes it.
enum class RowNormalisation : std::uint8_t {
  None,
  LayerNorm,     ///< (x - mean x) / (s + 1e-5), s with n - 1; back: y s + mean x
  ConstantNorm,  ///< x sqrt(d) / |x|; back: y |x| / sqrt(d)
};

/// What a file says about a dictionary, apart from its tensors.
struct DictionaryConfig {
  std::string path, format;      ///< format: "saelens", "openai", "torch", "circuit-tracer"
  std::string model;             ///< that it was trained on, as the file has it; empty: it does not say
  std::string hook, hook_out;    ///< TransformerLens's names; hook_out of transcoders alone; empty: the file does not say
  bool transcoder = false;       ///< it writes at another hook than it reads
  int head = -1, head_out = -1;  ///< of the hooks with a row for each head the one that it reads, and writes; -1: whole rows
  FeatureActivation activation = FeatureActivation::Relu;
  int k = 0;                    ///< of TopK
  bool keeps_negative = false;  ///< TopK and JumpReLU without a ReLU behind them, as circuit-tracer has them
  RowNormalisation normalisation = RowNormalisation::None;
  bool subtracts_bias = true;       ///< b_dec is taken off a row before it is encoded
  bool rescaled = false;            ///< pre-activations are multiplied by the norms of decoder rows, activations divided by them
  bool centred = false;             ///< trained on centred weights: it reads x - mean(x)
  bool without_value_bias = false;  ///< trained on folded value biases: at hook_z it reads z - (b_V + beta W_V)
  bool without_beta = true;         ///< the beta W_V of that too
  std::optional<bool> bos;          ///< whether the texts that it was trained on began with the BOS token
  int context = 0;                  ///< tokens of these texts; 0: not said
};

/// Immutable once loaded; shared by pointer. Thread safe to read. `n` is the number of features.
struct Dictionary {
  DictionaryConfig config;
  std::string name;                                      ///< for lists: the last parts of its path
  Matrix encoder;                                        ///< W_enc, logically [d_in, n]
  Matrix decoder;                                        ///< W_dec, logically [n, d_out]
  Matrix skip;                                           ///< [d_in, d_out], of transcoders with a skip connection; else its view is empty
  std::vector<float> bias;                               ///< [n]: b_enc; of gated ones b_mag
  std::vector<float> gate;                               ///< [n]: b_gate; of gated ones alone
  std::vector<float> gain;                               ///< [n]: exp(r_mag); of gated ones alone
  std::vector<float> threshold;                          ///< [n]; of JumpReLU alone
  std::vector<float> bias_in;                            ///< [d_in]: taken off the rows that are read; empty: nothing is
  std::vector<float> bias_out;                           ///< [d_out]: added to the reconstruction
  std::vector<float> norms;                              ///< [n]: of the decoder's rows; where the config says rescaled
  std::vector<NamedFeature> names;                       ///< of some features, ascending; most dictionaries have none
  std::vector<std::string> warnings;                     ///< sentences for the user
  std::vector<std::shared_ptr<const void>> storage;      ///< keeps copied tensors alive
  std::vector<std::shared_ptr<const MappedFile>> files;  ///< keeps mappings alive

  [[nodiscard]] int d_in() const { return encoder.n_in(); }
  [[nodiscard]] int d_out() const { return decoder.n_out(); }
  [[nodiscard]] int features() const { return encoder.n_out(); }
  [[nodiscard]] bool transcodes() const { return config.transcoder; }
  /// What one unit of a feature's activation adds to a reconstruction that is not normalised. [d_out]
  [[nodiscard]] std::vector<float> decoder_row(int feature) const;
  /// The same as the file has it, before the division by its norm that `rescaled` asks for.
  [[nodiscard]] std::vector<float> decoder_row_as_stored(int feature) const;
  /// In the program's language; empty: it has none.
  [[nodiscard]] std::string name_of_feature(int feature) const;
  /// Whether a mapped file was cut short since it was opened, so that what was computed is void.
  [[nodiscard]] bool truncated() const;
};

}  // namespace gf
