// A model's weights on the device.
#pragma once

#include <memory>
#include <vector>

#include "cuda/handles.h"
#include "model/weights.h"

namespace gf::cuda {

/// [n_out, n_in] with rows `ld` elements apart, each 16-byte aligned; in the checkpoint's own element type.
struct DeviceMatrix {
  const void* data = nullptr;
  int type = kF32, n_in = 0, n_out = 0, ld = 0;
};
struct DeviceNorm {
  const float *gamma = nullptr, *beta = nullptr;  ///< beta null: none
};
struct DeviceBlock {
  DeviceNorm ln1, ln2;
  DeviceMatrix qkv, o, in, out;
  const float *b_qkv = nullptr, *b_o = nullptr, *b_in = nullptr, *b_out = nullptr;  ///< null: none
};

/// Immutable once uploaded. Lifetime: that of the Api.
class DeviceModel {
 public:
  /// Synchronous. Errors: Unsupported (sizes that the kernels do not take), OutOfMemory, Device, Io (file cut short).
  static Result<std::unique_ptr<DeviceModel>> upload(Api& api, Stream stream, std::shared_ptr<const Weights> weights);

  [[nodiscard]] const ModelConfig& config() const { return weights_->config; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  DeviceMatrix wte, wpe, unembed;  ///< wte and wpe: a row for each token and position
  DeviceNorm ln_f;
  std::vector<DeviceBlock> blocks;

 private:
  explicit DeviceModel(std::shared_ptr<const Weights> weights) : weights_(std::move(weights)) {}
  friend class Uploader;
  std::shared_ptr<const Weights> weights_;
  std::vector<DeviceBuffer> memory_;
  std::size_t bytes_ = 0;
};

}  // namespace gf::cuda
