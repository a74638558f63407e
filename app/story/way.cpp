#include "app/story/way.h"

#include <algorithm>

#include "app/scene/glide.h"

namespace gf::story {
namespace {

bool same_page(const Step& a, const Step& b) { return a.view == b.view && a.one_head == b.one_head; }

double glide_takes(const render::Camera& from, const render::Camera& to) {
  constexpr double kShortest = 0.8;
  return from == to ? 0 : std::max(kShortest, static_cast<double>(scene::glide_seconds(from, to)));
}

}  // namespace

std::vector<Leg> way_between(const Step& before, const Step& step, const Place& from, const Place& to) {
  constexpr double kCloses = 0.35;
  std::vector<Leg> way;
  const auto add = [&](Leg leg) {
    if (leg.seconds > 0) way.push_back(leg);
  };
  if (same_page(before, step)) {
    add({false, from.camera, to.camera, before.to, step.from, 0, 0, glide_takes(from.camera, to.camera)});
    return way;
  }
  const render::Camera leaves = to.door.value_or(from.camera), enters = from.door.value_or(to.camera);
  add({true, from.camera, leaves, before.to, before.to, 0, 0, glide_takes(from.camera, leaves)});
  add({true, leaves, leaves, before.to, before.to, 0, 1, kCloses});
  add({false, enters, enters, step.from, step.from, 1, 0, kCloses});
  add({false, enters, to.camera, step.from, step.from, 0, 0, glide_takes(enters, to.camera)});
  return way;
}

double seconds_of(std::span<const Leg> way) {
  double seconds = 0;
  for (const Leg& leg : way) seconds += leg.seconds;
  return seconds;
}

OnTheWay moment_of(std::span<const Leg> way, double seconds) {
  EXPECTS(!way.empty(), "a way leads somewhere");
  const Leg* at = &way.front();
  for (const Leg& leg : way) {
    at = &leg;
    if (seconds < leg.seconds) break;
    if (&leg != &way.back()) seconds -= leg.seconds;
  }
  const double s = std::clamp(seconds / at->seconds, 0.0, 1.0);
  return {at->before, scene::glide(at->from, at->to, static_cast<float>(s)), at->time + (at->until - at->time) * s,
          at->veil + (at->unveil - at->veil) * static_cast<float>(s)};
}

scene::ViewState view_of(const Leg& leg, const Step& before, const Step& step, const scene::ViewState& view) {
  scene::ViewState shown = leg.before ? view_of(before, 1, view) : view_of(step, 0, view);
  shown.time = leg.time;
  shown.selection.reset();  // its lines would be drawn across what passes by
  return shown;
}

}  // namespace gf::story
