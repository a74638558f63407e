// Orders of numbers among which there may be NaNs.
#pragma once

#include <cmath>

namespace gf {

/// Larger numbers first and NaN last: a strict weak order, which > is not where there are NaNs.
[[nodiscard]] inline bool ranks_before(float x, float y) { return std::isnan(y) ? !std::isnan(x) : x > y; }

}  // namespace gf
