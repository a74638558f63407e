#include "renderer/tile_source.h"

#include <atomic>

namespace gf::render {

namespace tile_source_detail {
std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}
}  // namespace tile_source_detail

TileSource::TileSource() : id_(tile_source_detail::next_id()) {}

}  // namespace gf::render
