// A checkpoint in memory: views into a mapped file, one table of named tensors.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"
#include "model/tensor.h"

namespace gf {

class MappedFile;

/// y = x W + b with W logically [n_in, n_out]. `in_major`: stored [n_in, n_out] (Hugging Face's Conv1D);
/// otherwise stored [n_out, n_in] (torch.nn.Linear, and wte used as the unembedding).
struct Matrix {
  TensorView view;
  bool in_major = true;
  [[nodiscard]] int n_in() const { return static_cast<int>(view.shape[in_major ? 0 : 1]); }
  [[nodiscard]] int n_out() const { return static_cast<int>(view.shape[in_major ? 1 : 0]); }
  /// W[in, out], widened.
  [[nodiscard]] float at(int in, int out) const {
    return view.at(in_major ? std::int64_t{in} * n_out() + out : std::int64_t{out} * n_in() + in);
  }
};

struct LayerNormWeights {
  TensorView gamma;  ///< [d_model]
  TensorView beta;   ///< [d_model]; empty where the checkpoint has no bias
};

struct BlockWeights {
  LayerNormWeights ln1, ln2;
  Matrix qkv;        ///< [d_model, 3 d_model]: q, k, v; head h takes columns h*d_head .. within each third
  TensorView b_qkv;  ///< [3 d_model] or empty
  Matrix o;          ///< W_O [d_model, d_model]; head h owns input rows h*d_head ..
  TensorView b_o;    ///< [d_model] or empty
  Matrix in;         ///< W_in [d_model, d_mlp]
  TensorView b_in;   ///< [d_mlp] or empty
  Matrix out;        ///< W_out [d_mlp, d_model]
  TensorView b_out;  ///< [d_model] or empty
};

/// A row of the table of tensors: what the scene, `info` and export iterate over.
struct NamedTensor {
  std::string name;  ///< Hugging Face's key without `transformer.`: "wte.weight", "h.0.attn.c_attn.weight", ...
  TensorView view;
  bool in_major = true;
};

/// Immutable once loaded; shared by pointer. Thread safe to read.
struct Weights {
  ModelConfig config;
  std::string name;          ///< what the user calls the model: directory or bundled name
  std::string path;          ///< where it came from; empty for one made in memory
  std::string format;        ///< "huggingface-safetensors", ...
  DType dtype = DType::F32;  ///< of the matrices
  std::string file_dtype;    ///< of the file where it is another: "Q4_K, Q6_K, F32", "F64"; else empty
  TensorView wte;            ///< [n_vocab, d_model]
  TensorView wpe;            ///< [n_ctx, d_model]
  Matrix unembed;            ///< [d_model, n_vocab], out-major; the same memory as wte where tied
  LayerNormWeights ln_f;
  std::vector<BlockWeights> blocks;
  std::vector<std::string> warnings;                     ///< sentences for the user
  std::uint64_t file_bytes = 0;                          ///< of all weight files
  std::vector<std::shared_ptr<const void>> storage;      ///< keeps copied tensors alive
  std::vector<std::shared_ptr<const MappedFile>> files;  ///< keeps mappings alive

  /// Every tensor once, in the order of the forward pass (a tied lm_head is not repeated).
  [[nodiscard]] std::vector<NamedTensor> table() const;
  [[nodiscard]] std::int64_t parameters() const;
  /// Whether the tensors have numbers. A structure (model/io/structure.h) has their names and shapes alone: its views have no
  /// data, and no session takes it.
  [[nodiscard]] bool has_values() const { return !wte.empty(); }
  /// For whoever is asked for a number of a structure: Unsupported, one sentence.
  [[nodiscard]] Error no_values_error() const;
  /// Whether a mapped file was cut short since it was opened. The pages that are gone then read as zeros, so what
  /// was computed meanwhile is void: a backend asks after each step and fails with truncation_error(). Cheap.
  [[nodiscard]] bool truncated() const;
  [[nodiscard]] Error truncation_error() const;
};

}  // namespace gf
