#include "app/scene/legend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "renderer/visible_panels.h"

namespace gf::scene {
namespace {

using LegendScale = ViewScene::Scale;
constexpr std::size_t kFewTensors = 3, kMostRows = 3;

std::string legend_number(float v) { return numbers::significant(static_cast<double>(v), 3); }

std::string words_for(render::ColorMap map) {
  switch (map) {
    case render::ColorMap::Signed: return text("activations and weights");
    case render::ColorMap::Sequential: return text("attention");
    case render::ColorMap::Positive: return text("LayerNorm scale");
    case render::ColorMap::Difference: return text("edited - base, scaled to its differences");
  }
  return "";
}

LegendRow row_of_one(const LegendScale& s, const std::string& title) {
  LegendRow row;
  row.title = title;
  row.map = s.map;
  row.low = render::is_diverging(s.map) ? "-" + legend_number(s.scale) : "0";
  row.high = (render::is_diverging(s.map) ? "+" : "") + legend_number(s.scale);
  row.detail = s.unit;
  if (!(s.maximum > s.scale)) return row;
  row.detail = s.unit.empty() ? text("largest {0}", legend_number(s.maximum)) : text("{0}, largest {1}", s.unit, legend_number(s.maximum));
  return row;
}

std::string words_for(const std::vector<const LegendScale*>& group) {
  if (group.front()->in_place) return group.front()->unit;
  const bool weights = std::ranges::any_of(group, [](const LegendScale* s) { return s->tensor.is_weight(); });
  const render::ColorMap map = group.front()->map;
  return map == render::ColorMap::Signed && !weights ? text("activations") : words_for(map);
}

LegendRow row_of_many(const std::vector<const LegendScale*>& group) {
  const auto [low, high] = std::ranges::minmax_element(group, {}, &LegendScale::scale);
  const LegendScale* largest = *std::ranges::max_element(group, {}, &LegendScale::maximum);
  const render::ColorMap map = largest->map;
  if ((*low)->scale == (*high)->scale) {
    LegendScale all = **high;
    all.maximum = largest->maximum;
    return row_of_one(all, words_for(group));
  }
  LegendRow row;
  const std::string least = legend_number((*low)->scale), most = legend_number((*high)->scale);
  row.title = map == render::ColorMap::Difference ? text("edited - base, scaled to its differences: {0} to {1}", least, most)
                                                  : text("{0}, scale {1} to {2}", words_for(group), least, most);
  row.map = map;
  row.low = render::is_diverging(map) ? text("-scale") : "0";
  row.high = render::is_diverging(map) ? text("+scale") : text("scale");
  row.detail = text("largest {0} in {1}", legend_number(largest->maximum), plain_name(largest->tensor));
  return row;
}

/// The scales of one colour map that are in the view, the one with the largest area first. Weights that show something else,
/// such as their gradient, are apart: its numbers are of another size than those that flow by.
struct Seen {
  float area = 0;
  std::vector<const LegendScale*> scales;
};

std::array<Seen, 2 * render::kColorMaps> seen_scales(const ViewScene& scene, const render::Camera& camera, glm::vec2 size) {
  std::map<TensorRef, const LegendScale*> by_tensor;
  for (const LegendScale& s : scene.scales) by_tensor.emplace(s.tensor, &s);
  std::array<std::map<TensorRef, float>, 2 * render::kColorMaps> areas;
  // In a difference of two runs weights are pale: they are what both have, and their colours are not to be read.
  const bool compared = std::ranges::any_of(scene.scales, [](const LegendScale& s) { return s.map == render::ColorMap::Difference; });
  for (const render::PanelView& view : render::visible_panels(*scene.scene, camera, size)) {
    const auto i = static_cast<std::size_t>(view.panel);
    if (compared && scene.panels[i].tensor.is_weight() && scene.scene->panels[i].alpha < 1) continue;
    const glm::vec2 extent = view.high - view.low;
    const TensorRef& tensor = scene.panels[i].tensor;
    const auto scale = by_tensor.find(tensor);
    const bool apart = scale != by_tensor.end() && scale->second->in_place;
    areas[static_cast<std::size_t>(scene.scene->panels[i].map) + (apart ? render::kColorMaps : 0)][tensor] += extent.x * extent.y;
  }
  std::array<Seen, 2 * render::kColorMaps> seen;
  for (std::size_t m = 0; m < areas.size(); ++m) {
    std::vector<std::pair<float, const LegendScale*>> ordered;
    for (const auto& [tensor, area] : areas[m]) {
      seen[m].area += area;
      if (const auto scale = by_tensor.find(tensor); scale != by_tensor.end() && area >= 1) ordered.emplace_back(area, scale->second);
    }
    std::ranges::stable_sort(ordered, [](const auto& a, const auto& b) { return a.first > b.first; });
    // Panels that only just reach into the picture get no row.
    if (!ordered.empty())
      std::erase_if(ordered, [&, first = ordered.front().first](const auto& o) { return o.first < 0.02F * first && ordered.size() < 12; });
    for (const auto& o : ordered) seen[m].scales.push_back(o.second);
  }
  return seen;
}

// Height and usual width of a row, in logical pixels.
constexpr float kRowHeight = 60, kRowWidth = 270, kMostOfHeight = 0.25F, kMostOfOneLine = 0.25F;

float columns_of(const Pane& pane) {
  return std::clamp(std::floor(pane.size.x / (kRowWidth * pane.presentation)), 1.0F, static_cast<float>(kMostRows));
}
float height_of(const Pane& pane, float lines) { return kRowHeight * pane.presentation * lines + 2 * kLegendMargin + 4; }

}  // namespace

float legend_share(const Pane& pane) {
  if (!(pane.size.y > 0) || pane.legend_rows == 0) return 0;
  return std::min(kMostOfHeight, height_of(pane, std::ceil(static_cast<float>(pane.legend_rows) / columns_of(pane))) / pane.size.y);
}

ScreenBox legend_corner(glm::vec2 extent, glm::vec2 screen, const std::vector<ScreenBox>& spoken, bool left) {
  constexpr float kMuchLess = 0.7F;  // a little less is not worth the move
  const auto at = [&](bool right, bool below) {
    const glm::vec2 low{right ? screen.x - kLegendMargin - extent.x : kLegendMargin,
                        below ? screen.y - kLegendMargin - extent.y : kLegendMargin};
    return ScreenBox{low, low + extent};
  };
  const auto covered = [&](const ScreenBox& box) {
    float sum = 0;
    for (const ScreenBox& other : spoken) {
      const glm::vec2 common = glm::max(glm::vec2(0), glm::min(box.high, other.high) - glm::max(box.low, other.low));
      sum += common.x * common.y;
    }
    return sum;
  };
  ScreenBox best = at(true, true);
  float least = covered(best);
  for (const auto& [right, below] : {std::pair(false, true), std::pair(true, false), std::pair(false, false)}) {
    if (!right && !left) continue;
    const ScreenBox box = at(right, below);
    const float here = covered(box);
    if (!(here < kMuchLess * least)) continue;
    best = box;
    least = here;
  }
  return best;
}

int legend_rows_for(const Pane& pane) {
  if (height_of(pane, 1) > kMostOfOneLine * pane.size.y) return 0;
  const float columns = columns_of(pane);
  int rows = static_cast<int>(columns);
  for (float lines = 2; rows < static_cast<int>(kMostRows) && height_of(pane, lines) <= kMostOfHeight * pane.size.y; ++lines)
    rows = static_cast<int>(lines * columns);
  return std::min(rows, static_cast<int>(kMostRows));
}

std::vector<LegendRow> legend_rows(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const TensorRef* focus) {
  struct Weighed {
    float area;
    LegendRow row;
  };
  std::vector<Weighed> weighed;
  std::vector<LegendRow> rows;
  const auto own = focus == nullptr ? scene.scales.end() : std::ranges::find(scene.scales, *focus, &LegendScale::tensor);
  if (own != scene.scales.end()) rows.push_back(row_of_one(*own, plain_name(own->tensor)));
  for (const ViewScene::Key& key : scene.keys) rows.push_back({key.title, key.low, key.high, key.detail, key.map});
  bool asked_for = false;
  for (auto& [area, scales] : seen_scales(scene, camera, pane.size)) {
    const bool focused = own != scene.scales.end() && std::erase(scales, &*own) > 0;
    if (scales.empty()) continue;
    // It was asked for, however little of it is seen from here.
    if (scales[0]->in_place) area = std::numeric_limits<float>::max();
    asked_for = asked_for || scales[0]->in_place;
    const bool alike = std::ranges::all_of(scales, [&](const LegendScale* s) { return s->scale == scales[0]->scale; });
    if (focused && alike && scales[0]->scale == own->scale) continue;  // patterns have one scale: the first row says it for all
    // LayerNorm's scales are thin columns: a row for each would cover too much of the picture.
    const std::size_t few = scales[0]->map == render::ColorMap::Positive ? 1 : kFewTensors;
    if (scales.size() == 1 || (scales.size() <= few && !alike)) {
      for (const LegendScale* s : scales)
        weighed.push_back({area / static_cast<float>(scales.size()), row_of_one(*s, plain_name(s->tensor))});
    } else {
      weighed.push_back({area, row_of_many(scales)});
    }
  }
  // The row of the focus takes the place of another row, so that the legend keeps its height while the pointer moves.
  // That row is there even where the pane has no room for others.
  const std::size_t most = std::max<std::size_t>(own != scene.scales.end() ? 1 : 0, static_cast<std::size_t>(pane.legend_rows));
  const bool crowded = own != scene.scales.end() || asked_for || most < kMostRows;
  while (crowded && !weighed.empty() && rows.size() + weighed.size() > most)
    weighed.erase(std::ranges::min_element(weighed, {}, &Weighed::area));
  for (Weighed& w : weighed) rows.push_back(std::move(w.row));
  if (most < kMostRows && rows.size() > most) rows.resize(most);
  return rows;
}

}  // namespace gf::scene
