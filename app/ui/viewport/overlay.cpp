#include "app/ui/viewport/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/ui/viewport/overlay_ink.h"
#include "app/ui/viewport/times_panel.h"

namespace gf::ui {
namespace {

std::string number(float v) {
  std::array<char, 32> text{};
  const float size = std::abs(v);
  std::snprintf(text.data(), text.size(),
                size != 0 && (size < 0.001F || size >= 10000) ? "%.3e"
                : size < 10                                   ? "%.4f"
                                                              : "%.2f",
                static_cast<double>(v));
  return text.data();
}

/// A line of the card: text in one size and colour, wrapped to the card's width.
struct TextLine {
  std::string text;
  ImU32 colour;
  float size = 16;
  float above = 3;  ///< space before it
  bool bold = false;
};

ImVec2 measure(const TextLine& line, float wrap) { return face(line.bold)->CalcTextSizeA(line.size, FLT_MAX, wrap, line.text.c_str()); }

std::vector<TextLine> lines_of(const scene::Card& card, const Inks& inks, float scale) {
  std::vector<TextLine> lines;
  const float small = 15.5F * scale;
  lines.push_back({card.title, inks.text, 18 * scale, 0, true});
  std::string where;
  for (const auto& [name, value] : card.indices) where += (where.empty() ? "" : "    ") + name + " " + value;
  if (!where.empty()) lines.push_back({where, inks.dim, small, 4, false});
  if (card.value) lines.push_back({number(*card.value), *card.value < 0 ? inks.negative : inks.positive, 28 * scale, 7, true});
  if (card.base && card.edited)
    lines.push_back(
        {"base " + number(*card.base) + "    edited " + number(*card.edited) + "    difference " + number(*card.edited - *card.base),
         inks.notice, small, 4, false});
  if (!card.note.empty()) lines.push_back({card.note, inks.dim, small, 5, false});
  for (const std::string& edit : card.edits) lines.push_back({edit, inks.notice, small, 4, false});
  float above = 7;
  for (const std::string& formula : card.formula) {
    lines.push_back({formula, inks.text, small, above, false});
    above = 2;
  }
  for (const scene::Term& term : card.terms)
    lines.push_back({"   " + term.text, term.contribution < 0 ? inks.negative : inks.positive, small, 2, false});
  const int more = card.terms_total - static_cast<int>(card.terms.size());
  if (more > 0 && !card.terms.empty()) lines.push_back({"   and " + std::to_string(more) + " smaller terms", inks.dim, small, 2, false});
  if (!card.doc.empty()) lines.push_back({card.doc, inks.dim, 14.5F * scale, 7, false});
  return lines;
}

void draw_card(const OverlayContent& content, const Inks& inks) {
  const float wrap = std::min(480 * content.scale, content.size.x - 40);
  const std::vector<TextLine> lines = lines_of(*content.card, inks, content.scale);
  ImVec2 box{0, 0};
  for (const TextLine& line : lines) {
    const ImVec2 size = measure(line, wrap);
    box.x = std::max(box.x, size.x);
    box.y += size.y + line.above;
  }
  const float pad = 13;
  box = {box.x + 2 * pad, box.y + 2 * pad - 2};
  // Beside the pointer, on the side that has room.
  ImVec2 at{content.pointer.x + 20, content.pointer.y + 18};
  if (at.x + box.x > content.size.x - 8) at.x = content.pointer.x - box.x - 16;
  if (at.y + box.y > content.size.y - 8) at.y = content.pointer.y - box.y - 14;
  at.x = std::clamp(at.x, 8.0F, std::max(8.0F, content.size.x - box.x - 8));
  at.y = std::clamp(at.y, 8.0F, std::max(8.0F, content.size.y - box.y - 8));
  ImDrawList* list = ImGui::GetForegroundDrawList();
  const ImVec2 end{at.x + box.x, at.y + box.y};
  draw_sheet(list, at, end, inks);
  float y = at.y + pad - 1;
  for (const TextLine& line : lines) {
    y += line.above;
    list->AddText(face(line.bold), line.size, {at.x + pad, y}, line.colour, line.text.c_str(), nullptr, wrap);
    y += measure(line, wrap).y;
  }
}

constexpr float kLegendLetters = 14.5F, kLegendHeight = 67, kLegendMargin = 8, kLegendPad = 7;

void draw_bar(ImDrawList* list, const LegendBar& bar, ImVec2 at, float width, render::Theme theme, const Inks& inks, float scale) {
  const auto table = render::color_table(bar.map, theme);
  const auto colour_at = [&](float s) {
    const auto& c = table[std::min(table.size() - 1, static_cast<std::size_t>(s * static_cast<float>(table.size() - 1)))];
    return IM_COL32(c[0], c[1], c[2], 255);
  };
  constexpr int kSteps = 32;
  const float height = 9 * scale, top = at.y + 20 * scale;
  for (int i = 0; i < kSteps; ++i) {
    const float a = static_cast<float>(i) / kSteps, b = static_cast<float>(i + 1) / kSteps;
    list->AddRectFilledMultiColor({at.x + a * width, top}, {at.x + b * width, top + height}, colour_at(a), colour_at(b), colour_at(b),
                                  colour_at(a));
  }
  list->AddRect({at.x, top}, {at.x + width, top + height}, inks.line, 2);
  ImFont* font = face(false);
  const float small = kLegendLetters * scale, below = top + height + 3;
  list->AddText(font, small, at, inks.text, bar.name.c_str());
  list->AddText(font, small, {at.x, below}, inks.dim, bar.low.c_str());
  list->AddText(font, small, {at.x + width - font->CalcTextSizeA(small, FLT_MAX, 0, bar.high.c_str()).x, below}, inks.dim,
                bar.high.c_str());
  if (!bar.note.empty()) list->AddText(font, small, {at.x, below + 17 * scale}, inks.dim, bar.note.c_str());
}

void draw_legend(const OverlayContent& content, const Inks& inks) {
  ImDrawList* list = ImGui::GetBackgroundDrawList();
  const float scale = content.scale, width = 186 * scale, gap = 30 * scale, height = kLegendHeight * scale;
  const float total = static_cast<float>(content.legend.size()) * (width + gap) - gap;
  ImVec2 at{content.size.x - total - 20, content.size.y - height - kLegendMargin};
  ImU32 ground = (inks.card & ~IM_COL32_A_MASK) | (0xD0U << IM_COL32_A_SHIFT);
  list->AddRectFilled({at.x - 10, at.y - kLegendPad}, {at.x + total + 10, at.y + height - 2}, ground, 8);
  for (const LegendBar& bar : content.legend) {
    draw_bar(list, bar, at, width, content.theme, inks, scale);
    at.x += width + gap;
  }
}

}  // namespace

float legend_height(float scale) { return kLegendHeight * scale + kLegendMargin + 2 * kLegendPad; }

std::vector<LegendBar> legend_of(const scene::MachineScene& scene, const std::optional<scene::CellRef>& hover, scene::Compare compare) {
  std::vector<LegendBar> bars;
  if (hover) {
    const std::string name = hover->tensor.name();
    for (const auto& scale : scene.scales) {
      if (scale.tensor != name) continue;
      LegendBar bar;
      bar.name = name;
      bool is_signed = true;
      for (const render::ColorMap map :
           {render::ColorMap::Signed, render::ColorMap::Sequential, render::ColorMap::Positive, render::ColorMap::Difference})
        if (render::name_of(map) == scale.map) {
          bar.map = map;
          is_signed = map == render::ColorMap::Signed || map == render::ColorMap::Difference;
        }
      bar.low = is_signed ? number(-scale.scale) : "0";
      bar.high = number(scale.scale) + (scale.unit.empty() ? "" : " " + scale.unit);
      bar.note = "largest " + number(scale.maximum);
      bars.push_back(std::move(bar));
      return bars;
    }
  }
  for (const auto& key : scene.keys) bars.push_back({key.title, key.low, key.high, key.detail, key.map});
  if (compare == scene::Compare::Difference) {
    bars.push_back({"edited minus base", "less", "more", "each tensor on its own scale", render::ColorMap::Difference});
    return bars;
  }
  bars.push_back({"values and weights", "negative", "positive", "each tensor on its own scale", render::ColorMap::Signed});
  bars.push_back({"attention", "0", "1", "all heads alike", render::ColorMap::Sequential});
  return bars;
}

render::Overlay make_overlay(OverlayContent content) {
  return [content = std::move(content)] {
    const Inks inks = inks_of(content.theme);
    if (!content.legend.empty()) draw_legend(content, inks);
    if (content.times) draw_times(*content.times, content.theme, content.size.x, content.size.y, content.scale);
    if (content.reading)
      ImGui::GetBackgroundDrawList()->AddText(face(false), 14.5F * content.scale, {16, 12}, inks.dim, "reading values ...");
    if (content.card) draw_card(content, inks);
  };
}

}  // namespace gf::ui
