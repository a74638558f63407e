// Lines, frames and halos: vertices built on the CPU, one draw with the depth test and one without.
#include <cstddef>

#include "renderer/strokes.h"
#include "renderer/vulkan/pass.h"

namespace gf::render {

namespace {
class StrokePass final : public Pass {
 public:
  Pipeline pipeline;
  FrameBuffer vertices;

  Result<void> prepare(const FrameContext& frame) override {
    Strokes strokes = make_strokes(*frame.scene, frame.view_projection, frame.size, frame.dpr);
    tested_ = static_cast<std::uint32_t>(strokes.tested.size());
    on_top_ = static_cast<std::uint32_t>(strokes.on_top.size());
    strokes.tested.insert(strokes.tested.end(), strokes.on_top.begin(), strokes.on_top.end());
    GF_TRY(vertices.write(frame.slot, std::as_bytes(std::span(strokes.tested))));
    return {};
  }

  void record(const FrameContext& frame) override {
    if (tested_ + on_top_ == 0) return;
    pipeline.bind(frame.commands);
    pipeline.push(frame.commands, glm::vec2(frame.origin));
    const VkBuffer buffer = vertices.at(frame.slot).handle();
    const VkDeviceSize offset = 0;
    vkCmdBindVertexBuffers(frame.commands, 0, 1, &buffer, &offset);
    if (tested_ > 0) vkCmdDraw(frame.commands, tested_, 1, 0, 0);
    if (on_top_ == 0) return;
    vkCmdSetDepthTestEnable(frame.commands, VK_FALSE);
    vkCmdDraw(frame.commands, on_top_, 1, tested_, 0);
  }

 private:
  std::uint32_t tested_ = 0, on_top_ = 0;
};
}  // namespace

Result<std::unique_ptr<Pass>> make_stroke_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
  auto pass = std::make_unique<StrokePass>();
  pass->vertices = FrameBuffer(device, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, "strokes");
  PipelineInfo info;
  info.vertex = "strokes.vert";
  info.fragment = "strokes.frag";
  info.target = target;
  info.push_bytes = sizeof(glm::vec2);
  info.vertex_bindings = {{0, sizeof(StrokeVertex), VK_VERTEX_INPUT_RATE_VERTEX}};
  info.vertex_attributes = {{0, 0, VK_FORMAT_R32G32B32A32_SFLOAT, offsetof(StrokeVertex, place)},
                            {1, 0, VK_FORMAT_R32G32B32A32_SFLOAT, offsetof(StrokeVertex, shape)},
                            {2, 0, VK_FORMAT_R32G32B32A32_SFLOAT, offsetof(StrokeVertex, paint)}};
  GF_TRY_ASSIGN(pass->pipeline, Pipeline::create(std::move(device), info));
  return std::unique_ptr<Pass>(std::move(pass));
}

}  // namespace gf::render
