// The training pass: loss and gradients of all parameters for a batch of sequences. All rows of the batch go through each
// product together, so it is a different pass from the backend's, which captures one sequence; the loops are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/base/ids.h"
#include "model/base/parallel.h"
#include "model/cpu/kernels.h"
#include "model/training/batch_products.h"
#include "model/training/parameters.h"

namespace gf::training {

/// Sequences of equal length.
struct Batch {
  int B = 0, T = 0;
  std::vector<TokenId> inputs;   ///< [B, T]
  std::vector<TokenId> targets;  ///< [B, T]: the token that follows each input
};

class BatchPass {
 public:
  /// Allocates all that a step needs, once. The layout and the pool outlive it. Errors: OutOfMemory.
  [[nodiscard]] static Result<std::unique_ptr<BatchPass>> create(const ParameterLayout& layout, int B, int T, ThreadPool& pool);
  /// Bytes that create() allocates.
  [[nodiscard]] static std::uint64_t bytes(const ModelConfig& config, int B, int T);

  /// Mean cross entropy of the targets, nats. The batch has at most B sequences, of T tokens; ids are below n_vocab.
  [[nodiscard]] double loss(std::span<const float> parameters, const Batch& batch);
  /// The same, and its gradient by each parameter, which replaces what `gradients` held. The same bits at any number of threads.
  double gradients(std::span<const float> parameters, const Batch& batch, std::span<float> gradients);

 private:
  struct NormRows {
    std::vector<float> mean, scale;  ///< [rows]
  };
  /// What the backward pass reads of a block.
  struct BlockRows {
    std::vector<float> resid_pre, qkv, z, resid_mid, pre;
    NormRows ln1, ln2;
  };
  enum class Want { Loss, Gradients };

  BatchPass(const ParameterLayout& layout, int B, int T, ThreadPool& pool);
  void allocate();
  [[nodiscard]] static std::size_t head_rows(const ModelConfig& config, std::size_t rows);

  void begin(std::span<const float> parameters, const Batch& batch);
  void forward();
  void embed();
  void forward_block(std::size_t b);
  /// Loss from the final stream; with gradients also that of ln_f's output in `normed_slope_`, and that of the unembedding.
  double head(Want want);
  void backward();
  void backward_mlp(std::size_t b);
  void backward_attention(std::size_t b);
  void backward_embed();

  /// normed_ = LayerNorm(x); keeps mean and scale. With `again` they are read, and normalized_ is filled.
  void norm(const float* x, const ParameterLayout::Norm& weights, NormRows& rows, bool again);
  /// Gradients of gamma and beta from normed_slope_ and normalized_; stream_slope_ += what comes back through the LayerNorm of x.
  void norm_backward(const float* x, const ParameterLayout::Norm& weights, const NormRows& rows);
  /// Gradients of weight and bias of y = x W + b.
  void linear_gradients(const ParameterLayout::Linear& linear, const float* x, ConstBatchRows of_y);

  [[nodiscard]] const float* parameter(std::size_t at) const { return at == ParameterLayout::kNone ? nullptr : parameters_ + at; }
  [[nodiscard]] float* gradient(std::size_t at) const { return at == ParameterLayout::kNone ? nullptr : gradients_ + at; }
  [[nodiscard]] BatchRows rows_of(std::vector<float>& memory, std::size_t width) const { return {memory.data(), width}; }
  [[nodiscard]] std::vector<float>& stream_after(std::size_t b) { return b + 1 < blocks_.size() ? blocks_[b + 1].resid_pre : final_; }

  const ParameterLayout& layout_;
  const ModelConfig& config_;
  ThreadPool& pool_;
  const cpu::Kernels& kernels_;
  std::size_t most_rows_, T_, d_model_, d_mlp_, n_vocab_;
  // The state of the present call:
  const float* parameters_ = nullptr;
  float* gradients_ = nullptr;
  const Batch* batch_ = nullptr;
  std::size_t rows_ = 0;

  std::vector<BlockRows> blocks_;
  std::vector<float> final_;  ///< resid_post of the last block
  NormRows ln_f_;
  std::vector<float> normalized_, normed_, normed_slope_, stream_slope_;  ///< [rows, d_model]
  std::vector<float> qkv_slope_, post_, pre_slope_;                       ///< [rows, 3 d_model], [rows, d_mlp]
  std::vector<float> logits_;                                             ///< [head_rows, n_vocab]
  std::vector<double> losses_;                                            ///< of each row
};

}  // namespace gf::training
