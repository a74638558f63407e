// From named tensors to Weights: the part of loading that checkpoint formats share.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/io/config_json.h"
#include "model/io/loaders.h"
#include "model/weights.h"

namespace gf {

/// What a format's reader found, under Hugging Face's names without `transformer.`.
struct FoundTensors {
  std::map<std::string, TensorView> tensors;
  bool in_major = true;            ///< matrices of blocks are [n_in, n_out]; lm_head is always [n_out, n_in]
  bool biases_optional = false;    ///< a checkpoint may leave out every bias
  std::string path;                ///< for messages
  std::set<std::string> others{};  ///< names of what is no part of a GPT-2 and could not be viewed either
  bool narrowed = false;           ///< something was float64 and is float32 now

  /// Adds what a reader made of the tensor `name`. One that no GPT-2 has (a counter, a mask) may be of any type: where no
  /// view of it is possible, only its name is kept. False: the name stands there already. Errors: the view's.
  [[nodiscard]] Result<bool> add(const std::string& name, Result<TensorView> view);
  [[nodiscard]] bool has(const std::string& name) const;  ///< a tensor, or the name of one that could not be viewed
};

/// Whether a GPT-2 has a tensor of this name.
[[nodiscard]] bool is_parameter(std::string_view name);
/// Whether the name is one of LoRA's, as PEFT writes them.
[[nodiscard]] bool is_adapter_key(std::string_view name);

/// Checks shapes against each other and against the config, and fills config, wte .. blocks, dtype and warnings of
/// `weights` (which keeps path, format, files and storage as they are). Counts weights that are not finite.
/// Errors: Corrupt (a missing tensor, a contradiction: both numbers are named), InvalidArgument (n_head must be given),
/// Unsupported (other models, by name), Cancelled.
[[nodiscard]] Result<void> assemble(FoundTensors found, const ConfigFile& file, const LoadOptions& options, Weights& weights);

}  // namespace gf
