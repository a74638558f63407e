#include "renderer/vulkan/tile_space.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace gf::render {
namespace {

struct Block {
  int granule, order;
};

TEST(TileSpace, orders_hold_their_rows) {
  EXPECT_EQ(order_for(1), 0);
  EXPECT_EQ(order_for(8), 0);
  EXPECT_EQ(order_for(9), 1);
  EXPECT_EQ(order_for(32), 2);
  EXPECT_EQ(order_for(33), 3);
  EXPECT_EQ(order_for(kTileSize), kTileOrders - 1);
}

TEST(TileSpace, holds_sixteen_times_as_many_small_tiles) {
  TileSpace space(4);
  EXPECT_EQ(space.capacity(), 64);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(space.take(0), i);
  EXPECT_EQ(space.take(0), -1);
  space.give_back(17, 0);
  EXPECT_EQ(space.take(1), -1) << "one granule is not a block of two";
  EXPECT_EQ(space.take(0), 17);
}

TEST(TileSpace, blocks_never_overlap_and_all_of_them_merge_again) {
  constexpr int kTiles = 8;
  TileSpace space(kTiles);
  std::mt19937 random(7);
  std::vector<Block> held;
  std::vector<int> owner(static_cast<std::size_t>(space.capacity()), 0);
  for (int i = 0; i < 20'000; ++i) {
    const int order = static_cast<int>(random() % kTileOrders);
    const int granule = random() % 2 == 0 ? space.take(order) : -1;
    if (granule >= 0) {
      ASSERT_EQ(granule % (1 << order), 0);
      for (int g = granule; g < granule + (1 << order); ++g) ASSERT_EQ(owner[static_cast<std::size_t>(g)]++, 0);
      held.push_back({granule, order});
    } else if (!held.empty()) {
      std::swap(held[random() % held.size()], held.back());
      for (int g = held.back().granule; g < held.back().granule + (1 << held.back().order); ++g) --owner[static_cast<std::size_t>(g)];
      space.give_back(held.back().granule, held.back().order);
      held.pop_back();
    }
  }
  for (const Block& b : held) space.give_back(b.granule, b.order);
  for (int i = 0; i < kTiles; ++i) EXPECT_GE(space.take(kTileOrders - 1), 0);
  EXPECT_EQ(space.take(0), -1);
}

TEST(TileSpace, blocks_fit_where_the_largest_are_taken_first) {
  TileSpace space(6);
  std::mt19937 random(11);
  std::vector<int> orders;
  int left = space.capacity();
  while (left > 0) {
    const int order = static_cast<int>(random() % kTileOrders);
    if (1 << order > left) continue;
    orders.push_back(order);
    left -= 1 << order;
  }
  std::ranges::sort(orders, std::greater<>());
  for (const int order : orders) EXPECT_GE(space.take(order), 0);
}

}  // namespace
}  // namespace gf::render
