#include "app/ui/viewport/overlay_ink.h"

namespace gf::ui {

ImU32 ink(unsigned rgb, float alpha) {
  return IM_COL32((rgb >> 16U) & 0xFFU, (rgb >> 8U) & 0xFFU, rgb & 0xFFU, static_cast<int>(alpha * 255.0F));
}

Inks inks_of(render::Theme theme) {
  if (theme == render::Theme::Dark)
    return {ink(0xe8ecf3), ink(0x93a0b5), ink(0x6ea8fe), ink(0x1d222c, 0.96F), ink(0x3a4354), ink(0xff8a52), ink(0x5fb0ff), ink(0xffd166)};
  return {ink(0x1b2330), ink(0x5d687a), ink(0x2f6fb7), ink(0xffffff, 0.97F), ink(0xcfd3da), ink(0xc0471c), ink(0x2f6fb7), ink(0x9a6a00)};
}

ImFont* face(bool bold) {
  // The renderer loads the semi-bold face second; it may be missing.
  const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
  return bold && fonts.Size > 1 ? fonts[1] : fonts[0];
}

void draw_sheet(ImDrawList* list, ImVec2 at, ImVec2 end, const Inks& inks, bool opaque) {
  constexpr float kRound = 9;
  for (int i = 4; i >= 1; --i) {
    const float spread = static_cast<float>(i) * 2;
    list->AddRectFilled({at.x - spread, at.y - spread + 3}, {end.x + spread, end.y + spread + 3}, IM_COL32(0, 0, 0, 16), kRound + spread);
  }
  list->AddRectFilled(at, end, opaque ? inks.card | IM_COL32_A_MASK : inks.card, kRound);
  list->AddRect(at, end, inks.line, kRound, 0, 1);
}

}  // namespace gf::ui
