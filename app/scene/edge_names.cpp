#include "app/scene/edge_names.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/cards/explain_parts.h"
#include "app/scene/guides.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "model/base/text.h"
#include "renderer/labels.h"
#include "renderer/visible_panels.h"

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
constexpr float kMostOfKeys = 0.16F;                    // of the picture's height
constexpr float kLargePlate = 0.4F;                     // of the same: a plate that one looks at, and not one of a row of them
constexpr int kRowPriority = 66, kColumnPriority = 48;  // over the names of lines' rows; under the names of sheets

/// The part of a line that is in a rectangle of the screen.
struct SeenLine {
  glm::vec2 a{0}, b{0};
  bool a_cut = false, b_cut = false;  ///< the line goes on beyond that end
};
std::optional<SeenLine> seen_line(glm::vec3 from, glm::vec3 to, const render::Projection& view, const ScreenBox& box) {
  constexpr float kNear = 1e-4F;
  const float df = view.depth(from), dt = view.depth(to);
  if (df <= kNear && dt <= kNear) return std::nullopt;
  SeenLine line;
  if (df <= kNear) from = glm::mix(from, to, (kNear - df) / (dt - df)), line.a_cut = true;
  if (dt <= kNear) to = glm::mix(from, to, (kNear - df) / (dt - df)), line.b_cut = true;
  const glm::vec2 a(view.pixel(from)), d = glm::vec2(view.pixel(to)) - a;
  float t0 = 0, t1 = 1;
  for (int axis = 0; axis < 2; ++axis)
    for (const bool low : {true, false}) {
      const float along = low ? -d[axis] : d[axis];
      const float room = low ? a[axis] - box.low[axis] : box.high[axis] - a[axis];
      if (along == 0 && room < 0) return std::nullopt;
      if (along < 0) t0 = std::max(t0, room / along);
      if (along > 0) t1 = std::min(t1, room / along);
    }
  if (!(t0 < t1)) return std::nullopt;
  line.a_cut = line.a_cut || t0 > 0;
  line.b_cut = line.b_cut || t1 < 1;
  line.a = a + d * t0;
  line.b = a + d * t1;
  return line;
}

/// Rows or columns, half open.
struct IndexSpan {
  int from = 0, to = 0;
};

/// A sheet as the view shows it.
class SeenSheet {
 public:
  SeenSheet(const render::Panel& panel, const PanelInfo& info, const render::Projection& view, const ScreenBox& free)
      : panel_(panel), info_(info), view_(view), free_(free) {}

  [[nodiscard]] glm::vec3 at(float row, float col) const {
    return panel_.origin + panel_.across * (col / static_cast<float>(info_.cols)) + panel_.down * (row / static_cast<float>(info_.rows));
  }
  /// Along the middle of a row: `a` is its left end.
  [[nodiscard]] std::optional<SeenLine> row(int i) const {
    const float at_row = static_cast<float>(i) + 0.5F;
    auto line = seen_line(at(at_row, 0), at(at_row, static_cast<float>(info_.cols)), view_, free_);
    if (line && line->a.x > line->b.x) turn(*line);
    return line;
  }
  /// Along a column, counted in halves: `a` is its upper end.
  [[nodiscard]] std::optional<SeenLine> column(float at_col) const {
    auto line = seen_line(at(0, at_col), at(static_cast<float>(info_.rows), at_col), view_, free_);
    if (line && line->a.y > line->b.y) turn(*line);
    return line;
  }
  /// Those that may be in sight, by where the corners of the view meet the sheet.
  [[nodiscard]] IndexSpan rows() const { return window(panel_.down, info_.rows); }
  [[nodiscard]] IndexSpan cols() const { return window(panel_.across, info_.cols); }

 private:
  static void turn(SeenLine& line) {
    std::swap(line.a, line.b);
    std::swap(line.a_cut, line.b_cut);
  }
  [[nodiscard]] IndexSpan window(glm::vec3 edge, int count) const {
    const glm::vec3 normal = glm::cross(panel_.across, panel_.down);
    float low = 1e9F, high = -1e9F;
    for (const glm::vec2 corner : {free_.low, glm::vec2(free_.high.x, free_.low.y), glm::vec2(free_.low.x, free_.high.y), free_.high}) {
      const glm::vec3 direction = view_.direction(corner);
      const float reach = glm::dot(panel_.origin - view_.eye(), normal) / glm::dot(direction, normal);
      if (!(reach > 0) || !std::isfinite(reach)) return {0, count};  // the sheet reaches to the horizon there
      const float share = glm::dot(view_.eye() + direction * reach - panel_.origin, edge) / glm::dot(edge, edge);
      low = std::min(low, share);
      high = std::max(high, share);
    }
    const auto index = [&](float share) { return static_cast<int>(std::clamp(share, 0.0F, 1.0F) * static_cast<float>(count)); };
    return {std::max(0, index(low) - 1), std::min(count, index(high) + 2)};
  }

  const render::Panel& panel_;
  const PanelInfo& info_;
  const render::Projection& view_;
  const ScreenBox& free_;
};

struct SeenPlate {
  int panel = 0;
  ScreenBox box;
};

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
        origin_(view.pixel(target)),
        room_(room),
        plates_(plates),
        colors_(palette_of(scene.scene->theme)),
        sheet_(panel_, info_, view, room_.free) {
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

 private:
  void set_letters(float px) {
    px_ = px;
    line_ = (kLineOfLetter + 2 * kTagY) * px;
  }
  [[nodiscard]] float width(const std::string& text, bool bold = false) const {
    return render::text_width(text, px_, bold) + 2 * kTagX * px_;
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
    const ScreenBox with_air{name.box.low - glm::vec2(kApartX, kApartY), name.box.high + glm::vec2(kApartX, kApartY)};
    const auto meets = [&](const ScreenBox& other) { return with_air.meets(other); };
    if (std::ranges::any_of(room_.taken, meets)) return false;
    if (std::ranges::any_of(names_, [&](const EdgeName& other) { return meets(other.box); })) return false;
    render::Label& label = name.label;
    label.text = std::move(text);
    label.anchor = target_;  // anything before the eye: the offset leads to the edge
    label.offset_px = at - origin_;
    label.vertical = render::Align::Begin;
    label.height = 1e3F;
    label.max_px = px_;
    label.color = colors_.text;
    if (axis != nullptr) look_as(*axis, index, label);
    if (marked) label.color = colors_.accent;
    label.bold = marked;
    label.background = {glm::vec3(scene_.scene->ground), 0.86F};
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
    const int stride = stride_for(pitch, line_ + kApartY, info_.rows);
    const float smallest = stride > 1 ? kLeastLetter : kLetterPx;  // so that no row is left out where they come closer
    set_letters(std::clamp(kLetterOfRow * pitch, smallest * room_.letters, kMostLetterPx * room_.letters));
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
    const auto beside = [](const SeenLine& line) { return line.a.x - kAirPx; };
    // Where all have room beside the sheet the usual names stand there, or none where they would cover what is beside it. Of what stands
    // beside a plate they cover the part that is masked.
    const bool large = is_plate() && pitch * static_cast<float>(info_.rows) > kLargePlate * view_.size().y;
    const bool usual = !large || has_usual_names(pitch, widest);
    if (!focus_.pointed && usual && std::ranges::none_of(seen, [&](const Row& row) { return beside(row.line) < edge; })) return;
    for (const auto& [i, line] : seen) {
      const std::string text = cut(text_of(axis, i));
      const bool marked = (focus_.cell && focus_.cell->x == i) || is_at_work(i);
      const float right = std::max(beside(line), edge);
      if (line.b.x - right < kLeastSeen) continue;
      if (put(text, {right - width(text, marked), line.a.y - line_ / 2}, true, i, &axis, marked)) strip_ = std::max(strip_, right);
    }
  }

  [[nodiscard]] bool is_at_work(int row) const {
    const std::pair<std::size_t, int> at{static_cast<std::size_t>(focus_.panel), row};
    return std::ranges::find(scene_.rows_at_work, at) != scene_.rows_at_work.end();
  }
  [[nodiscard]] bool is_plate() const { return info_.mapping == PanelInfo::Mapping::Causal; }
  /// Whether cell_labels() names the rows, the widest name too.
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
    const float top = std::max(line->a.y - kAirPx - line_ - below, room_.free.low.y + heads_high_ - below);
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
    const int most = std::clamp(static_cast<int>(kMostOfKeys * view_.size().y / (line_ + 2 * kApartY)), 1, kMostKeyLines);
    // Over the plate itself, where its foot is at the picture's, they take one line.
    const auto foot = sheet_.column(static_cast<float>(cols.from + cols.to) / 2);
    // Columns of a tilted plate are nearer to each other at its foot.
    const auto next = sheet_.column(static_cast<float>(cols.from + cols.to) / 2 - 1);
    if (foot && next) pitch = std::min(pitch, std::abs(foot->b.x - next->b.x));
    const float lean = foot && next ? std::abs(foot->b.y - next->b.y) : 0;
    float below = foot ? room_.free.high.y - foot->b.y - kAirPx : 0;
    for (const SeenPlate& other : plates_) {
      const bool lower = foot && other.panel != focus_.panel && other.box.low.y > foot->b.y - line_;
      if (lower && other.box.low.x < foot->b.x && foot->b.x < other.box.high.x)
        below = std::min(below, other.box.low.y - foot->b.y - kAirPx);
    }
    const float step = line_ + 2 * kApartY + 2 * lean;
    const int free = std::max(1, static_cast<int>(below / step));
    int lines = 1, stride = 1;
    while (pitch >= px_ && lines < std::min(most, free) && !have_room(cols, pitch, lines, stride)) ++lines;
    while (stride < info_.cols && !have_room(cols, pitch, lines, stride)) stride *= 2;
    std::vector<int> wanted;
    if (focus_.cell) wanted.push_back(focus_.cell->y);
    for (int i = cols.from; i < cols.to; ++i)
      if ((info_.cols - 1 - i) % stride == 0 && (wanted.empty() || wanted.front() != i)) wanted.push_back(i);
    for (const int i : wanted) name_key(i, lines, step);
  }
  /// In the first of so many lines below the pattern where it has room. `step`: from one line to the next.
  void name_key(int i, int lines, float step) {
    const auto line = sheet_.column(static_cast<float>(i) + 0.5F);
    if (!line || (line->b_cut && line->b.y < room_.free.high.y - 1)) return;
    const std::string text = cut(text_of(axes_.cols, i));
    const bool marked = focus_.cell && focus_.cell->y == i;
    const float left = line->b.x - width(text, marked) / 2;
    if (text.empty()) return;
    // Where the plate's foot is out of sight all lines stand above the picture's edge.
    for (int k = 0; k < lines; ++k) {
      const float top =
          std::min(line->b.y + kAirPx + static_cast<float>(k) * step, room_.free.high.y - static_cast<float>(lines - k) * step);
      if (top - line->a.y < std::min(kLeastSeen, 0.5F * (line->b.y - line->a.y))) return;
      // Only what is pointed at or selected is named over what another plate shows.
      const ScreenBox box{{left, top}, {left + width(text, marked), top + line_}};
      const auto is_over = [&](const SeenPlate& plate) { return plate.panel != focus_.panel && plate.box.meets(box); };
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
  glm::vec2 origin_;
  const EdgeRoom& room_;
  std::span<const SeenPlate> plates_;  ///< all that are in sight
  float px_ = 0, line_ = 0;            ///< of letters, and of a name with its tag
  const Palette& colors_;
  SeenSheet sheet_;
  std::vector<EdgeName> names_;
  float strip_ = -1e9F;   ///< the right end of the names of rows
  float heads_high_ = 0;  ///< of the line of heads above the columns' names
};

std::string SheetNaming::cut(const std::string& text) const {
  return render::text_width(text, px_) <= kMostOfName ? text : words_that_fit(text, kMostOfName, px_, false);
}

std::vector<SeenPlate> plates_on_screen(const ViewScene& scene, const render::Projection& view) {
  constexpr float kEdge = 4;  // the box of a turned plate reaches a little beyond it
  std::vector<SeenPlate> plates;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal) continue;
    const render::Panel& plate = scene.scene->panels[i];
    if (const auto box = on_screen({plate.origin, plate.origin + plate.across + plate.down}, view, plate.origin.z))
      plates.push_back({static_cast<int>(i), {box->low + kEdge, box->high - kEdge}});
  }
  return plates;
}

bool is_narrow_strip(const PanelInfo& info) {
  return info.role == PanelInfo::Role::Statistic || info.role == PanelInfo::Role::Lit || info.mapping == PanelInfo::Mapping::Terms ||
         (info.tensor.is_weight() && info.mapping == PanelInfo::Mapping::Folded);
}

}  // namespace

SheetAxes axes_of(const PanelInfo& info, const ModelConfig& config) {
  using K = explaining::WeightKind;
  const auto is = [](AxisKind kind, int first = 0) { return SheetAxis{kind, first}; };
  if (!info.tensor.is_weight()) {
    const RowShape shape = info_of(info.tensor.hook.kind).shape;
    if (info.mapping == PanelInfo::Mapping::Causal) return {is(AxisKind::Position), is(AxisKind::Position)};
    if (info.mapping != PanelInfo::Mapping::Rows) return {};
    const SheetAxis rows = is(AxisKind::Position, info.row0);
    switch (shape) {
      case RowShape::DModel: return {rows, is(AxisKind::Dimension, info.col0)};
      case RowShape::Heads: return {rows, is(AxisKind::OfHeads, info.col0)};
      case RowShape::HeadsDModel: return {rows, is(AxisKind::Dimension, info.col0 % config.d_model)};
      case RowShape::DMlp: return {rows, is(AxisKind::Neuron, info.col0)};
      case RowShape::NVocab: return {rows, is(AxisKind::Word, info.col0)};
      default: return {rows, {}};
    }
  }
  const auto place = explaining::parse_weight(info.tensor.weight);
  if (!place) return {};
  const auto dims = [&](int first = 0) { return is(AxisKind::Dimension, first); };
  switch (place->kind) {
    case K::Wte: return {is(AxisKind::Word, info.row0), dims(info.col0)};
    case K::Wpe: return {is(AxisKind::None), dims(info.col0)};
    case K::Qkv: return {dims(info.row0), is(AxisKind::OfHeads, info.col0 % config.d_model)};
    case K::QkvBias: return {{}, is(AxisKind::OfHeads, info.col0 % config.d_model)};
    case K::O: return {is(AxisKind::OfHeads, info.row0), dims(info.col0)};
    case K::In: return {dims(info.row0), is(AxisKind::Neuron, info.col0)};
    case K::InBias: return {{}, is(AxisKind::Neuron, info.col0)};
    case K::Out: return {is(AxisKind::Neuron, info.row0), dims(info.col0)};
    case K::LmHead: return {dims(info.row0), is(AxisKind::Word, info.col0)};
    case K::Gamma:
    case K::Beta:
    case K::OBias:
    case K::OutBias: return {{}, dims(info.col0)};
  }
  return {};
}

int sheet_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane) {
  const glm::vec2 middle{pane.size.x / 2, pane.size.y * (1 - pane.foot) / 2};
  const auto hit = render::pick_panel(*scene.scene, render::ray_through(camera, middle, pane.size));
  if (hit && !is_narrow_strip(scene.panels[static_cast<std::size_t>(hit->panel)])) return hit->panel;
  int nearest = -1;
  float least = std::numeric_limits<float>::max();
  for (const render::PanelView& seen : render::visible_panels(*scene.scene, camera, pane.size)) {
    if (is_narrow_strip(scene.panels[static_cast<std::size_t>(seen.panel)])) continue;
    const float away = glm::length(middle - glm::clamp(middle, seen.low, seen.high));
    if (away < least) least = away, nearest = seen.panel;
  }
  return nearest;
}

std::vector<EdgeName> edge_names(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view,
                                 glm::vec3 target, const EdgeRoom& room) {
  if (focus.panel < 0 || !scene.scene->panels[static_cast<std::size_t>(focus.panel)].source) return {};
  const std::vector<SeenPlate> plates = plates_on_screen(scene, view);
  std::vector<EdgeName> names = SheetNaming(scene, input, focus, view, target, room, plates).all();
  // The other patterns carry their keys as well.
  EdgeRoom left = room;
  for (const EdgeName& name : names) left.taken.push_back(name.box);
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal || static_cast<int>(i) == focus.panel) continue;
    const render::Panel& plate = scene.scene->panels[i];
    const glm::vec3 foot = view.pixel(plate.origin + plate.across * 0.5F + plate.down);
    if (foot.z <= 0 || foot.x < room.free.low.x || foot.x > room.free.high.x || foot.y < room.free.low.y || foot.y > room.free.high.y)
      continue;
    for (EdgeName& name : SheetNaming(scene, input, {static_cast<int>(i)}, view, target, left, plates).keys()) {
      left.taken.push_back(name.box);
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace gf::scene
