// Names of rows and columns that stay at the picture's edges, and those of the Stream's tiles.
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/scene/builder_state.h"
#include "app/scene/placing.h"
#include "renderer/labels.h"

namespace gf::scene {

void Placing::even_rows() {
  for (const ViewScene::RowLine& line : scene_.row_lines) {
    std::vector<float> px;
    float least = std::numeric_limits<float>::max();
    for (std::size_t row = 0; row < scene_.row_texts.size() && least > 0; ++row) {
      px.push_back(render::label_px(labels_[line.first_label + row], view_));
      least = std::min(least, px.back());
    }
    if (least <= 0) continue;
    for (std::size_t row = 0; row < px.size(); ++row)
      if (px[row] > least) out_.smaller.emplace_back(line.first_label + row, least);
  }
}

void Placing::stuck_columns() {
  const glm::vec2 edge = at_.room.free.low;
  constexpr float kTag = 0.9F;  // a tag's sides
  float strip = 0;
  for (const std::size_t index : scene_.column_names) {
    if (std::ranges::find(out_.moved, index, &MovedName::index) != out_.moved.end()) continue;
    const render::Label& label = labels_[index];
    const float px = render::label_px(label, view_), least = kLineOfLabel * px + edge.y;  // it stands above its anchor
    const glm::vec3 at = view_.pixel(label.anchor);
    const glm::vec3 end = view_.pixel({label.anchor.x, scene_.scene->high.y, label.anchor.z});
    if (!(at.z > 0 && at.y < least && end.z > 0 && end.y > least + kLineOfLabel * px + edge.x)) continue;
    // A turned picture's columns lean: the name stands where its own meets the edge.
    const glm::vec2 by = (glm::vec2(end) - glm::vec2(at)) * ((least - at.y) / (end.y - at.y));
    const float middle = at.x + by.x, half = render::text_width(words_of(index), px, label.bold) / 2 + kTag * px;
    const ScreenBox box{{middle - half, least - kLineOfLabel * px}, {middle + half, least}};
    out_.moved.push_back({index, by, is_taken(box), !at_.tiles});
    if (px > 0) strip = std::max(strip, least);
  }
  if (!at_.tiles || strip <= 0) return;
  // Tiles and words between the titles would be seen in part.
  constexpr float kAir = 2;
  const ScreenBox band{{0, 0}, {at_.pane.size.x, strip + kAir}};
  // Names that a tilted picture has a little lower than those at the edge stand before the strip too.
  for (const std::size_t index : scene_.column_names) {
    const auto box = box_of_label(labels_[index], view_);
    const bool moved = std::ranges::find(out_.moved, index, &MovedName::index) != out_.moved.end();
    if (box && !moved && box->meets(band)) out_.moved.push_back({index, {}, is_taken(*box), false});
  }
  taken_.push_back(band);
  lay_ground(band);
}

void Placing::stuck_rows() {
  const glm::vec2 edge = at_.room.free.low;
  constexpr float kTag = 0.9F;
  float strip = 0;
  for (const std::size_t index : scene_.row_names) {
    const render::Label& label = labels_[index];
    const float px = render::label_px(label, view_);
    const glm::vec3 at = view_.pixel(label.anchor);
    if (px <= 0 || at.z <= 0) continue;
    // It ends at its anchor, with the tag that it gets behind it.
    const float least = render::text_width(words_of(index), px, label.bold) + kTag * px + edge.x;
    const glm::vec3 end = view_.pixel({scene_.scene->high.x, label.anchor.y, label.anchor.z});
    if (!(at.x < least && end.z > 0 && end.x > 2 * least)) continue;
    // A turned picture's rows lean.
    const float y = std::lerp(at.y, end.y, (least - at.x) / (end.x - at.x));
    if (y < 0 || y > at_.pane.size.y) continue;
    const ScreenBox box{{edge.x, y - kLineOfLabel * px / 2}, {least, y + kLineOfLabel * px / 2}};
    const float aside = way_off_taken(box, index);
    const bool hidden = is_taken(shifted(box, {0, aside}));
    out_.moved.push_back({index, {least - at.x, y + aside - at.y}, hidden, !at_.tiles, true});
    if (!hidden) strip = std::max(strip, least);
  }
  // Tiles and words below the names would be seen in part.
  if (!at_.tiles || strip <= 0) return;
  rows_ground_ = {{0, edge.y}, {strip, at_.pane.size.y}};
  lay_ground(*rows_ground_);
}

float Placing::way_off_taken(const ScreenBox& box, std::size_t row) const {
  if (!at_.tiles || !is_taken(box)) return 0;
  constexpr float kInTile = 0.5F;  // the name stays beside its tile
  const glm::vec3 anchor = labels_[row].anchor;
  const float most = kInTile * std::abs(view_.pixel(anchor + glm::vec3(0, 1, 0)).y - view_.pixel(anchor).y);
  for (const ScreenBox& other : taken_) {
    if (!other.meets(box)) continue;
    const float down = other.high.y + 1 - box.low.y, up = other.low.y - 1 - box.high.y;
    if (down <= most) return down;
    if (-up <= most) return up;
  }
  return 0;
}

void Placing::lay_ground(const ScreenBox& part) {
  render::Line ground;
  const float near = 0.01F * at_.camera.distance, middle = (part.low.y + part.high.y) / 2;
  for (const float x : {part.low.x, part.high.x}) ground.points.push_back(view_.eye() + view_.direction({x, middle}) * near);
  ground.width_px = part.high.y - part.low.y;
  ground.color = {glm::vec3(scene_.scene->ground), 1};
  ground.on_top = true;
  out_.lines.push_back(std::move(ground));
}

void Placing::say_rows_left_out() {
  const std::vector<std::size_t>& rows = scene_.row_names;
  if (!at_.tiles || rows.size() < 2) return;
  // Where they stand, as far as they are in the picture.
  struct Row {
    std::size_t at;  ///< in `rows`
    glm::vec2 end;   ///< of its name
    float px;
  };
  const ScreenBox whole{{0, 0}, at_.pane.size};
  std::vector<Row> seen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const render::Label& label = labels_[rows[i]];
    const float px = render::label_px(label, view_);
    const glm::vec3 at = pixel_of(label);
    const auto moved = std::ranges::find(out_.moved, rows[i], &MovedName::index);
    const bool hidden = moved != out_.moved.end() && moved->hidden;
    const glm::vec2 end = glm::vec2(at) + (moved == out_.moved.end() ? glm::vec2(0) : moved->by);
    if (px > 0 && at.z > 0 && label.alpha > 0 && !hidden && whole.contains(end)) seen.push_back({i, end, px});
  }
  if (seen.size() < 2) return;
  const auto between = static_cast<float>(seen.back().at - seen.front().at);
  const float pitch = (seen.back().end.y - seen.front().end.y) / between;
  constexpr float kApart = 1, kLittle = 0.1F;  // of two lines of letters
  const float line = kLineOfName * seen.front().px + kApart;
  std::size_t stride = 1;
  while (static_cast<float>(stride) * pitch < line && stride < rows.size()) stride *= 2;
  if (stride == 1) return;
  // Every so many, counted from the last one, and the selected one.
  for (std::size_t p = 0; p < rows.size(); ++p)
    if ((rows.size() - 1 - p) % stride != 0 && static_cast<int>(p) != at_.row) hide(rows[p]);
  std::erase_if(seen, [&](const Row& row) { return (rows.size() - 1 - row.at) % stride != 0; });
  if (seen.empty()) return;
  const Row &first = seen.front(), &last = seen.back();
  const std::string words = words_of_note(static_cast<int>(stride));
  const float wide = render::text_width(words, first.px);
  float widest = 0;
  for (const Row& row : seen) widest = std::max(widest, render::text_width(words_of(rows[row.at]), row.px, true));
  constexpr float kBeside = 8;
  const glm::vec2 beside{widest + kBeside, 0};
  // Above the first name, below the last one, or left of one of them.
  for (const glm::vec2 end :
       {first.end - glm::vec2(0, line), last.end + glm::vec2(0, line), last.end - beside, seen[seen.size() / 2].end - beside}) {
    const glm::vec2 right{std::max(end.x, at_.room.free.low.x + wide), end.y}, half{0, line / 2};
    const ScreenBox box{right - half - glm::vec2(wide, 0), right + half};
    const auto is_on = [&](const Row& row) { return std::abs(row.end.y - right.y) < line - kLittle && right.x > row.end.x - widest; };
    if (!lies_in(box, at_.room.free) || is_taken(box) || std::ranges::any_of(seen, is_on)) continue;
    render::Label note = label_at(right, words, first.px, at_.camera.target, view_);
    note.horizontal = render::Align::End;
    note.color = palette_of(scene_.scene->theme).dim;
    note.priority = kNotePriority;
    out_.added.push_back(std::move(note));
    return;
  }
}

void Placing::fit_column_names() {
  const std::vector<std::size_t>& names = scene_.column_names;
  const std::size_t blocks = names.size() / 2;  // their titles stand behind the names of the depths, which are one more
  if (!at_.tiles || blocks < 2) return;
  // Where a name stands: over its column, or where this meets the picture's edge.
  const auto place_of = [&](std::size_t i) {
    const render::Label& label = labels_[names[i]];
    const glm::vec2 at(view_.pixel(label.anchor)), end(view_.pixel({label.anchor.x, scene_.scene->high.y, label.anchor.z}));
    const float edge = at_.room.free.low.y;
    return at.y < edge && end.y > edge ? glm::mix(at, end, (edge - at.y) / (end.y - at.y)) : at;
  };
  const auto px_of = [&](std::size_t i) { return render::label_px(labels_[names[i]], view_); };
  const std::size_t first = names.size() - blocks;
  // Titles of columns that are narrower are smaller, rather than that every second one is left out.
  constexpr float kApart = 8;
  const float px = px_of(first), least = least_letters(at_.room.letters);
  float step = 1e9F, widest = 0;
  for (std::size_t i = first; i < names.size(); ++i) {
    if (px_of(i) <= 0) return;
    if (labels_[names[i]].background.a <= 0) widest = std::max(widest, render::text_width(words_of(names[i]), px, true));
    if (i > first) step = std::min(step, place_of(i).x - place_of(i - 1).x);
  }
  const float fitting = widest > 0 && px > least ? std::clamp(px * (step - kApart) / widest, least, px) : px;
  if (fitting < px)
    for (std::size_t i = first; i < names.size(); ++i) out_.smaller.emplace_back(names[i], fitting);
  // Where they stand at the picture's edge they are in one line. Of the depths between them all are named, or the end alone.
  if (place_of(0).y > at_.room.free.low.y + 1) return;
  const auto box_of = [&](std::size_t i) {
    return box_of_label(labels_[names[i]], words_of(names[i]), {place_of(i).x, 0}, i < first ? px_of(i) : fitting);
  };
  const auto meets_title = [&](std::size_t depth, bool tagged) {
    for (std::size_t i = first; i < names.size(); ++i)
      if ((labels_[names[i]].background.a > 0) == tagged && px_of(depth) > 0 && box_of(i).meets(box_of(depth))) return true;
    return false;
  };
  // The tag of an edit takes the names of the depths beside it alone.
  bool meets = false;
  for (std::size_t depth = 0; depth < blocks; ++depth) meets = meets || meets_title(depth, false);
  for (std::size_t depth = 0; depth < blocks; ++depth)
    if (meets || meets_title(depth, true)) out_.moved.push_back({names[depth], {}, true});
}

void Placing::far_words() {
  constexpr float kLeast = 0.8F;  // of the size that can be read
  if (!at_.tiles) return;
  for (const auto& [index, room] : scene_.rooms) {
    const render::Label& label = labels_[index];
    const float depth = view_.depth(label.anchor), px = depth > 0 ? label.height * view_.focal_px() / depth : 0;
    if (px < label.min_px && px >= kLeast * label.min_px) out_.stay.push_back(index);
  }
}

}  // namespace gf::scene
