// Where labels end up on the screen. Device-free, so that tests and scene files can ask.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::render {

struct PlacedLabel {
  int index = 0;              ///< in Scene::labels
  glm::vec2 low{0}, high{0};  ///< box in pixels, tag included
  float size_px = 0;          ///< font size
  float alpha = 0;            ///< after fading; no two above 0.5 overlap
};

/// Projects and measures the labels of a scene for a viewport, and leaves out or fades those that others cover. `dpr`: device pixels per
/// logical pixel (sizes in Label are logical). Deterministic; the same input gives the same boxes.
[[nodiscard]] std::vector<PlacedLabel> place_labels(const Scene& scene, const Camera& camera, glm::vec2 size, float dpr = 1);
/// The size in device pixels at which place_labels() sets a label; 0 where the label is behind the eye or too small.
[[nodiscard]] float label_px(const Label& label, const Projection& view, float dpr = 1);
/// The em of the font in heights of a line. ImGui and the overlay's cards count lines, text_width() counts ems.
inline constexpr float kEmOfLine = 14.05F / 17;
/// Width in pixels of a line of text at this font size.
[[nodiscard]] float text_width(std::string_view text, float size_px, bool bold = false);

}  // namespace gf::render
