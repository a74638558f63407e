// Where a card stands, so that it does not hide what it speaks of. Pure geometry, in logical pixels of the viewport.
#pragma once

#include <functional>
#include <glm/glm.hpp>
#include <optional>
#include <vector>

#include "app/ui/viewport/card_sheet.h"

namespace gf::ui {

struct Box {
  glm::vec2 low{0}, high{0};
  [[nodiscard]] glm::vec2 size() const { return high - low; }
  [[nodiscard]] bool contains(glm::vec2 at) const { return at.x >= low.x && at.y >= low.y && at.x < high.x && at.y < high.y; }
  [[nodiscard]] bool meets(const Box& other) const {
    return low.x < other.high.x && other.low.x < high.x && low.y < other.high.y && other.low.y < high.y;
  }
  [[nodiscard]] Box grown(float by) const { return {low - by, high + by}; }
  [[nodiscard]] Box moved(glm::vec2 by) const { return {low + by, high + by}; }
  /// The nearest point of the box.
  [[nodiscard]] glm::vec2 nearest(glm::vec2 to) const { return glm::clamp(to, low, high); }
};

/// What is round a card.
struct CardSurroundings {
  glm::vec2 pane{0};              ///< size of the viewport
  std::vector<Box> speaks_of;     ///< the best first: the whole tile, else its cell alone; empty: it is not in the picture
  std::vector<Box> others;        ///< other cards, which are covered only where there is no other place
  std::vector<glm::vec2> ends;    ///< of arcs, the same
  std::optional<glm::vec2> at{};  ///< where the user has put the card
};

/// A card's text for a width, an amount of detail, and letters of this share of their size.
using CardWriting = std::function<CardSheet(float wide, CardDetail detail, float letters)>;

struct PlacedCard {
  CardSheet sheet;
  Box box;
};
/// Beside what it speaks of, on the side that has room; at `at` where the user has moved it, pushed off what it speaks of. Where
/// no side has room the card gets narrower, then says less, then has smaller letters. Always within the viewport.
[[nodiscard]] PlacedCard place_card(const CardWriting& write, const CardSurroundings& around);

}  // namespace gf::ui
