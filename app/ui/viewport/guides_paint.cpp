#include "app/ui/viewport/guides_paint.h"

#include "app/ui/viewport/overlay_ink.h"
#include "renderer/labels.h"

namespace gf::ui {
namespace {

ImVec2 corner_of(glm::vec2 v) { return {v.x, v.y}; }

/// Words whose middle is at this height; `em`: the height of their letters as labels count it.
void draw_words(ImDrawList* list, glm::vec2 at, const std::string& words, float em, ImU32 colour, bool bold) {
  const float line = em / render::kEmOfLine;
  list->AddText(face(bold), line, {at.x, at.y - line / 2}, colour, words.c_str());
}

void draw_path(ImDrawList* list, const scene::Guides& guides, const std::optional<glm::vec2>& pointer, const Inks& inks) {
  draw_sheet(list, corner_of(guides.bar.low), corner_of(guides.bar.high), inks);
  const float em = scene::kPathPx * guides.letters, middle = (guides.bar.low.y + guides.bar.high.y) / 2;
  for (const scene::PathStep& step : guides.path) {
    const bool last = &step == &guides.path.back(), lit = pointer && step.box.contains(*pointer);
    draw_words(list, {step.box.low.x, middle}, step.text, em, lit ? inks.accent : last ? inks.text : inks.dim, last);
    if (last) continue;
    const float gap = (&step + 1)->box.low.x - step.box.high.x;
    draw_words(list, {step.box.high.x + (gap - render::text_width("›", em)) / 2, middle}, "›", em, inks.dim, false);
  }
}

void draw_map(ImDrawList* list, const scene::Guides& guides, const std::optional<glm::vec2>& pointer, const Inks& inks, bool dark) {
  draw_sheet(list, corner_of(guides.map.low), corner_of(guides.map.high), inks);
  const ImU32 block = dark ? ink(0x3a4760) : ink(0xd5dce8), end = dark ? ink(0x2b3444) : ink(0xe6eaf1);
  const std::string under = pointer && guides.map.contains(*pointer) ? guides.link_at(*pointer) : std::string();
  for (const scene::MapPlace& place : guides.places) {
    const bool is_end = &place == &guides.places.front() || &place == &guides.places.back();
    list->AddRectFilled(corner_of(place.box.low), corner_of(place.box.high), is_end ? end : block, 2);
    if (place.here || place.camera == under) list->AddRect(corner_of(place.box.low), corner_of(place.box.high), inks.accent, 2, 0, 1.5F);
    if (place.number.empty()) continue;
    const float em = scene::kMapPx * guides.letters;
    const glm::vec2 middle = (place.box.low + place.box.high) / 2.0F;
    draw_words(list, {middle.x - render::text_width(place.number, em) / 2, middle.y}, place.number, em, inks.text, false);
  }
  list->PushClipRect(corner_of(guides.map.low), corner_of(guides.map.high), true);
  const auto& seen = guides.seen;
  list->AddQuad(corner_of(seen[0]), corner_of(seen[1]), corner_of(seen[2]), corner_of(seen[3]), inks.notice, 1.5F);
  list->PopClipRect();
}

}  // namespace

void draw_guides(const scene::Guides& guides, render::Theme theme, const std::optional<glm::vec2>& pointer) {
  const Inks inks = inks_of(theme);
  ImDrawList* list = ImGui::GetBackgroundDrawList();
  if (!guides.path.empty()) draw_path(list, guides, pointer, inks);
  if (!guides.places.empty()) draw_map(list, guides, pointer, inks, theme == render::Theme::Dark);
}

}  // namespace gf::ui
