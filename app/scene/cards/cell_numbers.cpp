#include "app/scene/cards/cell_numbers.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/label_box.h"
#include "app/scene/operations/show.h"
#include "app/scene/palette.h"
#include "app/scene/sources/sources.h"
#include "model/base/numbers.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kNumberCellPx = 28, kNumberRowPx = 13;
constexpr float kShareCellPx = 23;  // of a pattern, whose numbers have two digits
constexpr float kFarther = 0.86F;  // cells of a turned sheet are smaller at its far end: where the nearest have numbers these have them too
constexpr float kLeastPx = 11, kMostPx = 15;        // of letters
constexpr float kLine = 1.04F;                      // a line's height, in letters
constexpr float kApartX = 5, kApartY = 1;           // between two numbers or names, so that neither gives way
constexpr float kOfRow = 0.8F, kNameOfRow = 0.72F;  // of a number and of a name in a row that is high enough
constexpr int kMostNumbers = 3000;

/// For cells that are just wide enough: ".06", "-.31", "12".
std::string tight_number(float value) {
  const float m = std::abs(value);
  std::string words = numbers::fixed(static_cast<double>(value), m == 0 || m >= 9.95F ? 0 : m >= 0.995F ? 1 : 2);
  const std::size_t zero = words.find("0.");
  if (zero != std::string::npos && zero <= 1) words.erase(zero, 1);
  return words;
}

/// How the numbers of a cell are written: all of a sheet's in one size, whatever their digits are.
struct Writing {
  float px = kLeastPx;
  bool tight = false;
};
/// With all digits where these can be as large as letters are to be, or as its row lets them; else with fewer ones, which are larger.
Writing writing_in(glm::vec2 cell, bool signs, float presentation) {
  static const float whole = render::text_width("-0.088", 1), few = render::text_width("-.88", 1), share = render::text_width(".88", 1);
  const float most = std::clamp(std::min((cell.y - kApartY) / kLine, kOfRow * cell.y), kLeastPx, kMostPx * presentation);
  const auto px = [&](float digits) { return std::min(most, (cell.x - kApartX) / digits); };
  if (px(whole) >= std::min(most, least_letters(presentation))) return {px(whole), false};
  return {std::max(kLeastPx, px(signs ? few : share)), true};
}

/// Rows and columns of a panel, half open.
struct Window {
  int row0 = 0, row1 = 0, col0 = 0, col1 = 0;
};

struct Projected {
  const render::Panel& panel;
  const render::Projection& view;
  int rows, cols;
  float least_px = kNumberCellPx;  ///< of a cell with a number in it

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
  if (p.cols > 1) reach = std::min(reach, cell_w * focal / (kFarther * p.least_px));
  if (p.rows > 1) reach = std::min(reach, cell_h * focal / (kFarther * kNumberRowPx));
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
  const float px = p.view.focal_px() / std::max(1e-6F, p.view.depth(p.panel.origin + a * s + d * t));
  return {w / static_cast<float>(p.cols) * px, h / static_cast<float>(p.rows) * px};
}

/// `signs`: some may be below 0.
void add_numbers(const Projected& p, std::vector<render::Label>& out, render::Theme theme, float presentation, bool signs) {
  constexpr float kWide = 1e6F;  // of a cell that has none beside it
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
      if ((p.cols > 1 && w < kFarther * p.least_px) || (p.rows > 1 && h < kFarther * kNumberRowPx)) continue;
      const float value = p.panel.source->value(row, col);
      if (std::isnan(value)) continue;
      const render::Rgb8 under = render::color_of(value, p.panel.scale, p.panel.offset, p.panel.map, theme);
      const float light = 0.2126F * under[0] + 0.7152F * under[1] + 0.0722F * under[2];
      render::Label label;
      const Writing writing = writing_in({p.cols > 1 ? w : kWide, p.rows > 1 ? h : kWide}, signs, presentation);
      label.text = writing.tight ? tight_number(value) : numbers::cell(value);
      const float room = p.cols > 1 ? w - 1 : kWide;
      float em = render::text_width(label.text, 1);
      if (em * writing.px > room && !writing.tight) {
        label.text = tight_number(value);
        em = render::text_width(label.text, 1);
      }
      const float most = std::min(writing.px, p.cols > 1 ? writing.px : least_letters(presentation));
      const float px = std::clamp(room / em, kLeastPx, most);
      if (px * em > room) continue;
      label.anchor = p.center(row, col);
      label.horizontal = render::Align::Middle;
      label.height = 1e3F;  // as large as allowed: the cell is large enough by now
      label.min_px = kLeastPx;
      label.max_px = px;
      label.color = light > 115 ? render::Color(0.05F, 0.06F, 0.08F, 1) : render::Color(0.95F, 0.96F, 0.98F, 1);
      label.priority = 2;
      out.push_back(std::move(label));
      if (static_cast<int>(out.size()) >= kMostNumbers) return;
    }
  }
}

constexpr float kNarrow = 0.04F;  // of a strip in world units

/// From the left side of a panel to the far side of the narrow strips that stand just before it; 0: there is none.
float strips_left_of(const render::Panel& panel, const std::vector<render::Panel>& all) {
  constexpr float kJustBefore = 0.15F;
  float far = 0;
  for (const render::Panel& other : all) {
    const bool beside =
        other.down.z == 0 && other.origin.y < panel.origin.y + panel.down.y && other.origin.y + other.down.y > panel.origin.y;
    const float away = panel.origin.x - other.origin.x;
    if (beside && other.across.x <= kNarrow && away > 0 && away <= kJustBefore) far = std::max(far, away);
  }
  return far;
}

/// Where not every row's name has room every second one stays, or every fourth, counted from the last; one at work is always there.
int rank_of_name(int from_last, bool at_work) {
  constexpr int kUsual = 15, kEvenness = 2;
  return at_work ? kUsual + kEvenness + 1
                 : kUsual + (from_last == 0 ? kEvenness : std::min(kEvenness, std::countr_zero(static_cast<unsigned>(from_last))));
}

/// Names that do not fit into `room` beside the panel, in world units, are cut; where it is less than a few letters there are none. Beside
/// the further sheets of a head alone, whose line has its names at its beginning, they are whole or not there.
void add_row_texts(const Projected& p, std::size_t panel, const ViewScene& scene, float row_px, float room, float presentation,
                   std::vector<render::Label>& out) {
  const Palette& colors = palette_of(scene.scene->theme);
  const PanelInfo& info = scene.panels[panel];
  const std::vector<std::string>& texts = scene.row_texts;
  constexpr float kAir = 6;
  // Names stand left of a LayerNorm's scales, and of a frame.
  const float before = std::max(strips_left_of(p.panel, scene.scene->panels), air_of_mark(p.panel));
  // In rows that are low for large letters they fill their row.
  for (const int row : {0, p.rows - 2}) {  // rows of a turned sheet are nearer to each other at its far end
    if (row < 0 || row + 1 >= p.rows) continue;
    const glm::vec3 here = p.at(row, 0), next = p.at(row + 1, 0);
    if (here.z > 0 && next.z > 0) row_px = std::min(row_px, std::abs(next.y - here.y));
  }
  const auto letters_of_row = [&] {
    const float filling = std::min((row_px - kApartY) / kLine, least_letters(presentation));
    return std::clamp(std::max(row_px * kNameOfRow, filling), kLeastPx, kMostPx * presentation);
  };
  const auto room_at = [&](glm::vec3 anchor) { return (room - before) * p.view.focal_px() / p.view.depth(anchor) - kAir; };
  const auto is_too_long = [&](const std::string& name) { return render::text_width(name, letters_of_row()) > room_at(p.center(0, 0)); };
  if (scene.title_of_head && std::ranges::any_of(texts, is_too_long)) return;
  // All rows or none: a turned sheet has less room at its far end.
  if (std::min(room_at(p.panel.origin), room_at(p.panel.origin + p.panel.down)) < kLeastOfName * presentation) return;
  for (int row = 0; row < p.rows; ++row) {
    const auto position = static_cast<std::size_t>(row + info.row0);
    if (position >= texts.size()) break;
    const bool at_work = std::ranges::find(scene.rows_at_work, std::pair(panel, row)) != scene.rows_at_work.end();
    if (row_px < kTokenRowPx && !at_work) continue;
    const glm::vec3 anchor =
        p.panel.origin + p.panel.down * ((static_cast<float>(row) + 0.5F) / static_cast<float>(p.rows)) - glm::vec3(before, 0, 0);
    if (!p.visible(p.view.pixel(anchor))) continue;
    const float letters = letters_of_row(), room_px = room_at(anchor);
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

/// The numbers of an operation at work that stand in a plate's row until the row itself does.
void add_laid_numbers(const ViewScene& scene, const render::Projection& view, float presentation, std::vector<render::Label>& out) {
  if (!scene.focus || !scene.focus->show || !scene.focus->show->cells) return;
  const ShowCells& cells = *scene.focus->show->cells;
  const std::size_t panel = scene.focus->laid_in;
  if (cells.values.empty() || panel >= scene.panels.size()) return;
  const PanelInfo& info = scene.panels[panel];
  const int count = static_cast<int>(cells.values.size());
  render::Panel row = scene.scene->panels[panel];
  row.origin += row.down * (static_cast<float>(cells.first.index[1] - info.row0) / static_cast<float>(info.rows));
  row.down /= static_cast<float>(info.rows);
  row.across *= static_cast<float>(count) / static_cast<float>(info.cols);
  row.map = render::ColorMap::Signed;
  row.scale = static_cast<float>(cells.scale);
  row.offset = 0;
  row.rows_shown = 1;
  row.source = folded_source({cells.values.begin(), cells.values.end()}, count);
  const Projected p{row, view, 1, count};
  const glm::vec2 px = cell_px(p);
  if (px.x >= kNumberCellPx && px.y >= kNumberRowPx && !off_screen(p)) add_numbers(p, out, scene.scene->theme, presentation, true);
}

/// Sheets that carry the tokens at their left: whole ones, the first band of folded ones, and plates, whose neighbours may be
/// outside the picture.
bool carries_tokens(const PanelInfo& info) {
  if (info.tensor.is_weight() || info.role != PanelInfo::Role::Activation) return false;
  if (info.mapping == PanelInfo::Mapping::Rows) return info.head <= 0;
  return info.mapping == PanelInfo::Mapping::Causal;
}

/// At the first sheet of a line stand the names of the line's rows, where each of them can be read; of a head alone always, or their list
/// (row_fan.h).
bool has_names_of_its_line(const ViewScene& scene, const render::Panel& panel, const render::Projection& view) {
  const auto line =
      std::ranges::find_if(scene.row_lines, [&](const ViewScene::RowLine& l) { return l.x == panel.origin.x && l.y == panel.origin.y; });
  if (line == scene.row_lines.end()) return false;
  const auto& labels = scene.scene->labels;
  const auto first = labels.begin() + static_cast<std::ptrdiff_t>(line->first_label);
  return std::all_of(first, first + static_cast<std::ptrdiff_t>(scene.row_texts.size()),
                     [&](const render::Label& name) { return render::label_px(name, view) > 0; });
}

}  // namespace

float air_of_mark(const render::Panel& panel) {
  if (panel.frame_px < kFramePx) return 0;
  // Of a small plate a part of its size, so that its frame is still seen from afar; of a large one not much more, because names and other
  // sheets stand beside it.
  constexpr float kAir = 0.09F, kLarge = 0.03F, kOfLarge = 0.015F;
  const float size = std::min(glm::length(panel.across), glm::length(panel.down));
  return std::min(kAir * size, kLarge + kOfLarge * size);
}

float room_left_of(const render::Panel& panel, const std::vector<render::Panel>& all) {
  float nearest = -1e9F;
  for (const render::Panel& other : all) {
    const bool beside =
        other.down.z == 0 && other.origin.y < panel.origin.y + panel.down.y && other.origin.y + other.down.y > panel.origin.y;
    if (beside && other.across.x > kNarrow && other.origin.x < panel.origin.x)
      nearest = std::max(nearest, other.origin.x + other.across.x + air_of_mark(other));
  }
  return panel.origin.x - nearest;
}

std::vector<render::Label> cell_labels(const ViewScene& scene, const render::Projection& view, float presentation, int without_rows) {
  std::vector<render::Label> out;
  const render::Scene& shown = *scene.scene;
  for (std::size_t i = 0; i < shown.panels.size(); ++i) {
    const render::Panel& panel = shown.panels[i];
    const PanelInfo& info = scene.panels[i];
    const bool shares = info.mapping == PanelInfo::Mapping::Causal && info.tensor.hook.kind == HookKind::Pattern;
    const Projected p{panel, view, info.rows, info.cols, shares ? kShareCellPx : kNumberCellPx};
    const glm::vec2 px = cell_px(p);
    const bool numbers = panel.source && (px.x >= p.least_px || info.cols == 1) && (px.y >= kNumberRowPx || info.rows == 1);
    const bool works = std::ranges::find(scene.rows_at_work, i, &std::pair<std::size_t, int>::first) != scene.rows_at_work.end();
    const bool texts = (px.y >= kTokenRowPx || works) && carries_tokens(info) && !scene.row_texts.empty();
    if ((!numbers && !texts) || off_screen(p)) continue;
    if (texts && static_cast<int>(i) != without_rows && !has_names_of_its_line(scene, panel, view))
      add_row_texts(p, i, scene, px.y, room_left_of(panel, shown.panels), presentation, out);
    if (numbers && static_cast<int>(out.size()) < kMostNumbers) add_numbers(p, out, shown.theme, presentation, !shares);
  }
  add_laid_numbers(scene, view, presentation, out);
  return out;
}

}  // namespace gf::scene
