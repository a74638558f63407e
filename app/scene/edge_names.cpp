#include "app/scene/edge_names.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <span>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/sheet_axes.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

using AxisKind = SheetAxis::Kind;

constexpr float kLetterPx = 11.5F, kLeastLetter = 11, kMostLetterPx = 15, kLetterOfRow = 0.75F;  // those of rows grow with the rows
constexpr float kTagX = 0.42F, kTagY = 0.16F, kLineOfLetter = 1.04F;        // a tag's padding and a line's height, in letters
constexpr float kAirPx = 5, kApartX = 6, kApartY = 0.8F;                    // to the sheet, and between two names
constexpr float kMostOfName = 120, kLeastSeen = 40;                         // of a name, and of the row beside it that stays in sight
constexpr float kLeastShare = 0.4F;                                         // of the picture's width
constexpr float kLeastHigh = 84, kLeastOfHeight = 0.22F, kLeastWide = 220;  // of a sheet whose rows, columns are named
constexpr int kMostKeyLines = 3;
constexpr float kFrame = 4;                             // round a plate, which names leave to be seen
constexpr float kMostOfKeys = 0.16F;                    // of the picture's height
constexpr float kLargePlate = 0.4F;                     // of the same: a plate that one looks at, and not one of a row of them
constexpr int kRowPriority = 66, kColumnPriority = 48;  // over the names of lines' rows; under the names of sheets

ScreenBox with_air(const ScreenBox& name) { return {name.low - glm::vec2(kApartX, kApartY), name.high + glm::vec2(kApartX, kApartY)}; }

/// The names of one sheet in the making.
class SheetNaming {
 public:
  SheetNaming(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view, glm::vec3 target,
              const EdgeRoom& room, std::span<const SeenPlate> plates)
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

  std::vector<EdgeName> all() {
    name_rows();
    name_columns();
    return std::move(names_);
  }
  /// The keys alone, where they have room below the sheet.
  std::vector<EdgeName> keys() {
    if (info_.cols < 2) return {};
    const auto first = sheet_.column(0.5F), last = sheet_.column(static_cast<float>(info_.cols) - 0.5F);
    if (!first || !last || first->b_cut || last->b_cut) return {};
    const float pitch = std::abs(last->b.x - first->b.x) / static_cast<float>(info_.cols - 1);
    if (pitch >= px_) name_keys(sheet_.cols(), pitch);
    return std::move(names_);
  }

  /// The keys in sight, and those of them that are named.
  struct Keys {
    int all = 0, named = 0;
  };
  [[nodiscard]] const Keys& named_keys() const { return keys_; }
  /// Says how many keys are named: behind the last name, before the first, below them, or in the masked part of the plate.
  std::optional<EdgeName> note_of_keys(std::span<const EdgeName> named, const Keys& keys) {
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

 private:
  static constexpr float kCellsOff = 1, kBelowNumber = 0.16F;  // of a note in the masked part: in cells, and in the plate's heights

  /// `snug`: tags are no larger than their letters.
  void set_letters(float px, bool snug = false) {
    px_ = px;
    snug_ = snug;
    line_ = (kLineOfLetter + (snug ? 0 : 2 * kTagY)) * px;
  }
  [[nodiscard]] float width(const std::string& text, bool bold = false) const {
    return render::text_width(text, px_, bold) + (snug_ ? 0 : 2 * kTagX * px_);
  }
  /// Every so many, so that two have `least` pixels between them: a power of two, as heads and widths are.
  [[nodiscard]] static int stride_for(float pitch, float least, int count) {
    int stride = 1;
    while (static_cast<float>(stride) * pitch < least && stride < count) stride *= 2;
    return stride;
  }

  [[nodiscard]] std::string text_of(const SheetAxis& axis, int index) const {
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
  /// A token's name has the look that it has at its line's beginning: dim while it is to come, absent before it is chosen.
  void look_as(const SheetAxis& axis, int index, render::Label& label) const {
    if (axis.kind != AxisKind::Position) return;
    const auto position = static_cast<std::size_t>(axis.first + index);
    if (position >= scene_.row_texts.size() || scene_.row_names.size() < scene_.row_texts.size()) return;
    const render::Label& usual = scene_.scene->labels[scene_.row_names[position]];
    label.color = usual.color;
    label.alpha = usual.alpha;
  }

  /// `at`: the box's corner. False where another name or something else has that place.
  bool put(std::string text, glm::vec2 at, bool of_row, int index, const SheetAxis* axis, bool marked = false, int count = 1) {
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

  void name_rows() {
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

  /// Says how many of the rows are named: at the left of the last name, where no title stands, else above the first one or at its left.
  void note_left_out(int stride) {
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
  bool put_note(const std::string& words, glm::vec2 at, bool of_row, int stride) {
    if (!put(words, at, of_row, -1, nullptr)) return false;
    names_.back().left_out = stride;
    names_.back().label.color = colors_.dim;
    return true;
  }

  [[nodiscard]] bool is_at_work(int row) const {
    const std::pair<std::size_t, int> at{static_cast<std::size_t>(focus_.panel), row};
    return std::ranges::find(scene_.rows_at_work, at) != scene_.rows_at_work.end();
  }
  [[nodiscard]] bool is_plate() const { return info_.mapping == PanelInfo::Mapping::Causal; }
  /// Whether cell_labels() names the rows, the widest name too. `pitch`: of the nearest ones.
  [[nodiscard]] bool has_usual_names(float pitch, float widest) const {
    constexpr float kSurely = 1.1F;
    const float room = room_left_of(panel_, scene_.scene->panels) * view_.focal_px() / view_.depth(panel_.origin);
    return pitch >= kSurely * kTokenRowPx && widest + kAirPx <= room;
  }
  /// As much of a name as a column of names has room for.
  [[nodiscard]] std::string cut(const std::string& text) const;

  void name_columns() {
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
    const float least = (axis.kind == AxisKind::Word ? kMostOfName / 2 : width(longest)) + kApartX;
    const int stride = stride_for(pitch, least, info_.cols);
    if (axis.kind == AxisKind::OfHeads && stride > config_.d_head / 2) return;
    if (focus_.cell) name_column(focus_.cell->y, true);
    for (int i = cols.from; i < cols.to; ++i)
      if ((axis.kind == AxisKind::OfHeads ? (axis.first + i) % config_.d_head : axis.first + i) % stride == 0) name_column(i, false);
  }

  /// The height at which a column's name begins: over the sheet, or at the picture's edge. `lines`: so many below others.
  [[nodiscard]] std::optional<glm::vec2> header_of(float at_col, int lines_below) const {
    const auto line = sheet_.column(at_col);
    if (!line || (line->a_cut && line->a.y > room_.free.low.y + 1)) return std::nullopt;
    const float below = static_cast<float>(lines_below) * (line_ + 2 * kApartY);
    const float top = std::max(line->a.y - air_ - line_ - below, room_.free.low.y + heads_high_ - below);
    if (line->b.y - top < kLeastSeen) return std::nullopt;
    return glm::vec2(line->a.x, top);
  }
  void name_column(int i, bool marked) {
    const auto at = header_of(static_cast<float>(i) + 0.5F, 0);
    if (!at) return;
    const std::string text = cut(text_of(axes_.cols, i));
    const float left = at->x - width(text, marked) / 2;
    if (text.empty() || left < strip_) return;
    put(text, {left, at->y}, false, i, &axes_.cols, marked);
  }

  /// "head 3" over the part of its columns that is in sight.
  void name_heads(const IndexSpan& cols) {
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

  /// Above the keys. The first one reaches below the name of the last row, whose letters are larger too.
  [[nodiscard]] float key_air() const { return air_ + kAirPx * (room_.letters - 1); }
  /// Whether every so many names have room in so many lines, each in the first one where it has.
  [[nodiscard]] bool have_room(const IndexSpan& cols, float pitch, int lines, int stride) const {
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
  /// The keys of a pattern, below it, in lines one under the other where names are wider than columns. Where columns are narrower
  /// than letters are high, only so many have names as stand in one line, because one could not tell whose the others are.
  void name_keys(const IndexSpan& cols, float pitch) {
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
  /// A column whose foot is in the picture or below it.
  [[nodiscard]] std::optional<SeenLine> foot_of_key(int i) const {
    const auto line = sheet_.column(static_cast<float>(i) + 0.5F);
    return line && !(line->b_cut && line->b.y < room_.free.high.y - 1) ? line : std::nullopt;
  }
  /// In the first of so many lines below the pattern where it has room. `step`: from one line to the next.
  void name_key(int i, int lines, float step) {
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

  const ViewScene& scene_;
  const SceneInput& input_;
  const SheetInFocus& focus_;
  const ModelConfig& config_;
  const render::Panel& panel_;
  const PanelInfo& info_;
  SheetAxes axes_;
  const render::Projection& view_;
  glm::vec3 target_;
  const EdgeRoom& room_;
  std::span<const SeenPlate> plates_;  ///< all that are in sight
  float px_ = 0, line_ = 0;            ///< of letters, and of a name with its tag
  float air_ = kAirPx;                 ///< between names and the sheet, or the frame round it
  bool snug_ = false;                  ///< tags are no larger than their letters
  const Palette& colors_;
  SeenSheet sheet_;
  std::vector<EdgeName> names_;
  float strip_ = -1e9F;   ///< the right end of the names of rows
  float heads_high_ = 0;  ///< of the line of heads above the columns' names
  Keys keys_;
};

std::string SheetNaming::cut(const std::string& text) const {
  return render::text_width(text, px_) <= kMostOfName ? text : words_that_fit(text, kMostOfName, px_, false);
}
}  // namespace

std::vector<EdgeName> edge_names(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view,
                                 glm::vec3 target, const EdgeRoom& room) {
  if (focus.panel < 0 || !scene.scene->panels[static_cast<std::size_t>(focus.panel)].source) return {};
  const std::vector<SeenPlate> plates = plates_on_screen(scene, view);
  SheetNaming sheet(scene, input, focus, view, target, room, plates);
  std::vector<EdgeName> names = sheet.all();
  std::vector<std::pair<int, SheetNaming::Keys>> left_out;  // panels not all of whose keys are named
  const auto note_later = [&](int panel, const SheetNaming::Keys& keys) {
    if (keys.named > 0 && keys.named < keys.all) left_out.emplace_back(panel, keys);
  };
  note_later(focus.panel, sheet.named_keys());
  // The other patterns carry their keys as well.
  EdgeRoom left = room;
  for (const EdgeName& name : names) left.taken.push_back(name.box);
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal || static_cast<int>(i) == focus.panel) continue;
    const render::Panel& plate = scene.scene->panels[i];
    const glm::vec3 foot = view.pixel(plate.origin + plate.across * 0.5F + plate.down);
    if (foot.z <= 0 || foot.x < room.free.low.x || foot.x > room.free.high.x || foot.y < room.free.low.y || foot.y > room.free.high.y)
      continue;
    const SheetInFocus other{static_cast<int>(i)};
    SheetNaming naming(scene, input, other, view, target, left, plates);
    for (EdgeName& name : naming.keys()) {
      left.taken.push_back(name.box);
      names.push_back(std::move(name));
    }
    note_later(other.panel, naming.named_keys());
  }
  // Beside one of them the picture says how many are named.
  for (const auto& [panel, keys] : left_out) {
    const SheetInFocus of{panel};
    auto note = SheetNaming(scene, input, of, view, target, left, plates).note_of_keys(names, keys);
    if (!note) continue;
    names.push_back(*std::move(note));
    break;
  }
  return names;
}

bool stand_beside(std::span<const EdgeName> names, std::span<const ScreenBox> taken) {
  return std::ranges::none_of(names, [&](const EdgeName& name) {
    return std::ranges::any_of(taken, [air = with_air(name.box)](const ScreenBox& other) { return air.meets(other); });
  });
}

}  // namespace gf::scene
