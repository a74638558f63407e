#include "app/scene/side_heading.h"

#include <cmath>

#include "app/scene/label_box.h"
#include "app/scene/legend_shape.h"
#include "renderer/labels.h"

namespace gf::scene {

SideHeading side_heading(const std::string& words, const Pane& pane) {
  const float line = kLegendLetters * 17 * pane.presentation, room = pane.size.x - 2 * (kLegendMargin + kHeadingAir.x);
  SideHeading heading{words_that_fit(words, room, line * render::kEmOfLine, false), {}};
  const float wide = std::ceil(render::text_width(heading.words, line * render::kEmOfLine));
  const glm::vec2 corner{pane.size.x - kLegendMargin, kLegendMargin};
  heading.box = {corner - glm::vec2(wide + 2 * kHeadingAir.x, 0), corner + glm::vec2(0, line + 2 * kHeadingAir.y)};
  return heading;
}

}  // namespace gf::scene
