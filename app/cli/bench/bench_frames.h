// Frame times for `bench`: a fixed orbit, each frame drawn in full.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/session.h"

namespace gf::cli {

/// Milliseconds, medians; 1280x720.
struct FrameBench {
  std::optional<double> film_ms_per_frame;  ///< none: `film_note` says why
  std::string film_note;
  std::string device;        ///< the Vulkan device that drew
  double start_ms = 0;       ///< from starting a fresh process to its first picture being drawn
  double raster_ref_ms = 0;  ///< one full-screen texel-fetch pass
  double whole_ms = 0;       ///< scene update to fence, orbiting the whole machine
  double close_ms = 0;       ///< the same, close to a block in the middle
  struct OfRun {
    double operation_ms = 0;  ///< the same while the scores of a block are seen as what they compute, each frame a moment later
    double product_ms = 0;    ///< the same while the product that makes a block's neurons is open as a cube
    double product_logits_ms = 0;
    double stream_ms = 0;      ///< the same, orbiting the whole Stream
    double toggle_frames = 0;  ///< from the new Trace of a cut head to its picture, in frames of the run before; T = 32
  };
  std::optional<OfRun> of_run;  ///< none: a structure, which has no run
};

/// `model_argument` is MODEL as the user gave it: the fresh process opens it again. Runs the default prompt; the page of a
/// structure has rows for it.
/// Errors: Device without a Vulkan driver; whatever running the prompt gives.
[[nodiscard]] Result<FrameBench> measure_frames(const std::shared_ptr<const Model>& model, const std::string& model_argument);

}  // namespace gf::cli
