// The part of `bench` that needs the renderer.
#pragma once

#include <memory>
#include <string>

#include "model/session.h"

namespace gf::cli {

/// Milliseconds, medians. A value that was not measured is negative and printed as null.
struct FrameTimes {
  double start_ms = -1;       ///< from the program's start to the first picture
  double raster_ref_ms = -1;  ///< one full-screen texel-fetch pass
  double whole = -1, close = -1, stream = -1;
  double film_ms_per_frame = -1;
};

/// Defined in app/cli/bench_frames.cpp; called where that is part of the build (GLASSFORMER_BENCH_FRAMES).
[[nodiscard]] Result<FrameTimes> measure_frames(const std::shared_ptr<const Model>& model, int threads);

}  // namespace gf::cli
