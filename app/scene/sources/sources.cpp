#include "app/scene/sources/sources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/scene/sources/row_loops.h"
#include "renderer/colormap.h"

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
  /// False where no cell was added.
  bool at(std::size_t t, Texel& texel) const {
    texel = count[t] == 0 ? Texel{kAbsent, kAbsent} : Texel{static_cast<float>(sum[t] / count[t]), extreme[t]};
    return count[t] > 0;
  }
};

/// Writes rows of a tile as mean and extreme.
class TexelSink {
 public:
  explicit TexelSink(std::span<Texel> out) : out_(out) {}
  void row(std::size_t j, const FoldedRow& row, std::size_t n) {
    Texel* to = out_.data() + j * kTileSize;
    for (std::size_t i = 0; i < n; ++i) to[i] = {row.mean[i], row.extreme[i]};
    std::fill(to + n, to + kTileSize, Texel{kAbsent, kAbsent});
  }
  void row(std::size_t j, const TexelRow& row, std::size_t) {
    for (std::size_t i = 0; i < kTileSize; ++i) row.at(i, out_[j * kTileSize + i]);
  }

 private:
  std::span<Texel> out_;
};

/// Writes rows of a tile as the values that the screen shows.
class ShownSink {
 public:
  explicit ShownSink(std::span<float> out) : out_(out) {}
  void row(std::size_t j, const FoldedRow& row, std::size_t n) {
    float* to = out_.data() + j * kTileSize;
    if (show_row(row, n, to)) has_gaps_ = true;
    std::fill(to + n, to + kTileSize, kAbsent);
  }
  void row(std::size_t j, const TexelRow& row, std::size_t n) {
    for (std::size_t i = 0; i < kTileSize; ++i) {
      Texel texel;
      if (!row.at(i, texel) && i < n) has_gaps_ = true;
      out_[j * kTileSize + i] = render::shown_value(texel.mean, texel.extreme);
    }
  }
  [[nodiscard]] bool has_gaps() const { return has_gaps_; }

 private:
  std::span<float> out_;
  bool has_gaps_ = false;
};

void transpose(std::span<Texel> tile) {
  for (std::size_t r = 0; r < kTileSize; ++r)
    for (std::size_t c = r + 1; c < kTileSize; ++c) std::swap(tile[r * kTileSize + c], tile[c * kTileSize + r]);
}

/// Folds rows of cells without gaps, as most are, into a row of texels. `cells(row)` gives the cells under the tile. False if a
/// row has a gap or there are too many rows; `row` is then undefined.
template <class Cells>
bool fold_rows(int first, int last, int lx, std::size_t n, FoldedRow& row, const Cells& cells) {
  if (last - first > 1 << kMostFolds || !fold_row(cells(first), lx, row)) return false;
  if (last == first + 1) return true;
  FoldedRow more;
  for (int r = first + 1; r < last; ++r) {
    if (!fold_row(cells(r), lx, more)) return false;
    add_row(row, more, n);
  }
  for (std::size_t i = 0; i < n; ++i) row.mean[i] /= static_cast<float>(last - first);
  return true;
}

/// Folds the rows of cells under a tile into texels for the sink. `cells(row, first col, space)` gives the cells of a row
/// from a column on, as many as the space holds: in the space, or where they lie in memory. Returns how many rows of texels
/// have cells under them.
template <class Sink, class Cells>
std::size_t fill_from_rows(const TileKey& key, int rows, int cols, Sink& sink, const Cells& cells) {
  const std::int64_t c0 = (std::int64_t{key.x} * kTileSize) << key.lx;
  const std::int64_t c1 = std::min<std::int64_t>(cols, c0 + (std::int64_t{kTileSize} << key.lx));
  const std::int64_t r0 = (std::int64_t{key.y} * kTileSize) << key.ly;
  if (c1 <= c0) return 0;
  thread_local std::vector<float> space;
  space.resize(std::max(space.size(), static_cast<std::size_t>(c1 - c0)));
  const auto row_of = [&](int r) -> std::span<const float> {
    return cells(r, static_cast<int>(c0), std::span(space.data(), static_cast<std::size_t>(c1 - c0)));
  };
  const auto n = static_cast<std::size_t>((c1 - c0 + (std::int64_t{1} << key.lx) - 1) >> key.lx);
  for (std::int64_t j = 0; j < kTileSize; ++j) {
    const std::int64_t first = r0 + (j << key.ly);
    const std::int64_t last = std::min<std::int64_t>(rows, first + (std::int64_t{1} << key.ly));
    if (first >= last) return static_cast<std::size_t>(j);
    FoldedRow folded;
    if (key.lx == 0 && key.ly == 0) {
      std::ranges::copy(row_of(static_cast<int>(first)), folded.mean.begin());
      std::copy_n(folded.mean.begin(), n, folded.extreme.begin());
      sink.row(static_cast<std::size_t>(j), folded, n);
      continue;
    }
    if (fold_rows(static_cast<int>(first), static_cast<int>(last), key.lx, n, folded, row_of)) {
      sink.row(static_cast<std::size_t>(j), folded, n);
      continue;
    }
    TexelRow texels;
    for (std::int64_t r = first; r < last; ++r) texels.add(row_of(static_cast<int>(r)), key.lx);
    sink.row(static_cast<std::size_t>(j), texels, n);
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
  [[nodiscard]] const float* in_memory(int row, int col) const override {
    const int position = row + key_.row0;
    if (key_.mapping != PanelInfo::Mapping::Rows || key_.minus.length() > 0 || position >= key_.shown.length()) return nullptr;
    return key_.shown.row(position) + key_.col0 + col;
  }
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
    TexelSink sink(out);
    const std::size_t written = fill_from_rows(key, rows, cols, sink, [&](int row, int col, std::span<float> cells) {
      const std::size_t from = static_cast<std::size_t>(row + row0) * stored_cols_ + static_cast<std::size_t>(col + col0);
      widen(w_.view.data + from * element, w_.view.dtype, cells.data(), cells.size());
      return cells;
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

/// The cells of a row where they lie, or read into the space.
std::span<const float> RowSource::cells(int row, int col, std::span<float> space) const {
  if (const float* there = in_memory(row, col)) return {there, space.size()};
  read(row, col, space);
  return space;
}

void RowSource::fill(const TileKey& key, std::span<Texel> out) const {
  EXPECTS(out.size() == kTileTexels, "a tile has kTileSize x kTileSize texels");
  TexelSink sink(out);
  const auto from = [this](int row, int col, std::span<float> space) { return cells(row, col, space); };
  nothing_from(fill_from_rows(key, rows_, cols_, sink, from), out);
}

bool RowSource::fill_shown(const TileKey& key, std::span<float> out) const {
  EXPECTS(out.size() >= static_cast<std::size_t>(rows_inside(*this, key)) * kTileSize, "a tile's rows have room");
  ShownSink sink(out);
  fill_from_rows(key, rows_, cols_, sink, [this](int row, int col, std::span<float> space) { return cells(row, col, space); });
  return sink.has_gaps();
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
