// An order of numbers that may be NaN.
#pragma once

#include <cmath>

namespace gf {

/// Larger numbers first, NaN last. With NaN this is a strict weak order, and > is not.
[[nodiscard]] inline bool ranks_before(float x, float y) { return std::isnan(y) ? !std::isnan(x) : x > y; }

}  // namespace gf
