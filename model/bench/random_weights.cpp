#include "model/bench/random_weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/narrow.h"

namespace gf::bench {
namespace {

/// Memory that every tensor is read out of, each from a place of its own.
class RandomMemory {
 public:
  RandomMemory(std::size_t elements, float center, DType dtype) : dtype_(dtype), bytes_(std::make_shared<std::vector<std::byte>>()) {
    constexpr std::size_t kPeriod = 65521;  // a prime: rows of a matrix differ
    std::mt19937 engine(1);
    std::normal_distribution<float> normal(0, 0.02F);  // as GPT-2 began
    bytes_->resize(elements * size_of(dtype));
    for (std::size_t i = 0; i < std::min(elements, kPeriod); ++i) {
      const float x = center + normal(engine);
      const std::uint16_t narrow = f32_to_f16(x);
      std::memcpy(bytes_->data() + i * size_of(dtype), dtype == DType::F32 ? static_cast<const void*>(&x) : &narrow, size_of(dtype));
    }
    const std::size_t period = kPeriod * size_of(dtype);
    for (std::size_t at = period; at < bytes_->size(); at += period)
      std::memcpy(bytes_->data() + at, bytes_->data(), std::min(period, bytes_->size() - at));
  }
  [[nodiscard]] TensorView tensor(std::initializer_list<std::int64_t> shape) {
    constexpr std::size_t kStep = 64;  // elements; places stay aligned
    return {bytes_->data() + kStep * taken_++ * size_of(dtype_), dtype_, Shape(shape)};
  }
  [[nodiscard]] std::shared_ptr<const void> owner() const { return bytes_; }

 private:
  DType dtype_;
  std::shared_ptr<std::vector<std::byte>> bytes_;
  std::size_t taken_ = 0;
};

}  // namespace

std::span<const ModelShape> model_shapes() {
  static constexpr std::array kShapes{
      ModelShape{"gpt2", 12, 12, 768, 1024, 50257},
      ModelShape{"gpt2-medium", 24, 16, 1024, 1024, 50257},
      ModelShape{"gpt2-large", 36, 20, 1280, 1024, 50257},
      ModelShape{"gpt2-xl", 48, 25, 1600, 1024, 50257},
      ModelShape{"tiny", 2, 2, 16, 16, 100},
  };
  return kShapes;
}

Result<std::shared_ptr<const Weights>> random_weights(std::string_view shape, DType dtype) {
  EXPECTS(dtype == DType::F32 || dtype == DType::F16, "weights are made as float32 or float16");
  const auto found = std::ranges::find(model_shapes(), shape, &ModelShape::name);
  if (found == model_shapes().end())
    return fail(ErrorCode::NotFound, text("there is no shape {0}; the shapes are {1}", shape, listed(model_shapes(), &ModelShape::name)));
  const ModelShape& s = *found;
  const std::int64_t d = s.d_model, mlp = 4 * d;
  const auto places = static_cast<std::size_t>(64 * (10 * s.n_layer + 10));
  RandomMemory values(static_cast<std::size_t>(std::max(s.n_vocab * d, d * mlp)) + places, 0, dtype);
  RandomMemory gains(static_cast<std::size_t>(d) + places, 1, dtype);
  auto w = std::make_shared<Weights>();
  w->config = {.n_layer = s.n_layer,
               .n_head = s.n_head,
               .d_model = s.d_model,
               .d_head = s.d_model / s.n_head,
               .d_mlp = 4 * s.d_model,
               .n_ctx = s.n_ctx,
               .n_vocab = s.n_vocab};
  w->name = std::string(s.name) + ", random weights";
  w->dtype = dtype;
  w->storage = {values.owner(), gains.owner()};
  w->wte = values.tensor({s.n_vocab, d});
  w->wpe = values.tensor({s.n_ctx, d});
  w->unembed = {w->wte, false};
  w->ln_f = {gains.tensor({d}), values.tensor({d})};
  for (int b = 0; b < s.n_layer; ++b) {
    BlockWeights block;
    block.ln1 = {gains.tensor({d}), values.tensor({d})};
    block.ln2 = {gains.tensor({d}), values.tensor({d})};
    block.qkv = {values.tensor({d, 3 * d}), true};
    block.b_qkv = values.tensor({3 * d});
    block.o = {values.tensor({d, d}), true};
    block.b_o = values.tensor({d});
    block.in = {values.tensor({d, mlp}), true};
    block.b_in = values.tensor({mlp});
    block.out = {values.tensor({mlp, d}), true};
    block.b_out = values.tensor({d});
    w->blocks.push_back(std::move(block));
  }
  return w;
}

}  // namespace gf::bench
