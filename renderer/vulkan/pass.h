// One kind of thing that is drawn. A frame prepares all passes, then records them in order into one rendering.
#pragma once

#include <memory>
#include <vector>

#include "renderer/vulkan/pipeline.h"

namespace gf::render {

class TileCache;
struct GuiInput;

/// What a pass knows of the frame. Sizes in device pixels. Where two scenes have a picture each, beside each other, `size`, `origin`,
/// scene and camera are those of the one that is drawn.
struct FrameContext {
  VkCommandBuffer commands = VK_NULL_HANDLE;
  const Scene* scene = nullptr;
  Camera camera;
  glm::mat4 view_projection{1};
  glm::vec2 size{0};     ///< of the whole picture
  glm::ivec2 origin{0};  ///< where the target lies in it, and how large it is
  glm::ivec2 part{0};
  float dpr = 1;
  int slot = 0;                      ///< 0 .. kFramesInFlight - 1; its previous use has finished
  const Overlay* overlay = nullptr;  ///< may be null or empty
  GuiInput* gui = nullptr;           ///< a window's pointer, for ImGui (renderer/imgui/gui_input.h); null offscreen
  TileCache* tiles = nullptr;
  bool wait_for_tiles = false;
  FrameStats* stats = nullptr;
};

class Pass {
 public:
  virtual ~Pass() = default;
  /// Before rendering begins: writes the slot's buffers; may record copies and barriers.
  virtual Result<void> prepare(const FrameContext& frame) = 0;
  /// Inside the rendering. The viewport covers the scene's picture, the scissor the part of it that this scene is drawn in; depth test on,
  /// depth write off, compare GREATER. A pass that changes these need not restore them. A pass with nothing to draw binds nothing:
  /// on a software rasteriser the first draw of a pipeline costs 11 to 57 ms.
  virtual void record(const FrameContext& frame) = 0;
};

/// All passes of a scene in the order they are drawn: opaque cells, ribbons, translucent cells, strokes, text. The one list
/// (pass_list.cpp). ImGui's, which draws over the whole picture, follows the last scene.
Result<std::vector<std::unique_ptr<Pass>>> make_passes(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target);

Result<std::unique_ptr<Pass>> make_ribbon_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target);
Result<std::unique_ptr<Pass>> make_stroke_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target);
// In renderer/text/text_pass.cpp and renderer/imgui/imgui_pass.cpp:
Result<std::unique_ptr<Pass>> make_text_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target);
Result<std::unique_ptr<Pass>> make_imgui_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target);

}  // namespace gf::render
