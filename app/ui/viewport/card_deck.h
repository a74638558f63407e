// The pinned cards, and what the pointer does with them. Lives on the GUI thread; needs no Qt.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/ui/viewport/card_board.h"

namespace gf::ui {

enum class CardZone : std::uint8_t { None, Body, Head, Enlarge, Close };
/// What of the card is at a place of the viewport. A card at the pointer has no zones.
[[nodiscard]] CardZone zone_at(const CardBox& card, glm::vec2 at);
/// The places of the two buttons of a pinned card.
[[nodiscard]] Box close_button(const CardBox& card);
[[nodiscard]] Box enlarge_button(const CardBox& card);

class CardDeck {
 public:
  [[nodiscard]] const std::vector<PinnedCard>& cards() const { return cards_; }
  /// Pins the cell's card, or lets it go where it is pinned.
  void toggle(const scene::CellRef& cell, bool large);
  void enlarge_all(bool large);
  void clear();

  // The pointer. `boxes`: the cards on the screen, in the order in which they are drawn.
  /// The zone of the uppermost card there.
  [[nodiscard]] static CardZone zone(std::span<const CardBox> boxes, glm::vec2 at);
  /// The pointer is pressed; true: on a card, which comes to the front and takes all that follows until release().
  bool press(std::span<const CardBox> boxes, glm::vec2 at);
  /// True while a card has the pointer; it follows where it was taken by its head.
  bool drag(glm::vec2 at);
  /// True where a card had the pointer; a button acts now, if the pointer is still on it.
  bool release(std::span<const CardBox> boxes, glm::vec2 at);
  [[nodiscard]] bool holds() const { return held_.has_value(); }

 private:
  struct Held {
    int id = 0;
    CardZone zone = CardZone::None;
    glm::vec2 grip{0};  ///< the pointer's place in the card
  };
  [[nodiscard]] PinnedCard* find(int id);

  std::vector<PinnedCard> cards_;
  std::optional<Held> held_;
  int next_id_ = 1;
};

}  // namespace gf::ui
