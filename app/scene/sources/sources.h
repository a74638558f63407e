// Tile sources: how the renderer reads rows of a trace and tensors of a checkpoint.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/sources/weight_summary.h"
#include "model/trace.h"
#include "model/weights.h"
#include "renderer/tile_source.h"

namespace gf::scene {

/// A source that knows its cells row by row; every level follows from them.
class RowSource : public render::TileSource {
 public:
  RowSource(int rows, int cols) : rows_(rows), cols_(cols) {}
  [[nodiscard]] int rows() const final { return rows_; }
  [[nodiscard]] int cols() const final { return cols_; }
  void fill(const render::TileKey& key, std::span<render::Texel> out) const override;
  bool fill_shown(const render::TileKey& key, std::span<float> out) const override;
  [[nodiscard]] float value(int row, int col) const override;

 protected:
  /// Writes cells [col, col + out.size()) of a row, NaN where there are none. Inside the tensor.
  virtual void read(int row, int col, std::span<float> out) const = 0;
  /// Where the cells from here to the row's end lie side by side, or null: then they are read.
  [[nodiscard]] virtual const float* in_memory(int /*row*/, int /*col*/) const { return nullptr; }

 private:
  [[nodiscard]] std::span<const float> cells(int row, int col, std::span<float> space) const;
  int rows_, cols_;
};

/// Rows of one hook, as chunks hold them. Keeps the chunks alive, not the trace.
class HookRows {
 public:
  HookRows() = default;
  HookRows(const Trace& trace, HookId hook);
  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] const float* row(int position) const;
  /// Floats in a row; of Causal hooks, whose rows grow, those of the first.
  [[nodiscard]] std::size_t row_floats() const { return row_size(shape_, config_, 0); }
  /// Equal content for sure: the same chunks and length.
  friend bool operator==(const HookRows&, const HookRows&) = default;

 private:
  std::vector<std::shared_ptr<Chunk>> chunks_;
  ModelConfig config_;
  RowShape shape_ = RowShape::DModel;
  int length_ = 0;
};

/// What a panel of activations shows: one run's rows, or the difference of two.
struct ActivationKey {
  PanelInfo::Mapping mapping = PanelInfo::Mapping::Rows;
  HookId hook;
  int head = -1, row0 = 0, col0 = 0, rows = 0, cols = 0;
  HookRows shown, minus;         ///< minus of length 0: nothing is subtracted
  int pitch = 0, fold_rows = 0;  ///< of Stacked
  friend bool operator==(const ActivationKey&, const ActivationKey&) = default;
};
[[nodiscard]] std::shared_ptr<const render::TileSource> activation_source(const ActivationKey& key);

/// One vector folded into rows of `cols`; `minus` is empty or as long. For the logits of a position.
[[nodiscard]] std::shared_ptr<const render::TileSource> folded_source(std::vector<float> values, int cols);

/// A rectangle of a weight. `in_major` as in Matrix: whether logical rows lie in memory one after the other.
/// Lifetime: `keep` holds the memory. `summary` may still be empty: then coarse tiles are read from the cells.
struct WeightWindow {
  TensorView view;
  bool in_major = true;
  int row0 = 0, col0 = 0, rows = 0, cols = 0;
  std::shared_ptr<const void> keep;
  std::shared_ptr<const WeightSummary> summary;
};
[[nodiscard]] std::shared_ptr<const render::TileSource> weight_source(WeightWindow window);

}  // namespace gf::scene
