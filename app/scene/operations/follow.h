// The camera that follows the work of a pass: a pure function of run, view and time. It flies to each part that is at work and rests
// there while people read. Where a part is at work too briefly for the eye to follow, the camera shows the larger part around it.
#pragma once

#include <span>
#include <vector>

#include "app/scene/operations/timeline.h"
#include "app/scene/scene_builder.h"
#include "app/scene/view.h"

namespace gf::scene {

/// Seconds at which each operation of a pass begins, and as the last one when the pass ends: of playing from the start.
[[nodiscard]] std::vector<double> seconds_of_pass(Pace pace, double speed, const Timeline& timeline);

class FollowPath {
 public:
  /// A place and the operations during which the camera stands there or is on its way.
  struct Station {
    double from = 0, to = 0;  ///< seconds
    render::Camera camera;
  };
  /// `seconds`: as seconds_of_pass() has it. Precondition: at least one station; they follow each other.
  FollowPath(std::vector<Station> stations, std::vector<double> seconds);

  /// At a time of the pass, before its start and after its end too.
  [[nodiscard]] render::Camera at(double time) const;
  [[nodiscard]] double seconds_at(double time) const;
  [[nodiscard]] std::span<const Station> stations() const { return stations_; }

 private:
  std::vector<Station> stations_;
  std::vector<double> seconds_;
};

/// The path through the view's scene in this pane. Operations that take no time, as those before and after a film, are not followed.
/// Precondition: the input has a run.
[[nodiscard]] FollowPath follow_path(SceneBuilder& builder, const SceneInput& input, const ViewState& view, const Pane& pane,
                                     std::vector<double> seconds);

}  // namespace gf::scene
