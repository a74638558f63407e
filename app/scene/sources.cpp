#include "app/scene/sources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/scene/fold_row.h"

namespace gf::scene {
namespace {

using render::kTileSize;
using render::Texel;
using render::TileKey;

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kTileTexels = static_cast<std::size_t>(kTileSize) * kTileSize;

/// The texels of one row of a tile while cells are added to them.
struct TexelRow {
  std::array<double, kTileSize> sum{};
  std::array<int, kTileSize> count{};
  std::array<float, kTileSize> extreme{};

  void add(std::span<const float> cells, int lx) {
    const std::size_t step = std::size_t{1} << static_cast<unsigned>(lx);
    for (std::size_t t = 0, i = 0; i < cells.size(); ++t) {
      double s = sum[t];
      int n = count[t];
      float e = extreme[t];
      for (const std::size_t end = std::min(cells.size(), i + step); i < end; ++i) {
        // Without branches: which cell is larger cannot be predicted. No comparison holds for NaN.
        const float v = cells[i];
        const bool there = !std::isnan(v);
        s += there ? static_cast<double>(v) : 0;
        n += there ? 1 : 0;
        e = outranks(v, e) ? v : e;
      }
      sum[t] = s;
      count[t] = n;
      extreme[t] = e;
    }
  }
  void write(Texel* out) const {
    for (std::size_t t = 0; t < kTileSize; ++t)
      out[t] = count[t] == 0 ? Texel{kAbsent, kAbsent} : Texel{static_cast<float>(sum[t] / count[t]), extreme[t]};
  }
};

void transpose(std::span<Texel> tile) {
  for (std::size_t r = 0; r < kTileSize; ++r)
    for (std::size_t c = r + 1; c < kTileSize; ++c) std::swap(tile[r * kTileSize + c], tile[c * kTileSize + r]);
}

/// A row of texels from rows of cells without gaps, as most are. False, and nothing that counts written, where one has a
/// gap or there are too many.
template <class Read>
bool fold_rows(int first, int last, int col, int lx, std::span<float> cells, Texel* row, const Read& read) {
  if (last - first > 1 << kMostFolds) return false;
  std::array<Texel, kTileSize> more;
  const std::size_t n = (cells.size() + (std::size_t{1} << lx) - 1) >> lx;
  for (int r = first; r < last; ++r) {
    read(r, col, cells);
    if (!fold_row(cells, lx, {r == first ? row : more.data(), kTileSize})) return false;
    for (std::size_t i = 0; r > first && i < n; ++i) {
      row[i].mean += more[i].mean;
      row[i].extreme = outranks(more[i].extreme, row[i].extreme) ? more[i].extreme : row[i].extreme;
    }
  }
  for (std::size_t i = 0; last > first + 1 && i < n; ++i) row[i].mean /= static_cast<float>(last - first);
  std::fill(row + n, row + kTileSize, Texel{kAbsent, kAbsent});
  return true;
}

/// Calls read(row, first col, cells) for the rows under a tile and folds them into texels. Returns how many rows of
/// texels it wrote; those below have nothing under them.
template <class Read>
std::size_t fill_from_rows(const TileKey& key, int rows, int cols, std::span<Texel> out, const Read& read) {
  const std::int64_t c0 = (std::int64_t{key.x} * kTileSize) << key.lx;
  const std::int64_t c1 = std::min<std::int64_t>(cols, c0 + (std::int64_t{kTileSize} << key.lx));
  const std::int64_t r0 = (std::int64_t{key.y} * kTileSize) << key.ly;
  if (c1 <= c0) return 0;
  std::vector<float> cells(static_cast<std::size_t>(c1 - c0));
  for (std::int64_t j = 0; j < kTileSize; ++j) {
    const std::int64_t first = r0 + (j << key.ly);
    const std::int64_t last = std::min<std::int64_t>(rows, first + (std::int64_t{1} << key.ly));
    if (first >= last) return static_cast<std::size_t>(j);
    Texel* row = out.data() + static_cast<std::size_t>(j) * kTileSize;
    if (key.lx == 0 && key.ly == 0) {
      read(static_cast<int>(first), static_cast<int>(c0), std::span(cells));
      for (std::size_t i = 0; i < cells.size(); ++i) row[i] = {cells[i], cells[i]};
      std::fill(row + cells.size(), row + kTileSize, Texel{kAbsent, kAbsent});
      continue;
    }
    if (fold_rows(static_cast<int>(first), static_cast<int>(last), static_cast<int>(c0), key.lx, cells, row, read)) continue;
    TexelRow texels;
    for (std::int64_t r = first; r < last; ++r) {
      read(static_cast<int>(r), static_cast<int>(c0), std::span(cells));
      texels.add(cells, key.lx);
    }
    texels.write(row);
  }
  return kTileSize;
}

void nothing_from(std::size_t row, std::span<Texel> out) {
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(row * kTileSize), out.end(), Texel{kAbsent, kAbsent});
}

class ActivationRows final : public RowSource {
 public:
  explicit ActivationRows(ActivationKey key) : RowSource(key.rows, key.cols), key_(std::move(key)) {}

 protected:
  void read(int row, int col, std::span<float> out) const override {
    const bool stacked = key_.mapping == PanelInfo::Mapping::Stacked;
    const int position = (stacked ? row / key_.pitch : row) + key_.row0;
    std::fill(out.begin(), out.end(), kAbsent);
    if (position >= key_.shown.length() || (key_.minus.length() > 0 && position >= key_.minus.length())) return;
    std::size_t begin = static_cast<std::size_t>(key_.col0 + col), count = out.size();
    if (stacked) {
      const int within = row % key_.pitch;
      begin += static_cast<std::size_t>(within) * static_cast<std::size_t>(cols());
      if (within >= key_.fold_rows || begin >= key_.shown.row_floats()) return;
      count = std::min(count, key_.shown.row_floats() - begin);
    }
    if (key_.mapping == PanelInfo::Mapping::Causal) {
      const auto keys = static_cast<std::size_t>(position) + 1;
      if (static_cast<std::size_t>(col) >= keys) return;
      begin = static_cast<std::size_t>(key_.head) * keys + static_cast<std::size_t>(col);
      count = std::min(count, keys - static_cast<std::size_t>(col));
    }
    const float* shown = key_.shown.row(position) + begin;
    if (key_.minus.length() == 0) {
      std::copy_n(shown, count, out.begin());
      return;
    }
    const float* minus = key_.minus.row(position) + begin;
    for (std::size_t i = 0; i < count; ++i) out[i] = shown[i] - minus[i];
  }

 private:
  ActivationKey key_;
};

class FoldedVector final : public RowSource {
 public:
  FoldedVector(std::vector<float> values, int cols)
      : RowSource((static_cast<int>(values.size()) + cols - 1) / cols, cols), values_(std::move(values)) {}

 protected:
  void read(int row, int col, std::span<float> out) const override {
    const std::size_t begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(cols()) + static_cast<std::size_t>(col);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = begin + i < values_.size() ? values_[begin + i] : kAbsent;
  }

 private:
  std::vector<float> values_;
};

class WeightCells final : public render::TileSource {
 public:
  explicit WeightCells(WeightWindow window) : w_(std::move(window)) {
    const bool vector = w_.view.shape.rank() < 2;
    stored_cols_ = static_cast<std::size_t>(vector ? w_.view.elements() : w_.view.shape[1]);
  }
  [[nodiscard]] int rows() const override { return w_.rows; }
  [[nodiscard]] int cols() const override { return w_.cols; }
  [[nodiscard]] float value(int row, int col) const override {
    if (row < 0 || row >= w_.rows || col < 0 || col >= w_.cols) return kAbsent;
    const auto r = static_cast<std::size_t>(row + w_.row0), c = static_cast<std::size_t>(col + w_.col0);
    return w_.view.at(static_cast<std::int64_t>(w_.in_major ? r * stored_cols_ + c : c * stored_cols_ + r));
  }
  void fill(const TileKey& key, std::span<Texel> out) const override {
    EXPECTS(out.size() == kTileTexels, "a tile has kTileSize x kTileSize texels");
    if (w_.in_major) {
      fill_stored(key, w_.row0, w_.col0, w_.rows, w_.cols, out);
      return;
    }
    // Read in the order of memory, then turn: columns of the panel are rows of the file.
    fill_stored({key.ly, key.lx, key.y, key.x}, w_.col0, w_.row0, w_.cols, w_.rows, out);
    transpose(out);
  }

 private:
  void fill_stored(const TileKey& key, int row0, int col0, int rows, int cols, std::span<Texel> out) const {
    constexpr int kB = WeightSummary::kBlock, kLevel = 3;
    if (w_.summary && !w_.summary->blocks.empty() && key.lx >= kLevel && key.ly >= kLevel && row0 % kB == 0 && col0 % kB == 0 &&
        (rows % kB == 0 || row0 + rows == w_.summary->rows) && (cols % kB == 0 || col0 + cols == w_.summary->cols)) {
      fill_from_blocks(key, row0, col0, rows, cols, out);
      return;
    }
    const std::size_t element = size_of(w_.view.dtype);
    const std::size_t written = fill_from_rows(key, rows, cols, out, [&](int row, int col, std::span<float> cells) {
      const std::size_t from = static_cast<std::size_t>(row + row0) * stored_cols_ + static_cast<std::size_t>(col + col0);
      widen(w_.view.data + from * element, w_.view.dtype, cells.data(), cells.size());
    });
    nothing_from(written, out);
  }

  void fill_from_blocks(const TileKey& key, int row0, int col0, int rows, int cols, std::span<Texel> out) const {
    constexpr int kB = WeightSummary::kBlock, kLevel = 3;
    const WeightSummary& s = *w_.summary;
    const int brow0 = row0 / kB, bcol0 = col0 / kB;
    const int brows = (rows + kB - 1) / kB, bcols = (cols + kB - 1) / kB;
    const int lx = key.lx - kLevel, ly = key.ly - kLevel;
    for (int j = 0; j < kTileSize; ++j)
      for (int i = 0; i < kTileSize; ++i) {
        const std::int64_t r0 = (std::int64_t{key.y} * kTileSize + j) << ly, c0 = (std::int64_t{key.x} * kTileSize + i) << lx;
        const std::int64_t r1 = std::min<std::int64_t>(brows, r0 + (std::int64_t{1} << ly));
        const std::int64_t c1 = std::min<std::int64_t>(bcols, c0 + (std::int64_t{1} << lx));
        double sum = 0, count = 0;
        float extreme = 0;
        for (std::int64_t r = r0; r < r1; ++r)
          for (std::int64_t c = c0; c < c1; ++c) {
            const Texel& block = s.blocks[static_cast<std::size_t>((r + brow0) * s.block_cols + c + bcol0)];
            const double cells = static_cast<double>(std::min<std::int64_t>(kB, rows - r * kB)) *
                                 static_cast<double>(std::min<std::int64_t>(kB, cols - c * kB));
            sum += static_cast<double>(block.mean) * cells;
            count += cells;
            if (outranks(block.extreme, extreme)) extreme = block.extreme;
          }
        out[static_cast<std::size_t>(j) * kTileSize + static_cast<std::size_t>(i)] =
            count == 0 ? Texel{kAbsent, kAbsent} : Texel{static_cast<float>(sum / count), extreme};
      }
  }

  WeightWindow w_;
  std::size_t stored_cols_ = 0;
};

}  // namespace

void RowSource::fill(const TileKey& key, std::span<Texel> out) const { nothing_from(fill_rows(key, out), out); }

void RowSource::fill_inside(const render::TileKey& key, std::span<render::Texel> out) const { fill_rows(key, out); }

std::size_t RowSource::fill_rows(const render::TileKey& key, std::span<render::Texel> out) const {
  EXPECTS(out.size() == kTileTexels, "a tile has kTileSize x kTileSize texels");
  return fill_from_rows(key, rows_, cols_, out, [&](int row, int col, std::span<float> cells) { read(row, col, cells); });
}

float RowSource::value(int row, int col) const {
  if (row < 0 || row >= rows_ || col < 0 || col >= cols_) return kAbsent;
  float v = kAbsent;
  read(row, col, std::span(&v, 1));
  return v;
}

HookRows::HookRows(const Trace& trace, HookId hook) : config_(trace.config()), shape_(info_of(hook.kind).shape), length_(trace.length()) {
  const auto chunks = trace.chunks(hook);
  const auto needed = static_cast<std::size_t>((length_ + kChunkRows - 1) / kChunkRows);
  chunks_.assign(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(std::min(needed, chunks.size())));
}

const float* HookRows::row(int position) const {
  return chunks_[static_cast<std::size_t>(position / kChunkRows)]->data() + chunk_offset(shape_, config_, position);
}

std::shared_ptr<const render::TileSource> activation_source(const ActivationKey& key) { return std::make_shared<ActivationRows>(key); }

std::shared_ptr<const render::TileSource> folded_source(std::vector<float> values, int cols) {
  return std::make_shared<FoldedVector>(std::move(values), cols);
}

std::shared_ptr<const render::TileSource> weight_source(WeightWindow window) { return std::make_shared<WeightCells>(std::move(window)); }

}  // namespace gf::scene
