// Scores of heads by what they look at.
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
/// Leaves out the queries before `first_query`: for tokens said twice the first half. Expects hook_pattern.
[[nodiscard]] HeadScores head_scores(const Trace& trace, int first_query = 1);

}  // namespace gf
