// The numbers of one tensor, a hook of a run or a weight, with its shape, its strides in memory and the names of its axes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/scene/sources/tensor_ref.h"
#include "model/session.h"

namespace gf::doc {

/// Cheap to copy: it reads the trace or the checkpoint where they are, and keeps them alive. Thread safe to read.
class TensorValues {
 public:
  /// nullopt where the run has not kept the hook, and where the model lacks the weight.
  [[nodiscard]] static std::optional<TensorValues> of(const scene::TensorRef& tensor, std::shared_ptr<const Model> model,
                                                      std::shared_ptr<const Trace> run);

  [[nodiscard]] const scene::TensorRef& tensor() const { return tensor_; }
  [[nodiscard]] const std::vector<std::string>& axes() const { return axes_; }  ///< "position", "head", "d_head"
  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return shape_; }
  [[nodiscard]] const std::vector<std::int64_t>& strides() const { return strides_; }  ///< in numbers; empty: packed otherwise
  [[nodiscard]] const std::string& layout() const { return layout_; }                  ///< as einops writes it: "d_model (qkv head d_head)"
  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] std::int64_t elements() const;
  /// nullopt where a causal tensor has none: a key after the query. Precondition: one index for each axis, in its extent.
  [[nodiscard]] std::optional<float> at(const std::vector<std::int64_t>& index) const;
  /// The cell of the scene with that index.
  [[nodiscard]] scene::CellRef cell(const std::vector<std::int64_t>& index) const;
  /// The index of a cell of this tensor.
  [[nodiscard]] std::vector<std::int64_t> index_of(const scene::CellRef& cell) const;

 private:
  scene::TensorRef tensor_;
  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Trace> run_;
  TensorView view_;  ///< of a weight
  bool in_major_ = true;
  bool causal_ = false;
  std::vector<std::string> axes_;
  std::vector<std::int64_t> shape_, strides_;
  std::string layout_;
  DType dtype_ = DType::F32;
};

/// How the numbers of a tensor are distributed.
struct TensorHistogram {
  static constexpr int kBins = 61;
  double low = 0, high = 0;        ///< of the finite numbers; the bins divide this range evenly
  double mean = 0, deviation = 0;  ///< standard deviation over all of them
  std::int64_t count = 0, not_finite = 0;
  std::vector<std::int64_t> bins;
};
/// Computed on the session's thread.
[[nodiscard]] Inquiry<TensorHistogram> histogram_of(const scene::TensorRef& tensor, Side side);

}  // namespace gf::doc
