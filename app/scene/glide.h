// How a camera travels from one place to another: it backs away as far as the way is long and comes near again, at an even speed of
// what is seen. Source: van Wijk and Nuij 2003, "Smooth and efficient zooming and panning".
#pragma once

#include "renderer/camera.h"

namespace gf::scene {

/// The fastest that a picture may move so that the eye can follow it, in units of glide_length() per second. That is one height of
/// the view sideways, or three times nearer, in a second.
inline constexpr float kFastestGlide = 1.5F;

/// The distance between what two cameras see. It is a metric: a way over a third camera is never shorter.
[[nodiscard]] float glide_length(const render::Camera& a, const render::Camera& b);
/// Seconds that a glide takes so that it is nowhere faster than kFastestGlide.
[[nodiscard]] float glide_seconds(const render::Camera& a, const render::Camera& b);
/// The camera at s in [0, 1] of the way in time, which begins and ends at rest. Exactly a and b at its ends.
[[nodiscard]] render::Camera glide(const render::Camera& a, const render::Camera& b, float s);

}  // namespace gf::scene
