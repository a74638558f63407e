#include "cuda/device_model.h"

#include <algorithm>
#include <cstring>

#include "model/base/text.h"

namespace gf::cuda {

/// Brings tensors over, one after the other, through one piece of pinned memory.
class Uploader {
 public:
  Uploader(Api& api, Stream stream, DeviceModel& model) : queue_(api, stream), model_(model) {}

  Result<void> run() {
    const Weights& w = *model_.weights_;
    GF_TRY_ASSIGN(staging_, PinnedBuffer::make(queue_.api(), kStagingBytes, phrase("to load the model")));
    GF_TRY(matrix({w.wte, false}, model_.wte));
    GF_TRY(matrix({w.wpe, false}, model_.wpe));
    if (w.unembed.view.data == w.wte.data) model_.unembed = model_.wte;
    else GF_TRY(matrix(w.unembed, model_.unembed));
    GF_TRY(norm(w.ln_f, model_.ln_f));
    for (const BlockWeights& from : w.blocks) {
      DeviceBlock& to = model_.blocks.emplace_back();
      GF_TRY(norm(from.ln1, to.ln1));
      GF_TRY(norm(from.ln2, to.ln2));
      GF_TRY(matrix(from.qkv, to.qkv));
      GF_TRY(matrix(from.o, to.o));
      GF_TRY(matrix(from.in, to.in));
      GF_TRY(matrix(from.out, to.out));
      GF_TRY(vector(from.b_qkv, to.b_qkv));
      GF_TRY(vector(from.b_o, to.b_o));
      GF_TRY(vector(from.b_in, to.b_in));
      GF_TRY(vector(from.b_out, to.b_out));
    }
    queue_.finish();
    return queue_.result();
  }

 private:
  static constexpr std::size_t kStagingBytes = std::size_t{8} << 20;

  Result<std::byte*> allocate(std::size_t bytes) {
    GF_TRY_ASSIGN(auto buffer, DeviceBuffer::make(queue_.api(), bytes, "for this model's weights"));
    model_.memory_.push_back(std::move(buffer));
    model_.bytes_ += bytes;
    return model_.memory_.back().as<>();
  }

  /// `rows` rows of `row_bytes`, `stride` bytes apart on the device.
  Result<void> send(std::byte* to, const std::byte* from, std::size_t rows, std::size_t row_bytes, std::size_t stride) {
    if (row_bytes == stride) {  // one long row, in pieces
      const std::size_t bytes = rows * row_bytes;
      for (std::size_t at = 0; at < bytes; at += kStagingBytes) {
        const std::size_t count = std::min(kStagingBytes, bytes - at);
        std::memcpy(staging_.as<>(), from + at, count);
        queue_.upload(to + at, staging_.as<>(), count);
        queue_.finish();
      }
      return queue_.result();
    }
    const std::size_t at_once = std::max<std::size_t>(1, kStagingBytes / stride);
    for (std::size_t row = 0; row < rows; row += at_once) {
      const std::size_t count = std::min(at_once, rows - row);
      std::memset(staging_.as<>(), 0, count * stride);
      for (std::size_t r = 0; r < count; ++r) std::memcpy(staging_.as<>() + r * stride, from + (row + r) * row_bytes, row_bytes);
      queue_.upload(to + row * stride, staging_.as<>(), count * stride);
      queue_.finish();
    }
    return queue_.result();
  }

  Result<void> matrix(const Matrix& from, DeviceMatrix& to) {
    const std::size_t element = size_of(from.view.dtype);
    const int per_16_bytes = static_cast<int>(16 / element);
    to = {nullptr, static_cast<int>(from.view.dtype), from.n_in(), from.n_out(),
          (from.n_in() + per_16_bytes - 1) / per_16_bytes * per_16_bytes};
    const auto n_in = static_cast<std::size_t>(to.n_in), n_out = static_cast<std::size_t>(to.n_out), ld = static_cast<std::size_t>(to.ld);
    GF_TRY_ASSIGN(std::byte* const memory, allocate(n_out * ld * element));
    to.data = memory;
    if (!from.in_major) return send(memory, from.view.data, n_out, n_in * element, ld * element);
    GF_TRY_ASSIGN(const auto scratch, DeviceBuffer::make(queue_.api(), n_in * n_out * element, phrase("to load the model")));
    GF_TRY(send(scratch.as<>(), from.view.data, 1, n_in * n_out * element, n_in * n_out * element));
    const TransposeArgs args{scratch.as<>(), memory, static_cast<int>(element), to.n_in, to.n_out, to.ld};
    const auto tiles = [](int n) { return static_cast<unsigned>((n + kTile - 1) / kTile); };
    queue_.launch(Kernel::transpose, {tiles(to.n_out), tiles(to.n_in)}, 256, kTile * (kTile + 1) * sizeof(std::uint32_t), args);
    queue_.finish();
    return queue_.result();
  }

  Result<void> vector(const TensorView& from, const float*& to) {
    if (from.empty()) return {};
    std::vector<float> wide(static_cast<std::size_t>(from.elements()));
    widen(from.data, from.dtype, wide.data(), wide.size());
    const std::size_t bytes = wide.size() * sizeof(float);
    GF_TRY_ASSIGN(std::byte* const memory, allocate(bytes));
    to = reinterpret_cast<const float*>(memory);
    return send(memory, reinterpret_cast<const std::byte*>(wide.data()), 1, bytes, bytes);
  }
  Result<void> norm(const LayerNormWeights& from, DeviceNorm& to) {
    GF_TRY(vector(from.gamma, to.gamma));
    return vector(from.beta, to.beta);
  }

  Queue queue_;
  DeviceModel& model_;
  PinnedBuffer staging_;
};

Result<std::unique_ptr<DeviceModel>> DeviceModel::upload(Api& api, Stream stream, std::shared_ptr<const Weights> weights) {
  const ModelConfig& c = weights->config;
  constexpr int kLongestRow = (48 << 10) / 4 - 64;  // a row lies in a block's shared memory
  if (c.d_head > kMaxHead)
    return fail(ErrorCode::Unsupported,
                text("the GPU's attention takes heads of up to {0} dimensions, and this model has {1}", kMaxHead, c.d_head));
  if (std::max(c.d_model, c.d_mlp) > kLongestRow)
    return fail(ErrorCode::Unsupported, text("the GPU's kernels take rows of up to {0} numbers, and this model has {1}", kLongestRow,
                                             std::max(c.d_model, c.d_mlp)));
  std::unique_ptr<DeviceModel> model(new DeviceModel(std::move(weights)));
  GF_TRY(Uploader(api, stream, *model).run());
  if (model->weights_->truncated()) return tl::unexpected(model->weights_->truncation_error());
  return model;
}

}  // namespace gf::cuda
