// Cells as shapes, those of one colour together.
#include <algorithm>
#include <cmath>
#include <map>

#include "app/export/svg/svg_layers.h"

namespace gf::exporting {
namespace {

constexpr float kLeastShapePx = 3;
constexpr int kMostShapes = 24'000;

/// A panel whose cells are large enough.
struct LargePanel {
  int panel = 0;
  float cell_px = 0;
};

/// Rows and columns that are there at this moment.
struct ShownCells {
  int rows = 0;
  int last_cols = 0;  ///< of the row after them
};
ShownCells shown_cells(const render::Panel& p) {
  const auto rows = static_cast<float>(p.source->rows());
  const float whole = std::floor(std::min(p.rows_shown, rows));
  const float part = std::min(p.rows_shown, rows) - whole;
  return {static_cast<int>(whole), static_cast<int>(std::floor(part * static_cast<float>(p.source->cols())))};
}

/// How much narrower a cell is drawn on each side. The lines between cells are in the picture below and show there.
float cell_inset(float cell_px) {
  const float t = std::clamp((2 * cell_px - 5.5F) / (16 - 5.5F), 0.0F, 1.0F);
  return 0.4F * t * t * (3 - 2 * t);
}

using CellShapes = std::map<render::Rgb8, std::string>;

/// Adds a panel's cells that are in the picture. Returns how many, or -1 if there are more than `most`.
int add_panel_cells(const SvgView& v, int index, int most, CellShapes& shapes) {
  const render::Panel& p = v.scene.panels[static_cast<std::size_t>(index)];
  const int rows = p.source->rows(), cols = p.source->cols();
  const ShownCells shown = shown_cells(p);
  const std::vector<Polygon> parts = v.occlusion.visible(index);
  const Band band = v.occlusion.band().value_or(Band{0, v.size.x});
  const bool whole = parts.size() == 1 && parts[0] == v.occlusion.outline(index);
  int count = 0;
  for (int r = 0; r < rows && (r < shown.rows || (r == shown.rows && shown.last_cols > 0)); ++r)
    for (int c = 0; c < (r < shown.rows ? cols : shown.last_cols); ++c) {
      const float value = p.source->value(r, c);
      if (std::isnan(value)) continue;
      const auto corner = [&](int dr, int dc) {
        return v.occlusion.project(p.origin + p.across * (static_cast<float>(c + dc) / static_cast<float>(cols)) +
                                   p.down * (static_cast<float>(r + dr) / static_cast<float>(rows)));
      };
      const std::array<glm::vec3, 4> corners{corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)};
      Polygon cell;
      glm::vec2 low = corners[0], high = corners[0], middle{0};
      bool before = true;
      for (const glm::vec3 at : corners) {
        before = before && at.z > 0;
        low = glm::min(low, glm::vec2(at));
        high = glm::max(high, glm::vec2(at));
        middle += glm::vec2(at) / 4.0F;
      }
      if (!before || high.x <= band.from || high.y <= 0 || low.x >= band.to || low.y >= v.size.y) continue;
      const glm::vec2 extent = glm::max(high - low, glm::vec2(0.1F));
      const glm::vec2 keep = 1.0F - 2 * cell_inset(std::min(extent.x, extent.y)) / extent;
      for (const glm::vec3 at : corners) cell.push_back(middle + (glm::vec2(at) - middle) * keep);
      if (++count > most) return -1;
      std::string& d = shapes[render::color_of(value, p.scale, p.offset, p.map, v.scene.theme)];
      if (whole) add_polygon(d, cell);
      else
        for (const Polygon& part : parts)
          if (const Polygon seen = common(cell, part); seen.size() > 2) add_polygon(d, seen);
    }
  return count;
}

}  // namespace

void add_svg_cells(SvgWriter& svg, const SvgView& v) {
  std::vector<LargePanel> large;
  for (const render::PanelView& view : render::visible_panels(v.scene, v.camera, v.size)) {
    const render::Panel& p = v.scene.panels[static_cast<std::size_t>(view.panel)];
    const float px = std::min(view.cell_px_x, view.cell_px_y);
    // Panels with marked rows or columns and translucent panels stay part of the embedded picture.
    if (!p.source || p.alpha < 1 || p.highlight_row >= 0 || p.highlight_col >= 0 || view.lx > 0 || view.ly > 0 || px < kLeastShapePx)
      continue;
    large.push_back({view.panel, px});
  }
  std::ranges::stable_sort(large, std::ranges::greater{}, &LargePanel::cell_px);
  int left = kMostShapes;
  for (const auto& panel : large) {
    CellShapes shapes;
    const int count = add_panel_cells(v, panel.panel, left, shapes);
    if (count <= 0) continue;
    left -= count;
    for (const auto& [color, d] : shapes) svg.fill(d, render::as_color(color));
  }
}

}  // namespace gf::exporting
