// Tiles on the GPU: a pool with a budget, filled by background threads, least recently used out first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "renderer/tile_source.h"
#include "renderer/vulkan/pipeline.h"
#include "renderer/vulkan/tile_space.h"

namespace gf::render {

struct TileName {
  std::uint64_t source = 0;
  TileKey key;
  friend bool operator==(const TileName&, const TileName&) = default;
};
struct TileNameHash {
  std::size_t operator()(const TileName& n) const noexcept;
};
struct TileWant {
  std::shared_ptr<const TileSource> source;
  TileKey key;
  int urgency = 0;       ///< larger first: a panel's one-tile level before its details
  bool at_once = false;  ///< filled before update() returns, of a Momentary source; kUploadBytes of them at most
};

/// One thread calls it (the one that draws); the threads that fill are its own.
class TileCache {
 public:
  static constexpr std::size_t kTileBytes = sizeof(float) * kTileSize * kTileSize;
  static constexpr std::size_t kUploadBytes = 8U << 20U;

  static Result<std::unique_ptr<TileCache>> create(std::shared_ptr<VulkanDevice> device, std::size_t bytes);
  ~TileCache();
  TileCache(const TileCache&) = delete;
  TileCache& operator=(const TileCache&) = delete;

  static constexpr std::size_t kGranuleBytes = sizeof(float) * kTileSize * kGranuleRows;

  struct Place {
    int granule = -1;       ///< the tile's first; < 0: not resident
    bool has_gaps = false;  ///< some texel inside the tensor is NaN
  };
  /// Marks `wants` as used by this frame, fills those that are wanted at once, uploads what is ready (records copies into `commands`), and
  /// asks the background threads for the rest. With `wait` fills all of them before it returns (own submissions). `wants` must not cost
  /// more than capacity(). Returns the number still missing.
  Result<int> update(VkCommandBuffer commands, int slot, const std::vector<TileWant>& wants, bool wait, FrameStats& stats);
  [[nodiscard]] Place find(const TileName& name) const;
  /// True if this frame's update() named it.
  [[nodiscard]] bool wanted(const TileName& name) const;
  /// What a tile takes of the pool, and what there is, in granules.
  [[nodiscard]] static int cost(const TileWant& want) { return 1 << order_for(rows_inside(*want.source, want.key)); }
  [[nodiscard]] int capacity() const { return space_.capacity(); }
  [[nodiscard]] const Buffer& pool() const { return pool_; }
  /// Blocks until a tile has been filled since the last update(), or for `limit`.
  bool wait_for_news(std::chrono::milliseconds limit);

 private:
  struct Aged {
    TileName name;
    std::weak_ptr<const TileSource> source;
  };
  struct Resident {
    int granule, order;
    bool has_gaps;
    std::uint64_t last_frame;
    std::list<Aged>::iterator age;  ///< its place in ages_
  };
  struct Filled {
    TileWant want;
    std::vector<float> texels;
    bool has_gaps;
  };
  TileCache() = default;
  [[nodiscard]] bool in_place() const { return pool_.mapped() != nullptr; }
  /// Room for a tile, which is then resident (for as long as nothing else takes its place); null where this frame's
  /// own tiles stand in the way.
  Resident* place(const TileWant& want, bool has_gaps);
  void use(Resident& r);
  void drop(std::list<Aged>::iterator age);
  bool drop_oldest();
  void drop_orphans();
  void drop_all();
  /// Places all of them, not yet filled. Empty, and torn_, where free space lies in pieces.
  std::vector<Resident*> make_room(const std::vector<TileWant>& missing);
  /// Fills those of `missing` that are wanted at once, and leaves the rest.
  Result<void> fill_at_once(std::vector<TileWant>& missing, FrameStats& stats);
  Result<void> fill_now(const std::vector<TileWant>& missing, const std::vector<Resident*>& rooms, FrameStats& stats);
  void work(std::stop_token stop);

  std::shared_ptr<VulkanDevice> device_;
  Buffer pool_;
  FrameBuffer staging_;
  Buffer wait_staging_;
  Commands commands_;
  std::unordered_map<TileName, Resident, TileNameHash> resident_;
  TileSpace space_;
  std::uint64_t frame_ = 1;
  std::list<Aged> ages_;  ///< of what is resident, the least recently used first
  bool torn_ = false;     ///< free space lies in pieces that are too small

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable news_;
  std::vector<TileWant> queue_;  ///< sorted, most urgent last
  std::unordered_set<TileName, TileNameHash> busy_;
  std::vector<Filled> filled_;
  bool has_news_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace gf::render
