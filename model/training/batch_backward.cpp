// The backward half of BatchPass: its forward half in reverse. At the beginning and end of each function stream_slope_ is the
// gradient of the loss by the residual stream at that place.
#include <cstring>

#include "model/training/batch_attention.h"
#include "model/training/batch_pass.h"

namespace gf::training {

void BatchPass::backward() {
  // head() has left normalized_ as ln_f made it, and the gradient of its output.
  std::memset(stream_slope_.data(), 0, rows_ * d_model_ * sizeof(float));
  norm_backward(final_.data(), layout_.ln_f, ln_f_);
  for (std::size_t b = blocks_.size(); b-- > 0;) {
    backward_mlp(b);
    backward_attention(b);
  }
  backward_embed();
}

void BatchPass::linear_gradients(const ParameterLayout::Linear& linear, const float* x, ConstBatchRows of_y) {
  const auto n_in = static_cast<std::size_t>(linear.n_in), n_out = static_cast<std::size_t>(linear.n_out);
  weight_gradient(pool_, rows_, n_in, n_out, {x, n_in}, of_y, false, gradient(linear.weight));
  bias_gradient(pool_, kernels_, rows_, n_out, of_y, gradient(linear.bias));
}

void BatchPass::backward_mlp(std::size_t b) {
  const ParameterLayout::Block& w = layout_.blocks[b];
  BlockRows& block = blocks_[b];
  const BatchRows stream = rows_of(stream_slope_, d_model_), slope = rows_of(pre_slope_, d_mlp_), post = rows_of(post_, d_mlp_);
  product(pool_, rows_, d_model_, d_mlp_, stream, parameter(w.out.weight), true, nullptr, slope, [&](const TilePlace& t) {
    for (std::size_t r = t.r; r < t.r + t.rows; ++r) {
      const std::size_t at = r * d_mlp_ + t.c;
      kernels_.activate(config_.activation, block.pre.data() + at, t.columns, post.data + at);
      kernels_.activate_slope(config_.activation, block.pre.data() + at, t.columns, slope.data + at);
    }
  });
  linear_gradients(w.out, post_.data(), stream);
  norm(block.resid_mid.data(), w.ln2, block.ln2, true);
  linear_gradients(w.in, normed_.data(), slope);
  product(pool_, rows_, d_mlp_, d_model_, slope, parameter(w.in.weight), true, nullptr, rows_of(normed_slope_, d_model_));
  norm_backward(block.resid_mid.data(), w.ln2, block.ln2);
}

void BatchPass::backward_attention(std::size_t b) {
  const ParameterLayout::Block& w = layout_.blocks[b];
  BlockRows& block = blocks_[b];
  const BatchRows stream = rows_of(stream_slope_, d_model_), of_z = rows_of(normed_slope_, d_model_);
  const BatchRows of_qkv = rows_of(qkv_slope_, 3 * d_model_);
  linear_gradients(w.o, block.z.data(), stream);
  product(pool_, rows_, d_model_, d_model_, stream, parameter(w.o.weight), true, nullptr, of_z);
  attend_backward(pool_,
                  {.kernels = kernels_,
                   .B = static_cast<std::size_t>(batch_->B),
                   .T = T_,
                   .n_head = static_cast<std::size_t>(config_.n_head),
                   .d_head = static_cast<std::size_t>(config_.d_head),
                   .scale = config_.score_scale(static_cast<int>(b)),
                   .qkv = block.qkv.data()},
                  of_z.data, of_qkv.data);
  norm(block.resid_pre.data(), w.ln1, block.ln1, true);
  linear_gradients(w.qkv, normed_.data(), of_qkv);
  product(pool_, rows_, 3 * d_model_, d_model_, of_qkv, parameter(w.qkv.weight), true, nullptr, rows_of(normed_slope_, d_model_));
  norm_backward(block.resid_pre.data(), w.ln1, block.ln1);
}

void BatchPass::norm_backward(const float* x, const ParameterLayout::Norm& weights, const NormRows& rows) {
  constexpr std::size_t kColumns = 64;
  const Stretches across(d_model_, kColumns);
  float *of_gamma = gradient(weights.gamma), *of_beta = gradient(weights.beta);
  pool_.parallel_for(across.count, [&](std::size_t i) {
    const std::size_t c = across.begin(i), columns = across.size(i);
    std::fill_n(of_gamma + c, columns, 0.0F);
    if (of_beta != nullptr) std::fill_n(of_beta + c, columns, 0.0F);
    for (std::size_t r = 0; r < rows_; ++r) {
      const float* slope = normed_slope_.data() + r * d_model_ + c;
      kernels_.affine(slope, normalized_.data() + r * d_model_ + c, of_gamma + c, columns, of_gamma + c);
      if (of_beta != nullptr) kernels_.add(of_beta + c, slope, columns, of_beta + c);
    }
  });
  const float* gamma = parameter(weights.gamma);
  const auto n = static_cast<float>(d_model_);
  each_batch_row(pool_, rows_, [&](std::size_t r) {
    float *slope = normed_slope_.data() + r * d_model_, *stream = stream_slope_.data() + r * d_model_;
    const float* row = x + r * d_model_;
    kernels_.affine(slope, gamma, nullptr, d_model_, slope);
    float sum = 0;
    const float scale = rows.scale[r], along = kernels_.norm_slope_sums(row, slope, d_model_, rows.mean[r], &sum);
    kernels_.norm_slope(stream, slope, row, d_model_, rows.mean[r], 1 / scale, -along / (scale * scale * scale * n), -sum / (n * scale),
                        stream);
  });
}

void BatchPass::backward_embed() {
  constexpr std::size_t kColumns = 64;
  const Stretches across(d_model_, kColumns);
  float *of_wte = gradient(layout_.wte), *of_wpe = gradient(layout_.wpe);
  const auto add = [&](float* to, std::size_t r, std::size_t c, std::size_t columns) {
    kernels_.add(to + c, stream_slope_.data() + r * d_model_ + c, columns, to + c);
  };
  // Each share owns some columns of both tables and adds rows in their order.
  pool_.parallel_for(across.count, [&](std::size_t i) {
    const std::size_t c = across.begin(i), columns = across.size(i);
    if (!config_.tied)
      for (std::size_t id = 0; id < n_vocab_; ++id) std::fill_n(of_wte + id * d_model_ + c, columns, 0.0F);
    for (std::size_t t = 0; t < static_cast<std::size_t>(config_.n_ctx); ++t) std::fill_n(of_wpe + t * d_model_ + c, columns, 0.0F);
    for (std::size_t r = 0; r < rows_; ++r) {
      add(of_wte + batch_->inputs[r].index() * d_model_, r, c, columns);
      add(of_wpe + r % T_ * d_model_, r, c, columns);
    }
  });
}

}  // namespace gf::training
