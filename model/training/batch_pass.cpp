#include "model/training/batch_pass.h"

#include <cmath>
#include <new>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/training/batch_attention.h"

namespace gf::training {
namespace {

/// Logits are made for so many rows at a time that they stay below this.
constexpr std::size_t kMostLogits = std::size_t{16} << 20;

std::size_t size_from(int n) { return static_cast<std::size_t>(n); }

}  // namespace

std::size_t BatchPass::head_rows(const ModelConfig& config, std::size_t rows) {
  const std::size_t most = kMostLogits / size_from(config.n_vocab) / 64 * 64;
  return std::min(rows, std::max<std::size_t>(most, 64));
}

std::uint64_t BatchPass::bytes(const ModelConfig& c, int B, int T) {
  const auto rows = static_cast<std::uint64_t>(B) * static_cast<std::uint64_t>(T);
  const auto d = static_cast<std::uint64_t>(c.d_model), m = static_cast<std::uint64_t>(c.d_mlp);
  const std::uint64_t block = rows * (6 * d + m + 4), scratch = rows * (8 * d + 2 * m + 4);
  const std::uint64_t logits = static_cast<std::uint64_t>(head_rows(c, rows)) * static_cast<std::uint64_t>(c.n_vocab);
  return sizeof(float) * (static_cast<std::uint64_t>(c.n_layer) * block + scratch + logits);
}

BatchPass::BatchPass(const ParameterLayout& layout, int B, int T, ThreadPool& pool)
    : layout_(layout),
      config_(layout.config),
      pool_(pool),
      kernels_(cpu::best_kernels()),
      most_rows_(size_from(B) * size_from(T)),
      T_(size_from(T)),
      d_model_(size_from(config_.d_model)),
      d_mlp_(size_from(config_.d_mlp)),
      n_vocab_(size_from(config_.n_vocab)) {}

Result<std::unique_ptr<BatchPass>> BatchPass::create(const ParameterLayout& layout, int B, int T, ThreadPool& pool) {
  EXPECTS(B >= 1 && T >= 1 && T <= layout.config.n_ctx, "a batch has sequences that fit the context");
  std::unique_ptr<BatchPass> pass(new BatchPass(layout, B, T, pool));
  try {
    pass->allocate();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory,
                text("There is not enough memory for a step over {0} sequences of {1} tokens, which needs {2}; choose a smaller batch.", B,
                     T, numbers::bytes(static_cast<double>(bytes(layout.config, B, T)))),
                "BatchPass");
  }
  return pass;
}

void BatchPass::allocate() {
  const auto norm_rows = [&](NormRows& rows) {
    rows.mean.resize(most_rows_);
    rows.scale.resize(most_rows_);
  };
  blocks_.resize(layout_.blocks.size());
  for (BlockRows& block : blocks_) {
    for (std::vector<float>* rows : {&block.resid_pre, &block.z, &block.resid_mid}) rows->resize(most_rows_ * d_model_);
    block.qkv.resize(most_rows_ * 3 * d_model_);
    block.pre.resize(most_rows_ * d_mlp_);
    norm_rows(block.ln1);
    norm_rows(block.ln2);
  }
  norm_rows(ln_f_);
  for (std::vector<float>* rows : {&final_, &normalized_, &normed_, &normed_slope_, &stream_slope_}) rows->resize(most_rows_ * d_model_);
  qkv_slope_.resize(most_rows_ * 3 * d_model_);
  for (std::vector<float>* rows : {&post_, &pre_slope_}) rows->resize(most_rows_ * d_mlp_);
  logits_.resize(head_rows(config_, most_rows_) * n_vocab_);
  losses_.resize(most_rows_);
}

void BatchPass::begin(std::span<const float> parameters, const Batch& batch) {
  rows_ = size_from(batch.B) * size_from(batch.T);
  EXPECTS(parameters.size() == layout_.size, "the parameters are those of the layout");
  EXPECTS(batch.B >= 1 && size_from(batch.T) == T_ && rows_ <= most_rows_, "the batch is one that was made room for");
  EXPECTS(batch.inputs.size() == rows_ && batch.targets.size() == rows_, "a batch has an input and a target for each place");
  for (const std::vector<TokenId>* ids : {&batch.inputs, &batch.targets})
    for (const TokenId id : *ids) EXPECTS(id.v >= 0 && id.index() < n_vocab_, "ids are of the vocabulary");
  parameters_ = parameters.data();
  batch_ = &batch;
}

double BatchPass::loss(std::span<const float> parameters, const Batch& batch) {
  begin(parameters, batch);
  forward();
  return head(Want::Loss);
}

double BatchPass::gradients(std::span<const float> parameters, const Batch& batch, std::span<float> gradients) {
  EXPECTS(gradients.size() == layout_.size, "there is a gradient for each parameter");
  begin(parameters, batch);
  gradients_ = gradients.data();
  forward();
  const double loss = head(Want::Gradients);
  backward();
  return loss;
}

void BatchPass::forward() {
  embed();
  for (std::size_t b = 0; b < blocks_.size(); ++b) forward_block(b);
}

void BatchPass::embed() {
  const float *wte = parameter(layout_.wte), *wpe = parameter(layout_.wpe);
  float* stream = blocks_[0].resid_pre.data();
  each_batch_row(pool_, rows_, [&](std::size_t r) {
    kernels_.add(wte + batch_->inputs[r].index() * d_model_, wpe + r % T_ * d_model_, d_model_, stream + r * d_model_);
  });
}

void BatchPass::norm(const float* x, const ParameterLayout::Norm& weights, NormRows& rows, bool again) {
  const float *gamma = parameter(weights.gamma), *beta = parameter(weights.beta);
  each_batch_row(pool_, rows_, [&](std::size_t r) {
    const float* row = x + r * d_model_;
    float* normalized = normalized_.data() + r * d_model_;
    if (!again) rows.scale[r] = kernels_.norm_scale(row, d_model_, config_.layer_norm_eps, &rows.mean[r]);
    kernels_.normalize(row, d_model_, rows.mean[r], rows.scale[r], normalized);
    kernels_.affine(normalized, gamma, beta, d_model_, normed_.data() + r * d_model_);
  });
}

void BatchPass::forward_block(std::size_t b) {
  const ParameterLayout::Block& w = layout_.blocks[b];
  BlockRows& block = blocks_[b];
  const BatchRows normed = rows_of(normed_, d_model_), qkv = rows_of(block.qkv, 3 * d_model_), z = rows_of(block.z, d_model_);
  const BatchRows mid = rows_of(block.resid_mid, d_model_), pre = rows_of(block.pre, d_mlp_), post = rows_of(post_, d_mlp_);
  const BatchRows out = rows_of(stream_after(b), d_model_);
  /// Adds a tile of the stream to the same tile of what a branch wrote.
  const auto add_stream = [&](const std::vector<float>& stream, BatchRows to) {
    return [this, from = stream.data(), to](const TilePlace& t) {
      for (std::size_t r = t.r; r < t.r + t.rows; ++r) {
        float* row = to.data + r * to.stride + t.c;
        kernels_.add(from + r * d_model_ + t.c, row, t.columns, row);
      }
    };
  };
  norm(block.resid_pre.data(), w.ln1, block.ln1, false);
  product(pool_, rows_, d_model_, 3 * d_model_, normed, parameter(w.qkv.weight), false, parameter(w.qkv.bias), qkv);
  attend(pool_,
         {.kernels = kernels_,
          .B = size_from(batch_->B),
          .T = T_,
          .n_head = size_from(config_.n_head),
          .d_head = size_from(config_.d_head),
          .scale = config_.score_scale(static_cast<int>(b)),
          .qkv = block.qkv.data()},
         block.z.data());
  product(pool_, rows_, d_model_, d_model_, z, parameter(w.o.weight), false, parameter(w.o.bias), mid, add_stream(block.resid_pre, mid));
  norm(block.resid_mid.data(), w.ln2, block.ln2, false);
  product(pool_, rows_, d_model_, d_mlp_, normed, parameter(w.in.weight), false, parameter(w.in.bias), pre, [&](const TilePlace& t) {
    for (std::size_t r = t.r; r < t.r + t.rows; ++r)
      kernels_.activate(config_.activation, pre.data + r * d_mlp_ + t.c, t.columns, post.data + r * d_mlp_ + t.c);
  });
  product(pool_, rows_, d_mlp_, d_model_, post, parameter(w.out.weight), false, parameter(w.out.bias), out,
          add_stream(block.resid_mid, out));
}

double BatchPass::head(Want want) {
  norm(final_.data(), layout_.ln_f, ln_f_, false);
  const float* unembed = parameter(layout_.unembed);
  const BatchRows logits = rows_of(logits_, n_vocab_);
  const float of_mean = 1.0F / static_cast<float>(rows_);
  for (std::size_t first = 0, most = head_rows(config_, most_rows_); first < rows_; first += most) {
    const std::size_t rows = std::min(most, rows_ - first);
    const BatchRows normed{normed_.data() + first * d_model_, d_model_}, slope{normed_slope_.data() + first * d_model_, d_model_};
    product(pool_, rows, d_model_, n_vocab_, normed, unembed, true, nullptr, logits);
    each_batch_row(pool_, rows, [&](std::size_t r) {
      float* row = logits.data + r * n_vocab_;
      const std::size_t target = batch_->targets[first + r].index();
      const cpu::SoftmaxSums sums = kernels_.softmax_sums(row, n_vocab_);
      losses_[first + r] = static_cast<double>(sums.max) + std::log(sums.sum) - static_cast<double>(row[target]);
      if (want == Want::Loss) return;
      kernels_.softmax(row, n_vocab_);
      row[target] -= 1;  // dloss/dlogits = (softmax - one-hot) / rows; the products that read it divide
    });
    if (want == Want::Loss) continue;
    product(pool_, rows, n_vocab_, d_model_, logits, unembed, false, nullptr, slope, [](const TilePlace&) {}, of_mean);
    weight_gradient(pool_, rows, n_vocab_, d_model_, logits, normed, first > 0, gradient(layout_.unembed), of_mean);
  }
  double sum = 0;
  for (std::size_t r = 0; r < rows_; ++r) sum += losses_[r];
  return sum / static_cast<double>(rows_);
}

}  // namespace gf::training
