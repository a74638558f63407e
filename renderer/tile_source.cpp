#include "renderer/tile_source.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "model/base/error.h"
#include "renderer/colormap.h"

namespace gf::render {

namespace {
std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}
}  // namespace

TileSource::TileSource() : id_(next_id()) {}

int rows_inside(const TileSource& source, const TileKey& key) {
  return std::clamp(((source.rows() + (1 << key.ly) - 1) >> key.ly) - key.y * kTileSize, 1, kTileSize);
}

bool TileSource::fill_shown(const TileKey& key, std::span<float> out) const {
  thread_local std::vector<Texel> texels(static_cast<std::size_t>(kTileSize) * kTileSize);
  fill(key, texels);
  const int inside_x = std::min(kTileSize, ((cols() + (1 << key.lx) - 1) >> key.lx) - key.x * kTileSize);
  const int inside_y = rows_inside(*this, key);
  const std::size_t used = static_cast<std::size_t>(inside_y) * kTileSize;
  EXPECTS(out.size() >= used, "a tile's rows have room");
  for (std::size_t i = 0; i < used; ++i) out[i] = shown_value(texels[i].mean, texels[i].extreme);
  for (int y = 0; y < inside_y; ++y)
    for (int x = 0; x < inside_x; ++x)
      if (std::isnan(out[static_cast<std::size_t>(y * kTileSize + x)])) return true;
  return false;
}

}  // namespace gf::render
