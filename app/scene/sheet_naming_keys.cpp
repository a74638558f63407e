// The keys of a pattern, named below it.
#include <algorithm>
#include <cmath>
#include <ranges>

#include "app/scene/sheet_naming.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr int kMostKeyLines = 3;
constexpr float kFrame = 4;                           // round a plate, which names leave to be seen
constexpr float kMostOfKeys = 0.16F;                  // of the picture's height
constexpr float kCellsOff = 1, kBelowNumber = 0.16F;  // of a note in the masked part: in cells, and in the plate's heights

}  // namespace

std::vector<EdgeName> SheetNaming::keys() {
  if (info_.cols < 2) return {};
  const auto first = sheet_.column(0.5F), last = sheet_.column(static_cast<float>(info_.cols) - 0.5F);
  if (!first || !last || first->b_cut || last->b_cut) return {};
  const float pitch = std::abs(last->b.x - first->b.x) / static_cast<float>(info_.cols - 1);
  if (pitch >= px_) name_keys(sheet_.cols(), pitch);
  return std::move(names_);
}

std::optional<EdgeName> SheetNaming::note_of_keys(std::span<const EdgeName> named, const Keys& keys) {
  std::optional<ScreenBox> first, last;
  float foot = 0;
  for (const EdgeName& name : named) {
    if (name.of_row || name.panel != focus_.panel) continue;
    if (!first || name.box.low.x < first->low.x) first = name.box;
    if (!last || name.box.high.x > last->high.x) last = name.box;
    foot = std::max(foot, name.box.high.y);
  }
  const auto plate = std::ranges::find(plates_, focus_.panel, &SeenPlate::panel);
  if (!first || plate == plates_.end()) return std::nullopt;
  const std::string words = text("{0} of {1} keys named", keys.named, keys.all);
  constexpr float kLittle = 0.1F, kApart = kApartX + kLittle;
  const auto is_free = [&](const ScreenBox& box) {
    return std::ranges::none_of(plates_, [&](const SeenPlate& other) { return other.box.meets(box); });
  };
  for (const float px : {px_, std::min(px_, kLeastLetter)}) {
    set_letters(px);
    const float wide = width(words), below = foot + kApartY + kLittle;
    for (const glm::vec2 at : {glm::vec2(last->high.x + kApart, last->low.y), glm::vec2(first->low.x - wide - kApart, first->low.y),
                               glm::vec2(last->high.x - wide, below), glm::vec2(first->low.x, below)})
      if (is_free({at, at + glm::vec2(wide, line_)}) && put_note(words, at, false, keys.all / keys.named)) return names_.back();
    // Below the head's number in the corner, off the cells that are not masked.
    const glm::vec2 extent = plate->box.high - plate->box.low, inside(extent.x - wide - kApart, kBelowNumber * extent.y);
    const bool masked = inside.x / extent.x > (inside.y + line_) / extent.y + kCellsOff / static_cast<float>(info_.cols);
    if (masked && put_note(words, plate->box.low + inside, false, keys.all / keys.named)) return names_.back();
  }
  return std::nullopt;
}

bool SheetNaming::have_room(const IndexSpan& cols, float pitch, int lines, int stride) const {
  std::vector<float> ends(static_cast<std::size_t>(lines), -1e9F);
  for (int i = cols.from; i < cols.to; ++i) {
    if ((info_.cols - 1 - i) % stride != 0) continue;
    const float wide = width(cut(text_of(axes_.cols, i))), left = static_cast<float>(i) * pitch - wide / 2;
    const auto line = std::ranges::find_if(ends, [&](float end) { return end + kApartX <= left; });
    if (line == ends.end()) return false;
    *line = left + wide;
  }
  return true;
}

void SheetNaming::name_keys(const IndexSpan& cols, float pitch) {
  // Over the plate itself, where its foot is at the picture's, they take one line.
  const auto foot = sheet_.column(static_cast<float>(cols.from + cols.to) / 2);
  // Columns of a tilted plate are nearer to each other at its foot.
  const auto next = sheet_.column(static_cast<float>(cols.from + cols.to) / 2 - 1);
  if (foot && next) pitch = std::min(pitch, std::abs(foot->b.x - next->b.x));
  const float lean = foot && next ? std::abs(foot->b.y - next->b.y) : 0;
  // It leans: where it is lowest there is the least room.
  float lowest = foot ? foot->b.y : 0;
  for (const int i : {cols.from, cols.to - 1})
    if (const auto end = sheet_.column(static_cast<float>(i) + 0.5F); end && !end->b_cut) lowest = std::max(lowest, end->b.y);
  float below = foot ? room_.free.high.y - lowest - key_air() : 0;
  for (const SeenPlate& other : plates_) {
    const bool lower = foot && other.panel != focus_.panel && other.box.low.y > foot->b.y - line_;
    if (lower && other.box.low.x < foot->b.x && foot->b.x < other.box.high.x)
      below = std::min(below, other.box.low.y - kFrame - lowest - key_air());
  }
  const auto step = [&] { return line_ + 2 * kApartY + 2 * lean; };
  const auto lines_for_all = [&] {
    const int most = std::clamp(static_cast<int>(kMostOfKeys * view_.size().y / (line_ + 2 * kApartY)), 1, kMostKeyLines);
    const int free = std::clamp(static_cast<int>(below / step()), 1, most);
    int n = 1;
    while (pitch >= px_ && n < free && !have_room(cols, pitch, n, 1)) ++n;
    return n;
  };
  // A key's name is rather smaller than left out.
  const float usual = px_;
  int lines = lines_for_all(), stride = 1;
  for (const float share : {0.9F, 0.8F, 0.7F}) {
    if (have_room(cols, pitch, lines, 1) || share * usual < kLeastLetter) break;
    set_letters(share * usual);
    lines = lines_for_all();
  }
  // Without air in its tag before that, too.
  for (const float px : {usual, std::min(usual, kLeastLetter)}) {
    if (have_room(cols, pitch, lines, 1)) break;
    set_letters(px, true);
    lines = lines_for_all();
  }
  if (!have_room(cols, pitch, lines, 1)) set_letters(usual), lines = lines_for_all();
  while (stride < info_.cols && !have_room(cols, pitch, lines, stride)) stride *= 2;
  std::vector<int> wanted;
  if (focus_.cell) wanted.push_back(focus_.cell->y);
  for (int i = cols.from; i < cols.to; ++i)
    if ((info_.cols - 1 - i) % stride == 0 && (wanted.empty() || wanted.front() != i)) wanted.push_back(i);
  for (const int i : wanted) name_key(i, lines, step());
  const auto in_sight = [&](int i) { return foot_of_key(i).has_value(); };
  const auto is_key = [](const EdgeName& name) { return !name.of_row; };
  keys_.all = static_cast<int>(std::ranges::count_if(std::views::iota(cols.from, cols.to), in_sight));
  keys_.named = static_cast<int>(std::ranges::count_if(names_, is_key));
}

std::optional<SeenLine> SheetNaming::foot_of_key(int i) const {
  const auto line = sheet_.column(static_cast<float>(i) + 0.5F);
  return line && !(line->b_cut && line->b.y < room_.free.high.y - 1) ? line : std::nullopt;
}

void SheetNaming::name_key(int i, int lines, float step) {
  const auto line = foot_of_key(i);
  if (!line) return;
  const std::string text = cut(text_of(axes_.cols, i));
  const bool marked = focus_.cell && focus_.cell->y == i;
  const float left = line->b.x - width(text, marked) / 2;
  if (text.empty()) return;
  // Where the plate's foot is out of sight all lines stand above the picture's edge.
  for (int k = 0; k < lines; ++k) {
    const float top =
        std::min(line->b.y + key_air() + static_cast<float>(k) * step, room_.free.high.y - static_cast<float>(lines - k) * step);
    if (top - line->a.y < std::min(kLeastSeen, 0.5F * (line->b.y - line->a.y))) return;
    // Only what is pointed at or selected is named over what another plate shows.
    const ScreenBox box{{left, top}, {left + width(text, marked), top + line_}};
    const auto is_over = [&](const SeenPlate& plate) {
      return plate.panel != focus_.panel && ScreenBox{plate.box.low - kFrame, plate.box.high + kFrame}.meets(box);
    };
    if (!marked && std::ranges::any_of(plates_, is_over)) return;
    if (put(text, {left, top}, false, i, &axes_.cols, marked)) return;
  }
}

}  // namespace gf::scene
