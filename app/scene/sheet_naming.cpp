#include "app/scene/sheet_naming.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

using AxisKind = SheetAxis::Kind;

constexpr float kMostLetterPx = 15, kLetterOfRow = 0.75F;  // of rows' names, which grow with the rows
constexpr float kWidestName = 120;
constexpr float kLeastShare = 0.4F;                                         // of the picture's width
constexpr float kLeastHigh = 84, kLeastOfHeight = 0.22F, kLeastWide = 220;  // of a sheet whose rows, columns are named
constexpr float kLargePlate = 0.4F;                     // of the picture's height: a plate that one looks at, and not one of a row of them
constexpr int kRowPriority = 66, kColumnPriority = 48;  // over the names of lines' rows; under the names of sheets

/// Every so many, so that two have `least` pixels between them: a power of two, as heads and widths are.
int stride_for(float pitch, float least, int count) {
  int stride = 1;
  while (static_cast<float>(stride) * pitch < least && stride < count) stride *= 2;
  return stride;
}

}  // namespace

SheetNaming::SheetNaming(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view,
                         glm::vec3 target, const EdgeRoom& room, std::span<const SeenPlate> plates)
    : scene_(scene),
      input_(input),
      focus_(focus),
      config_(input.model->weights->config),
      panel_(scene.scene->panels[static_cast<std::size_t>(focus.panel)]),
      info_(scene.panels[static_cast<std::size_t>(focus.panel)]),
      axes_(axes_of(info_, config_)),
      view_(view),
      target_(target),
      room_(room),
      plates_(plates),
      colors_(palette_of(scene.scene->theme)),
      sheet_(panel_, info_, view, room_.free) {
  if (const float mark = air_of_mark(panel_); mark > 0) air_ += mark * view.focal_px() / view.depth(panel_.origin) + kFramePx / 2;
  set_letters(kLetterPx * room.letters);
}

std::vector<EdgeName> SheetNaming::all() {
  name_rows();
  name_columns();
  return std::move(names_);
}

std::string SheetNaming::text_of(const SheetAxis& axis, int index) const {
  const int number = axis.first + index;
  switch (axis.kind) {
    case AxisKind::None: return "";
    case AxisKind::Position:
      return static_cast<std::size_t>(number) < scene_.row_texts.size() ? scene_.row_texts[static_cast<std::size_t>(number)]
                                                                        : std::to_string(number);
    case AxisKind::OfHeads: return std::to_string(number % config_.d_head);
    case AxisKind::Word: return number < config_.n_vocab ? token_text(input_, TokenId(number)) : "";
    case AxisKind::Dimension:
    case AxisKind::Neuron: break;
  }
  return std::to_string(number);
}

std::string SheetNaming::cut(const std::string& text) const {
  return render::text_width(text, px_) <= kWidestName ? text : words_that_fit(text, kWidestName, px_, false);
}

void SheetNaming::look_as(const SheetAxis& axis, int index, render::Label& label) const {
  if (axis.kind != AxisKind::Position) return;
  const auto position = static_cast<std::size_t>(axis.first + index);
  if (position >= scene_.row_texts.size() || scene_.row_names.size() < scene_.row_texts.size()) return;
  const render::Label& usual = scene_.scene->labels[scene_.row_names[position]];
  label.color = usual.color;
  label.alpha = usual.alpha;
}

bool SheetNaming::put(std::string text, glm::vec2 at, bool of_row, int index, const SheetAxis* axis, bool marked, int count) {
  EdgeName name;
  const float wide = width(text, marked);
  name.box = {at, at + glm::vec2(wide, line_)};
  const ScreenBox& free = room_.free;
  if (name.box.low.x < free.low.x - 0.5F || name.box.low.y < free.low.y - 0.5F || name.box.high.x > free.high.x + 0.5F ||
      name.box.high.y > free.high.y + 0.5F)
    return false;
  const ScreenBox air = with_air(name.box);
  const auto meets = [&](const ScreenBox& other) { return air.meets(other); };
  if (std::ranges::any_of(room_.taken, meets)) return false;
  if (std::ranges::any_of(names_, [&](const EdgeName& other) { return meets(other.box); })) return false;
  name.label = label_at(at, std::move(text), px_, target_, view_);
  render::Label& label = name.label;
  label.vertical = render::Align::Begin;
  label.color = colors_.text;
  if (axis != nullptr) look_as(*axis, index, label);
  if (marked) label.color = colors_.accent;
  label.bold = marked;
  label.background = {glm::vec3(scene_.scene->ground), 0.86F};
  label.snug = snug_;
  label.priority = of_row || axis == nullptr ? kRowPriority : kColumnPriority;
  if (label.alpha <= 0) return false;
  name.panel = focus_.panel;
  name.of_row = of_row;
  name.index = index;
  name.count = count;
  names_.push_back(std::move(name));
  return true;
}

bool SheetNaming::put_note(const std::string& words, glm::vec2 at, bool of_row, int stride) {
  if (!put(words, at, of_row, -1, nullptr)) return false;
  names_.back().left_out = stride;
  names_.back().label.color = colors_.dim;
  return true;
}

void SheetNaming::name_rows() {
  const SheetAxis& axis = axes_.rows;
  const IndexSpan rows = sheet_.rows();
  if (axis.kind == AxisKind::None || rows.from >= rows.to) return;
  // Two neighbours in the middle of what is seen tell how near rows are.
  const int middle = std::min((rows.from + rows.to) / 2, std::max(0, info_.rows - 2));
  const auto here = sheet_.row(middle), next = sheet_.row(std::min(middle + 1, info_.rows - 1));
  if (!here) return;
  const float pitch = next && info_.rows > 1 ? std::abs(next->a.y - here->a.y) : 2 * line_;
  const float least = std::min(kLeastHigh, kLeastOfHeight * view_.size().y);  // in a low pane less is much of it
  if (info_.rows > 1 && pitch * static_cast<float>(rows.to - rows.from) < least) return;
  // Those of a tilted sheet are nearer to each other at its far end.
  float nearest = pitch;
  for (const int i : {rows.from, rows.to - 2})
    if (const auto one = sheet_.row(std::max(0, i)), other = sheet_.row(i + 1); one && other && i >= 0)
      nearest = std::min(nearest, std::abs(other->a.y - one->a.y));
  // A row's name is rather smaller than left out, but rather without air in its tag than too small. Where some are left out the others
  // are no smaller than they need to be.
  constexpr float kSurely = 0.1F;
  const float most = kMostLetterPx * room_.letters, least_px = least_letters(room_.letters);
  const float airy = (nearest - kApartY) / (kLineOfLetter + 2 * kTagY), filling = (nearest - kApartY - kSurely) / kLineOfLetter;
  const bool snug = airy < least_px;
  const float fitting = snug ? std::min(filling, least_px) : airy;
  const int stride = fitting >= kLeastLetter ? 1 : stride_for(pitch, line_ + kApartY, info_.rows);
  if (stride > 1) set_letters(std::clamp(kLetterOfRow * pitch, kLeastLetter * room_.letters, most));
  else set_letters(snug ? fitting : std::clamp(kLetterOfRow * pitch, kLeastLetter, std::min(fitting, most)), snug);
  const bool tokens = axis.kind == AxisKind::Position;
  std::vector<int> wanted;
  if (focus_.cell) wanted.push_back(focus_.cell->x);
  for (const auto& [panel, row] : scene_.rows_at_work)
    if (static_cast<int>(panel) == focus_.panel && std::ranges::find(wanted, row) == wanted.end()) wanted.push_back(row);
  for (int i = rows.from; i < rows.to; ++i)  // tokens are counted from the last one
    if ((tokens ? info_.rows - 1 - i : axis.first + i) % stride == 0) wanted.push_back(i);
  float widest = 0;
  for (const int i : wanted) widest = std::max(widest, width(cut(text_of(axis, i)), true));
  struct Row {
    int index;
    SeenLine line;
  };
  std::vector<Row> seen;
  for (const int i : wanted)
    if (const auto line = sheet_.row(i); line && !(line->a_cut && line->a.x > room_.free.low.x + 1)) seen.push_back({i, *line});
  const float edge = room_.free.low.x + widest;
  const auto beside = [this](const SeenLine& line) { return line.a.x - air_; };
  // Where all have room beside the sheet the usual names stand there, or none where they would cover what is beside it. Of what stands
  // beside a plate they cover the part that is masked.
  const bool large = is_plate() && pitch * static_cast<float>(info_.rows) > kLargePlate * view_.size().y;
  const bool usual = !large || has_usual_names(nearest, widest);
  if (!focus_.pointed && usual && std::ranges::none_of(seen, [&](const Row& row) { return beside(row.line) < edge; })) return;
  for (const auto& [i, line] : seen) {
    const std::string text = cut(text_of(axis, i));
    const bool marked = (focus_.cell && focus_.cell->x == i) || is_at_work(i);
    const float right = std::max(beside(line), edge);
    if (line.b.x - right < kLeastSeen) continue;
    if (put(text, {right - width(text, marked), line.a.y - line_ / 2}, true, i, &axis, marked)) strip_ = std::max(strip_, right);
  }
  if (tokens && stride > 1) note_left_out(stride);
}

void SheetNaming::note_left_out(int stride) {
  if (names_.empty()) return;
  const auto height = [](const EdgeName& name) { return name.box.low.y; };
  const ScreenBox first = std::ranges::min_element(names_, {}, height)->box, last = std::ranges::max_element(names_, {}, height)->box;
  const std::string words = words_of_note(stride);
  constexpr float kLittle = 0.1F;
  const float wide = width(words), left = wide + kApartX + kLittle;
  const glm::vec2 above{std::max(room_.free.low.x, first.high.x - wide), first.low.y - line_ - kApartY - kLittle};
  for (const glm::vec2 at : {glm::vec2(last.low.x - left, last.low.y), above, glm::vec2(first.low.x - left, first.low.y)})
    if (put_note(words, at, true, stride)) return;
}

bool SheetNaming::is_at_work(int row) const {
  const std::pair<std::size_t, int> at{static_cast<std::size_t>(focus_.panel), row};
  return std::ranges::find(scene_.rows_at_work, at) != scene_.rows_at_work.end();
}

bool SheetNaming::has_usual_names(float pitch, float widest) const {
  constexpr float kSurely = 1.1F;
  const float far = std::max(view_.depth(panel_.origin), view_.depth(panel_.origin + panel_.down));
  const float room = room_left_of(panel_, scene_.scene->panels) * view_.focal_px() / far;
  return pitch >= kSurely * kTokenRowPx && std::max(widest, kSurely * kLeastOfName * room_.letters) + kAirPx <= room;
}

void SheetNaming::name_columns() {
  const SheetAxis& axis = axes_.cols;
  const IndexSpan cols = sheet_.cols();
  if (axis.kind == AxisKind::None || cols.from >= cols.to || info_.cols < 2) return;
  set_letters(kLetterPx * room_.letters);
  const int middle = std::min((cols.from + cols.to) / 2, info_.cols - 2);
  const auto here = sheet_.column(static_cast<float>(middle) + 0.5F), next = sheet_.column(static_cast<float>(middle) + 1.5F);
  if (!here || !next) return;
  const float pitch = std::abs(next->a.x - here->a.x);
  // The sheet in the middle is named where it fills much of the picture, that under the pointer before that.
  const float wide = focus_.pointed ? kLeastWide : std::max(kLeastWide, kLeastShare * view_.size().x);
  const bool large = is_plate() && pitch * static_cast<float>(info_.cols) > kLargePlate * view_.size().y;
  if (pitch * static_cast<float>(cols.to - cols.from) < wide && !(axis.kind == AxisKind::Position && (pitch >= px_ || large))) {
    if (focus_.cell && axis.kind != AxisKind::Position) name_column(focus_.cell->y, true);
    if (focus_.cell && axis.kind == AxisKind::Position) name_key(focus_.cell->y, 1, line_);
    return;
  }
  if (axis.kind == AxisKind::Position) return name_keys(cols, pitch);
  if (axis.kind == AxisKind::OfHeads) name_heads(cols);
  std::string longest;
  for (const int i : {cols.from, (cols.from + cols.to) / 2, cols.to - 1})
    if (std::string text = text_of(axis, i); text.size() > longest.size()) longest = std::move(text);
  if (axis.kind == AxisKind::OfHeads) longest = std::to_string(config_.d_head - 1);
  const float least = (axis.kind == AxisKind::Word ? kWidestName / 2 : width(longest)) + kApartX;
  const int stride = stride_for(pitch, least, info_.cols);
  if (axis.kind == AxisKind::OfHeads && stride > config_.d_head / 2) return;
  if (focus_.cell) name_column(focus_.cell->y, true);
  for (int i = cols.from; i < cols.to; ++i)
    if ((axis.kind == AxisKind::OfHeads ? (axis.first + i) % config_.d_head : axis.first + i) % stride == 0) name_column(i, false);
}

std::optional<glm::vec2> SheetNaming::header_of(float at_col, int lines_below) const {
  const auto line = sheet_.column(at_col);
  if (!line || (line->a_cut && line->a.y > room_.free.low.y + 1)) return std::nullopt;
  const float below = static_cast<float>(lines_below) * (line_ + 2 * kApartY);
  const float top = std::max(line->a.y - air_ - line_ - below, room_.free.low.y + heads_high_ - below);
  if (line->b.y - top < kLeastSeen) return std::nullopt;
  return glm::vec2(line->a.x, top);
}

void SheetNaming::name_column(int i, bool marked) {
  const auto at = header_of(static_cast<float>(i) + 0.5F, 0);
  if (!at) return;
  const std::string text = cut(text_of(axes_.cols, i));
  const float left = at->x - width(text, marked) / 2;
  if (text.empty() || left < strip_) return;
  put(text, {left, at->y}, false, i, &axes_.cols, marked);
}

void SheetNaming::name_heads(const IndexSpan& cols) {
  const int first = axes_.cols.first;
  bool named = false;
  heads_high_ = line_ + 2 * kApartY;
  for (int head = (first + cols.from) / config_.d_head; head * config_.d_head < first + cols.to; ++head) {
    const int from = std::max(0, head * config_.d_head - first), to = std::min(info_.cols, (head + 1) * config_.d_head - first);
    const auto left = header_of(static_cast<float>(from), 1), right = header_of(static_cast<float>(to), 1);
    const auto inside = header_of(static_cast<float>(std::clamp((cols.from + cols.to) / 2, from, to)), 1);
    const float low = std::max(left ? left->x : room_.free.low.x, strip_ + kApartX), high = right ? right->x : room_.free.high.x;
    const auto any = left ? left : right ? right : inside;
    if (!any) continue;
    const bool marked = focus_.cell && focus_.cell->y >= from && focus_.cell->y < to;
    for (const std::string& text : {text("head {0}", head), std::to_string(head)}) {
      const float wide = width(text, marked);
      if (wide > high - low) continue;
      named = put(text, {(low + high - wide) / 2, any->y}, false, from, nullptr, marked, to - from) || named;
      break;
    }
  }
  if (!named) heads_high_ = 0;
}

}  // namespace gf::scene
