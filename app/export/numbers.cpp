#include "app/export/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "renderer/labels.h"
#include "renderer/renderer.h"

namespace gf::exporting {
namespace cell_numbers {
namespace {

constexpr std::size_t kMostNumbers = 4000;  // a 4K screen full of cells of 28 px and more
constexpr float kTextPx = 11;

/// The most figures that fit into `room` pixels; empty where not even one does.
std::string fitting(float v, float room, float text_px) {
  for (int decimals = 3; decimals >= 0; --decimals) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, static_cast<double>(v));
    if (decimals == 0 && v != 0 && std::abs(v) < 0.5F) break;  // "0" would be a lie
    if (render::text_width(text, text_px) <= room) return text;
  }
  return {};
}

float luminance(const render::Rgb8& c) {
  return (0.299F * static_cast<float>(c[0]) + 0.587F * static_cast<float>(c[1]) + 0.114F * static_cast<float>(c[2])) / 255.0F;
}

struct Span {
  int begin = 0, end = 0;
};
/// Cells between the smallest and largest of four fractions along an axis.
Span cells_between(std::array<float, 4> fractions, int count) {
  const auto [low, high] = std::minmax_element(fractions.begin(), fractions.end());
  const auto n = static_cast<float>(count);
  return {std::clamp(static_cast<int>(std::floor(*low * n)), 0, count), std::clamp(static_cast<int>(std::ceil(*high * n)), 0, count)};
}

/// Where the rays through the corners of a screen rectangle meet the panel's plane, as fractions of across and down.
bool corners_on_panel(const render::Panel& panel, const render::Camera& camera, glm::vec2 size, const render::PanelView& view,
                      std::array<float, 4>& across, std::array<float, 4>& down) {
  const glm::vec3 normal = glm::cross(panel.across, panel.down);
  const glm::vec2 pixels[4] = {view.low, {view.high.x, view.low.y}, {view.low.x, view.high.y}, view.high};
  for (std::size_t i = 0; i < 4; ++i) {
    const render::Ray ray = render::ray_through(camera, pixels[i], size);
    const float slope = glm::dot(ray.direction, normal);
    if (std::abs(slope) < 1e-9F) return false;
    const float t = glm::dot(panel.origin - ray.origin, normal) / slope;
    if (t <= 0) return false;
    const glm::vec3 at = ray.origin + t * ray.direction - panel.origin;
    // The sides of a panel may be oblique: solve for both fractions with the cross products.
    const float area = glm::dot(normal, normal);
    across[i] = glm::dot(glm::cross(at, panel.down), normal) / area;
    down[i] = glm::dot(glm::cross(panel.across, at), normal) / area;
  }
  return true;
}

}  // namespace
}  // namespace cell_numbers

void add_cell_numbers(scene::MachineScene& machine, const render::Camera& camera, glm::vec2 size) {
  namespace cn = cell_numbers;
  render::Scene& scene = *machine.scene;
  std::size_t added = 0;
  for (const render::PanelView& view : render::visible_panels(scene, camera, size)) {
    if (view.cell_px_x < kNumberCellPx || view.cell_px_y < kNumberCellPx) continue;
    const render::Panel& panel = scene.panels[static_cast<std::size_t>(view.panel)];
    const int rows = panel.source->rows(), cols = panel.source->cols();
    std::array<float, 4> across{0, 1, 0, 1}, down{0, 0, 1, 1};
    if (!cn::corners_on_panel(panel, camera, size, view, across, down)) across = {0, 1, 0, 1}, down = {0, 0, 1, 1};
    const cn::Span x = cn::cells_between(across, cols), y = cn::cells_between(down, rows);
    for (int row = y.begin; row < y.end; ++row) {
      if (static_cast<float>(row) >= panel.rows_shown) break;
      for (int col = x.begin; col < x.end && added < cn::kMostNumbers; ++col) {
        if (static_cast<float>(col) >= (panel.rows_shown - static_cast<float>(row)) * static_cast<float>(cols)) break;
        const float v = panel.source->value(row, col);
        if (!std::isfinite(v)) continue;
        const glm::vec3 step_x = panel.across / static_cast<float>(cols), step_y = panel.down / static_cast<float>(rows);
        const glm::vec3 center = panel.origin + step_x * (static_cast<float>(col) + 0.5F) + step_y * (static_cast<float>(row) + 0.5F);
        const glm::vec3 left = render::project(camera, center - 0.5F * step_x, size);
        const glm::vec3 right = render::project(camera, center + 0.5F * step_x, size);
        const glm::vec3 top = render::project(camera, center - 0.5F * step_y, size);
        const glm::vec3 bottom = render::project(camera, center + 0.5F * step_y, size);
        if (left.z <= 0 || right.z <= 0) continue;
        const float width_px = glm::length(glm::vec2(right - left)), height_px = glm::length(glm::vec2(bottom - top));
        if (width_px < kNumberCellPx || height_px < kNumberCellPx) continue;
        const float text_px = std::clamp(0.3F * std::min(width_px, height_px), cn::kTextPx, 22.0F);
        std::string text = cn::fitting(v, 0.9F * width_px, text_px);
        if (text.empty()) continue;
        render::Label label;
        label.text = std::move(text);
        label.anchor = center;
        label.horizontal = render::Align::Middle;
        label.height = glm::length(step_y);
        label.min_px = label.max_px = text_px;
        const render::Rgb8 ground = render::color_of(v, panel.scale, panel.offset, panel.map, scene.theme);
        label.color = cn::luminance(ground) > 0.5F ? render::Color{0.05F, 0.05F, 0.07F, 1} : render::Color{1, 1, 1, 1};
        label.priority = -100;  // names of tensors go first
        scene.labels.push_back(std::move(label));
        ++added;
      }
    }
  }
}

}  // namespace gf::exporting
