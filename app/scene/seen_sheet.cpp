#include "app/scene/seen_sheet.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gf::scene {
namespace {

std::optional<SeenLine> seen_line(glm::vec3 from, glm::vec3 to, const render::Projection& view, const ScreenBox& box) {
  constexpr float kNear = 1e-4F;
  const float df = view.depth(from), dt = view.depth(to);
  if (df <= kNear && dt <= kNear) return std::nullopt;
  SeenLine line;
  if (df <= kNear) from = glm::mix(from, to, (kNear - df) / (dt - df)), line.a_cut = true;
  if (dt <= kNear) to = glm::mix(from, to, (kNear - df) / (dt - df)), line.b_cut = true;
  const glm::vec2 a(view.pixel(from)), d = glm::vec2(view.pixel(to)) - a;
  float t0 = 0, t1 = 1;
  for (int axis = 0; axis < 2; ++axis)
    for (const bool low : {true, false}) {
      const float along = low ? -d[axis] : d[axis];
      const float room = low ? a[axis] - box.low[axis] : box.high[axis] - a[axis];
      if (along == 0 && room < 0) return std::nullopt;
      if (along < 0) t0 = std::max(t0, room / along);
      if (along > 0) t1 = std::min(t1, room / along);
    }
  if (!(t0 < t1)) return std::nullopt;
  line.a_cut = line.a_cut || t0 > 0;
  line.b_cut = line.b_cut || t1 < 1;
  line.a = a + d * t0;
  line.b = a + d * t1;
  return line;
}

void turn(SeenLine& line) {
  std::swap(line.a, line.b);
  std::swap(line.a_cut, line.b_cut);
}

}  // namespace

std::optional<ScreenBox> on_screen(const ViewScene::Box& box, const render::Projection& view, float z) {
  ScreenBox out{glm::vec2(1e9F), glm::vec2(-1e9F)};
  for (unsigned corner = 0; corner < 4; ++corner) {
    const glm::vec3 at = view.pixel({(corner & 1U) != 0 ? box.high.x : box.low.x, (corner & 2U) != 0 ? box.high.y : box.low.y, z});
    if (at.z <= 0) return std::nullopt;
    out.low = glm::min(out.low, glm::vec2(at));
    out.high = glm::max(out.high, glm::vec2(at));
  }
  return out;
}

std::optional<ScreenBox> sheet_on_screen(const render::Panel& sheet, const render::Projection& view) {
  return on_screen({sheet.origin, sheet.origin + sheet.across + sheet.down}, view, sheet.origin.z);
}

std::optional<SeenLine> SeenSheet::row(int i) const {
  const float at_row = static_cast<float>(i) + 0.5F;
  auto line = seen_line(at(at_row, 0), at(at_row, static_cast<float>(info_.cols)), view_, free_);
  if (line && line->a.x > line->b.x) turn(*line);
  return line;
}

std::optional<SeenLine> SeenSheet::column(float at_col) const {
  auto line = seen_line(at(0, at_col), at(static_cast<float>(info_.rows), at_col), view_, free_);
  if (line && line->a.y > line->b.y) turn(*line);
  return line;
}

IndexSpan SeenSheet::window(glm::vec3 edge, int count) const {
  const glm::vec3 normal = glm::cross(panel_.across, panel_.down);
  float low = 1e9F, high = -1e9F;
  for (const glm::vec2 corner : {free_.low, glm::vec2(free_.high.x, free_.low.y), glm::vec2(free_.low.x, free_.high.y), free_.high}) {
    const glm::vec3 direction = view_.direction(corner);
    const float reach = glm::dot(panel_.origin - view_.eye(), normal) / glm::dot(direction, normal);
    if (!(reach > 0) || !std::isfinite(reach)) return {0, count};  // the sheet reaches to the horizon there
    const float share = glm::dot(view_.eye() + direction * reach - panel_.origin, edge) / glm::dot(edge, edge);
    low = std::min(low, share);
    high = std::max(high, share);
  }
  const auto index = [&](float share) { return static_cast<int>(std::clamp(share, 0.0F, 1.0F) * static_cast<float>(count)); };
  return {std::max(0, index(low) - 1), std::min(count, index(high) + 2)};
}

std::vector<SeenPlate> plates_on_screen(const ViewScene& scene, const render::Projection& view) {
  constexpr float kEdge = 4;  // the box of a turned plate reaches a little beyond it
  std::vector<SeenPlate> plates;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal) continue;
    const render::Panel& plate = scene.scene->panels[i];
    if (const auto box = sheet_on_screen(plate, view)) plates.push_back({static_cast<int>(i), {box->low + kEdge, box->high - kEdge}});
  }
  return plates;
}

}  // namespace gf::scene
