// Where tiles lie in the pool: blocks of 1, 2, 4, 8 or 16 granules, split and merged by a buddy allocator (Knowlton 1965). Most
// tiles hold a few rows, and a scene of thousands of small panels needs one of each. Device-free.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "renderer/tile_source.h"

namespace gf::render {

inline constexpr int kGranuleRows = 8;  ///< of kTileSize texels; shaders/cells_body.h knows it too
inline constexpr int kTileOrders = 5;   ///< a block of order k holds kGranuleRows << k rows
static_assert(kGranuleRows << (kTileOrders - 1) == kTileSize);

/// The smallest order whose blocks hold so many rows, 1 to kTileSize.
[[nodiscard]] int order_for(int rows);

class TileSpace {
 public:
  TileSpace() = default;
  /// Room for whole tiles, at least one.
  explicit TileSpace(std::size_t whole_tiles);
  /// First granule of a block, a multiple of its size; -1 where no block is left. Takes the lowest free block, so that memory
  /// that was never touched stays untouched.
  [[nodiscard]] int take(int order);
  /// A block that take(order) gave.
  void give_back(int granule, int order);
  /// Everything is free again.
  void clear();
  [[nodiscard]] int capacity() const { return capacity_; }  ///< in granules

 private:
  int capacity_ = 0;
  /// A bit for each block of an order: whether it is free as a whole.
  struct Blocks {
    std::vector<std::uint64_t> words;
    std::size_t from = 0;  ///< no word before it has a bit
    void set(int block);
    void reset(int block) { words[static_cast<std::size_t>(block) / 64] &= ~(std::uint64_t{1} << static_cast<unsigned>(block % 64)); }
    [[nodiscard]] bool test(int block) const {
      return (words[static_cast<std::size_t>(block) / 64] >> static_cast<unsigned>(block % 64) & 1U) != 0;
    }
    [[nodiscard]] int lowest();  ///< -1: none
  };
  std::array<Blocks, kTileOrders> free_;
};

}  // namespace gf::render
