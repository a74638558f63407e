#include "app/ui/viewport/card_deck.h"

#include <algorithm>

namespace gf::ui {
namespace {

constexpr float kButtonAir = 7;

const CardBox* uppermost(std::span<const CardBox> boxes, glm::vec2 at) {
  for (std::size_t i = boxes.size(); i-- > 0;)
    if (zone_at(boxes[i], at) != CardZone::None) return &boxes[i];
  return nullptr;
}

/// The n-th button from the right.
Box button_of(const CardBox& card, float n) {
  const float side = kCardButton * card.scale;
  const glm::vec2 corner{card.box.high.x - kButtonAir - n * (side + 2), card.box.low.y + kButtonAir};
  return {{corner.x - side, corner.y}, {corner.x, corner.y + side}};
}

}  // namespace

Box close_button(const CardBox& card) { return button_of(card, 0); }
Box enlarge_button(const CardBox& card) { return button_of(card, 1); }

CardZone zone_at(const CardBox& card, glm::vec2 at) {
  if (card.id == 0 || !card.box.contains(at)) return CardZone::None;
  if (close_button(card).contains(at)) return CardZone::Close;
  if (enlarge_button(card).contains(at)) return CardZone::Enlarge;
  return at.y < card.box.low.y + card.head ? CardZone::Head : CardZone::Body;
}

PinnedCard* CardDeck::find(int id) {
  const auto found = std::ranges::find(cards_, id, &PinnedCard::id);
  return found == cards_.end() ? nullptr : &*found;
}

void CardDeck::toggle(const scene::CellRef& cell, bool large) {
  if (std::erase_if(cards_, [&](const PinnedCard& card) { return card.cell == cell; }) == 0)
    cards_.push_back({next_id_++, cell, std::nullopt, large});
}

void CardDeck::enlarge_all(bool large) {
  for (PinnedCard& card : cards_) card.large = large;
}

void CardDeck::clear() {
  cards_.clear();
  held_.reset();
}

CardZone CardDeck::zone(std::span<const CardBox> boxes, glm::vec2 at) {
  const CardBox* card = uppermost(boxes, at);
  return card == nullptr ? CardZone::None : zone_at(*card, at);
}

bool CardDeck::press(std::span<const CardBox> boxes, glm::vec2 at) {
  const CardBox* card = uppermost(boxes, at);
  if (card == nullptr) return false;
  held_ = Held{card->id, zone_at(*card, at), at - card->box.low};
  const auto found = std::ranges::find(cards_, card->id, &PinnedCard::id);
  if (found != cards_.end()) std::rotate(found, found + 1, cards_.end());
  return true;
}

bool CardDeck::drag(glm::vec2 at) {
  if (!held_) return false;
  PinnedCard* card = find(held_->id);
  if (card != nullptr && held_->zone == CardZone::Head) card->at = at - held_->grip;
  return true;
}

bool CardDeck::release(std::span<const CardBox> boxes, glm::vec2 at) {
  if (!held_) return false;
  const Held held = *held_;
  held_.reset();
  const CardBox* under = uppermost(boxes, at);
  const bool still = under != nullptr && under->id == held.id && zone_at(*under, at) == held.zone;
  if (!still) return true;
  if (held.zone == CardZone::Close) std::erase_if(cards_, [&](const PinnedCard& card) { return card.id == held.id; });
  if (PinnedCard* card = find(held.id); card != nullptr && held.zone == CardZone::Enlarge) card->large = !card->large;
  return true;
}

}  // namespace gf::ui
