// What each of two scenes beside each other is, in words at the upper right corner of its half of the picture.
#pragma once

#include <string>

#include "app/scene/screen_box.h"
#include "app/scene/view.h"

namespace gf::scene {

/// The words of a half, cut to its width, and their box in it.
struct SideHeading {
  std::string words;
  ScreenBox box;
  friend bool operator==(const SideHeading&, const SideHeading&) = default;
};
inline constexpr glm::vec2 kHeadingAir{7, 3};  ///< between the words and the edge of their box
[[nodiscard]] SideHeading side_heading(const std::string& words, const Pane& pane);

}  // namespace gf::scene
