#include "app/ui/viewport/card_place.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gf::ui {
namespace {

constexpr float kEdge = 8;        // to the viewport's edges
constexpr float kGap = 12;        // to what the card speaks of
constexpr float kLeastHalf = 10;  // a tiny cell is kept free with what is round it
constexpr std::array<float, 4> kWidths{480, 380, 300, 230};
/// Detail and size of the letters, the best first.
constexpr std::array<std::pair<CardDetail, float>, 5> kTries{{{CardDetail::All, 1.0F},
                                                              {CardDetail::Formula, 1.0F},
                                                              {CardDetail::Brief, 1.0F},
                                                              {CardDetail::Brief, 0.75F},
                                                              {CardDetail::Least, 0.75F}}};

class Placing {
 public:
  Placing(glm::vec2 size, const CardSurroundings& around)
      : size_(size), around_(around), low_(kEdge), high_(glm::max(glm::vec2(kEdge), around.pane - size - kEdge)) {}

  [[nodiscard]] bool fits() const { return size_.x <= around_.pane.x - 2 * kEdge && size_.y <= around_.pane.y - 2 * kEdge; }
  [[nodiscard]] Box box_at(glm::vec2 at) const { return {at, at + size_}; }
  [[nodiscard]] Box clamped(glm::vec2 at) const { return box_at(glm::clamp(at, low_, high_)); }

  /// The best place beside `keep`; nullopt where no side has room.
  [[nodiscard]] std::optional<Box> beside(const Box& keep) const {
    std::optional<Box> best;
    float least = std::numeric_limits<float>::max();
    for (const Box& box : sides_of(keep)) {
      const float cost = cost_of(box);
      if (cost < least) best = box, least = cost;
    }
    // Where each side covers something, a place farther away that covers nothing is better; of those the nearest.
    if (!best || !(least > 0)) return best;
    constexpr int kSteps = 12;
    constexpr float kAway = 0.05F;  // of a distance in pixels; an arc's end is worth a way across any window
    least += kAway * away(*best, keep);
    for (int i = 0; i <= kSteps; ++i)
      for (int j = 0; j <= kSteps; ++j) {
        const Box box = box_at(low_ + (high_ - low_) * glm::vec2(i, j) / static_cast<float>(kSteps));
        if (box.meets(keep)) continue;
        const float cost = cost_of(box) + kAway * away(box, keep);
        if (cost < least) best = box, least = cost;
      }
    return best;
  }
  [[nodiscard]] bool meets_others(const Box& box) const {
    return std::ranges::any_of(around_.others, [&](const Box& other) { return box.meets(other); });
  }
  /// The place nearest to `at` that leaves `keep` free.
  [[nodiscard]] std::optional<Box> pushed(glm::vec2 at, const Box& keep) const {
    const Box wanted = clamped(at);
    if (!wanted.meets(keep)) return wanted;
    std::optional<Box> best;
    const glm::vec2 before = keep.low - size_, after = keep.high;
    for (const glm::vec2 to : {glm::vec2(after.x, wanted.low.y), glm::vec2(before.x, wanted.low.y), glm::vec2(wanted.low.x, after.y),
                               glm::vec2(wanted.low.x, before.y)}) {
      const Box box = clamped(to);
      if (box.meets(keep)) continue;
      if (!best || glm::length(box.low - wanted.low) < glm::length(best->low - wanted.low)) best = box;
    }
    return best;
  }
  /// The corner of the viewport that covers least.
  [[nodiscard]] Box corner(const Box* keep) const {
    Box best = box_at(low_);
    float least = std::numeric_limits<float>::max();
    for (const glm::vec2 at : {low_, glm::vec2(high_.x, low_.y), glm::vec2(low_.x, high_.y), high_}) {
      float cost = cost_of(box_at(at));
      if (keep != nullptr) cost += 1000 * shared(box_at(at), *keep);
      if (cost < least) best = box_at(at), least = cost;
    }
    return best;
  }

 private:
  /// Clear places beside `keep`, the usual one first: right of it and downwards from its upper edge.
  [[nodiscard]] std::vector<Box> sides_of(const Box& keep) const {
    const Box free = keep.grown(kGap);
    const glm::vec2 before = free.low - size_, after = free.high;
    const std::array<glm::vec2, 3> along{keep.low, keep.high - size_, (keep.low + keep.high - size_) / 2.0F};
    std::vector<Box> sides;
    const auto add = [&](glm::vec2 at) {
      if (const Box box = clamped(at); !box.meets(keep)) sides.push_back(box);
    };
    for (const float x : {after.x, before.x})
      for (const glm::vec2 a : along) add({x, a.y});
    for (const float y : {after.y, before.y})
      for (const glm::vec2 a : along) add({a.x, y});
    // Along other cards, where those beside `keep` are taken.
    for (const Box& other : around_.others) {
      const glm::vec2 above = other.low - size_ - kEdge, below = other.high + kEdge;
      for (const float x : {after.x, before.x})
        for (const float y : {below.y, above.y}) add({x, y});
      for (const float y : {after.y, before.y})
        for (const float x : {below.x, above.x}) add({x, y});
    }
    return sides;
  }
  static float away(const Box& a, const Box& b) { return glm::length(glm::max(glm::vec2(0), glm::max(a.low - b.high, b.low - a.high))); }
  static float shared(const Box& a, const Box& b) {
    const glm::vec2 both = glm::max(glm::vec2(0), glm::min(a.high, b.high) - glm::max(a.low, b.low));
    return both.x * both.y;
  }
  [[nodiscard]] float cost_of(const Box& box) const {
    constexpr float kEnd = 2000;  // an arc's end counts as a label's worth of pixels
    float cost = 0;
    for (const Box& other : around_.others) cost += shared(box, other);
    for (const glm::vec2 end : around_.ends)
      if (box.contains(end)) cost += kEnd;
    return cost;
  }

  glm::vec2 size_;
  const CardSurroundings& around_;
  glm::vec2 low_, high_;  ///< of the upper left corner
};

Box at_least_seen(const Box& box) {
  const glm::vec2 middle = (box.low + box.high) / 2.0F, half = glm::max(box.size() / 2.0F, glm::vec2(kLeastHalf));
  return {middle - half, middle + half};
}

}  // namespace

PlacedCard place_card(const CardWriting& write, const CardSurroundings& around) {
  const auto tried = [&](const Box& thing, CardDetail detail, float letters, bool clear) -> std::optional<PlacedCard> {
    for (const float wide : kWidths) {
      CardSheet sheet = write(wide, detail, letters);
      const Placing placing(sheet.size, around);
      if (!placing.fits()) continue;
      const Box keep = at_least_seen(thing);
      if (const auto box = around.at ? placing.pushed(*around.at, keep) : placing.beside(keep);
          box && !(clear && placing.meets_others(*box)))
        return PlacedCard{std::move(sheet), *box};
    }
    return std::nullopt;
  };
  // A card says less before it covers another one, and covers another one before it covers what it speaks of. Where the user
  // has put it, it may lie on others.
  for (const Box& thing : around.speaks_of)
    for (const bool clear : {true, false}) {
      if (clear && (around.at || around.others.empty())) continue;
      for (const auto& [detail, letters] : kTries)
        if (!(clear && letters < 1))
          if (auto placed = tried(thing, detail, letters, clear)) return *std::move(placed);
    }
  // It speaks of what is not in the picture, or of what leaves no room.
  const Box* keep = around.speaks_of.empty() ? nullptr : &around.speaks_of.back();
  for (const auto& [detail, letters] : kTries) {
    const bool last = detail == kTries.back().first;
    CardSheet sheet = write(std::min(kWidths[0], around.pane.x - 40), detail, letters);
    const Placing placing(sheet.size, around);
    if (!last && (keep != nullptr || !placing.fits())) continue;
    const Box box = around.at && keep == nullptr ? placing.clamped(*around.at) : placing.corner(keep);
    return {std::move(sheet), box};
  }
  return {};
}

}  // namespace gf::ui
