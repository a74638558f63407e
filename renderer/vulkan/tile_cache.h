// Tiles on the GPU: a pool with a budget, filled by background threads, least recently used out first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "renderer/tile_source.h"
#include "renderer/vulkan/pipeline.h"

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
  int urgency = 0;  ///< larger first: a panel's one-tile level before its details
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

  struct Slot {
    int index = -1;         ///< < 0: not resident
    bool has_gaps = false;  ///< some texel inside the tensor is NaN
  };
  /// Marks `wants` as used by this frame, uploads what is ready (records copies into `commands`), and asks the
  /// background threads for the rest. With `wait` fills all of them before it returns (own submissions).
  /// `wants` must not be more than capacity(). Returns the number still missing.
  Result<int> update(VkCommandBuffer commands, int slot, const std::vector<TileWant>& wants, bool wait, FrameStats& stats);
  [[nodiscard]] Slot find(const TileName& name) const;
  /// True if this frame's update() named it.
  [[nodiscard]] bool wanted(const TileName& name) const;
  [[nodiscard]] int capacity() const { return static_cast<int>(slots_.size()); }
  [[nodiscard]] const Buffer& pool() const { return pool_; }
  /// Blocks until a tile has been filled since the last update(), or for `limit`.
  bool wait_for_news(std::chrono::milliseconds limit);

 private:
  struct Resident {
    int slot;
    bool has_gaps;
  };
  struct Filled {
    TileName name;
    std::vector<float> texels;
    bool has_gaps;
  };
  struct SlotState {
    TileName name;
    std::uint64_t last_frame = 0;
    bool used = false;
  };
  TileCache() = default;
  [[nodiscard]] bool in_place() const { return pool_.mapped() != nullptr; }
  int take_slot();
  void place(const TileName& name, bool has_gaps, int slot);
  Result<void> fill_now(const std::vector<TileWant>& missing, FrameStats& stats);
  void work(std::stop_token stop);

  std::shared_ptr<VulkanDevice> device_;
  Buffer pool_;
  FrameBuffer staging_;
  Buffer wait_staging_;
  Commands commands_;
  std::unordered_map<TileName, Resident, TileNameHash> resident_;
  std::vector<SlotState> slots_;
  std::uint64_t frame_ = 1;
  std::vector<int> spare_;  ///< slots that frame spare_of_ does not want, the oldest last
  std::uint64_t spare_of_ = 0;

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
