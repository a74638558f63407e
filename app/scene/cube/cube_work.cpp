#include "app/scene/cube/cube_work.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "app/scene/cube/cube_sources.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr long long kMostTermsDrawn = 1LL << 22;  // a sheet of more terms would cost more than it shows

}  // namespace

int CubeWork::last_term() const {
  if (view_.cube->order == CubeOrder::Outer) return now_.step < p_.depth() ? static_cast<int>(now_.step) : -1;
  return now_.terms >= 1 && now_.terms <= p_.depth() ? now_.terms - 1 : -1;
}

void CubeWork::light(const Slab& slab, std::shared_ptr<const render::TileSource> source, std::size_t like, render::Color color, float px) {
  const render::Panel& base = scene_->panels[like];
  const float scale = base.scale;
  const render::ColorMap map = base.map;
  const std::size_t at = add(slab, std::move(source), scale, color);
  // A little before the dimmed side.
  const glm::vec3 normal = glm::normalize(glm::cross(slab.across, slab.down));
  const bool towards = glm::dot(normal, glm::vec3(std::sin(kCubeYaw), std::sin(kCubePitch), std::cos(kCubeYaw))) < 0;
  scene_->panels[at].origin += normal * (towards ? 0.004F : -0.004F);
  scene_->panels[at].map = map;
  scene_->panels[at].frame_px = px;
  out_.panels[at].role = PanelInfo::Role::Lit;
}

void CubeWork::light_left(int i, int rows, int k, int cols, render::Color color) {
  light(wall().part(i, rows, k, cols), left_source(kept_.product, {i, rows, k, cols}), wall_panel_, color, 2);
}

void CubeWork::light_right(int k, int rows, int j, int cols, render::Color color) {
  const Slab part = turned() ? shelf().part(j, cols, k, rows) : shelf().part(k, rows, j, cols);
  light(part, right_source(kept_.product, {k, rows, j, cols}, turned()), shelf_panel_, color, 2);
}

void CubeWork::beam(std::vector<glm::vec3> points, render::Color color, float px) {
  render::Line line;
  line.points = std::move(points);
  line.color = color;
  line.width_px = px;
  line.on_top = true;
  scene_->lines.push_back(std::move(line));
}

void CubeWork::frame_cell(const Slab& slab, render::Color color, float px) {
  beam({slab.origin, slab.origin + slab.across, slab.origin + slab.across + slab.down, slab.origin + slab.down, slab.origin}, color, px);
}

float CubeWork::terms_scale() const {
  // A product of two numbers that saturate is rare: colour tells smaller ones apart.
  constexpr float kUsual = 0.3F;
  return kUsual * p_.left_scale() * scene_->panels[shelf_panel_].scale * static_cast<float>(p_.scale());
}

void CubeWork::draw_work() {
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
      out_.rows_at_work = {{result_panel_, i}, {wall_panel_, i}};
      if (turned()) out_.rows_at_work.emplace_back(shelf_panel_, j);
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
      out_.rows_at_work = {{result_panel_, step}, {wall_panel_, step}};
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
      if (turned()) out_.rows_at_work = {{shelf_panel_, step}};
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

void CubeWork::add_terms(Slab slab, CubeOrder order, float rows_shown) {
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

void CubeWork::draw_edges() {
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

void CubeWork::line(glm::vec3 from, glm::vec3 to, render::Color color) {
  render::Line edge;
  edge.points = {from, to};
  edge.color = color;
  edge.width_px = 1;
  scene_->lines.push_back(std::move(edge));
}

}  // namespace gf::scene
