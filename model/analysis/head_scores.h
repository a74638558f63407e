// What kind of head each is, by what it looks at.
#pragma once

#include "model/analysis/grid.h"
#include "model/trace.h"

namespace gf {

/// Attention-pattern scores (Elhage et al. 2021; Olsson et al. 2022), each [layer, head]. previous: mean over t >= 1 of
/// a[t, t-1]; sink: mean over t >= 1 of a[t, 0]; duplicate and induction: over the queries whose token stood before, of the
/// attention to that token and to what followed it. NaN where nothing repeats.
struct HeadScores {
  Grid previous, sink, duplicate, induction;
};
/// Queries before `first_query` are left out (those of the first half, for tokens said twice). Expects hook_pattern.
[[nodiscard]] HeadScores head_scores(const Trace& trace, int first_query = 1);

}  // namespace gf
