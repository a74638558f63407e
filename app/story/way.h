// How a story comes from one step's place to the next one's. The window and films go the same way.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/story/story.h"

namespace gf::story {

/// A part of a way: the picture of one of the two steps, seen by a camera that travels or rests.
struct Leg {
  bool before = false;         ///< the picture is that of the step before, as it ended
  render::Camera from, to;     ///< see scene::glide()
  double time = 0, until = 0;  ///< of the pass, in operations
  float veil = 0, unveil = 0;  ///< at its beginning and at its end: the share of the picture that the ground hides
  double seconds = 0;
};

/// From place to place. On one page the camera glides. To another page (the Stream, a head alone) it glides to the door, where there is
/// one; the picture closes, and opens on the other page. Empty: nothing moves.
[[nodiscard]] std::vector<Leg> way_between(const Step& before, const Step& step, const Place& from, const Place& to);
[[nodiscard]] double seconds_of(std::span<const Leg> way);

/// A moment on a way.
struct OnTheWay {
  bool before = false;
  render::Camera camera;
  double time = 0;
  float veil = 0;
};
/// Precondition: the way is not empty. Beyond its ends: those.
[[nodiscard]] OnTheWay moment_of(std::span<const Leg> way, double seconds);
/// How the view shows a leg.
[[nodiscard]] scene::ViewState view_of(const Leg& leg, const Step& before, const Step& step, const scene::ViewState& view);

}  // namespace gf::story
