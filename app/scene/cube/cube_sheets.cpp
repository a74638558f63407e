#include "app/scene/cube/cube_sheets.h"

#include <algorithm>

#include "app/scene/builder_state.h"
#include "app/scene/cube/cube_sources.h"
#include "app/scene/legend.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr float kDimmed = 0.42F;  // of what is not multiplied at the moment

}  // namespace

CubeSheets::CubeSheets(BuilderState& state, CubeKept& kept, const SceneInput& input, const ViewState& view, const MachineFrame& page)
    : CubePlaces(*kept.product, *page.layout),
      state_(state),
      kept_(kept),
      input_(input),
      view_(view),
      page_(page),
      colors_(palette_of(view.theme)),
      now_(cube_moment(p_, *view.cube, first_step(p_, view))) {
  single_ = view;
  if (view.compare == Compare::Difference) single_.compare = Compare::Edited;
}

Slab CubeSheets::opening(const Slab& slab) const {
  if (now_.opened >= 1) return slab;
  Slab from = on_page(slab);
  const auto s = static_cast<float>(now_.opened);
  from.origin = glm::mix(from.origin, slab.origin, s);
  from.across = glm::mix(from.across, slab.across, s);
  from.down = glm::mix(from.down, slab.down, s);
  return from;
}

void CubeSheets::draw_page() {
  const auto left = static_cast<float>(1 - now_.opened);
  const auto own = [&](const TensorRef& t) { return t == result().info.tensor || t == wall().info.tensor || t == shelf().info.tensor; };
  const render::Scene& page = *page_.scene.scene;
  for (std::size_t i = 0; i < page.panels.size(); ++i) {
    if (own(page_.scene.panels[i].tensor)) continue;
    render::Panel panel = page.panels[i];
    panel.alpha = left * left;
    panel.frame.a *= left;
    panel.glow *= left;
    scene_->panels.push_back(std::move(panel));
    out_.panels.push_back(page_.scene.panels[i]);
  }
  for (render::Ribbon ribbon : page.ribbons) {
    ribbon.color.a *= left * left;
    ribbon.color_end.a *= left * left;
    scene_->ribbons.push_back(ribbon);
  }
}

std::size_t CubeSheets::add(const Slab& slab, std::shared_ptr<const render::TileSource> source, float scale, render::Color frame) {
  render::Panel panel;
  panel.origin = slab.origin;
  panel.across = slab.across;
  panel.down = slab.down;
  panel.source = std::move(source);
  panel.scale = scale;
  panel.frame = frame;
  scene_->panels.push_back(std::move(panel));
  out_.panels.push_back(slab.info);
  return scene_->panels.size() - 1;
}

std::size_t CubeSheets::add_tensor(const Slab& slab) {
  const std::size_t at = add(slab, nullptr, 1, colors_.weight);
  style_frame(scene_->panels[at], slab.info, colors_);
  state_.attach_values(scene_->panels[at], slab.info, input_, single_);
  return at;
}

void CubeSheets::list_scale(const TensorRef& tensor, const render::Panel& panel, const std::string& unit, float largest) {
  if (std::ranges::find(out_.scales, tensor, &ViewScene::Scale::tensor) == out_.scales.end())
    out_.scales.push_back({tensor, panel.map, unit, panel.scale, largest});
}

void CubeSheets::draw_sides() {
  // The result: its sums so far.
  if (!kept_.sums || kept_.order != view_.cube->order || !(kept_.moment == now_))
    kept_.sums = sums_source(kept_.product, view_.cube->order, now_);
  const Slab front = opening(result());
  const bool opening_up = now_.opened < 1;
  const std::size_t at = result_panel_ = add(front, kept_.sums, p_.result_scale(), colors_.activation);
  render::Panel& made = scene_->panels[at];
  style_frame(made, front.info, colors_);
  if (!opening_up) made.empty.a = 0.25F;  // so that the work behind it is seen
  const HookUnit unit = info_of(p_.cube().product.kind).unit;
  made.map = map_of(unit);
  if (unit == HookUnit::Logit) made.offset = p_.result_mean();
  if (p_.edited() && now_.done) made.hatched = true, made.frame = colors_.edited;
  list_scale(front.info.tensor, made, unit_text(unit), p_.result_largest());

  // The input at the side.
  const Slab side = opening(wall());
  const bool gained = p_.with_weight() && p_.with_weight()->norm != nullptr;
  if (gained && !kept_.left) kept_.left = left_source(kept_.product, {0, p_.rows(), 0, p_.depth()});
  wall_panel_ = gained ? add(side, kept_.left, p_.left_scale(), colors_.activation) : add_tensor(side);
  style_frame(scene_->panels[wall_panel_], side.info, colors_);
  const render::Panel& input = scene_->panels[wall_panel_];
  list_scale(side.info.tensor, input, gained ? text("× gamma + beta") : unit_text(info_of(p_.left_hook().kind).unit), p_.left_largest());

  // The weights above, with the bias before them: the last term of each sum.
  const Slab above = opening(shelf());
  shelf_panel_ = add_tensor(above);
  render::Panel& weights = scene_->panels[shelf_panel_];
  const auto largest = [&](const PanelInfo& info) {
    if (!info.tensor.is_weight()) return state_.shown_largest(input_, single_, info.tensor.hook);
    const auto summary = state_.reader->summary(state_.reader->index_of(info.tensor.weight));
    return summary ? summary->maximum : 0;
  };
  list_scale(above.info.tensor, weights, above.info.tensor.is_weight() ? text("weight") : unit_text(HookUnit::Activation),
             largest(above.info));
  if (const auto strip = bias()) bias_panel_ = add_tensor(opening(*strip));

  if (!now_.working || now_.done) return;
  for (const auto side_panel : {wall_panel_, shelf_panel_}) scene_->panels[side_panel].alpha = kDimmed;
  if (bias_panel_ && !at_bias()) scene_->panels[*bias_panel_].alpha = kDimmed;
}

bool CubeSheets::at_bias() const {
  if (view_.cube->order == CubeOrder::Outer) return now_.step >= p_.depth();
  return now_.terms > p_.depth();
}

}  // namespace gf::scene
