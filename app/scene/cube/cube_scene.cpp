#include "app/scene/cube/cube_scene.h"

#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/cube/cube_places.h"
#include "app/scene/cube/cube_sources.h"
#include "app/scene/legend.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

// From above and from the left: the result's front, the weights from above and the input's wall from outside are all seen.
constexpr float kYaw = 0.5F, kPitch = 0.42F, kFovY = 0.36F;
constexpr float kDimmed = 0.42F;                  // of what is not multiplied at the moment
constexpr long long kMostTermsDrawn = 1LL << 22;  // a sheet of more terms would cost more than it shows

class CubeDrawing : private CubePlaces {
 public:
  CubeDrawing(BuilderState& state, CubeKept& kept, const SceneInput& input, const ViewState& view, const Pane& pane,
              const MachineFrame& page)
      : CubePlaces(*kept.product, *page.layout),
        state_(state),
        kept_(kept),
        input_(input),
        view_(view),
        pane_(pane),
        page_(page),
        colors_(palette_of(view.theme)),
        now_(cube_moment(p_, *view.cube, first_step(p_, view))) {
    single_ = view;
    if (view.compare == Compare::Difference) single_.compare = Compare::Edited;
  }

  ViewScene draw() {
    scene_ = std::make_shared<render::Scene>();
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
  // --- the opening
  [[nodiscard]] Slab opening(const Slab& slab) const {
    if (now_.opened >= 1) return slab;
    Slab from = on_page(slab);
    const auto s = static_cast<float>(now_.opened);
    from.origin = glm::mix(from.origin, slab.origin, s);
    from.across = glm::mix(from.across, slab.across, s);
    from.down = glm::mix(from.down, slab.down, s);
    return from;
  }
  /// What else stands on the page fades.
  void draw_page() {
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

  // --- panels
  std::size_t add(const Slab& slab, std::shared_ptr<const render::TileSource> source, float scale, render::Color frame) {
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
  /// A tensor as the page has it: with its pyramid, its scale and its frame.
  std::size_t add_tensor(const Slab& slab) {
    const std::size_t at = add(slab, nullptr, 1, colors_.weight);
    style_frame(scene_->panels[at], slab.info, colors_);
    state_.attach_values(scene_->panels[at], slab.info, input_, single_);
    return at;
  }
  void list_scale(const TensorRef& tensor, const render::Panel& panel, const std::string& unit, float largest) {
    if (std::ranges::find(out_.scales, tensor, &ViewScene::Scale::tensor) == out_.scales.end())
      out_.scales.push_back({tensor, panel.map, unit, panel.scale, largest});
  }

  void draw_sides() {
    // The result: its sums so far.
    if (!kept_.sums || kept_.order != view_.cube->order || !(kept_.moment == now_))
      kept_.sums = sums_source(kept_.product, view_.cube->order, now_);
    const Slab front = opening(result());
    const bool opening_up = now_.opened < 1;
    const std::size_t at = add(front, kept_.sums, p_.result_scale(), colors_.activation);
    render::Panel& made = scene_->panels[at];
    style_frame(made, front.info, colors_);
    if (!opening_up) made.empty.a = 0.25F;  // so that the work behind it is seen
    result_panel_ = at;
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

  // --- the work
  [[nodiscard]] bool at_bias() const {
    if (view_.cube->order == CubeOrder::Outer) return now_.step >= p_.depth();
    return now_.terms > p_.depth();
  }
  /// The term that was added last; -1: none, or the bias.
  [[nodiscard]] int last_term() const {
    if (view_.cube->order == CubeOrder::Outer) return now_.step < p_.depth() ? static_cast<int>(now_.step) : -1;
    return now_.terms >= 1 && now_.terms <= p_.depth() ? now_.terms - 1 : -1;
  }

  void light(const Slab& slab, std::shared_ptr<const render::TileSource> source, std::size_t like, render::Color color, float px) {
    const render::Panel& base = scene_->panels[like];
    const float scale = base.scale;
    const render::ColorMap map = base.map;
    const std::size_t at = add(slab, std::move(source), scale, color);
    // A little before the dimmed side.
    const glm::vec3 normal = glm::normalize(glm::cross(slab.across, slab.down));
    const bool towards = glm::dot(normal, glm::vec3(std::sin(kYaw), std::sin(kPitch), std::cos(kYaw))) < 0;
    scene_->panels[at].origin += normal * (towards ? 0.004F : -0.004F);
    scene_->panels[at].map = map;
    scene_->panels[at].frame_px = px;
    out_.panels[at].role = PanelInfo::Role::Lit;
  }
  void light_left(int i, int rows, int k, int cols, render::Color color) {
    light(wall().part(i, rows, k, cols), left_source(kept_.product, {i, rows, k, cols}), wall_panel_, color, 2);
  }
  void light_right(int k, int rows, int j, int cols, render::Color color) {
    const Slab part = turned() ? shelf().part(j, cols, k, rows) : shelf().part(k, rows, j, cols);
    light(part, right_source(kept_.product, {k, rows, j, cols}, turned()), shelf_panel_, color, 2);
  }

  void beam(std::vector<glm::vec3> points, render::Color color, float px) {
    render::Line line;
    line.points = std::move(points);
    line.color = color;
    line.width_px = px;
    line.on_top = true;
    scene_->lines.push_back(std::move(line));
  }
  void frame_cell(const Slab& slab, render::Color color, float px) {
    beam({slab.origin, slab.origin + slab.across, slab.origin + slab.across + slab.down, slab.origin + slab.down, slab.origin}, color, px);
  }

  [[nodiscard]] float terms_scale() const {
    // A product of two numbers that saturate is rare: colour tells smaller ones apart.
    constexpr float kUsual = 0.3F;
    return kUsual * p_.left_scale() * scene_->panels[shelf_panel_].scale * static_cast<float>(p_.scale());
  }

  void draw_work() {
    if (now_.done || !now_.working || now_.opened < 1) return;
    const CubeOrder order = view_.cube->order;
    const int step = static_cast<int>(now_.step), k = last_term();
    const render::Color lit = colors_.text, term = colors_.edited, sum = colors_.accent;
    render::Color faint = colors_.dim;
    faint.a = 0.55F;
    Slab slab;
    slab.info.mapping = PanelInfo::Mapping::Terms;
    slab.info.tensor.hook = p_.cube().product;
    slab.info.head = p_.cube().head;
    slab.info.row0 = p_.row0();
    slab.info.col0 = p_.col0();
    const auto middle = [](int at) { return static_cast<float>(at) + 0.5F; };
    const float front = front_z();
    float rows_shown = 1e9F;
    switch (order) {
      case CubeOrder::Dots: {
        const auto [i, j] = p_.cell_at(now_.step);
        light_left(i, 1, 0, p_.depth_of(i), lit);
        light_right(0, p_.depth_of(i), j, 1, lit);
        slab.info.at_row = i;
        slab.info.at_col = j;
        slab.origin = {x_of(middle(j)), y_of(static_cast<float>(i)), size_.z};
        slab.across = {0, 0, -size_.z};
        slab.down = {0, size_.y / static_cast<float>(p_.rows()), 0};
        rows_shown = static_cast<float>(std::min(now_.terms, p_.depth())) / static_cast<float>(p_.depth());
        const glm::vec3 cell{x_of(middle(j)), y_of(middle(i)), 0};
        beam({{cell.x, cell.y, size_.z}, {cell.x, cell.y, front}}, faint, 1);
        if (k >= 0 && k < p_.depth_of(i) && now_.slow) {
          const float z = z_of(middle(k));
          beam({{wall_x(), cell.y, z}, {cell.x, cell.y, z}}, term, 1.5F);
          beam({{cell.x, shelf_y(), z}, {cell.x, cell.y, z}}, term, 1.5F);
          frame_cell(wall().part(i, 1, k, 1), term, 2);
          frame_cell(turned() ? shelf().part(j, 1, k, 1) : shelf().part(k, 1, j, 1), term, 2);
        }
        frame_cell(result().part(i, 1, j, 1), sum, 2);
        break;
      }
      case CubeOrder::Rows: {
        light_left(step, 1, 0, p_.depth_of(step), lit);
        if (k >= 0 && k < p_.depth_of(step)) {
          light_right(k, 1, 0, p_.cols(), term);
          frame_cell(wall().part(step, 1, k, 1), term, 2);
          const float y = y_of(middle(step)), z = z_of(middle(k));
          beam({{wall_x(), y, z}, {x_of(0), y, z}}, term, 1.5F);
          for (const float x : {x_of(0), x_of(static_cast<float>(p_.cols()))}) beam({{x, shelf_y(), z}, {x, y, z}}, faint, 1);
        }
        slab.info.at_row = step;
        slab.origin = {corner_.x, y_of(middle(step)), size_.z};
        slab.across = {size_.x, 0, 0};
        slab.down = {0, 0, -size_.z};
        rows_shown = static_cast<float>(std::min(now_.terms, p_.depth()));
        for (const float x : {x_of(0), x_of(static_cast<float>(p_.cols()))})
          beam({{x, y_of(middle(step)), 0}, {x, y_of(middle(step)), front}}, faint, 1);
        frame_cell(result().part(step, 1, 0, p_.cols()), sum, 2);
        break;
      }
      case CubeOrder::Columns: {
        light_right(0, p_.depth(), step, 1, lit);
        if (k >= 0) {
          light_left(0, p_.rows(), k, 1, term);
          frame_cell(turned() ? shelf().part(step, 1, k, 1) : shelf().part(k, 1, step, 1), term, 2);
          const float x = x_of(middle(step)), z = z_of(middle(k));
          beam({{x, shelf_y(), z}, {x, y_of(0), z}}, term, 1.5F);
          for (const float y : {y_of(0), y_of(static_cast<float>(p_.rows()))}) beam({{wall_x(), y, z}, {x, y, z}}, faint, 1);
        }
        slab.info.at_col = step;
        slab.origin = {x_of(middle(step)), corner_.y, size_.z};
        slab.across = {0, 0, -size_.z};
        slab.down = {0, size_.y, 0};
        for (const float y : {y_of(0), y_of(static_cast<float>(p_.rows()))})
          beam({{x_of(middle(step)), y, 0}, {x_of(middle(step)), y, front}}, faint, 1);
        frame_cell(result().part(0, p_.rows(), step, 1), sum, 2);
        break;
      }
      case CubeOrder::Outer: {
        if (k < 0) return;
        light_left(0, p_.rows(), k, 1, lit);
        light_right(k, 1, 0, p_.cols(), lit);
        // Its products stand at their place first, then they fall into the sums.
        const double fall = std::clamp((now_.s - 0.4) / 0.45, 0.0, 1.0);
        const auto way = static_cast<float>(now_.slow ? fall * fall * (3 - 2 * fall) : 0);
        const float home = z_of(middle(k)), z = glm::mix(home, front + 0.01F, way);
        slab.origin = {corner_.x, corner_.y, z};
        slab.across = {size_.x, 0, 0};
        slab.down = {0, size_.y, 0};
        for (const float y : {y_of(0), y_of(static_cast<float>(p_.rows()))}) {
          beam({{wall_x(), y, home}, {x_of(0), y, home}}, faint, 1);
          beam({{x_of(0), y, home}, {x_of(0), y, front}}, faint, 1);
        }
        for (const float x : {x_of(0), x_of(static_cast<float>(p_.cols()))}) beam({{x, shelf_y(), home}, {x, y_of(0), home}}, faint, 1);
        if (way >= 1) return;  // it has been added
        break;
      }
    }
    add_terms(slab, order, rows_shown);
  }

  void add_terms(Slab slab, CubeOrder order, float rows_shown) {
    const bool dots = order == CubeOrder::Dots, columns = order == CubeOrder::Columns;
    slab.info.rows = dots ? 1 : order == CubeOrder::Rows ? p_.depth() : p_.rows();
    slab.info.cols = dots || columns ? p_.depth() : p_.cols();
    const long long terms = static_cast<long long>(slab.info.rows) * slab.info.cols;
    if (terms > kMostTermsDrawn) {
      terms_note_ = text("its {0} products are too many to be drawn; the sums are those of all", numbers::count(terms));
      return;
    }
    const int shown = columns ? std::min(now_.terms, p_.depth()) : p_.depth();
    if (!kept_.terms || kept_.order != order || kept_.terms_step != now_.step || kept_.terms_shown != shown) {
      kept_.terms = terms_source(kept_.product, order, now_.step, shown);
      kept_.terms_step = now_.step;
      kept_.terms_shown = shown;
    }
    const std::size_t at = add(slab, kept_.terms, terms_scale(), colors_.dim);
    render::Panel& panel = scene_->panels[at];
    panel.rows_shown = rows_shown;
    panel.frame.a = 0.6F;
    terms_note_ = text("its products: coloured up to ±{0}", numbers::significant(static_cast<double>(panel.scale), 2));
  }

  /// The cube itself: where the terms of all sums would stand.
  void draw_edges() {
    if (now_.opened < 1) return;
    render::Color color = colors_.dim;
    color.a = 0.35F;
    const glm::vec3 low{corner_.x, corner_.y, 0}, high{corner_.x + size_.x, corner_.y + size_.y, size_.z};
    for (const float y : {low.y, high.y})
      for (const auto& [a, b] : {std::pair{low.z, low.z}, std::pair{high.z, high.z}}) line({low.x, y, a}, {high.x, y, b}, color);
    for (const float x : {low.x, high.x}) {
      for (const float y : {low.y, high.y}) line({x, y, low.z}, {x, y, high.z}, color);
      for (const float z : {low.z, high.z}) line({x, low.y, z}, {x, high.y, z}, color);
    }
  }
  void line(glm::vec3 from, glm::vec3 to, render::Color color) {
    render::Line edge;
    edge.points = {from, to};
    edge.color = color;
    edge.width_px = 1;
    scene_->lines.push_back(std::move(edge));
  }

  // --- words
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
  }

  void write(const CubeWords& words) {
    if (now_.opened < 1) return;
    using render::Align;
    const float air = 0.03F;
    const Slab front = result(), side = wall(), above = shelf();
    const auto name = [&](const std::string& text, glm::vec3 at, Align align, float above_px = 5) {
      render::Label& l = label(text, at, colors_.text, 16, 90);
      l.horizontal = align;
      l.vertical = Align::End;
      l.bold = true;
      l.background = colors_.ground;  // work at a sheet behind it stays apart from the letters
      l.background.a = 0.75F;
      l.offset_px = glm::vec2{0, -above_px} * pane_.presentation;
    };
    // An edge falls away from its name. The columns of the result may have names of their own above it.
    name(words.result, front.origin + front.across, Align::End, 26);
    name(words.left, side.origin, Align::Begin);
    name(words.right, above.origin + (turned() ? above.down : above.across), Align::End);  // the notes are at the left
    if (const auto strip = bias()) {
      render::Label& l = label(text("bias"), strip->origin + strip->across + strip->down * 0.5F, colors_.dim, 13, 60);
      l.offset_px = {6 * pane_.presentation, 0};
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
    out_.home_from = ViewScene::Direction{kYaw, kPitch, kFovY};
  }

  BuilderState& state_;
  CubeKept& kept_;
  const SceneInput& input_;
  const ViewState& view_;
  ViewState single_;  ///< of one pass
  const Pane& pane_;
  const MachineFrame& page_;
  const Palette& colors_;
  CubeMoment now_;
  ViewScene out_;
  std::shared_ptr<render::Scene> scene_;
  std::size_t result_panel_ = 0, wall_panel_ = 0, shelf_panel_ = 0;
  std::optional<std::size_t> bias_panel_;
  std::string terms_note_;
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
  kept.order = view.cube->order;
  kept.moment = cube_moment(*kept.product, *view.cube, first_step(*kept.product, view));
  return scene;
}

}  // namespace gf::scene
