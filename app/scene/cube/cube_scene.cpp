#include "app/scene/cube/cube_scene.h"

#include <algorithm>

#include "app/scene/builder_state.h"
#include "app/scene/cube/cube_work.h"
#include "app/scene/guides.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

class CubeDrawing : private CubeWork {
 public:
  CubeDrawing(BuilderState& state, CubeKept& kept, const SceneInput& input, const ViewState& view, const Pane& pane,
              const MachineFrame& page)
      : CubeWork(state, kept, input, view, page), pane_(pane) {}

  ViewScene draw() {
    scene_->theme = view_.theme;
    scene_->ground = colors_.ground;
    out_.row_texts = page_.scene.row_texts;
    if (now_.opened < 1) draw_page();
    draw_sides();
    draw_work();
    draw_edges();
    const CubeWords words = cube_words(p_, now_, input_, view_);
    write(words);
    write_notes(words);
    set_bounds();
    out_.scene = scene_;
    const ModelConfig& config = input_.model->weights->config;
    frame_highlights(out_, view_);
    if (view_.selection) mark_cell(out_, *view_.selection, config);
    return std::move(out_);
  }

 private:
  render::Label& label(const std::string& words, glm::vec3 at, render::Color color, float px, int priority) {
    render::Label l;
    l.text = words;
    l.anchor = at;
    l.height = 1e3F;  // the same size at any distance
    l.min_px = 11;
    l.max_px = px * pane_.presentation;
    l.color = color;
    l.priority = priority;
    scene_->labels.push_back(std::move(l));
    return scene_->labels.back();
  }
  /// An arrow along an axis, moved `out` of the way, with its name beside `named_at`.
  void axis(const std::string& words, glm::vec3 from, glm::vec3 to, glm::vec3 named_at, glm::vec3 out, render::Align align,
            glm::vec2 offset) {
    render::Line arrow;
    arrow.points = {from + out, to + out};
    arrow.color = colors_.dim;
    arrow.width_px = 1.5F;
    arrow.arrow = true;
    scene_->lines.push_back(std::move(arrow));
    render::Label& l = label(words, named_at + out, colors_.dim, 14, 80);
    l.horizontal = align;
    l.offset_px = offset * pane_.presentation;
    l.background = {glm::vec3(colors_.ground), 0.75F};  // no line strikes it out
    l.snug = true;
  }

  void write(const CubeWords& words) {
    if (now_.opened < 1) return;
    using render::Align;
    const float air = 0.03F;
    const Slab front = result(), side = wall(), above = shelf();
    // In a low pane names stand beside their sheets, where it has room, and not above them.
    const bool low_pane = pane_is_low(pane_);
    const auto name = [&](const std::string& text, glm::vec3 at, Align align, glm::vec2 offset) {
      constexpr float kPx = 16, kLowPx = 13;
      render::Label& l = label(text, at, colors_.text, low_pane ? kLowPx : kPx, 90);
      l.horizontal = align;
      l.vertical = low_pane ? Align::Middle : Align::End;
      l.bold = true;
      l.background = colors_.ground;  // work at a sheet behind it stays apart from the letters
      l.background.a = 0.75F;
      l.offset_px = offset * pane_.presentation;
    };
    constexpr float kBeside = 6, kOver = 5;
    const glm::vec3 of_shelf = above.origin + (turned() ? above.down : above.across), to_the_eye = turned() ? above.across : above.down;
    if (low_pane) {
      name(words.result, front.origin + front.across, Align::Begin, {kBeside, -kBeside});
      name(words.left, side.origin + side.down * 0.4F, Align::End, {-kBeside, 0});
      name(words.right, of_shelf + to_the_eye * 0.6F, Align::Begin, {kBeside, -2});
    } else {
      // An edge falls away from its name. The columns of the result may have names of their own above it.
      name(words.result, front.origin + front.across, Align::End, {0, -26});
      name(words.left, side.origin, Align::Begin, {0, -kOver});
      name(words.right, of_shelf, Align::End, {0, -kOver});  // the notes are at the left
    }
    if (const auto strip = bias()) {
      // The weights' name is beside the other end in a low pane.
      const glm::vec3 end = strip->origin + strip->down * 0.5F + (low_pane ? glm::vec3(0) : strip->across);
      render::Label& l = label(text("bias"), end, colors_.dim, 13, 60);
      l.horizontal = low_pane ? Align::End : Align::Begin;
      l.offset_px = {(low_pane ? -6.0F : 6.0F) * pane_.presentation, 0};
    }
    const float left = corner_.x, right = corner_.x + size_.x, foot = corner_.y + size_.y;
    // The keys' tokens stand below a plate.
    const bool plate = front.info.mapping == PanelInfo::Mapping::Causal;
    const glm::vec3 low{left, foot, front_z()}, high{right, foot, front_z()}, upper{right, corner_.y, front_z()};
    const glm::vec3 last{wall_x(), foot, size_.z}, first{wall_x(), foot, 0};
    axis(words.result_axis, low, high, glm::mix(low, high, 0.5F), {0, plate ? 4 * air : air, 0}, Align::Begin, {0, 20});
    axis(words.position_axis, upper, high, glm::mix(upper, high, 0.5F), {air, 0, 0}, Align::Begin, {10, 0});
    // Below the arrow's head: the name is long, and there it is farthest from the picture's edge.
    axis(text("summed over"), last, first, first, {0, air, 0}, Align::End, {12, 17});
    render::Label over = scene_->labels.back();
    over.text = words.sum_axis;
    over.offset_px.y += 21 * pane_.presentation;
    scene_->labels.push_back(std::move(over));
  }

  /// At the upper left corner: what is computed, in which order, and what is at work.
  void write_notes(const CubeWords& words) {
    const auto line_of = [&](const std::string& text, render::Color color, float px, bool bold) {
      if (text.empty()) return;
      label(text, {}, color, px, 95);
      render::Label l = std::move(scene_->labels.back());
      scene_->labels.pop_back();
      l.bold = bold;
      out_.notes.push_back(std::move(l));
    };
    line_of(words.formula, colors_.text, 17, true);
    line_of(words.order + ": " + words.work, colors_.text, 14, false);
    line_of(words.sum, colors_.accent, 14, false);
    line_of(words.run, colors_.edited, 14, false);
    line_of(terms_note_, colors_.dim, 12, false);
    if (pane_.guides && terms_note_.empty())
      line_of(text("O: another order · Space: play · Esc: back to the page"), colors_.dim, 12, false);
  }

  void set_bounds() {
    const float air = 0.1F;
    // The notes stand beside the weights in a wide picture, above them in a narrow one.
    constexpr float kWideEnough = 1.75F;
    const float narrow = std::clamp(kWideEnough - pane_.aspect(), 0.0F, 1.0F);
    out_.home.low = {wall_x() - air, shelf_y() - (2.5F + 5 * narrow) * air, front_z()};
    out_.home.high = {corner_.x + size_.x + air, corner_.y + size_.y + 2 * air, size_.z};
    scene_->low = out_.home.low;
    scene_->high = out_.home.high;
    // The corners of the box that are nearest to the eye are empty.
    constexpr float kFilled = 0.9F;
    const glm::vec3 middle = (out_.home.low + out_.home.high) * 0.5F;
    out_.home.low = glm::mix(middle, out_.home.low, kFilled);
    out_.home.high = glm::mix(middle, out_.home.high, kFilled);
    out_.home_from = ViewScene::Direction{kCubeYaw, kCubePitch, kCubeFovY};
  }

  const Pane& pane_;
};

/// Whether the product of another moment or order is still that of the view.
bool same_product(const CubeKept& kept, const SceneInput& input, const ViewState& view) {
  return kept.product && kept.hid_prediction == view.hide_prediction && kept.product->is_of(input, view, *view.cube);
}

}  // namespace

std::optional<ViewScene> build_cube(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane) {
  if (!view.cube) return std::nullopt;
  if (!state.cube) state.cube = std::make_shared<CubeKept>();
  CubeKept& kept = *state.cube;
  if (!same_product(kept, input, view)) kept = {view.hide_prediction, CubeProduct::of(input, view, *view.cube), {}, {}, {}, {}, {}, -1, -1};
  if (!kept.product) return std::nullopt;
  ViewState page_view = view;
  if (view.compare == Compare::Difference) page_view.compare = Compare::Edited;
  const auto page = state.machine_for(input, page_view, pane);
  ViewScene scene = CubeDrawing(state, kept, input, view, pane, *page).draw();
  for (std::size_t i = 0; i < scene.scene->labels.size(); ++i) {
    const auto is_name = [i](const std::vector<std::size_t>& names) { return std::ranges::find(names, i) != names.end(); };
    if (!is_name(scene.row_names) && !is_name(scene.column_names)) scene.kept_whole.push_back(i);
  }
  kept.order = view.cube->order;
  kept.moment = cube_moment(*kept.product, *view.cube, first_step(*kept.product, view));
  return scene;
}

}  // namespace gf::scene
