// Draws a Scene into an image: what Offscreen and Viewer share.
#pragma once

#include <memory>
#include <vector>

#include "renderer/vulkan/pass.h"
#include "renderer/vulkan/tile_cache.h"

namespace gf::render {

struct FrameInput {
  const Scene* scene = nullptr;
  Camera camera;
  float dpr = 1;
  const Overlay* overlay = nullptr;
  GuiInput* gui = nullptr;  ///< passed on to FrameContext::gui
  int slot = 0;             ///< the caller has waited for this slot's previous submission
  /// The target is a part of a larger picture, which lies at `from` in it; `whole` of no size: it is the whole picture. In device
  /// pixels; even, so that pixels which are shaded in fours are the same fours in each part.
  VkOffset2D from{};
  VkExtent2D whole{};
  bool wait_for_tiles = false;  ///< true: the picture is complete; false: at most 8 MiB of uploads, coarser tiles meanwhile
};

/// An image of the target's format that is free to be overwritten.
struct FrameTarget {
  VkImage image = VK_NULL_HANDLE;
  VkImageView view = VK_NULL_HANDLE;
  VkExtent2D size{};
  VkImageLayout final_layout = VK_IMAGE_LAYOUT_PRESENT_SRC_KHR;  ///< or TRANSFER_SRC_OPTIMAL for a read-back
};

/// One thread at a time.
class FrameRenderer {
 public:
  static Result<std::unique_ptr<FrameRenderer>> create(std::shared_ptr<VulkanDevice> device, VkFormat color, std::size_t tile_bytes);
  /// Records the whole frame (from UNDEFINED to final_layout) into commands that are being recorded. Submit them
  /// before the next call. FrameStats::tiles_missing > 0: draw again, see TileCache::wait_for_news().
  Result<FrameStats> record(VkCommandBuffer commands, const FrameInput& input, const FrameTarget& target);
  [[nodiscard]] TileCache& tiles() { return *stage_.tiles; }
  [[nodiscard]] const RenderTarget& target() const { return target_; }

 private:
  /// What draws one scene. Two scenes of a frame do not share it: each needs its buffers and its tiles until the frame is done.
  struct Stage {
    std::unique_ptr<TileCache> tiles;
    std::vector<std::unique_ptr<Pass>> passes;
  };
  static Result<Stage> make_stage(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target, std::size_t tile_bytes);
  Result<void> resize(VkExtent2D size);

  std::shared_ptr<VulkanDevice> device_;
  RenderTarget target_;
  std::size_t tile_bytes_ = 0;
  Stage stage_, left_;             ///< the latter of Scene::left; it is made for the first scene that has one
  std::unique_ptr<Pass> overlay_;  ///< over the whole picture
  GpuImage depth_, multisampled_;
};

}  // namespace gf::render
