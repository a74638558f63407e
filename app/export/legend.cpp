#include "app/export/legend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <imgui.h>
#include <map>

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

bool diverges(render::ColorMap map) { return map == render::ColorMap::Signed || map == render::ColorMap::Difference; }

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

ImU32 color(const render::Rgb8& c, int alpha = 255) { return IM_COL32(c[0], c[1], c[2], alpha); }

void draw_bar(ImDrawList& list, ImVec2 low, ImVec2 high, render::ColorMap map, render::Theme theme) {
  // Steps are what color_of gives at even values, so the bar shows the map as cells do.
  constexpr int kSteps = 64;
  const float step = (high.x - low.x) / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    const float t = (static_cast<float>(i) + 0.5F) / kSteps;
    const render::Rgb8 c = render::color_of(diverges(map) ? 2 * t - 1 : t, 1, 0, map, theme);
    const float x = low.x + step * static_cast<float>(i);
    list.AddRectFilled({x, low.y}, {x + step, high.y}, color(c));
  }
}

struct Look {
  ImU32 text, quiet, ground, border;
};
Look look_of(render::Theme theme) {
  if (theme == render::Theme::Dark)
    return {IM_COL32(232, 234, 240, 255), IM_COL32(160, 166, 180, 255), IM_COL32(16, 18, 24, 246), IM_COL32(255, 255, 255, 28)};
  return {IM_COL32(28, 30, 36, 255), IM_COL32(92, 98, 110, 255), IM_COL32(255, 255, 255, 246), IM_COL32(0, 0, 0, 30)};
}

constexpr float kPad = 9, kBar = 9, kGap = 26, kLineGap = 8, kMargin = 12, kMinWidth = 180, kBetween = 6;
constexpr float kLetters = 0.86F;  // of the size of a card's

/// Of one entry.
struct Sizes {
  float width = kMinWidth, height = 0;
  float low = 0, high = 0;  ///< room for the words at the bars' ends
};
float width_of(const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; }

Sizes measure(const std::vector<LegendRow>& rows) {
  Sizes s;
  const float line = ImGui::GetFontSize();
  for (const LegendRow& row : rows) {
    s.width = std::max({s.width, width_of(row.title), width_of(row.detail)});
    s.low = std::max(s.low, width_of(row.low));
    s.high = std::max(s.high, width_of(row.high));
    s.height = std::max(s.height, 2 * line + 2 + (row.detail.empty() ? 0 : line + 1));
  }
  return s;
}

/// Letters of a legend are smaller than those of a card: it must not stand before the picture.
class SmallLetters {
 public:
  SmallLetters() : font_(ImGui::GetFont()), scale_(font_->Scale) {
    font_->Scale = kLetters * scale_;
    ImGui::PushFont(font_);
  }
  ~SmallLetters() {
    font_->Scale = scale_;
    ImGui::PopFont();
  }
  SmallLetters(const SmallLetters&) = delete;
  SmallLetters& operator=(const SmallLetters&) = delete;

 private:
  ImFont* font_;
  float scale_;
};

void draw_rows(const std::vector<LegendRow>& rows, render::Theme theme) {
  if (rows.empty()) return;
  const SmallLetters small;
  const Look look = look_of(theme);
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const Sizes s = measure(rows);
  // Side by side: a low strip leaves the picture its height.
  const auto fitting = static_cast<std::size_t>(std::max(1.0F, (screen.x - 2 * kMargin - 2 * kPad + kGap) / (s.width + kGap)));
  const std::size_t columns = std::min(rows.size(), fitting), lines = (rows.size() + columns - 1) / columns;
  const ImVec2 low{screen.x - kMargin - 2 * kPad + kGap - static_cast<float>(columns) * (s.width + kGap),
                   screen.y - kMargin - 2 * kPad + kLineGap - static_cast<float>(lines) * (s.height + kLineGap)};
  const ImVec2 high{screen.x - kMargin, screen.y - kMargin};
  list.AddRectFilled(low, high, look.ground, 7);
  list.AddRect(low, high, look.border, 7);
  const float line = ImGui::GetFontSize();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LegendRow& row = rows[i];
    const std::size_t column = i % columns, line_of_rows = i / columns;
    const float left = low.x + kPad + static_cast<float>(column) * (s.width + kGap), right = left + s.width;
    float y = low.y + kPad + static_cast<float>(line_of_rows) * (s.height + kLineGap);
    list.AddText({left, y}, look.text, row.title.c_str());
    y += line + 2;
    const float middle = y + 0.5F * line;
    list.AddText({left + s.low - width_of(row.low), y}, look.quiet, row.low.c_str());
    draw_bar(list, {left + s.low + kBetween, middle - 0.5F * kBar}, {right - s.high - kBetween, middle + 0.5F * kBar}, row.map, theme);
    list.AddText({right - s.high, y}, look.quiet, row.high.c_str());
    y += line;
    if (!row.detail.empty()) {
      list.AddText({left, y + 1}, look.quiet, row.detail.c_str());
    }
  }
}

void draw_caption(const std::string& caption, render::Theme theme) {
  if (caption.empty()) return;
  const Look look = look_of(theme);
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float size = 1.25F * ImGui::GetFontSize(), wrap = 0.55F * screen.x;
  const ImVec2 text = ImGui::GetFont()->CalcTextSizeA(size, 1e9F, wrap, caption.c_str());
  const ImVec2 low{kMargin, screen.y - kMargin - text.y - 2 * kPad}, high{kMargin + text.x + 2 * kPad, screen.y - kMargin};
  list.AddRectFilled(low, high, look.ground, 8);
  list.AddRect(low, high, look.border, 8);
  list.AddText(ImGui::GetFont(), size, {low.x + kPad, low.y + kPad}, look.text, caption.c_str(), nullptr, wrap);
}

}  // namespace
}  // namespace legend

float legend_height(float picture_width, bool with_focus) {
  constexpr float kLine = 60, kRow = 270;  // as wide as their words make them
  const float columns = std::clamp(std::floor(picture_width / kRow), 1.0F, 3.0F);
  return kLine * std::ceil((with_focus ? 4.0F : 3.0F) / columns) + 2 * legend::kMargin + 4;
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
    if (ordered.size() == 1 || (ordered.size() <= legend::kFewTensors && !alike)) {
      for (const auto& o : ordered) rows.push_back(legend::row_of_one(*o.second, map, o.second->tensor));
      continue;
    }
    std::vector<const legend::Scale*> group;
    for (const auto& o : ordered) group.push_back(o.second);
    rows.push_back(legend::row_of_many(group, map));
  }
  return rows;
}

render::Overlay legend_overlay(std::vector<LegendRow> rows, render::Theme theme, std::string caption) {
  return [rows = std::move(rows), theme, caption = std::move(caption)] {
    legend::draw_rows(rows, theme);
    legend::draw_caption(caption, theme);
  };
}

}  // namespace gf::exporting
