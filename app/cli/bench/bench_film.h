// The time that a film takes, for `bench`.
#pragma once

#include <string>

#include "app/scene/scene_builder.h"
#include "renderer/renderer.h"

namespace gf::cli {

/// Milliseconds for a frame of a short 1280x720 MP4 of this run's default film: from the first scene update to the
/// encoded file, divided by the number of frames; the median of three. Errors: NotFound without ffmpeg; as write_film().
[[nodiscard]] Result<double> film_ms_per_frame(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input);

}  // namespace gf::cli
