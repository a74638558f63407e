// Arcs from the sources of a cell to the cell, over a scene that is already built.
#include <algorithm>
#include <cmath>
#include <set>

#include "app/scene/builder_state.h"
#include "app/scene/cards/explain.h"

namespace gf::scene {
namespace {

constexpr int kSegments = 32;
constexpr float kArcHue = 0.6F;  // the value whose two colours differ most in both themes

render::Color arc_color(const render::Scene& scene, float sign, float alpha) {
  return render::as_color(render::color_of(sign, 1, 0, render::ColorMap::Signed, scene.theme), alpha);
}

render::Color arc_accent(const render::Scene& scene) {
  return scene.theme == render::Theme::Dark ? render::Color{1.0F, 0.86F, 0.45F, 0.95F} : render::Color{0.55F, 0.30F, 0.0F, 0.95F};
}

/// Bends towards the viewer at both ends, so that it does not run through the sheets between them.
render::Line curved_arc(glm::vec3 from, glm::vec3 to, render::Color line_color, float width) {
  const float lift = 0.25F * glm::length(to - from);
  const glm::vec3 a = from + glm::vec3(0, 0, -lift), b = to + glm::vec3(0, 0, -lift);
  render::Line line;
  line.color = line_color;
  line.width_px = width;
  line.on_top = true;
  line.arrow = true;
  line.points.reserve(kSegments + 1);
  for (int i = 0; i <= kSegments; ++i) {
    const float t = static_cast<float>(i) / kSegments, s = 1 - t;
    line.points.push_back(s * s * s * from + 3 * s * s * t * a + 3 * s * t * t * b + t * t * t * to);
  }
  return line;
}

void mark_source(ViewScene& scene, const ViewScene::Place& place, Extent extent) {
  const auto at = static_cast<std::size_t>(place.panel);
  if (scene.panels[at].mapping == PanelInfo::Mapping::Stacked) return mark_vector(scene, place, extent != Extent::Cell);
  render::Panel& panel = scene.scene->panels[at];
  if (extent == Extent::Row) panel.highlight_row = place.row;
  else if (extent == Extent::Column) panel.highlight_col = place.col;
  else panel.highlight_row = place.row, panel.highlight_col = place.col;
}

}  // namespace

void mark_cell(ViewScene& scene, const CellRef& cell, const ModelConfig& config) {
  if (const auto place = scene.find(cell, config)) mark_source(scene, *place, Extent::Cell);
}

void add_arcs(ViewScene& scene, const Card& card, const ModelConfig& config) {
  const auto target = scene.find(card.cell, config);
  if (!target) return;
  render::Scene& out = *scene.scene;
  std::set<CellRef> drawn;
  const auto draw = [&](const CellRef& from, render::Color color, float width) {
    const auto place = scene.find(from, config);
    if (!place || (place->panel == target->panel && place->row == target->row && place->col == target->col)) return;
    if (drawn.insert(from).second) out.lines.push_back(curved_arc(place->center, target->center, color, width));
  };
  float largest = 0;  // std::max leaves NaN out
  for (const Term& term : card.terms) largest = std::max(largest, std::abs(term.contribution));
  for (const Term& term : card.terms) {
    const float share = std::isnan(term.contribution) ? 1 : largest > 0 ? std::abs(term.contribution) / largest : 0;
    const render::Color color = arc_color(out, term.contribution < 0 ? -kArcHue : kArcHue, 0.35F + 0.6F * share);
    for (const auto& from : {term.left, term.right})
      if (from) draw(*from, color, 1.0F + 1.5F * share);
  }
  for (std::size_t i = 0; i < card.sources.size(); ++i) {
    if (const auto place = scene.find(card.sources[i], config)) mark_source(scene, *place, card.extents[i]);
    draw(card.sources[i], arc_accent(out), 1.5F);
  }
  mark_source(scene, *target, Extent::Cell);
}

}  // namespace gf::scene
