// Lenses that were trained or computed elsewhere: what is done to the residual stream of a depth before it is read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/config.h"
#include "model/tensor.h"

namespace gf {

/// One depth's linear map: W h, or h + W h + b.
struct LensMap {
  TensorView weight;               ///< [d_model, d_model], (out, in)
  std::optional<TensorView> bias;  ///< [d_model]
  bool adds = false;               ///< whether h itself is added
  /// Both of length d_model; sums in double.
  void apply(std::span<const float> h, std::span<float> out) const;
};

/// Tuned lens (Belrose et al. 2023): a folder with config.json (linear_tuned_lens) and params.pt of `l.weight` and `l.bias`, for
/// the depths l from 0. Jacobian lens: a .pt file of {"J": {l: [d_model, d_model]}, ...}, for what leaves block l. A depth
/// without a map is read as it is.
struct LensFile {
  enum class Kind : std::uint8_t { Tuned, Jacobian } kind = Kind::Tuned;
  std::vector<std::optional<LensMap>> depths;  ///< n_layer + 1
  std::vector<std::shared_ptr<const void>> storage;
};
/// Untrusted. Errors: NotFound, Io, Corrupt, Unsupported (another kind of lens, by name), InvalidArgument (of another model's
/// size, with both numbers).
[[nodiscard]] Result<LensFile> read_lens(const std::string& path, const ModelConfig& config);

}  // namespace gf
