// A named camera shows its subject alone: what stands beside it in the picture is pale, and comes back as the camera leaves its place.
#pragma once

#include <optional>

#include "app/scene/scene_builder.h"
#include "renderer/camera.h"

namespace gf::scene {

struct Subject {
  ViewScene::Box box;  ///< of the page
  int block = -1;      ///< that it is or belongs to; -1: it is an end of the model
  float pale = 0;      ///< how much of what is beside it is hidden, from 0 to 1
  [[nodiscard]] bool has(glm::vec3 at) const { return at.x >= box.low.x && at.x <= box.high.x && at.y >= box.low.y && at.y <= box.high.y; }
  /// Whether the sheet's middle lies in it.
  [[nodiscard]] bool has(const render::Panel& sheet) const { return has(sheet.origin + (sheet.across + sheet.down) * 0.5F); }
};
/// The subject of the camera of a block, of a part of it, of a head or of an end of the model that `camera` is, or nearly is. nullopt: it
/// is none of them, or what is marked or at work lies beside the subject.
[[nodiscard]] std::optional<Subject> subject_of(const ViewScene& scene, const render::Camera& camera, const Pane& pane,
                                                const ViewState& view);
/// What is beside the subject gets pale: sheets, ribbons, lines and the first so many labels.
void make_pale(render::Scene& drawn, const ViewScene& scene, const Subject& subject, std::size_t labels);

}  // namespace gf::scene
