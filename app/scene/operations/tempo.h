// How fast a pass is played: the first token is slow enough to follow, the rest flow.
#pragma once

#include <algorithm>
#include <cmath>

namespace gf::scene {

/// Seconds that the n-th token of a play takes at speed 1.
[[nodiscard]] inline double seconds_of_token(double n) { return std::max(0.35, 2.4 * std::pow(0.72, std::max(0.0, n))); }

}  // namespace gf::scene
