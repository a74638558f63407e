#include "app/ui/viewport/overlay.h"

#include <algorithm>
#include <cmath>

#include "app/export/legend.h"
#include "app/ui/viewport/overlay_ink.h"
#include "app/ui/viewport/times_panel.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

std::string card_number(float value) {
  const float size = std::abs(value);
  if (size != 0 && (size < 0.001F || size >= 10000)) return numbers::significant(static_cast<double>(value), 4);
  return numbers::fixed(static_cast<double>(value), size < 10 ? 4 : 2);
}

/// A line of the card: text of one size and colour, wrapped to the card's width.
struct TextLine {
  std::string text;
  ImU32 colour;
  float size = 16;
  float above = 3;  ///< the space before it
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
  if (card.value) lines.push_back({card_number(*card.value), *card.value < 0 ? inks.negative : inks.positive, 28 * scale, 7, true});
  if (card.base && card.edited)
    lines.push_back({gf::text("base {0}    edited {1}    difference {2}", card_number(*card.base), card_number(*card.edited),
                              card_number(*card.edited - *card.base)),
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
  if (more > 0 && !card.terms.empty())
    lines.push_back({"   " + gf::counted(more, "and {0} smaller term", "and {0} smaller terms"), inks.dim, small, 2, false});
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

}  // namespace

render::Overlay make_overlay(OverlayContent content) {
  return [content = std::move(content)] {
    const Inks inks = inks_of(content.theme);
    exporting::draw_legend(content.legend, content.theme, {}, content.scale);
    if (content.times) draw_times(*content.times, content.theme, content.size.x, content.size.y, content.scale);
    if (content.reading)
      ImGui::GetBackgroundDrawList()->AddText(face(false), 14.5F * content.scale, {16, 12}, inks.dim,
                                              gf::text("reading values ...").c_str());
    if (content.card) draw_card(content, inks);
  };
}

}  // namespace gf::ui
