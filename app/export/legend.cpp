#include "app/export/legend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "app/export/legend_marks.h"

namespace gf::exporting {
namespace legend {
namespace {

constexpr int kFewTensors = 3;

std::string short_number(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(v));
  return text;
}

const char* words_for(render::ColorMap map) {
  switch (map) {
    case render::ColorMap::Signed: return "activations and weights";
    case render::ColorMap::Sequential: return "attention";
    case render::ColorMap::Positive: return "LayerNorm scale";
    case render::ColorMap::Difference: return "edited - base";
  }
  return "";
}

using Scale = scene::MachineScene::Scale;

LegendRow row_of_one(const Scale& s, render::ColorMap map, const std::string& title) {
  LegendRow row;
  row.title = title;
  row.map = map;
  row.low = diverges(map) ? "-" + short_number(s.scale) : "0";
  row.high = (diverges(map) ? "+" : "") + short_number(s.scale);
  row.detail = s.unit;
  if (s.maximum > s.scale) row.detail += (row.detail.empty() ? "largest " : ", largest ") + short_number(s.maximum);
  return row;
}

LegendRow row_of_many(const std::vector<const Scale*>& group, render::ColorMap map) {
  const auto smaller_scale = [](const Scale* a, const Scale* b) { return a->scale < b->scale; };
  const auto [low, high] = std::minmax_element(group.begin(), group.end(), smaller_scale);
  const Scale* largest =
      *std::max_element(group.begin(), group.end(), [](const Scale* a, const Scale* b) { return a->maximum < b->maximum; });
  if ((*low)->scale == (*high)->scale) {
    Scale all = **high;
    all.maximum = largest->maximum;
    return row_of_one(all, map, words_for(map));
  }
  LegendRow row;
  row.title = std::string(words_for(map)) + ",  s " + short_number((*low)->scale) + " to " + short_number((*high)->scale);
  row.map = map;
  row.low = diverges(map) ? "-s" : "0";
  row.high = diverges(map) ? "+s" : "s";
  row.detail = "largest " + short_number(largest->maximum) + " in " + largest->tensor;
  return row;
}

}  // namespace
}  // namespace legend

float legend_height(float picture_width, bool with_focus) {
  constexpr float kLine = 60, kRow = 270;  // as wide as their words make them
  const float columns = std::clamp(std::floor(picture_width / kRow), 1.0F, 3.0F);
  return kLine * std::ceil((with_focus ? 4.0F : 3.0F) / columns) + 2 * kLegendMargin + 4;
}

std::vector<LegendRow> legend_rows(const scene::MachineScene& machine, const render::Camera& camera, glm::vec2 size,
                                   const scene::TensorRef* focus) {
  std::map<std::string, const legend::Scale*> by_name;
  for (const legend::Scale& s : machine.scales) by_name.emplace(s.tensor, &s);
  // Tensors of each map, the one that fills most of the view first.
  std::array<std::map<std::string, float>, render::kColorMaps> seen;
  for (const render::PanelView& view : render::visible_panels(*machine.scene, camera, size)) {
    const auto i = static_cast<std::size_t>(view.panel);
    const glm::vec2 extent = view.high - view.low;
    seen[static_cast<std::size_t>(machine.scene->panels[i].map)][machine.panels[i].tensor.name()] += extent.x * extent.y;
  }
  std::vector<LegendRow> rows;
  for (const scene::MachineScene::Key& key : machine.keys) rows.push_back({key.title, key.low, key.high, key.detail, key.map});
  const std::string own = focus != nullptr ? focus->name() : std::string();
  for (std::size_t m = 0; m < seen.size(); ++m) {
    const auto map = static_cast<render::ColorMap>(m);
    const auto it = by_name.find(own);
    const bool focused = it != by_name.end() && seen[m].erase(own) > 0;
    if (focused) rows.insert(rows.begin(), legend::row_of_one(*it->second, map, own));
    std::vector<std::pair<float, const legend::Scale*>> ordered;
    for (const auto& [name, area] : seen[m])
      if (const auto other = by_name.find(name); other != by_name.end() && area >= 1) ordered.emplace_back(area, other->second);
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    // Slivers at the border of a close view are not what the picture is about.
    if (!ordered.empty())
      std::erase_if(ordered, [&, first = ordered.front().first](const auto& o) { return o.first < 0.02F * first && ordered.size() < 12; });
    if (ordered.empty()) continue;
    const bool alike =
        std::all_of(ordered.begin(), ordered.end(), [&](const auto& o) { return o.second->scale == ordered[0].second->scale; });
    if (focused && alike && ordered[0].second->scale == it->second->scale) continue;  // patterns: one bar says it for all
    // LayerNorm's scales are thin columns beside what one looks at: an entry each would hide more than they are worth.
    const std::size_t few = map == render::ColorMap::Positive ? 1 : legend::kFewTensors;
    if (ordered.size() == 1 || (ordered.size() <= few && !alike)) {
      for (const auto& o : ordered) rows.push_back(legend::row_of_one(*o.second, map, o.second->tensor));
      continue;
    }
    std::vector<const legend::Scale*> group;
    for (const auto& o : ordered) group.push_back(o.second);
    rows.push_back(legend::row_of_many(group, map));
  }
  return rows;
}

}  // namespace gf::exporting
