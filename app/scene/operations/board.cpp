#include "app/scene/operations/board.h"

#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/cards/explain_parts.h"
#include "app/scene/operations/board_words.h"
#include "app/scene/operations/page_lights.h"

namespace gf::scene {
namespace {

constexpr float kHeight = 0.76F;    // of letters, in rows
constexpr float kBarsWide = 0.38F;  // of the board
constexpr float kPad = 0.03F;       // in widths of the board, at most
constexpr float kLeastBars = 0.3F;  // of the height, where lines stand below them
constexpr int kPriority = 92;
constexpr float kReadable = 0.8F;  // the least strength of a number's colour

/// A board that is much wider than high has its lines beside the bars, else they stand below them.
bool is_wide(const ViewScene::Box& board) {
  constexpr float kWideFrom = 1.7F;
  return board.high.x - board.low.x > kWideFrom * (board.high.y - board.low.y);
}

constexpr float kRows = 8.35F, kRowsBelow = 13.5F;            // of words, beside the bars and with them
constexpr float kLettersOfTerm = 29, kWidthOfLetter = 0.56F;  // a term with its number, and a letter's width in heights

/// The height of a row of words.
float row_of_board(const ViewScene::Box& board) { return (board.high.y - board.low.y) / (is_wide(board) ? kRows : kRowsBelow); }

/// A rectangle on the board.
struct Room {
  float x0 = 0, y0 = 0, x1 = 1, y1 = 1;
};

class BoardDrawing {
 public:
  BoardDrawing(const Show& show, const ViewScene& scene, const ViewScene::Box& board, const ModelConfig& config, float presentation)
      : show_(show),
        scene_(scene),
        config_(config),
        colors_(palette_of(scene.scene->theme)),
        presentation_(presentation),
        row_(row_of_board(board)),
        board_z_(board.low.z),
        lines_(show.lines) {
    out_.board = board;
    out_.letters = letters_of(board);
    out_.show = std::make_shared<const Show>(show);
  }

  ViewScene::Focus draw() {
    const auto& [low, high] = out_.board;
    render::Color ground = colors_.plate;
    out_.ribbons.push_back(bar_of({low.x, low.y, (board_z_ + kBoardZ)}, {high.x, high.y, (board_z_ + kBoardZ)}, ground));
    out_.ribbons.back().solid = true;
    render::Color edge = colors_.activation;
    out_.lines.push_back(outline({low.x, low.y, (board_z_ + kBoardZ)}, {high.x, high.y, (board_z_ + kBoardZ)}, edge, 1));
    const float pad = std::min(kPad * (high.x - low.x), 0.6F * row_);
    const Room inner{low.x + pad, low.y + 0.08F * row_, high.x - pad, high.y - 0.1F * row_};
    constexpr float kLeaning = 0.94F;  // letters stand upright before a board that leans
    const float top =
        inner.y0 + 0.12F * row_ +
        write_lines(show_.title, {inner.x0, inner.y0 + 0.6F * row_}, kLeaning * (inner.x1 - inner.x0), row_, colors_.text, true);
    Room bars, lines;
    if (is_wide(out_.board)) {
      const float split = inner.x0 + kBarsWide * (inner.x1 - inner.x0);
      bars = {inner.x0, top, split - 2 * pad, inner.y1};
      lines = {split, top, inner.x1, inner.y1};
      fit_lines(lines);
    } else {
      fit_lines({inner.x0, top + kLeastBars * (inner.y1 - top), inner.x1, inner.y1});
      const float split = inner.y1 - (static_cast<float>(rows_of_lines(inner)) + 0.2F) * row_;
      bars = {inner.x0, top, inner.x1, split - 0.2F * row_};
      lines = {inner.x0, split, inner.x1, inner.y1};
    }
    if (show_.bars) draw_bars(*show_.bars, bars);
    if (show_.curve) draw_curve(*show_.curve, bars);
    draw_lines(lines);
    light_page(show_, scene_, config_, {result_, row_}, out_);
    return std::move(out_);
  }

 private:
  static constexpr float kClosest = 0.93F;  // of rows of words
  // Of words that are a little wider than their room: smaller ones could not be read on a board that can just be read.
  static constexpr float kSmallestLetters = 0.92F;

  [[nodiscard]] float ink_z() const { return board_z_ + kInkZ; }

  /// Stronger for larger values; `least`: the strength of the smallest.
  [[nodiscard]] render::Color sign_color(double v, double largest, float least = 0.3F) const {
    const float share = largest > 0 ? static_cast<float>(std::min(1.0, std::abs(v) / largest)) : 0;
    const float hue = (least + (1 - least) * share) * (v < 0 ? -0.75F : 0.75F);
    return render::as_color(render::color_of(hue, 1, 0, render::ColorMap::Signed, scene_.scene->theme));
  }

  /// `room`: words that are a little wider get smaller letters, longer ones are cut to it; 0: numbers are never cut.
  void write(const std::string& words, glm::vec2 at, float room, render::Color color, render::Align align = render::Align::Begin,
             bool bold = false, int priority = kPriority) {
    if (words.empty()) return;
    render::Label label;
    label.text = words;
    label.anchor = {at.x, at.y, ink_z()};
    label.horizontal = align;
    label.height = out_.letters;
    label.max_px = 20 * presentation_;
    label.color = color;
    label.bold = bold;
    label.priority = priority;
    if (room > 0) {
      const float smaller = std::clamp(room / width_of_words(words, out_.letters, bold), kSmallestLetters, 1.0F);
      label.height *= smaller;
      label.max_px *= smaller;
      label.stays = smaller < 1;  // where it would be a little too small to be shown it is shown a little larger
      out_.rooms.emplace_back(out_.labels.size(), room);
    }
    out_.labels.push_back(std::move(label));
  }

  /// Words that begin at `at`, in as many lines as they need. Returns their height.
  float write_lines(const std::string& words, glm::vec2 at, float room, float step, render::Color color, bool bold = false) {
    const auto lines = lines_of(words, room, bold);
    for (const std::string& line : lines) {
      write(line, at, room, color, render::Align::Begin, bold);
      at.y += step;
    }
    return step * static_cast<float>(lines.size());
  }
  [[nodiscard]] std::vector<std::string> lines_of(const std::string& words, float room, bool bold = false) const {
    return in_lines(words, kSmallestLetters * out_.letters, room, bold);
  }

  /// Words over a chart. Returns what of the room is left below.
  Room write_over(const std::string& title, Room at) {
    constexpr float kStep = 0.95F, kAbove = 0.5F, kBelow = 0.2F;
    at.y0 += write_lines(title, {at.x0, at.y0 + kAbove * row_}, at.x1 - at.x0, kStep * row_, colors_.dim) + (1 - kStep + kBelow) * row_;
    return at;
  }

  void bar(glm::vec2 low, glm::vec2 high, render::Color color) {
    out_.ribbons.push_back(bar_of({low.x, std::min(low.y, high.y), ink_z()}, {high.x, std::max(low.y, high.y), ink_z()}, color));
  }

  void line(std::vector<glm::vec3> points, render::Color color, float width) {
    render::Line l;
    l.points = std::move(points);
    l.color = color;
    l.width_px = width;
    out_.lines.push_back(std::move(l));
  }

  void draw_bars(const ShowBars& bars, Room at) {
    at = write_over(bars.title, at);
    if (bars.values.empty()) return;
    if (!bars.names.empty()) return lie_bars(bars, at);
    if (bars.marked >= 0 && !bars.mark.empty()) at.y1 -= row_;
    double low = 0, high = 0, largest = 1e-12;
    for (const double v : bars.values) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
      largest = std::max(largest, std::abs(v));
    }
    if (bars.reach > 0) {
      high = std::max(high, bars.reach);
      if (low < 0 || !bars.shares) low = bars.shares ? low : std::min(low, low < 0 ? -bars.reach : 0.0);
    }
    const double span = std::max(1e-12, high - low);
    const auto y_of = [&](double v) { return at.y1 - static_cast<float>((std::clamp(v, low, high) - low) / span) * (at.y1 - at.y0); };
    const float step = (at.x1 - at.x0) / static_cast<float>(bars.values.size()), gap = 0.14F * step;
    if (bars.line && bars.spread) {
      render::Color band = colors_.statistic;
      band.a = 0.3F;
      bar({at.x0, y_of(*bars.line - *bars.spread)}, {at.x1, y_of(*bars.line + *bars.spread)}, band);
    }
    for (std::size_t i = 0; i < bars.values.size(); ++i) {
      const double there = std::clamp(bars.shown - static_cast<double>(i), 0.0, 1.0), v = bars.values[i] * there;
      if (there <= 0 || !std::isfinite(v)) continue;
      const float x = at.x0 + static_cast<float>(i) * step;
      const bool marked = static_cast<int>(i) == bars.marked;
      const render::Color color = bars.shares
                                      ? render::as_color(render::color_of(static_cast<float>(0.35 + 0.6 * std::min(1.0, v / largest)), 1, 0,
                                                                          render::ColorMap::Sequential, scene_.scene->theme))
                                      : sign_color(v, largest);
      bar({x + gap, y_of(0)}, {x + step - gap, y_of(v)}, color);
      if (marked)
        out_.lines.push_back(outline({x + gap, std::min(y_of(0), y_of(v)), ink_z()}, {x + step - gap, std::max(y_of(0), y_of(v)), ink_z()},
                                     colors_.accent, 1.5F));
    }
    render::Color axis = colors_.dim;
    axis.a = 0.5F;
    line({{at.x0, y_of(0), ink_z()}, {at.x1, y_of(0), ink_z()}}, axis, 1);
    if (bars.line) line({{at.x0, y_of(*bars.line), ink_z()}, {at.x1, y_of(*bars.line), ink_z()}}, colors_.statistic, 2);
    if (bars.marked >= 0 && !bars.mark.empty()) {
      // Below its bar, and whole where the bar stands at an end.
      const float middle = at.x0 + (static_cast<float>(bars.marked) + 0.5F) * step, half = (at.x0 + at.x1) / 2;
      const bool right = middle > half;
      write(bars.mark, {right ? middle + step / 2 : middle - step / 2, at.y1 + 0.6F * row_}, right ? middle - at.x0 : at.x1 - middle,
            colors_.accent, right ? render::Align::End : render::Align::Begin);
    }
  }

  /// Bars that run to the right, each with its name before it and its number behind it.
  void lie_bars(const ShowBars& bars, Room at) {
    // As many as have room for their names; the likeliest come first.
    const auto fit = static_cast<std::size_t>(std::max(1.0F, std::floor((at.y1 - at.y0) / row_)));
    const std::size_t count = std::min(bars.values.size(), fit);
    const float step = std::min(1.15F * row_, (at.y1 - at.y0) / static_cast<float>(count));
    const float wide = at.x1 - at.x0, name = 0.36F * wide, number = 0.22F * wide;
    double low = 0, high = std::max(bars.reach, 1e-12);
    for (const double v : bars.values) low = std::min(low, v), high = std::max(high, v);
    const float x0 = at.x0 + name, length = wide - name - number;
    const auto x_of = [&](double v) { return x0 + static_cast<float>((v - low) / (high - low)) * length; };
    for (std::size_t i = 0; i < count; ++i) {
      const double v = bars.values[i];
      const float y = at.y0 + (static_cast<float>(i) + 0.5F) * step;
      write(bars.names[i], {x0 - 0.3F * row_, y}, name - 0.3F * row_, colors_.text, render::Align::End);
      write(bars.numbers[i], {std::max(x_of(0), x_of(v)) + 0.25F * row_, y}, 0, colors_.dim);
      const render::Color color = bars.shares ? colors_.accent : sign_color(v, high);
      const float left = std::min(x_of(0), x_of(v)), right = std::max({x_of(0), x_of(v), left + 0.004F * wide});
      bar({left, y - 0.32F * step}, {right, y + 0.32F * step}, color);
    }
  }

  void draw_curve(const ShowCurve& curve, Room at) {
    at = write_over(curve.title, at);
    double left = 0, right = 0, low = 0, high = 0;
    for (const auto& [x, y] : curve.points) {
      left = std::min(left, x);
      right = std::max(right, x);
      low = std::min(low, y);
      high = std::max(high, y);
    }
    const double wide = std::max(1e-9, right - left), tall = std::max(1e-9, high - low);
    const auto place = [&](double x, double y, float z) {
      return glm::vec3(at.x0 + static_cast<float>((x - left) / wide) * (at.x1 - at.x0),
                       at.y1 - static_cast<float>((y - low) / tall) * (at.y1 - at.y0), z);
    };
    render::Color axis = colors_.dim;
    axis.a = 0.5F;
    line({place(left, 0, ink_z()), place(right, 0, ink_z())}, axis, 1);
    line({place(0, low, ink_z()), place(0, high, ink_z())}, axis, 1);
    std::vector<glm::vec3> points;
    for (const auto& [x, y] : curve.points) points.push_back(place(x, y, ink_z()));
    line(std::move(points), colors_.text, 2);
    const float half = 0.14F * row_;
    for (std::size_t i = curve.dots.size(); i-- > 0;) {
      const auto& [x, y] = curve.dots[i];
      const glm::vec3 p = place(x, y, ink_z() - 0.001F);
      const float r = i == 0 ? 1.7F * half : half;
      out_.ribbons.push_back(bar_of(p - glm::vec3(r, r, 0), p + glm::vec3(r, r, 0), i == 0 ? colors_.accent : sign_color(y, high)));
    }
  }

  /// If the lines are too many for the board, the last terms are summed up in one line, so that no line is cut off.
  void fit_lines(const Room& at) {
    const auto rows = [&] { return kClosest * row_ * static_cast<float>(rows_of_lines(at)); };
    while (rows() > at.y1 - at.y0 + 0.01F * row_) {
      const auto rest = std::ranges::find_if(lines_, [](const ShowLine& l) { return l.count > 0; });
      if (rest == lines_.end() || rest == lines_.begin() || std::prev(rest)->kind != ShowLine::Kind::Term) return;
      const auto term = std::prev(rest);
      rest->value += term->value;
      rest->there = rest->there && term->there;
      rest->words = text("{0} more", ++rest->count);
      lines_.erase(term);
    }
  }

  void draw_lines(Room at) {
    double largest = 0;
    for (const ShowLine& l : lines_)
      if (l.kind == ShowLine::Kind::Term) largest = std::max(largest, std::abs(l.value));
    // Where words need more lines than there are rows, the rows stand closer.
    const int rows = std::max(1, rows_of_lines(at));
    const float step = std::clamp((at.y1 - at.y0) / static_cast<float>(rows), kClosest * row_, row_);
    float y = at.y0 + 0.5F * step;
    result_ = {at.x1, y, (board_z_ + kMoveZ)};
    for (const ShowLine& l : lines_) {
      using Kind = ShowLine::Kind;
      const bool total = l.kind == Kind::Sum || l.kind == Kind::Result;
      if (l.kind == Kind::Sum || (l.kind == Kind::Result && sums())) {
        if (l.there) line({{at.x0, y - 0.5F * step, ink_z()}, {at.x1, y - 0.5F * step, ink_z()}}, colors_.activation, 1);
      }
      if (l.kind == Kind::Result) result_ = {at.x1 - row_, y, (board_z_ + kMoveZ)};
      const float room = room_of_words(l, at);
      const bool bold = l.kind == Kind::Result;
      if (l.there) {
        const render::Color words = l.kind == Kind::Result ? colors_.accent : total ? colors_.text : colors_.dim;
        const render::Color value = l.kind == Kind::Term     ? sign_color(l.value, largest, kReadable)
                                    : l.kind == Kind::Result ? colors_.accent
                                                             : colors_.text;
        write(number_of(l), {at.x1, y}, 0, value, render::Align::End, total);
        y += write_lines(l.words, {at.x0, y}, room, step, words, bold);
      } else {
        y += step * static_cast<float>(lines_of(l.words, room, bold).size());
      }
    }
  }

  [[nodiscard]] static std::string number_of(const ShowLine& l) {
    return l.kind == ShowLine::Kind::Note ? "" : l.written.empty() ? explaining::number(l.value) : l.written;
  }
  /// What the number leaves free of a line.
  [[nodiscard]] float room_of_words(const ShowLine& l, const Room& at) const {
    constexpr float kBetween = 0.8F;
    const float wide = at.x1 - at.x0;
    if (l.kind == ShowLine::Kind::Note) return wide;
    const bool bold = l.kind == ShowLine::Kind::Sum || l.kind == ShowLine::Kind::Result;
    return std::max(wide - width_of_words(number_of(l), out_.letters, bold) - kBetween * out_.letters, 0.2F * wide);
  }
  /// How many rows of words all lines take.
  [[nodiscard]] int rows_of_lines(const Room& at) const {
    std::size_t rows = 0;
    for (const ShowLine& l : lines_) rows += lines_of(l.words, room_of_words(l, at), l.kind == ShowLine::Kind::Result).size();
    return static_cast<int>(rows);
  }

  /// Whether the result is the sum of the lines above it, and not made of a sum.
  [[nodiscard]] bool sums() const {
    return std::ranges::none_of(lines_, [](const ShowLine& l) { return l.kind == ShowLine::Kind::Sum; }) &&
           std::ranges::any_of(lines_, [](const ShowLine& l) { return l.kind == ShowLine::Kind::Term; });
  }

  const Show& show_;
  const ViewScene& scene_;
  const ModelConfig& config_;
  const Palette& colors_;
  float presentation_, row_, board_z_;
  std::vector<ShowLine> lines_;  ///< of the show, as far as the board has room for them
  glm::vec3 result_{0};
  ViewScene::Focus out_;
};

}  // namespace

float letters_of(const ViewScene::Box& board) {
  const float wide = (board.high.x - board.low.x) * (is_wide(board) ? 1 - kBarsWide : 1);
  return std::min(kHeight * row_of_board(board), wide / (kLettersOfTerm * kWidthOfLetter));
}

glm::vec2 tall_board(float letters) { return letters * glm::vec2(kLettersOfTerm * kWidthOfLetter, kRowsBelow / kHeight); }

std::shared_ptr<const ViewScene::Focus> draw_show(const Show& show, const ViewScene& scene, const ViewScene::Box& board,
                                                  const ModelConfig& config, float presentation) {
  return std::make_shared<const ViewScene::Focus>(BoardDrawing(show, scene, board, config, presentation).draw());
}

const ViewScene::Box& board_of(std::span<const ViewScene::Box> boards, const Op& op, const ModelConfig& config) {
  EXPECTS(boards.size() == 2 * static_cast<std::size_t>(config.n_layer) + 2, "each loop and each end has a board");
  if (op.block < 0 || (op.block == 0 && op.hook.kind == HookKind::ResidPre)) return boards.front();
  if (op.block >= config.n_layer) return boards.back();
  const bool attention = stands_at(op.hook.kind, HookPlace::Attention) || op.hook.kind == HookKind::ResidMid;
  return boards[1 + 2 * static_cast<std::size_t>(op.block) + (attention ? 0 : 1)];
}

bool reads(const ViewScene::Focus& focus, const render::Projection& view) {
  constexpr float kLeastPx = 6;  // words are left out under 11 pixels, but bars are still told apart
  const auto near = [&](glm::vec3 point) {
    const float depth = view.depth(point);
    if (!(depth > 0) || focus.letters * view.focal_px() / depth < kLeastPx) return false;
    const glm::vec3 at = view.pixel(point);
    return at.x > 0 && at.y > 0 && at.x < view.size().x && at.y < view.size().y;
  };
  if (near((focus.board.low + focus.board.high) * 0.5F)) return true;
  return std::ranges::any_of(focus.lines,
                             [&](const render::Line& line) { return line.on_top && near((line.points[0] + line.points[2]) * 0.5F); });
}

ViewScene with_focus(const ViewScene& scene, const ViewScene::Focus& focus) {
  ViewScene out = scene;
  auto drawn = std::make_shared<render::Scene>(*scene.scene);
  for (const auto& change : focus.changes) {
    render::Panel& panel = drawn->panels[change.panel];
    if (change.rows_shown) panel.rows_shown = *change.rows_shown;
    if (change.highlight_col) panel.highlight_col = *change.highlight_col;
  }
  drawn->ribbons.insert(drawn->ribbons.end(), focus.ribbons.begin(), focus.ribbons.end());
  drawn->lines.insert(drawn->lines.end(), focus.lines.begin(), focus.lines.end());
  for (const auto& [label, room] : focus.rooms) out.rooms.emplace_back(drawn->labels.size() + label, room);
  if (focus.renamed) {
    render::Label& name = drawn->labels[focus.renamed->label];
    constexpr int kBeforeOthers = 91;
    name.text = focus.renamed->words;
    name.color = focus.renamed->color;
    name.background = focus.renamed->background;
    name.snug = true;  // the name of the plates stands close above
    name.priority = kBeforeOthers;
    name.stays = true;
  }
  if (focus.key) out.keys.push_back(*focus.key);
  drawn->labels.insert(drawn->labels.end(), focus.labels.begin(), focus.labels.end());
  out.scene = std::move(drawn);
  return out;
}

}  // namespace gf::scene
