// Labels at places on the screen: how much room they take, and how their words are cut to it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "app/scene/screen_box.h"
#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::scene {

/// In heights of a letter: a line with its tag, and the air of a tag at a side.
inline constexpr float kLineOfLabel = 1.4F, kTagOfLabel = 0.42F;

/// The least height of letters that can be read, in logical pixels: 11, and 18 where they are half as large again, as in Present, which is
/// read from the back of a hall.
[[nodiscard]] inline float least_letters(float presentation) {
  constexpr float kUsual = 11, kOfMore = 14;
  return kUsual + kOfMore * std::max(0.0F, presentation - 1);
}

/// Where a label stands on the screen, as large as it is with a tag behind it; nullopt: it is not to be seen from there.
[[nodiscard]] std::optional<ScreenBox> box_of_label(const render::Label& label, const render::Projection& view);

/// The same for other words at a place on the screen, with letters of `px`.
[[nodiscard]] ScreenBox box_of_label(const render::Label& label, const std::string& words, glm::vec2 at, float px);

/// As much of the text as fits at this size, with dots for the rest. Never cuts an escape such as "\\xe2".
[[nodiscard]] std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold);

/// A label with letters of `px` that stands at a place on the screen, wherever the camera is: `at` is its left end, in the middle of its
/// height. `target`: a point before the eye, such as the camera's.
[[nodiscard]] render::Label label_at(glm::vec2 at, std::string words, float px, glm::vec3 target, const render::Projection& view);

}  // namespace gf::scene
