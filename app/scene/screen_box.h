// A rectangle on the screen.
#pragma once

#include <glm/glm.hpp>

namespace gf::scene {

/// In logical pixels; (0, 0) is the upper left corner of the pane.
struct ScreenBox {
  glm::vec2 low{0}, high{0};
  [[nodiscard]] bool contains(glm::vec2 at) const { return at.x >= low.x && at.y >= low.y && at.x < high.x && at.y < high.y; }
  [[nodiscard]] bool meets(const ScreenBox& other) const {
    return low.x < other.high.x && other.low.x < high.x && low.y < other.high.y && other.low.y < high.y;
  }
  friend bool operator==(const ScreenBox&, const ScreenBox&) = default;
};

/// 0 where the box is turned inside out, as what two boxes that do not meet have in common.
[[nodiscard]] inline float area(const ScreenBox& box) {
  const glm::vec2 size = glm::max(glm::vec2(0), box.high - box.low);
  return size.x * size.y;
}
[[nodiscard]] inline ScreenBox common(const ScreenBox& a, const ScreenBox& b) { return {glm::max(a.low, b.low), glm::min(a.high, b.high)}; }
[[nodiscard]] inline ScreenBox shifted(const ScreenBox& box, glm::vec2 by) { return {box.low + by, box.high + by}; }
[[nodiscard]] inline bool lies_in(const ScreenBox& box, const ScreenBox& other) {
  return box.low.x >= other.low.x && box.low.y >= other.low.y && box.high.x <= other.high.x && box.high.y <= other.high.y;
}

}  // namespace gf::scene
