// Colours of the scene by meaning; cells have theirs from the renderer's maps.
#pragma once

#include "app/scene/machine/layout.h"
#include "renderer/scene.h"

namespace gf::scene {

struct Palette {
  render::Color ground, plate;  ///< behind everything; of a frame without values
  render::Color text, dim, accent;
  render::Color mark;                           ///< round what is selected or spoken of; no head has it
  render::Color tag;                            ///< behind a name
  render::Color activation, weight, statistic;  ///< frames: what kind of tensor a panel is
  render::Color edited, glow;
  render::Color stream, flow;  ///< ribbons
  float head_alpha;            ///< of a head's ribbon
};
[[nodiscard]] const Palette& palette_of(render::Theme theme);
/// The map that cells of such a hook are coloured by, where no difference is shown.
[[nodiscard]] render::ColorMap map_of(HookUnit unit);
/// A soft colour for each head, the same wherever it appears; hues repeat after twelve.
[[nodiscard]] render::Color head_color(int head, render::Theme theme);

}  // namespace gf::scene
