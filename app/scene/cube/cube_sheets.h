// The sheets of an open product: the tensors on the sides of its cube, and the page that fades while it opens.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/scene/cube/cube_moment.h"
#include "app/scene/cube/cube_places.h"
#include "app/scene/cube/cube_scene.h"
#include "app/scene/palette.h"

namespace gf::scene {

struct MachineFrame;

/// Draws into scene_ and out_. All references outlive it.
class CubeSheets : protected CubePlaces {
 public:
  CubeSheets(BuilderState& state, CubeKept& kept, const SceneInput& input, const ViewState& view, const MachineFrame& page);

 protected:
  /// What else stands on the page, while the cube opens.
  void draw_page();
  /// The result with its sums so far, the input, the weights and the bias.
  void draw_sides();
  /// Adds a panel. Gives its index in scene_->panels.
  std::size_t add(const Slab& slab, std::shared_ptr<const render::TileSource> source, float scale, render::Color frame);
  /// Whether the bias is the term that was added last.
  [[nodiscard]] bool at_bias() const;

  BuilderState& state_;
  CubeKept& kept_;
  const SceneInput& input_;
  const ViewState& view_;
  ViewState single_;  ///< of one pass
  const MachineFrame& page_;
  const Palette& colors_;
  CubeMoment now_;
  ViewScene out_;
  std::shared_ptr<render::Scene> scene_ = std::make_shared<render::Scene>();
  std::size_t result_panel_ = 0, wall_panel_ = 0, shelf_panel_ = 0;  ///< in scene_->panels
  std::optional<std::size_t> bias_panel_;

 private:
  /// Where a slab stands while the cube opens.
  [[nodiscard]] Slab opening(const Slab& slab) const;
  /// Adds a tensor as the page has it: with its pyramid, its scale and its frame.
  std::size_t add_tensor(const Slab& slab);
  void list_scale(const TensorRef& tensor, const render::Panel& panel, const std::string& unit, float largest);
};

}  // namespace gf::scene
