#include "app/ui/viewport/card_paint.h"

#include "app/ui/viewport/card_deck.h"
#include "app/ui/viewport/formula_sheet.h"

namespace gf::ui {
namespace {

ImVec2 im(glm::vec2 v) { return {v.x, v.y}; }

ImU32 card_colour(CardInk ink, const Inks& inks) {
  switch (ink) {
    case CardInk::Text: return inks.text;
    case CardInk::Dim: return inks.dim;
    case CardInk::Positive: return inks.positive;
    case CardInk::Negative: return inks.negative;
    case CardInk::Notice: return inks.notice;
  }
  return inks.text;
}

/// From a pinned card to what it speaks of.
void draw_leader(ImDrawList* list, const ShownCard& card, const Inks& inks) {
  if (card.id == 0 || !card.speaks_of) return;
  const glm::vec2 middle = (card.speaks_of->low + card.speaks_of->high) / 2.0F;
  const glm::vec2 from = card.box.nearest(middle), to = card.speaks_of->nearest(from);
  list->AddLine(im(from), im(to), inks.accent, 1.5F);
  list->AddCircleFilled(im(to), 3.5F, inks.accent);
}

void draw_buttons(ImDrawList* list, const ShownCard& card, const std::optional<glm::vec2>& pointer, const Inks& inks) {
  const auto light_up = [&](const Box& box) {
    if (pointer && box.contains(*pointer)) list->AddRectFilled(im(box.low), im(box.high), inks.line, 5);
  };
  const float width = 1.6F * card.scale;
  const Box close = close_button(card), larger = enlarge_button(card);
  light_up(close);
  const Box cross = close.grown(-0.32F * close.size().x);
  list->AddLine(im(cross.low), im(cross.high), inks.dim, width);
  list->AddLine({cross.low.x, cross.high.y}, {cross.high.x, cross.low.y}, inks.dim, width);
  light_up(larger);
  // Two corners that point outwards where the card can become larger, and inwards where it can become smaller again.
  const Box square = larger.grown(-0.28F * larger.size().x);
  const float arm = 0.5F * square.size().x;
  for (const bool upper : {true, false}) {
    glm::vec2 corner = upper ? glm::vec2(square.high.x, square.low.y) : glm::vec2(square.low.x, square.high.y);
    const glm::vec2 out = upper ? glm::vec2(1, -1) : glm::vec2(-1, 1);
    glm::vec2 along = -out;
    if (card.large) {
      corner -= out * (0.75F * arm);
      along = out;
    }
    list->AddLine(im(corner), im(corner + glm::vec2(along.x * arm, 0)), inks.dim, width);
    list->AddLine(im(corner), im(corner + glm::vec2(0, along.y * arm)), inks.dim, width);
  }
}

/// Leans the letters that were drawn from vertex `first` on to the right: the faces have no italics.
void slant(ImDrawList* list, int first, float baseline) {
  constexpr float kLean = 0.2F;
  for (int i = first; i < list->VtxBuffer.Size; ++i) list->VtxBuffer[i].pos.x += kLean * (baseline - list->VtxBuffer[i].pos.y);
}

void draw_card(ImDrawList* list, const ShownCard& card, const std::optional<glm::vec2>& pointer, const Inks& inks) {
  const bool pinned = card.id != 0;
  draw_sheet(list, im(card.box.low), im(card.box.high), inks, pinned);
  list->PushClipRect(im(card.box.low), im(card.box.high), true);
  for (const CardLine& line : card.sheet.lines) {
    const int first = list->VtxBuffer.Size;
    list->AddText(face(line.bold), line.size, im(card.box.low + line.at), card_colour(line.ink, inks), line.text.c_str());
    if (line.slanted) slant(list, first, card.box.low.y + line.at.y + kBaselineOfLine * line.size);
  }
  for (const CardStroke& stroke : card.sheet.strokes)
    list->AddLine(im(card.box.low + stroke.from), im(card.box.low + stroke.to), card_colour(stroke.ink, inks), stroke.width);
  list->PopClipRect();
  if (pinned) draw_buttons(list, card, pointer, inks);
}

}  // namespace

void draw_cards(std::span<const ShownCard> cards, const std::optional<glm::vec2>& pointer, const Inks& inks) {
  ImDrawList* list = ImGui::GetForegroundDrawList();
  for (const ShownCard& card : cards) draw_leader(list, card, inks);
  for (const ShownCard& card : cards) draw_card(list, card, pointer, inks);
}

}  // namespace gf::ui
