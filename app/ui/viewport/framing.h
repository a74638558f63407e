// What the viewport's camera shows.
#pragma once

#include <functional>
#include <optional>

#include "app/scene/framed.h"

namespace gf::ui {

/// When the view gets another shape, the viewport goes on showing the same.
struct Framing {
  std::optional<render::Camera> camera = {};  ///< none: home, which follows the view's shape by itself
  std::optional<scene::Framed> shown = {};    ///< what the camera showed when it was chosen; none: not known yet
  std::function<void()> again = {};           ///< repeats the flight that led there; empty: the user has moved the camera since
};

}  // namespace gf::ui
