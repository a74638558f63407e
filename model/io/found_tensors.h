// The tensors that a format's reader found, by their names.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/tensor.h"

namespace gf {

/// Under Hugging Face's names without `transformer.`.
struct FoundTensors {
  std::map<std::string, TensorView> tensors;
  bool in_major = true;            ///< matrices of blocks are [n_in, n_out]; lm_head is always [n_out, n_in]
  bool biases_optional = false;    ///< the checkpoint may leave out biases
  std::string path;                ///< for messages
  std::set<std::string> others{};  ///< names of tensors that are not a GPT-2's and could not be viewed
  bool narrowed = false;           ///< something was float64 and is float32 now

  /// Adds what a reader made of the tensor `name`. A tensor that is not a GPT-2's (a counter, a mask) may be of any type:
  /// where no view of it is possible, only its name is kept. False: the name is there already. Errors: the view's.
  [[nodiscard]] Result<bool> add(const std::string& name, Result<TensorView> view);
  [[nodiscard]] bool has(const std::string& name) const;  ///< a tensor, or the name of one that could not be viewed
  /// Where the model lies in another program's module, its names begin with that module's: student.transformer.wte.weight.
  /// Takes what stands before the embedding's name from all names; lm_head lies beside `transformer`, so that does not count.
  /// Errors: Unsupported (there are several models).
  [[nodiscard]] Result<void> unwrap();
};

/// The block of "h.12.ln_1.weight"; -1 for other names.
[[nodiscard]] int block_of_tensor(std::string_view name);
/// Whether a GPT-2 has a tensor of this name.
[[nodiscard]] bool is_parameter(std::string_view name);
/// Whether the name is one of LoRA's, as PEFT writes them.
[[nodiscard]] bool is_adapter_key(std::string_view name);

}  // namespace gf
