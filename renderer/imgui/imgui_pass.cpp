// ImGui's draw data through dynamic rendering: Debian's own backend wants a VkRenderPass.
#include <cstddef>
#include <span>

#include "renderer/imgui/gui_context.h"
#include "renderer/vulkan/pass.h"

namespace gf::render {
namespace {

class ImGuiPass final : public Pass {
 public:
  static Result<std::unique_ptr<Pass>> create(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
    auto pass = std::make_unique<ImGuiPass>();
    pass->device_ = device;
    pass->vertices_ = FrameBuffer(device, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, "overlay vertices");
    pass->indices_ = FrameBuffer(device, VK_BUFFER_USAGE_INDEX_BUFFER_BIT, "overlay indices");
    GF_TRY_ASSIGN(pass->sampler_, Sampler::create(device, VK_FILTER_LINEAR));
    GF_TRY_ASSIGN(pass->group_, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_SHADER_STAGE_FRAGMENT_BIT}}));
    PipelineInfo info;
    info.vertex = "imgui.vert";
    info.fragment = "imgui.frag";
    info.target = target;
    info.sets = {pass->group_.layout()};
    info.push_bytes = sizeof(glm::vec2);
    info.depth = false;
    info.vertex_bindings = {{0, sizeof(GuiVertex), VK_VERTEX_INPUT_RATE_VERTEX}};
    info.vertex_attributes = {{0, 0, VK_FORMAT_R32G32_SFLOAT, offsetof(GuiVertex, x)},
                              {1, 0, VK_FORMAT_R32G32_SFLOAT, offsetof(GuiVertex, u)},
                              {2, 0, VK_FORMAT_R8G8B8A8_UNORM, offsetof(GuiVertex, color)}};
    GF_TRY_ASSIGN(pass->pipeline_, Pipeline::create(device, info));
    return std::unique_ptr<Pass>(std::move(pass));
  }

  Result<void> prepare(const FrameContext& frame) override {
    picture_.draws.clear();
    if (frame.overlay == nullptr || !*frame.overlay) {
      if (frame.gui != nullptr) {
        frame.gui->events.clear();
        frame.gui->wants_mouse = false;
      }
      return {};
    }
    if (context_.set_scale(frame.dpr)) {
      const GuiFont& font = context_.font();
      GF_TRY_ASSIGN(font_, upload_image(device_, VK_FORMAT_R8_UNORM,
                                        {static_cast<std::uint32_t>(font.width), static_cast<std::uint32_t>(font.height)},
                                        std::as_bytes(std::span(font.texels)), "overlay glyphs"));
      ++font_version_;
    }
    if (slot_version_[frame.slot] != font_version_) {
      group_.write_image(frame.slot, 0, font_.view(), sampler_.handle());
      slot_version_[frame.slot] = font_version_;
    }
    context_.run(*frame.overlay, frame.scene->theme, frame.size, frame.gui, picture_);
    GF_TRY(vertices_.write(frame.slot, std::as_bytes(std::span(picture_.vertices))));
    GF_TRY(indices_.write(frame.slot, std::as_bytes(std::span(picture_.indices))));
    return {};
  }

  void record(const FrameContext& frame) override {
    if (picture_.draws.empty()) return;
    pipeline_.bind(frame.commands);
    pipeline_.bind_set(frame.commands, group_.set(frame.slot));
    pipeline_.push(frame.commands, frame.size / frame.dpr);
    const VkBuffer vertices = vertices_.at(frame.slot).handle();
    const VkDeviceSize offset = 0;
    vkCmdBindVertexBuffers(frame.commands, 0, 1, &vertices, &offset);
    vkCmdBindIndexBuffer(frame.commands, indices_.at(frame.slot).handle(), 0, VK_INDEX_TYPE_UINT16);
    for (const GuiDraw& draw : picture_.draws) {
      const glm::ivec2 low = glm::clamp(draw.clip_low - frame.origin, glm::ivec2(0), frame.part);
      const glm::ivec2 high = glm::clamp(draw.clip_high - frame.origin, low, frame.part);
      const VkRect2D clip{{low.x, low.y}, {static_cast<std::uint32_t>(high.x - low.x), static_cast<std::uint32_t>(high.y - low.y)}};
      vkCmdSetScissor(frame.commands, 0, 1, &clip);
      vkCmdDrawIndexed(frame.commands, draw.index_count, 1, draw.first_index, draw.vertex_offset, 0);
    }
  }

 private:
  std::shared_ptr<VulkanDevice> device_;
  GuiContext context_;
  GuiPicture picture_;
  FrameBuffer vertices_, indices_;
  GpuImage font_;
  int font_version_ = 0;
  int slot_version_[kFramesInFlight] = {};
  Sampler sampler_;
  BindGroup group_;
  Pipeline pipeline_;
};

}  // namespace

Result<std::unique_ptr<Pass>> make_imgui_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
  return ImGuiPass::create(std::move(device), target);
}

}  // namespace gf::render
