// The picture of an open product: the result in front, the weights above, the input at the side, and between them the terms at work.
#pragma once

#include <memory>
#include <optional>

#include "app/scene/cube/cube_moment.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

struct BuilderState;

/// What a builder keeps of the open product between frames.
struct CubeKept {
  bool hid_prediction = false;  ///< of the view that the product was made for
  std::shared_ptr<const CubeProduct> product;
  CubeMoment moment;
  CubeOrder order = CubeOrder::Dots;
  std::shared_ptr<const render::TileSource> left, sums, terms;
  long long terms_step = -1;
  int terms_shown = -1;
};

/// The scene of view.cube. nullopt: it cannot be opened, see why_not_open().
[[nodiscard]] std::optional<ViewScene> build_cube(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane);

/// What is done at a moment, in sentences: the formula, then the order, then the numbers at work.
struct CubeWords {
  std::string formula, order, work, sum;
  std::string run;                                   ///< whose numbers they are, where that is not plain; else empty
  std::string position_axis, sum_axis, result_axis;  ///< names of the three axes
  std::string left, right, result;                   ///< names of the three tensors
};
[[nodiscard]] CubeWords cube_words(const CubeProduct& product, const CubeMoment& now, const SceneInput& input, const ViewState& view);

}  // namespace gf::scene
