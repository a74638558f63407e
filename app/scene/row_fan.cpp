#include "app/scene/row_fan.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/guides.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kLetterPx = 11.5F, kLinePx = 13, kMostOfName = 84, kThreadPx = 22, kLeastThreadPx = 11, kAirPx = 4;
constexpr float kLeastLetterPx = 11, kLeastLinePx = 12.2F;  // where more names have their place so
constexpr float kLeastOfName = 34, kBetweenPx = 7;          // of names in two columns
constexpr float kMostOfBand = 0.28F;                        // of the picture's width, where the names stand on the line's band
constexpr float kLeastRowPx = 13;                           // of rows that have their names beside them
constexpr float kMuchOfPicture = 0.45F;                     // of its width
constexpr float kLeastOfBand = 60;                          // of a name that stands on it
constexpr float kOfLine = 2;                                // above and below its letters a line is empty
constexpr int kLeastWithNote = 4;                           // of names: a shorter list has no line for a note

/// One row in so many has its name in a list of at most so many names.
int stride_of_list(int T, int most) { return std::max(1, (T + most - 1) / most); }

/// Every second row, every third and so on, counted from the last one, and the selected one.
std::vector<int> listed_rows(int T, int stride, int chosen) {
  std::vector<int> rows;
  for (int p = (T - 1) % stride; p < T; p += stride) rows.push_back(p);
  if (chosen < 0 || chosen >= T || std::ranges::find(rows, chosen) != rows.end()) return rows;
  // It takes the place of the one next to it.
  *std::ranges::min_element(rows, {}, [&](int p) { return std::abs(p - chosen); }) = chosen;
  return rows;
}

class Fanning {
 public:
  Fanning(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const EdgeRoom& room)
      : scene_(scene), pane_(pane), room_(room), view_(camera, pane.size), target_(camera.target) {}

  /// A row's name is rather smaller than left out.
  RowFan of(const ViewScene::RowLine& line, int chosen) {
    const std::size_t T = scene_.row_texts.size();
    RowFan usual = with_letters(room_.letters, line, chosen);
    for (const float share : {0.85F, 0.72F}) {
      if (!usual.readable.empty() || usual.rows.size() == T || share * room_.letters < 1) break;
      if (RowFan smaller = with_letters(share * room_.letters, line, chosen); smaller.rows.size() == T) return smaller;
    }
    return usual;
  }

 private:
  /// `s`: how much larger than usual they are.
  RowFan with_letters(float s, const ViewScene::RowLine& line, int chosen) {
    line_ = line;
    const int T = static_cast<int>(scene_.row_texts.size());
    glm::vec3 start = view_.pixel({line.x, line.y, 0});
    if (start.z <= 0) return {};
    const float left = room_.free.low.x;
    // Left of the sheets names are rather cut than before them. Where the line begins outside the picture they stand on its band, beside
    // its first sheet that leaves room for them.
    if (start.x <= left) start.x = first_sheet_in_sight(left + (kLeastOfBand + kThreadPx) * s).value_or(start.x);
    const bool beside = start.x > left;
    most_of_name_ = kMostOfName * s;
    if (beside) most_of_name_ = std::min(most_of_name_, start.x - left - kLeastThreadPx);
    if (most_of_name_ < kLeastOfName * s) return {};
    float widest = 0;
    for (const std::string& words : scene_.row_texts)
      widest = std::max(widest, std::min(most_of_name_, render::text_width(words, kLetterPx * s)));
    // The list ends before the rows, or at the picture's edge where they reach beyond it.
    float right = std::max(start.x - kThreadPx * s, left + widest), end = std::max(start.x, right + kLeastThreadPx);
    const auto first = row_at(0, end), last = row_at(T - 1, end);
    if (!first || !last || end > room_.free.high.x) return {};
    RowFan fan;
    const float pitch = T > 1 ? (*last - *first) / static_cast<float>(T - 1) : kLinePx;
    const bool roomy = start.x - widest - kAirPx >= left;
    if (pitch >= kLeastRowPx * s * (roomy ? 1 : kLinePx / kLetterPx)) {
      for (int p = 0; p < T; ++p) fan.readable.push_back(line.first_label + static_cast<std::size_t>(p));
      return fan;
    }
    const float middle = (*first + *last) / 2;
    if (middle < room_.free.low.y || middle > room_.free.high.y) return {};
    const ListRoom high = room_for_list(right - widest, right, middle);
    // As many names as rows, if need be with lines that are closer, or in two columns, whose names stand between each other's lines.
    letter_px_ = kLetterPx * s;
    float step = kLinePx * s;
    if (static_cast<float>(T) * step > high.px()) {
      letter_px_ = kLeastLetterPx * s;
      step = std::max(kLeastLinePx * s, high.px() / static_cast<float>(T));
    }
    int most = static_cast<int>(high.px() / step);
    const float farthest = beside ? right : std::max(right, kMostOfBand * pane_.size.x);
    const float wide = std::min(widest, (farthest - left - kBetweenPx * s) / 2);
    const bool two = most < T && wide >= kLeastOfName * s;
    ListRoom place = high;
    if (two) {
      if (!beside) right = left + 2 * wide + kBetweenPx * s, end = std::max(start.x, right + kLeastThreadPx);
      place = room_for_list(right - 2 * wide - kBetweenPx * s, right, middle);
      step = std::clamp(2 * place.px() / static_cast<float>(T + 1), kLeastLinePx * s, kLinePx * s) / 2;
      most = static_cast<int>(place.px() / step) - 1;
      most_of_name_ = std::min(most_of_name_, wide);
    }
    if (most < 2) return {};
    // Where names are left out the list says it in a line above them.
    const float line_px = kLinePx * s;
    const bool noted = most > kLeastWithNote && stride_of_list(T, most) > 1;
    if (noted) place.top += line_px, most = static_cast<int>(place.px() / step) - (two ? 1 : 0);
    const int stride = stride_of_list(T, most);
    fan.rows = listed_rows(T, stride, chosen);
    const int n = static_cast<int>(fan.rows.size());
    const float all = static_cast<float>(n + (two ? 1 : 0)) * step;
    float y = std::clamp(middle - all / 2, place.top, std::max(place.top, place.bottom - all)) + (two ? step : step / 2);
    const float top = y - (two ? step : step / 2);
    if (noted) add_note(fan, {right, top - line_px / 2}, left, stride);
    for (int i = 0; i < n; ++i) {
      const int p = fan.rows[static_cast<std::size_t>(i)];
      const bool aside = two && (n - 1 - i) % 2 == 1;
      add(fan, p, {aside ? right - wide - kBetweenPx * s : right, y}, right, {end, row_at(p, end).value_or(y)}, chosen);
      y += step;
    }
    fan.list = {{right - (two ? 2 * wide + kBetweenPx * s : widest), top - (noted ? line_px : 0)}, {right, y}};
    lay_ground(fan, {fan.list->low.x - kAirPx, fan.list->low.y}, {right + kAirPx, y});
    for (int p = 0; p < T; ++p) fan.instead_of.push_back(line.first_label + static_cast<std::size_t>(p));
    return fan;
  }

  struct ListRoom {
    float top = 0, bottom = 0;
    [[nodiscard]] float px() const { return bottom - top; }
  };
  /// What is free of the picture's height for a list that stands from `left` to `right`, about as high as the rows.
  [[nodiscard]] ListRoom room_for_list(float left, float right, float middle) const {
    ListRoom room{room_.free.low.y - kOfLine, room_.free.high.y + kOfLine};
    for (const ScreenBox& taken : room_.taken) {
      if (taken.low.x > right || taken.high.x < left) continue;
      if (taken.low.y + taken.high.y < 2 * middle) room.top = std::max(room.top, taken.high.y + 1);
      else room.bottom = std::min(room.bottom, taken.low.y - 1);
    }
    return room;
  }
  /// Where the first sheet of the line begins that begins right of a place on the screen.
  [[nodiscard]] std::optional<float> first_sheet_in_sight(float least) const {
    std::optional<float> first;
    constexpr float kSame = 1e-3F;
    for (std::size_t i = 0; i < scene_.panels.size(); ++i) {
      const glm::vec3 corner = scene_.scene->panels[i].origin;
      if (scene_.panels[i].mapping != PanelInfo::Mapping::Rows || std::abs(corner.y - line_.y) > kSame || corner.z != 0) continue;
      const float x = view_.pixel(corner).x;
      if (x >= least && x < pane_.size.x / 2 && (!first || x < *first)) first = x;
    }
    return first;
  }
  /// The height on the screen of a row's middle where it passes `x`; nullopt: it doesn't.
  [[nodiscard]] std::optional<float> row_at(int p, float x) const {
    const float y = line_.y + (static_cast<float>(p) + 0.5F) * line_.row;
    const glm::vec3 a = view_.pixel({line_.x, y, 0}), b = view_.pixel({scene_.scene->high.x, y, 0});
    if (a.z <= 0 || b.z <= 0 || !(b.x > a.x)) return std::nullopt;
    return std::lerp(a.y, b.y, std::clamp((x - a.x) / (b.x - a.x), 0.0F, 1.0F));
  }
  /// The place of the page below a pixel.
  [[nodiscard]] glm::vec3 page_at(glm::vec2 pixel) const {
    const glm::vec3 direction = view_.direction(pixel);
    return view_.eye() - direction * (view_.eye().z / direction.z);
  }

  /// So that names can be read where sheets or the band are behind them: before these, and below the threads, which are drawn later.
  void lay_ground(RowFan& fan, glm::vec2 low, glm::vec2 high) const {
    constexpr float kDense = 0.9F, kNear = 0.01F;  // of the distance
    const float middle = (low.y + high.y) / 2, near = kNear * glm::length(target_ - view_.eye());
    render::Line& ground = fan.ground.emplace();
    for (const float x : {low.x, high.x}) ground.points.push_back(view_.eye() + view_.direction({x, middle}) * near);
    ground.width_px = high.y - low.y;
    ground.color = {glm::vec3(scene_.scene->ground), kDense};
  }

  /// A label that ends at a place on the screen.
  [[nodiscard]] render::Label ends_at(std::string words, glm::vec2 at) const {
    render::Label label = label_at(at, std::move(words), letter_px_, target_, view_);
    label.horizontal = render::Align::End;
    return label;
  }

  /// It begins at `left` where it is longer than the names.
  void add_note(RowFan& fan, glm::vec2 at, float left, int stride) const {
    std::string words = words_of_note(stride);
    at.x = std::max(at.x, left + render::text_width(words, letter_px_));
    fan.note = ends_at(std::move(words), at);
    fan.note->color = palette_of(scene_.scene->theme).dim;
    fan.note->priority = kPriority - 1;
  }

  /// `at`: where the name ends; `right`: where all names end.
  void add(RowFan& fan, int p, glm::vec2 at, float right, glm::vec2 row, int chosen) const {
    const render::Label& usual = scene_.scene->labels[line_.first_label + static_cast<std::size_t>(p)];
    const Palette& colors = palette_of(scene_.scene->theme);
    render::Label name = ends_at(words_that_fit(usual.text, most_of_name_ + 0.01F, letter_px_, false), at);
    name.color = p == chosen ? colors.accent : usual.color;
    name.alpha = usual.alpha;
    name.priority = p == chosen ? kPriority + 1 : kPriority;
    fan.names.push_back(std::move(name));
    render::Line thread;
    thread.color = p == chosen ? colors.accent : colors.dim;
    thread.color.a = (p == chosen ? 0.9F : 0.5F) * usual.alpha;
    thread.width_px = 1;
    constexpr int kSteps = 8;
    const glm::vec2 from{right + kAirPx, at.y};
    if (at.x < right) thread.points.push_back(page_at(at + glm::vec2(kAirPx, 0)));  // straight, between the names of the other column
    for (int i = 0; i <= kSteps; ++i) {
      const float t = static_cast<float>(i) / kSteps, ease = t * t * (3 - 2 * t);
      thread.points.push_back(page_at({std::lerp(from.x, row.x, t), std::lerp(from.y, row.y, ease)}));
    }
    fan.threads.push_back(std::move(thread));
  }

  static constexpr int kPriority = 67;
  const ViewScene& scene_;
  const Pane& pane_;
  const EdgeRoom& room_;
  render::Projection view_;
  glm::vec3 target_;
  ViewScene::RowLine line_;
  float most_of_name_ = kMostOfName, letter_px_ = kLetterPx;
};

/// Of several lines of sheets. Between two of them each list has half of the room.
std::vector<RowFan> fans_of_lines(const ViewScene& scene, std::span<const ViewScene::RowLine> lines, const render::Camera& camera,
                                  const Pane& pane, const EdgeRoom& room, int row) {
  const render::Projection view(camera, pane.size);
  const auto T = static_cast<float>(scene.row_texts.size());
  const auto screen_y = [&](const ViewScene::RowLine& line, float y) { return view.pixel({line.x, y, 0}).y; };
  std::vector<RowFan> fans;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const ViewScene::RowLine& line = lines[i];
    EdgeRoom own = room;
    const float foot = line.y + T * line.row;
    if (i > 0) {
      const ViewScene::RowLine& above = lines[i - 1];
      own.free.low.y = std::max(own.free.low.y, screen_y(line, (above.y + T * above.row + line.y) / 2));
    }
    if (i + 1 < lines.size()) own.free.high.y = std::min(own.free.high.y, screen_y(line, (foot + lines[i + 1].y) / 2));
    if (i > 0) own.free.low.y += kOfLine;
    if (i + 1 < lines.size()) own.free.high.y -= kOfLine;
    if (own.free.low.y < own.free.high.y) fans.push_back(Fanning(scene, camera, pane, own).of(line, row));
  }
  return fans;
}

/// Beside a sheet that stands upright.
ViewScene::RowLine line_of(const render::Panel& sheet, int rows, std::size_t first_label) {
  return {first_label, sheet.origin.x, sheet.origin.y, sheet.down.y / static_cast<float>(rows)};
}

/// Of the Stream: beside the plates over a block, where they are much of the picture and their rows are lower than the names that they have
/// otherwise.
std::vector<RowFan> fans_of_plates(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const EdgeRoom& room, int row) {
  constexpr float kMuch = 0.15F;  // of the picture
  if (scene.blocks.empty() || scene.row_names.size() != scene.row_texts.size()) return {};
  const int block = static_cast<int>(block_in_middle(scene, camera, pane)) - 1;
  const render::Projection view(camera, pane.size);
  std::vector<ViewScene::RowLine> lines;
  std::optional<ScreenBox> all;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    if (info.mapping != PanelInfo::Mapping::Causal || info.tensor.hook != HookId{HookKind::Pattern, block}) continue;
    const render::Panel& plate = scene.scene->panels[i];
    const auto seen = sheet_on_screen(plate, view);
    if (!seen || static_cast<std::size_t>(info.rows) != scene.row_texts.size()) return {};
    if (seen->high.y - seen->low.y >= kTokenRowPx * static_cast<float>(info.rows)) return {};
    all = all ? ScreenBox{glm::min(all->low, seen->low), glm::max(all->high, seen->high)} : *seen;
    const auto same = [&](const ViewScene::RowLine& line) { return line.y == plate.origin.y; };
    if (const auto line = std::ranges::find_if(lines, same); line != lines.end()) line->x = std::min(line->x, plate.origin.x);
    else lines.push_back(line_of(plate, info.rows, scene.row_names.front()));
  }
  const ScreenBox picture{{0, 0}, pane.size};
  if (!all || all->low.x <= room.free.low.x || area(common(*all, picture)) < kMuch * area(picture)) return {};
  auto fans = fans_of_lines(scene, lines, camera, pane, room, row);
  // One list has room for all names where two have not.
  const auto lists_all = [&](const RowFan& fan) { return fan.rows.size() == scene.row_texts.size(); };
  if (fans.size() > 1 && !std::ranges::all_of(fans, lists_all))
    if (RowFan one = Fanning(scene, camera, pane, room).of(lines.front(), row); lists_all(one)) fans = {std::move(one)};
  for (RowFan& fan : fans) fan.instead_of.clear();  // these stand beside the rows of tiles
  return fans;
}

}  // namespace

std::vector<RowFan> row_fans(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const EdgeRoom& room, int row) {
  if (scene.row_texts.empty()) return {};
  if (scene.row_lines.empty()) return fans_of_plates(scene, camera, pane, room, row);
  if (scene.blocks.empty()) return fans_of_lines(scene, scene.row_lines, camera, pane, room, row);
  const std::size_t block = block_in_middle(scene, camera, pane);
  if (block == 0 || block + 1 == scene.blocks.size()) return {};
  const ViewScene::Box& box = scene.blocks[block];
  const auto seen = on_screen(box, render::Projection(camera, pane.size));
  if (!seen || seen->high.x - seen->low.x < kMuchOfPicture * pane.size.x) return {};
  const auto line = std::ranges::find_if(scene.row_lines, [&](const ViewScene::RowLine& l) { return l.y > box.low.y && l.y < box.high.y; });
  if (line == scene.row_lines.end()) return {};
  return {Fanning(scene, camera, pane, room).of(*line, row)};
}

std::optional<RowFan> fan_of_plate(const ViewScene& scene, std::span<const EdgeName> names, const render::Camera& camera, const Pane& pane,
                                   const EdgeRoom& room, int row) {
  const auto note = std::ranges::find_if(names, [](const EdgeName& name) { return name.of_row && name.left_out > 0; });
  if (note == names.end() || scene.row_names.size() < scene.row_texts.size()) return std::nullopt;
  const PanelInfo& info = scene.panels[static_cast<std::size_t>(note->panel)];
  const render::Panel& plate = scene.scene->panels[static_cast<std::size_t>(note->panel)];
  if (info.mapping != PanelInfo::Mapping::Causal || info.rows != static_cast<int>(scene.row_texts.size())) return std::nullopt;
  // Beside one that one looks at, and not over its neighbours in a row of them.
  constexpr float kLarge = 0.3F;  // of the picture's height
  const auto seen = sheet_on_screen(plate, render::Projection(camera, pane.size));
  if (!seen || seen->low.x <= room.free.low.x || seen->high.y - seen->low.y < kLarge * pane.size.y) return std::nullopt;
  RowFan fan = Fanning(scene, camera, pane, room).of(line_of(plate, info.rows, scene.row_names.front()), row);
  const auto named = std::ranges::count_if(names, [&](const EdgeName& name) { return name.of_row && name.panel == note->panel; }) - 1;
  if (static_cast<std::ptrdiff_t>(fan.rows.size()) <= named) return std::nullopt;
  fan.instead_of.clear();
  return fan;
}

}  // namespace gf::scene
