// How fast a pass is played: what is new is slow enough to follow, what repeats itself flows.
#pragma once

#include <algorithm>
#include <cmath>

#include "app/scene/view.h"

namespace gf::scene {

/// Seconds that the n-th token of a play takes at speed 1.
[[nodiscard]] inline double seconds_of_token(double n) { return std::max(0.35, 2.4 * std::pow(0.72, std::max(0.0, n))); }
/// Seconds that an operation takes at speed 1 when it is seen for the n-th time.
[[nodiscard]] inline double seconds_of_operation(double n) { return std::max(0.3, 4.0 * std::pow(0.6, std::max(0.0, n))); }
inline constexpr double kSecondsWithTerms = 9;  ///< of an operation whose every term is to be read
inline constexpr double kSecondsOfPass = 5;     ///< of a whole pass

/// Operations a second at speed 1, at a moment of a play that began at `from`. Precondition: the timeline has positions.
[[nodiscard]] double operations_a_second(Pace pace, const Timeline& timeline, double time, double from);

}  // namespace gf::scene
