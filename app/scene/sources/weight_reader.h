// Reads every tensor of a model once, in the background, for its colour scale and coarse picture.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/scene/sources/weight_summary.h"
#include "model/weights.h"

namespace gf::scene {

/// Starts when it is made, with the small tensors, which are shown first. Has a thread of its own, which ends with the object.
/// Thread safe.
class WeightReader {
 public:
  explicit WeightReader(std::shared_ptr<const Weights> weights);
  ~WeightReader();
  WeightReader(const WeightReader&) = delete;
  WeightReader& operator=(const WeightReader&) = delete;

  /// Summary of tensor `index` of table(); null while it has not been read.
  [[nodiscard]] std::shared_ptr<const WeightSummary> summary(std::size_t index) const;
  /// Blocks until all tensors are read.
  void wait() const;
  /// Number of tensors read so far. A scene is worth building anew when it changes.
  [[nodiscard]] std::size_t done() const;
  [[nodiscard]] const std::vector<NamedTensor>& table() const;
  /// Index in table() of a tensor of the model.
  [[nodiscard]] std::size_t index_of(const std::string& name) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace gf::scene
