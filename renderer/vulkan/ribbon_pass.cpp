// Bands of light: instanced draws, tessellated in the vertex shader, the farthest first unless the scene has an order.
#include <algorithm>
#include <array>

#include "renderer/vulkan/pass.h"
#include "shaders/shared.h"

namespace gf::render {

namespace {
/// Both edges run along the tangents: one segment is the whole curve.
bool straight(const Ribbon& r) {
  const auto along = [](glm::vec3 way, glm::vec3 tangent) {
    const glm::vec3 off = glm::cross(way, tangent);
    return glm::dot(off, off) <= 1e-8F * glm::dot(way, way) * glm::dot(tangent, tangent) && glm::dot(way, tangent) >= 0;
  };
  return along(r.b0 - r.a0, r.a_out) && along(r.b1 - r.a1, r.a_out) && along(r.b0 - r.a0, r.b_in) && along(r.b1 - r.a1, r.b_in);
}

/// Consecutive ribbons that are drawn alike, in so many segments. Plain: whole, uncut and at rest.
struct Kind {
  enum class Look : std::uint8_t { Plain, Full, Solid } look = Look::Plain;
  int segments = 1;
  friend bool operator==(const Kind&, const Kind&) = default;
};
glm::vec2 pixel_of(glm::vec3 p, const FrameContext& frame) {
  const glm::vec4 c = frame.view_projection * glm::vec4(p, 1);
  return glm::vec2(c) / std::max(c.w, 1e-3F) * 0.5F * frame.size;
}

/// Half a pixel wide: of the bands of a large model from afar there are thousands, which together would be a veil. Bands in an order of
/// their own are wide by what they carry, and a thin one says that.
bool is_hair(const Ribbon& r, const FrameContext& frame) {
  constexpr float kLeast = 0.5F;
  if (frame.scene->ribbons_in_order) return false;
  const auto wide = [&](glm::vec3 a, glm::vec3 b) { return glm::distance(pixel_of(a, frame), pixel_of(b, frame)); };
  return wide(r.a0, r.a1) + wide(r.b0, r.b1) < 2 * kLeast;
}

/// How far apart the ends are on the screen, with the way that the tangents add.
float length_px(const Ribbon& r, const FrameContext& frame) {
  const auto at = [&](glm::vec3 p) { return pixel_of(p, frame); };
  const glm::vec3 a = (r.a0 + r.a1) * 0.5F, b = (r.b0 + r.b1) * 0.5F;
  const glm::vec2 p[] = {at(a), at(a + r.a_out / 3.0F), at(b - r.b_in / 3.0F), at(b)};
  return glm::distance(p[0], p[1]) + glm::distance(p[1], p[2]) + glm::distance(p[2], p[3]);
}

Kind kind_of(const Ribbon& r, const FrameContext& frame) {
  if (r.solid) return {Kind::Look::Solid, straight(r) ? 1 : 28};
  const Kind::Look look = r.shown >= 1 && r.pulse < 0 && !r.cut ? Kind::Look::Plain : Kind::Look::Full;
  if (look == Kind::Look::Plain && straight(r)) return {look, 1};
  // A chord of a curve of this length that turns by 2 rad in n segments is off by px * 2 / (8 n^2): a third of a pixel here.
  // Few different numbers, so that neighbours are drawn together.
  const float px = length_px(r, frame);
  return {look, px < 60 ? 6 : px < 140 ? 10 : px < 400 ? 17 : 28};
}

/// The control points' hull lies wholly beyond one side of the frustum.
bool outside(const Ribbon& r, const glm::mat4& vp) {
  const std::array<glm::vec3, 8> hull{
      r.a0, r.a1, r.b0, r.b1, r.a0 + r.a_out / 3.0F, r.a1 + r.a_out / 3.0F, r.b0 - r.b_in / 3.0F, r.b1 - r.b_in / 3.0F};
  std::array<int, 5> beyond{};
  for (const glm::vec3& p : hull) {
    const glm::vec4 c = vp * glm::vec4(p, 1);
    const std::array<bool, 5> is{c.x<-c.w, c.x> c.w, c.y<-c.w, c.y> c.w, c.w < c.z};
    for (std::size_t i = 0; i < is.size(); ++i) beyond[i] += is[i] ? 1 : 0;
  }
  return std::ranges::any_of(beyond, [&](int n) { return n == static_cast<int>(hull.size()); });
}

class RibbonPass final : public Pass {
 public:
  Pipeline plain, full, solid;
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
      if (is_hair(r, frame)) continue;
      const glm::vec4 middle = frame.view_projection * glm::vec4((r.a0 + r.a1 + r.b0 + r.b1) * 0.25F, 1);
      order.push_back({middle.w, &r});
    }
    if (!frame.scene->ribbons_in_order) std::ranges::stable_sort(order, std::ranges::greater{}, &Entry::depth);
    std::vector<gpu::RibbonRecord> list;
    list.reserve(order.size());
    runs_.clear();
    for (const Entry& e : order) {
      const Ribbon& r = *e.ribbon;
      if (const Kind kind = kind_of(r, frame); runs_.empty() || !runs_.back().takes(kind))
        runs_.push_back({kind, static_cast<std::uint32_t>(list.size()), 1});
      list.push_back({{r.a0, r.shown >= 1 ? 2.F : r.shown},
                      {r.a1, r.pulse},
                      {r.b0, r.cut ? 1.F : 0.F},
                      {r.b1, 0},
                      {r.a_out, 0},
                      {r.b_in, 0},
                      r.color,
                      r.color_end});
    }
    if (list.empty()) return {};
    GF_TRY_ASSIGN(const bool replaced, records.write(frame.slot, std::as_bytes(std::span(list))));
    if (replaced) group.write_buffer(frame.slot, 0, records.at(frame.slot).handle());
    return {};
  }

  void record(const FrameContext& frame) override {
    const bool dark = frame.scene->theme == Theme::Dark;
    const glm::vec4 glow = dark ? glm::vec4(1, 0.97F, 0.88F, 1) : glm::vec4(0.10F, 0.18F, 0.35F, 0);
    for (const Run& run : runs_) {
      const Pipeline& pipeline = run.kind.look == Kind::Look::Plain ? plain : run.kind.look == Kind::Look::Full ? full : solid;
      pipeline.bind(frame.commands);
      pipeline.bind_set(frame.commands, group.set(frame.slot));
      vkCmdSetDepthWriteEnable(frame.commands, run.kind.look == Kind::Look::Solid ? VK_TRUE : VK_FALSE);
      pipeline.push(frame.commands, gpu::RibbonPush{frame.view_projection, glow, {static_cast<float>(run.kind.segments), 0, 0, 0}});
      vkCmdDraw(frame.commands, 2 * (static_cast<std::uint32_t>(run.kind.segments) + 1), run.count, 0, run.first);
    }
    vkCmdSetDepthWriteEnable(frame.commands, VK_FALSE);
  }

 private:
  struct Run {
    Kind kind;
    std::uint32_t first, count;
    /// Takes in one more, in more segments than needed where that costs less than a draw of its own.
    bool takes(const Kind& next) {
      constexpr int kDraw = 20;  // costs about as much as so many segments
      if (next.look != kind.look || (next.segments == 1) != (kind.segments == 1)) return false;
      const int fewer = kind.segments - next.segments;
      if (fewer > kDraw || -fewer * static_cast<int>(count) > kDraw) return false;
      kind.segments = std::max(kind.segments, next.segments);
      ++count;
      return true;
    }
  };
  std::vector<Run> runs_;
};
}  // namespace

Result<std::unique_ptr<Pass>> make_ribbon_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
  auto pass = std::make_unique<RibbonPass>();
  GF_TRY_ASSIGN(pass->group, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_VERTEX_BIT}}));
  pass->records = FrameBuffer(device, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "ribbons");
  PipelineInfo info;
  info.vertex = "ribbons.vert";
  info.fragment = "ribbons.frag";
  info.target = target;
  info.sets = {pass->group.layout()};
  info.push_bytes = sizeof(gpu::RibbonPush);
  info.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
  GF_TRY_ASSIGN(pass->full, Pipeline::create(device, info));
  info.fragment = "ribbons_plain.frag";
  GF_TRY_ASSIGN(pass->plain, Pipeline::create(device, info));
  info.fragment = "ribbons_solid.frag";
  GF_TRY_ASSIGN(pass->solid, Pipeline::create(std::move(device), info));
  return std::unique_ptr<Pass>(std::move(pass));
}

}  // namespace gf::render
