// How the renderer sees a tensor: a rectangle of cells, read in tiles of a value pyramid.
#pragma once

#include <cstdint>
#include <span>

namespace gf::render {

inline constexpr int kTileSize = 128;

/// A texel of the pyramid. At level (0, 0) both are the cell's value. NaN: the cell does not exist (masked).
struct Texel {
  float mean = 0;
  float extreme = 0;  ///< the value of largest magnitude under the texel, with its sign
};

/// Tile (x, y) of level (lx, ly): texel (i, j) covers cells [(128 x + i) << lx, ...) across and
/// [(128 y + j) << ly, ...) down. The two directions have levels of their own, since footprints are anisotropic.
struct TileKey {
  std::int16_t lx = 0, ly = 0;
  std::int32_t x = 0, y = 0;
  friend auto operator<=>(const TileKey&, const TileKey&) = default;
};

/// Immutable; another content is another object. Thread safe: fill() is called on background threads.
class TileSource {
 public:
  virtual ~TileSource() = default;
  [[nodiscard]] virtual int rows() const = 0;
  [[nodiscard]] virtual int cols() const = 0;
  /// Writes kTileSize x kTileSize texels, row-major; those outside the tensor are NaN.
  virtual void fill(const TileKey& key, std::span<Texel> out) const = 0;
  /// What the screen shows of the tile: shown_value() of each texel, rows_inside() rows of kTileSize floats; texels right of
  /// the tensor are NaN. Returns whether a texel inside the tensor is NaN.
  virtual bool fill_shown(const TileKey& key, std::span<float> out) const;
  /// The value of a cell, NaN where there is none.
  [[nodiscard]] virtual float value(int row, int col) const = 0;
  /// Unique for the life of the process: names the content in caches.
  [[nodiscard]] std::uint64_t id() const { return id_; }

 protected:
  TileSource();
  TileSource(const TileSource&) = delete;
  TileSource& operator=(const TileSource&) = delete;

 private:
  std::uint64_t id_;
};

/// Texel rows of a tile that lie inside the tensor, at least 1.
[[nodiscard]] int rows_inside(const TileSource& source, const TileKey& key);

}  // namespace gf::render
