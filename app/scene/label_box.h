// How much room labels take on the screen, and how their words are cut to it.
#pragma once

#include <optional>
#include <string>

#include "app/scene/edge_names.h"
#include "renderer/scene.h"

namespace gf::scene {

/// In heights of a letter: a line with its tag, and the air of a tag at a side.
inline constexpr float kLineOfLabel = 1.4F, kTagOfLabel = 0.42F;

/// Where a label stands on the screen, as large as it is with a tag behind it; nullopt: it is not to be seen from there.
[[nodiscard]] std::optional<ScreenBox> box_of_label(const render::Label& label, const render::Projection& view);

/// The same for other words at a place on the screen, with letters of `px`.
[[nodiscard]] ScreenBox box_of_label(const render::Label& label, const std::string& words, glm::vec2 at, float px);

/// As much of the text as fits at this size, with dots for the rest. Never cuts an escape such as "\\xe2".
[[nodiscard]] std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold);

[[nodiscard]] float area(const ScreenBox& box);
[[nodiscard]] inline ScreenBox common(const ScreenBox& a, const ScreenBox& b) { return {glm::max(a.low, b.low), glm::min(a.high, b.high)}; }
[[nodiscard]] inline ScreenBox shifted(const ScreenBox& box, glm::vec2 by) { return {box.low + by, box.high + by}; }
[[nodiscard]] bool lies_in(const ScreenBox& box, const ScreenBox& other);

}  // namespace gf::scene
