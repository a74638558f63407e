// Bands of light: one instanced draw, tessellated in the vertex shader, the farthest first.
#include <algorithm>
#include <array>

#include "renderer/vulkan/pass.h"
#include "shaders/shared.h"

namespace gf::render {

namespace ribbon_pass_detail {
constexpr std::uint32_t kVertices = 2 * (28 + 1);  // as kSegments in ribbons.vert

/// The control points' hull lies wholly beyond one side of the frustum.
bool outside(const Ribbon& r, const glm::mat4& vp) {
  const std::array<glm::vec3, 8> hull{r.a0, r.a1, r.b0, r.b1, r.a0 + r.a_out / 3.0F, r.a1 + r.a_out / 3.0F,
                                      r.b0 - r.b_in / 3.0F, r.b1 - r.b_in / 3.0F};
  std::array<int, 5> beyond{};
  for (const glm::vec3& p : hull) {
    const glm::vec4 c = vp * glm::vec4(p, 1);
    const std::array<bool, 5> is{c.x < -c.w, c.x > c.w, c.y < -c.w, c.y > c.w, c.w < c.z};
    for (std::size_t i = 0; i < is.size(); ++i) beyond[i] += is[i] ? 1 : 0;
  }
  return std::ranges::any_of(beyond, [&](int n) { return n == static_cast<int>(hull.size()); });
}

class RibbonPass final : public Pass {
 public:
  Pipeline pipeline;
  BindGroup group;
  FrameBuffer records;

  Result<void> prepare(const FrameContext& frame) override {
    struct Entry {
      float depth;
      const Ribbon* ribbon;
    };
    std::vector<Entry> order;
    for (const Ribbon& r : frame.scene->ribbons) {
      if (r.shown <= 0 || std::max(r.color.a, r.color_end.a) <= 0 || outside(r, frame.view_projection)) continue;
      const glm::vec4 middle = frame.view_projection * glm::vec4((r.a0 + r.a1 + r.b0 + r.b1) * 0.25F, 1);
      order.push_back({middle.w, &r});
    }
    std::ranges::stable_sort(order, std::ranges::greater{}, &Entry::depth);
    std::vector<gpu::RibbonRecord> list;
    list.reserve(order.size());
    for (const Entry& e : order) {
      const Ribbon& r = *e.ribbon;
      list.push_back({{r.a0, r.shown >= 1 ? 2.F : r.shown}, {r.a1, r.pulse}, {r.b0, r.cut ? 1.F : 0.F}, {r.b1, 0}, {r.a_out, 0}, {r.b_in, 0}, r.color, r.color_end});
    }
    count_ = static_cast<std::uint32_t>(list.size());
    if (count_ == 0) return {};
    GF_TRY_ASSIGN(const bool replaced, records.write(frame.slot, std::as_bytes(std::span(list))));
    if (replaced) group.write_buffer(frame.slot, 0, records.at(frame.slot).handle());
    return {};
  }

  void record(const FrameContext& frame) override {
    if (count_ == 0) return;
    pipeline.bind(frame.commands);
    pipeline.bind_set(frame.commands, group.set(frame.slot));
    const bool dark = frame.scene->theme == Theme::Dark;
    pipeline.push(frame.commands, gpu::RibbonPush{frame.view_projection, dark ? glm::vec4(1, 0.97F, 0.88F, 1) : glm::vec4(0.10F, 0.18F, 0.35F, 0)});
    vkCmdDraw(frame.commands, kVertices, count_, 0, 0);
  }

 private:
  std::uint32_t count_ = 0;
};
}  // namespace ribbon_pass_detail

Result<std::unique_ptr<Pass>> make_ribbon_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
  auto pass = std::make_unique<ribbon_pass_detail::RibbonPass>();
  GF_TRY_ASSIGN(pass->group, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_VERTEX_BIT}}));
  pass->records = FrameBuffer(device, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "ribbons");
  PipelineInfo info;
  info.vertex = "ribbons.vert";
  info.fragment = "ribbons.frag";
  info.target = target;
  info.sets = {pass->group.layout()};
  info.push_bytes = sizeof(gpu::RibbonPush);
  info.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
  GF_TRY_ASSIGN(pass->pipeline, Pipeline::create(std::move(device), info));
  return std::unique_ptr<Pass>(std::move(pass));
}

}  // namespace gf::render
