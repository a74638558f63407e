#include "renderer/vulkan/tile_space.h"

#include <algorithm>
#include <bit>

#include "model/base/error.h"

namespace gf::render {

int order_for(int rows) {
  EXPECTS(rows >= 1 && rows <= kTileSize, "a tile has 1 to kTileSize rows");
  int order = 0;
  while (kGranuleRows << order < rows) ++order;
  return order;
}

TileSpace::TileSpace(std::size_t whole_tiles) : capacity_(static_cast<int>(whole_tiles) << (kTileOrders - 1)) { clear(); }

void TileSpace::Blocks::set(int block) {
  const std::size_t word = static_cast<std::size_t>(block) / 64;
  words[word] |= std::uint64_t{1} << static_cast<unsigned>(block % 64);
  from = std::min(from, word);
}

int TileSpace::Blocks::lowest() {
  while (from < words.size() && words[from] == 0) ++from;
  return from == words.size() ? -1 : static_cast<int>(from) * 64 + std::countr_zero(words[from]);
}

void TileSpace::clear() {
  for (std::size_t order = 0; order < free_.size(); ++order)
    free_[order] = {std::vector<std::uint64_t>((static_cast<std::size_t>(capacity_) >> order) / 64 + 1, 0), 0};
  for (int block = 0; block < capacity_ >> (kTileOrders - 1); ++block) free_.back().set(block);
}

int TileSpace::take(int order) {
  EXPECTS(order >= 0 && order < kTileOrders, "blocks have one of a few sizes");
  for (int from = order; from < kTileOrders; ++from) {
    Blocks& blocks = free_[static_cast<std::size_t>(from)];
    int block = blocks.lowest();
    if (block < 0) continue;
    blocks.reset(block);
    // The upper halves of what is split stay free.
    for (int o = from; o > order; --o) {
      block *= 2;
      free_[static_cast<std::size_t>(o - 1)].set(block + 1);
    }
    return block << order;
  }
  return -1;
}

void TileSpace::give_back(int granule, int order) {
  EXPECTS(order >= 0 && order < kTileOrders && granule >= 0 && granule % (1 << order) == 0 && granule < capacity_,
          "a block that was taken");
  int block = granule >> order;
  for (; order + 1 < kTileOrders && free_[static_cast<std::size_t>(order)].test(block ^ 1); ++order, block /= 2)
    free_[static_cast<std::size_t>(order)].reset(block ^ 1);
  free_[static_cast<std::size_t>(order)].set(block);
}

}  // namespace gf::render
