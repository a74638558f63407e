// Time in a cube: which sums are there at a moment of its animation. A pure function of product, order and time.
#pragma once

#include "app/scene/cube/cube_product.h"

namespace gf::scene {

/// A step is one sum of Dots, one row of Rows, one column of Columns, one term of all sums of Outer.
struct CubeMoment {
  double opened = 1;   ///< how far the cube has opened
  long long step = 0;  ///< the step at work; all steps before it are done
  double s = 1;        ///< how much of that step's work is done, 0 to 1
  int terms = 0;       ///< how many terms its sums have so far; for Outer 1 when the step's term has been added
  bool slow = false;   ///< the step is slow enough that its numbers can be read
  bool working = false;
  bool done = true;  ///< all sums are complete
  friend bool operator==(const CubeMoment&, const CubeMoment&) = default;
};
[[nodiscard]] long long steps_of(const CubeProduct& product, CubeOrder order);
/// The step that is shown slowly: that of the selected cell, else one with something to see.
[[nodiscard]] long long first_step(const CubeProduct& product, const ViewState& view);

/// `first`: the step that is shown slowly; those before it are done at once.
[[nodiscard]] CubeMoment cube_moment(const CubeProduct& product, const Cube& cube, long long first = 0);
/// The time at which a step is done, or is about to begin.
[[nodiscard]] double time_after_step(const CubeProduct& product, CubeOrder order, long long step, long long first = 0);
/// The next or previous end of a step that is slow, then the end.
[[nodiscard]] double step_in_cube(double time, int direction);

/// The terms of the sum (i, j) that are added up at a moment; -1: its cell is still empty.
[[nodiscard]] int terms_at(const CubeProduct& product, CubeOrder order, const CubeMoment& now, int i, int j);

}  // namespace gf::scene
