#include "app/scene/cards/cell_numbers.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "app/scene/label_box.h"
#include "app/scene/palette.h"
#include "model/base/numbers.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kNumberCellPx = 28, kNumberRowPx = 13;
constexpr float kWideCellPx = 42, kDigitPx = 6.6F;  // of a digit at 11 px
constexpr float kMostPx = 15;
constexpr int kMostNumbers = 3000;

/// For cells that are just wide enough: ".06", "-.31", "12".
std::string tight_number(float value) {
  const float m = std::abs(value);
  std::string words = numbers::fixed(static_cast<double>(value), m == 0 || m >= 9.95F ? 0 : m >= 0.995F ? 1 : 2);
  const std::size_t zero = words.find("0.");
  if (zero != std::string::npos && zero <= 1) words.erase(zero, 1);
  return words;
}

/// Rows and columns of a panel, half open.
struct Window {
  int row0 = 0, row1 = 0, col0 = 0, col1 = 0;
};

struct Projected {
  const render::Panel& panel;
  const render::Projection& view;
  int rows, cols;

  [[nodiscard]] glm::vec3 center(int row, int col) const {
    return panel.origin + panel.across * ((static_cast<float>(col) + 0.5F) / static_cast<float>(cols)) +
           panel.down * ((static_cast<float>(row) + 0.5F) / static_cast<float>(rows));
  }
  [[nodiscard]] glm::vec3 at(int row, int col) const { return view.pixel(center(row, col)); }
  [[nodiscard]] bool visible(glm::vec3 p) const { return p.z > 0 && p.x >= 0 && p.y >= 0 && p.x < view.size().x && p.y < view.size().y; }
};

bool off_screen(const Projected& p) {
  glm::vec2 low(1e9F), high(-1e9F);
  for (const float s : {0.0F, 1.0F})
    for (const float t : {0.0F, 1.0F}) {
      const glm::vec3 q = p.view.pixel(p.panel.origin + p.panel.across * s + p.panel.down * t);
      if (!(q.z > 0)) return false;  // part of it is behind the eye: cannot tell
      low = glm::min(low, glm::vec2(q));
      high = glm::max(high, glm::vec2(q));
    }
  return high.x < 0 || high.y < 0 || low.x > p.view.size().x || low.y > p.view.size().y;
}

/// The part of a panel that is near enough to the eye for its cells to be large. On matrices of millions of cells only
/// this part is looked at.
Window near_window(const Projected& p) {
  const float w = glm::length(p.panel.across), h = glm::length(p.panel.down);
  const float cell_w = w / static_cast<float>(p.cols), cell_h = h / static_cast<float>(p.rows);
  const float focal = p.view.focal_px();
  float reach = 1e9F;
  if (p.cols > 1) reach = std::min(reach, cell_w * focal / (kNumberCellPx));
  if (p.rows > 1) reach = std::min(reach, cell_h * focal / (kNumberRowPx));
  const glm::vec3 to = p.view.eye() - p.panel.origin;
  const float s = glm::dot(to, p.panel.across) / w, t = glm::dot(to, p.panel.down) / h;
  const auto cut = [](float at, float cell, int count) { return std::clamp(static_cast<int>(std::floor(at / cell)), 0, count); };
  return {cut(t - reach, cell_h, p.rows), cut(t + reach + cell_h, cell_h, p.rows), cut(s - reach, cell_w, p.cols),
          cut(s + reach + cell_w, cell_w, p.cols)};
}

/// Pixels between neighbouring cells' middles at a cell that is surely seen best: the one nearest to the eye.
glm::vec2 cell_px(const Projected& p) {
  const glm::vec3 eye = p.view.eye();
  const glm::vec3 a = glm::normalize(p.panel.across), d = glm::normalize(p.panel.down);
  const float w = glm::length(p.panel.across), h = glm::length(p.panel.down);
  const glm::vec3 to = eye - p.panel.origin;
  const float s = std::clamp(glm::dot(to, a), 0.0F, w), t = std::clamp(glm::dot(to, d), 0.0F, h);
  const float distance = std::max(1e-6F, glm::length(p.panel.origin + a * s + d * t - eye));
  const float px = p.view.focal_px() / distance;
  return {w / static_cast<float>(p.cols) * px, h / static_cast<float>(p.rows) * px};
}

void add_numbers(const Projected& p, std::vector<render::Label>& out, render::Theme theme, float presentation) {
  const float shown = p.panel.rows_shown;
  const Window window = near_window(p);
  for (int row = window.row0; row < window.row1 && static_cast<float>(row) < shown; ++row) {
    // Of the row in the making only a share of the columns is there.
    const float share = std::min(1.0F, shown - static_cast<float>(row));
    const int there = static_cast<int>(std::ceil(share * static_cast<float>(p.cols)));
    for (int col = window.col0; col < std::min(window.col1, there); ++col) {
      const glm::vec3 q = p.at(row, col);
      if (!p.visible(q)) continue;
      const glm::vec3 right = p.at(row, std::min(col + 1, p.cols - 1)), left = p.at(row, std::max(col - 1, 0));
      const glm::vec3 below = p.at(std::min(row + 1, p.rows - 1), col), above = p.at(std::max(row - 1, 0), col);
      const float w =
          glm::length(glm::vec2(right - left)) / static_cast<float>(std::max(1, std::min(col + 1, p.cols - 1) - std::max(col - 1, 0)));
      const float h =
          glm::length(glm::vec2(below - above)) / static_cast<float>(std::max(1, std::min(row + 1, p.rows - 1) - std::max(row - 1, 0)));
      if ((p.cols > 1 && w < kNumberCellPx) || (p.rows > 1 && h < kNumberRowPx)) continue;
      const float value = p.panel.source->value(row, col);
      if (std::isnan(value)) continue;
      const render::Rgb8 under = render::color_of(value, p.panel.scale, p.panel.offset, p.panel.map, theme);
      const float light = 0.2126F * under[0] + 0.7152F * under[1] + 0.0722F * under[2];
      render::Label label;
      label.text = w < kWideCellPx ? tight_number(value) : numbers::cell(value);
      if (static_cast<float>(label.text.size()) * kDigitPx > w && p.cols > 1) continue;
      label.anchor = p.center(row, col);
      label.horizontal = render::Align::Middle;
      label.height = 1e3F;  // as large as allowed: the cell is large enough by now
      label.min_px = 11;
      label.max_px = std::clamp(std::min(w * 0.28F, std::max(kMostPx, 0.8F * h)), 11.0F, kMostPx * presentation);
      label.color = light > 115 ? render::Color(0.05F, 0.06F, 0.08F, 1) : render::Color(0.95F, 0.96F, 0.98F, 1);
      label.priority = 2;
      out.push_back(std::move(label));
      if (static_cast<int>(out.size()) >= kMostNumbers) return;
    }
  }
}

/// Where not every row's name has room every second one stays, or every fourth, counted from the last; one at work is always there.
int rank_of_name(int from_last, bool at_work) {
  constexpr int kUsual = 15, kEvenness = 2;
  return at_work ? kUsual + kEvenness + 1
                 : kUsual + (from_last == 0 ? kEvenness : std::min(kEvenness, std::countr_zero(static_cast<unsigned>(from_last))));
}

/// Names that do not fit into `room` beside the panel, in world units, are cut; where it is less than a few letters there are none.
void add_row_texts(const Projected& p, std::size_t panel, const ViewScene& scene, float row_px, float room, float presentation,
                   std::vector<render::Label>& out) {
  const Palette& colors = palette_of(scene.scene->theme);
  const PanelInfo& info = scene.panels[panel];
  const std::vector<std::string>& texts = scene.row_texts;
  constexpr float kAir = 6, kLeastOfName = 36;
  for (int row = 0; row < p.rows; ++row) {
    const auto position = static_cast<std::size_t>(row + info.row0);
    if (position >= texts.size()) break;
    const bool at_work = std::ranges::find(scene.rows_at_work, std::pair(panel, row)) != scene.rows_at_work.end();
    if (row_px < kTokenRowPx && !at_work) continue;
    const glm::vec3 anchor = p.panel.origin + p.panel.down * ((static_cast<float>(row) + 0.5F) / static_cast<float>(p.rows));
    if (!p.visible(p.view.pixel(anchor))) continue;
    // So much smaller than the rows that no name comes too near to the next.
    constexpr float kOfRow = 0.72F;
    const float letters = std::clamp(row_px * kOfRow, 11.0F, kMostPx * presentation);
    const float room_px = room * p.view.focal_px() / p.view.depth(anchor) - kAir;
    if (room_px < kLeastOfName * presentation) continue;
    render::Label label;
    label.text = words_that_fit(texts[position], room_px, letters, at_work);
    if (p.view.pixel(anchor).x - kAir < render::text_width(label.text, letters, at_work)) continue;  // the picture's edge would cut it
    label.anchor = anchor;
    label.offset_px = {-kAir, 0};
    label.horizontal = render::Align::End;
    label.height = 1e3F;
    label.max_px = letters;
    label.bold = at_work;
    label.color = at_work ? colors.accent : static_cast<float>(row) < p.panel.rows_shown ? colors.text : colors.dim;
    label.priority = rank_of_name(p.rows - 1 - row, at_work);
    if (scene.home_from) {  // round a cube run lines
      label.background = {glm::vec3(scene.scene->ground), 0.75F};
      label.snug = true;
    }
    out.push_back(std::move(label));
  }
}

/// Sheets that carry the tokens at their left: whole ones, the first band of folded ones, and plates, whose neighbours may be
/// outside the picture.
bool carries_tokens(const PanelInfo& info) {
  if (info.tensor.is_weight() || info.role != PanelInfo::Role::Activation) return false;
  if (info.mapping == PanelInfo::Mapping::Rows) return info.head <= 0;
  return info.mapping == PanelInfo::Mapping::Causal;
}

}  // namespace

float room_left_of(const render::Panel& panel, const std::vector<render::Panel>& all) {
  constexpr float kNarrow = 0.04F;
  float nearest = -1e9F;
  for (const render::Panel& other : all) {
    const bool beside =
        other.down.z == 0 && other.origin.y < panel.origin.y + panel.down.y && other.origin.y + other.down.y > panel.origin.y;
    if (beside && other.across.x > kNarrow && other.origin.x < panel.origin.x) nearest = std::max(nearest, other.origin.x + other.across.x);
  }
  return panel.origin.x - nearest;
}

std::vector<render::Label> cell_labels(const ViewScene& scene, const render::Projection& view, float presentation, int without_rows) {
  std::vector<render::Label> out;
  const render::Scene& shown = *scene.scene;
  for (std::size_t i = 0; i < shown.panels.size(); ++i) {
    const render::Panel& panel = shown.panels[i];
    const PanelInfo& info = scene.panels[i];
    const Projected p{panel, view, info.rows, info.cols};
    const glm::vec2 px = cell_px(p);
    const bool numbers = panel.source && (px.x >= kNumberCellPx || info.cols == 1) && (px.y >= kNumberRowPx || info.rows == 1);
    const bool works = std::ranges::find(scene.rows_at_work, i, &std::pair<std::size_t, int>::first) != scene.rows_at_work.end();
    const bool texts = (px.y >= kTokenRowPx || works) && carries_tokens(info) && !scene.row_texts.empty();
    if ((!numbers && !texts) || off_screen(p)) continue;
    if (texts && static_cast<int>(i) != without_rows)
      add_row_texts(p, i, scene, px.y, room_left_of(panel, shown.panels), presentation, out);
    if (numbers && static_cast<int>(out.size()) < kMostNumbers) add_numbers(p, out, shown.theme, presentation);
  }
  return out;
}

}  // namespace gf::scene
