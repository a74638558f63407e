#include "app/export/legend_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <imgui.h>
#include <limits>
#include <optional>
#include <span>

#include "app/scene/label_box.h"
#include "app/scene/palette.h"
#include "model/base/text.h"
#include "model/tokenizer/utf8.h"
#include "renderer/labels.h"
#include "renderer/line_pieces.h"

namespace gf::exporting {
namespace {

using render::Color;

Color rgba(int r, int g, int b, int a) { return Color(r, g, b, a) / 255.0F; }

struct Look {
  Color text, quiet, ground, border;
};
Look look_of(render::Theme theme) {
  if (theme == render::Theme::Dark)
    return {rgba(232, 234, 240, 255), rgba(160, 166, 180, 255), rgba(16, 18, 24, 246), rgba(255, 255, 255, 28)};
  return {rgba(28, 30, 36, 255), rgba(92, 98, 110, 255), rgba(255, 255, 255, 246), rgba(0, 0, 0, 30)};
}

// More than any picture has room for. One text of 16,384 letters is too much for one draw list of ImGui.
constexpr std::size_t kLongestCaption = 4000;
constexpr float kPad = scene::kLegendPad, kBar = 9, kGap = scene::kLegendGap, kMargin = scene::kLegendMargin;
constexpr float kBetween = scene::kLegendBetween, kLetters = scene::kLegendLetters;

struct Painter {
  std::vector<Mark>& marks;
  Look look;
  glm::vec2 screen;
  const MeasureText& measure;

  void rectangle(glm::vec2 low, glm::vec2 high, const Color& color, float radius = 0, bool outlined = false) const {
    marks.push_back({low, high, color, radius, outlined, {}, 0, 0});
  }
  void text(glm::vec2 at, float size, const Color& color, const std::string& words, float wrap = 0) const {
    if (!words.empty()) marks.push_back({at, at, color, 0, false, words, size, wrap});
  }
  void card(glm::vec2 low, glm::vec2 high, float radius) const {
    rectangle(low, high, look.ground, radius);
    rectangle(low, high, look.border, radius, true);
  }
  [[nodiscard]] scene::LegendWords words() const { return {screen, measure}; }
  [[nodiscard]] float width_of(const std::string& said, float size) const { return words().width_of(said, size); }
};

void draw_bar(const Painter& p, glm::vec2 low, glm::vec2 high, render::ColorMap map, render::Theme theme) {
  // The steps come from color_of(), as the colours of cells do.
  constexpr int kSteps = 64;
  const float step = (high.x - low.x) / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    const float t = (static_cast<float>(i) + 0.5F) / kSteps;
    const Color color = render::as_color(render::color_of(render::is_diverging(map) ? 2 * t - 1 : t, 1, 0, map, theme));
    const float x = low.x + step * static_cast<float>(i);
    // Each step reaches to the bar's end below the later ones, so that no gap shows between two steps.
    p.rectangle({x, low.y}, high, color);
  }
}

/// As much of the words as is at most so wide, with dots for the rest.
std::string words_within(const Painter& p, const std::string& words, float line, float width) {
  if (p.width_of(words, line) <= width) return words;
  std::string best;
  for (std::size_t i = utf8_at(words, 0).bytes; i < words.size(); i += utf8_at(words, i).bytes) {
    std::string tried = words.substr(0, i) + "…";
    if (p.width_of(tried, line) > width) break;
    best = std::move(tried);
  }
  return best;
}

/// Returns what it covers.
std::optional<scene::ScreenBox> draw_rows(const Painter& p, const std::vector<scene::LegendRow>& rows, render::Theme theme, float line,
                                          const scene::LegendRoom& room, bool left_is_free) {
  if (rows.empty()) return std::nullopt;
  const scene::LegendShape s = scene::legend_shape(rows, line, p.words(), room.foot_px);
  const scene::ScreenBox box = scene::legend_corner(s.extent, p.screen, room.spoken, left_is_free);
  p.card(box.low, box.high, 7);
  for (std::size_t i = 0; i < s.rows; ++i) {
    const scene::LegendRow& row = rows[i];
    const std::size_t column = i % s.columns, line_of_rows = i / s.columns;
    const float begin = box.low.x + s.pad + static_cast<float>(column) * (s.width + kGap), right = begin + s.width;
    const float left = s.one_line ? begin + s.title + 2 * kBetween : begin;
    float y = box.low.y + s.pad + static_cast<float>(line_of_rows) * (s.height + scene::kLegendLineGap);
    const auto wrapped = [&](const std::string& words) { return p.width_of(words, line) <= s.width ? 0 : s.width; };
    if (s.one_line) p.text({begin, y}, line, p.look.text, words_within(p, row.title, line, s.title));
    else p.text({begin, y}, line, p.look.text, row.title, wrapped(row.title));
    if (!s.one_line) y += s.title + 2;
    const float middle = y + 0.5F * line;
    p.text({left + s.low - p.width_of(row.low, line), y}, line, p.look.quiet, row.low);
    if (!row.low.empty() || !row.high.empty())  // else it explains no colours
      draw_bar(p, {left + s.low + kBetween, middle - 0.5F * kBar}, {right - s.high - kBetween, middle + 0.5F * kBar}, row.map, theme);
    p.text({right - s.high, y}, line, p.look.quiet, row.high);
    if (s.details) p.text({left, y + line + 1}, line, p.look.quiet, row.detail, wrapped(row.detail));
  }
  return box;
}

/// A line from the upper to the lower edge, at a share of the width.
float draw_line(const Painter& p, float share) {
  constexpr float kWide = 2;
  const float x = std::round(std::clamp(share, 0.0F, 1.0F) * p.screen.x);
  p.rectangle({x - kWide / 2, 0}, {x + kWide / 2, p.screen.y}, p.look.text);
  return x;
}

/// The line of a split, and beside its upper end which run is on which side of it.
void draw_split(const Painter& p, float share, float line) {
  constexpr float kBeside = 8, kPadX = 7, kPadY = 3, kFromTop = 14;
  const float x = draw_line(p, share);
  const auto side = [&](const std::string& words, bool left) {
    const glm::vec2 wide{p.width_of(words, line) + 2 * kPadX, line + 2 * kPadY};
    const glm::vec2 low{left ? x - kBeside - wide.x : x + kBeside, kFromTop};
    p.card(low, low + wide, 6);
    p.text(low + glm::vec2(kPadX, kPadY), line, p.look.text, words);
  };
  side(text("base"), true);
  side(text("edited"), false);
}

/// The line between two scenes, and what each is.
void draw_headings(const Painter& p, const std::array<scene::SideHeading, 2>& halves, float line) {
  draw_line(p, 0.5F);
  for (const bool right : {false, true}) {
    const scene::SideHeading& heading = halves[right ? 1 : 0];
    const glm::vec2 corner = heading.box.low + glm::vec2(right ? p.screen.x / 2 : 0, 0);
    p.card(corner, corner + heading.box.high - heading.box.low, 6);
    p.text(corner + scene::kHeadingAir, line, p.look.text, heading.words);
  }
}

/// In the middle of the foot. It has at most so many letters a line that an eye finds the next one. Returns what it covers.
scene::ScreenBox draw_spoken(const Painter& p, const std::string& words, float line) {
  constexpr float kLetters = 1.5F, kMost = 44, kBeside = 0.9F, kPadding = 16;
  const float size = kLetters * line, wrap = std::min(kBeside * p.screen.x - 2 * kPadding, kMost * size);
  const glm::vec2 text = p.measure(words, size, wrap), wide = text + glm::vec2(2 * kPadding, 1.5F * kPadding);
  const glm::vec2 low{std::floor((p.screen.x - wide.x) / 2), p.screen.y - kMargin - wide.y};
  p.card(low, low + wide, 10);
  p.text(low + glm::vec2(kPadding, 0.75F * kPadding), size, p.look.text, words, wrap);
  return {low, low + wide};
}

/// In the lower left corner, beside the legend, whose upper left corner is given; above it where that leaves no room to read.
/// The moment stands beside the legend, so that it does not cover the model's name in the corner. Returns what it covers.
std::optional<scene::ScreenBox> draw_caption(const Painter& p, const Caption& caption, glm::vec2 legend, float line) {
  if (caption.text.empty() && caption.moment.empty()) return std::nullopt;
  if (caption.spoken) return draw_spoken(p, caption.text, line);
  constexpr float kReadable = 18;  // letter heights: some six words a line
  const float size = 1.25F * line, room = legend.x - 2 * kMargin - 2 * kPad;
  const float wrap = std::min(0.55F * p.screen.x, room >= kReadable * size ? room : p.screen.x);
  const auto measured = [&](float letters, const std::string& text, float width) {
    return text.empty() ? glm::vec2(0) : p.measure(text, letters, width);
  };
  const glm::vec2 text = measured(size, caption.text, wrap), moment = measured(line, caption.moment, 0);
  const float width = std::max({text.x, moment.x, measured(line, caption.widest, 0).x});
  const float between = text.y > 0 && moment.y > 0 ? 0.5F * kPad : 0;
  const float wide = width + 2 * kPad;
  const bool beside = kMargin + wide + kMargin <= legend.x;
  const bool at_legend = beside && moment.y > 0 && legend.x < p.screen.x;
  const glm::vec2 high{at_legend ? legend.x - kPad : kMargin + wide, beside ? p.screen.y - kMargin : legend.y - kMargin};
  const glm::vec2 low{high.x - wide, high.y - text.y - between - moment.y - 2 * kPad};
  p.card(low, high, 8);
  const float left = low.x + kPad, top = low.y + kPad + text.y + between;
  p.text({left, low.y + kPad}, size, p.look.text, caption.text, wrap);
  // The first line names the token, in the colour of text; the second says what happens to it, in a quieter colour.
  const std::size_t end = std::min(caption.moment.find('\n'), caption.moment.size());
  p.text({left, top}, line, p.look.text, caption.moment.substr(0, end));
  if (end < caption.moment.size()) p.text({left, top + line}, line, p.look.quiet, caption.moment.substr(end + 1));
  return scene::ScreenBox{low, high};
}

/// The legend, of two scenes in the right one. Returns what it covers.
std::optional<scene::ScreenBox> draw_legend_rows(const Painter& p, const std::vector<scene::LegendRow>& rows, render::Theme theme,
                                                 float line, const scene::LegendRoom& room, bool left_is_free) {
  const glm::vec2 from{room.halves ? p.screen.x / 2 : 0, 0};
  const std::size_t before = p.marks.size();
  const auto legend = draw_rows({p.marks, p.look, p.screen - from, p.measure}, rows, theme, kLetters * line, room, left_is_free);
  for (std::size_t i = before; i < p.marks.size(); ++i) {
    p.marks[i].low += from;
    p.marks[i].high += from;
  }
  return legend ? std::optional(scene::shifted(*legend, from)) : std::nullopt;
}

/// Where the caption finds the legend: its upper left corner where it stands at the foot, else that of nothing.
glm::vec2 corner_of(const std::optional<scene::ScreenBox>& legend, glm::vec2 screen) {
  return legend && legend->high.y > screen.y / 2 ? legend->low : screen;
}

/// One call of AddText() draws at most 16,383 letters: its vertices are counted in 16 bits, and more of them end the program.
constexpr std::ptrdiff_t kMostInOneCall = 4000;

const char* whole_letters(const char* at, const char* end) {
  while (at < end && (static_cast<unsigned char>(*at) & 0xC0U) == 0x80U) ++at;
  return at;
}

/// A long text: line by line, each in pieces, and only what reaches into the screen.
void add_long_text(ImDrawList& list, ImFont& font, const Mark& m, ImU32 color, ImVec2 screen) {
  const char *at = m.text.data(), *const end = at + m.text.size();
  for (float y = m.low.y; at < end && y < screen.y; y += m.size) {
    const char* line = std::find(at, end, '\n');
    float x = m.low.x;
    for (const char* piece = at; piece < line && y + m.size > 0 && x < screen.x;) {
      const char* next = line - piece > kMostInOneCall ? whole_letters(piece + kMostInOneCall, line) : line;
      list.AddText(&font, m.size, {x, y}, color, piece, next);
      x += font.CalcTextSizeA(m.size, 1e9F, 0, piece, next).x;
      piece = next;
    }
    at = line < end ? line + 1 : end;
  }
}

/// The text with an end of line wherever it would be wider. ImGui would break "3.0" behind its point, and Chinese before a comma.
std::string wrapped(const ImFont& font, const std::string& words, float size, float wrap) {
  if (!(wrap > 0)) return words;
  std::string all;
  const auto width = [&](std::string_view line) { return font.CalcTextSizeA(size, 1e9F, 0, line.data(), line.data() + line.size()).x; };
  for (const std::string& line : render::lines_within(words, wrap, width)) all += (all.empty() ? "" : "\n") + line;
  return all;
}

}  // namespace

std::vector<Mark> legend_marks(const std::vector<scene::LegendRow>& rows, const Caption& caption, render::Theme theme, glm::vec2 screen,
                               float line, const MeasureText& measure, const scene::LegendRoom& room) {
  std::vector<Mark> all;
  const Painter painter{all, look_of(theme), screen, measure};
  const bool has_caption = !caption.text.empty() || !caption.moment.empty();
  if (caption.veil > 0) painter.rectangle(glm::vec2(0), screen, Color(glm::vec3(scene::palette_of(theme).ground), caption.veil));
  if (room.split) draw_split(painter, *room.split, kLetters * line);  // below the legend
  if (room.halves) draw_headings(painter, *room.halves, kLetters * line);
  const auto legend = draw_legend_rows(painter, rows, theme, line, room, !has_caption);
  Caption shown = caption;
  shown.text = shortened(caption.text, kLongestCaption);
  draw_caption(painter, shown, corner_of(legend, screen), line);
  return all;
}

std::vector<std::string> lines_in_letters(const std::string& text, float em, float wrap) {
  return render::lines_within(text, wrap > 0 ? wrap : std::numeric_limits<float>::infinity(),
                              [em](std::string_view line) { return render::text_width(line, em); });
}

glm::vec2 measured_in_letters(const std::string& text, float size, float wrap) {
  glm::vec2 extent{0};
  for (const std::string& line : lines_in_letters(text, size * render::kEmOfLine, wrap)) {
    extent.x = std::max(extent.x, render::text_width(line, size * render::kEmOfLine));
    extent.y += size;
  }
  return extent;
}

std::optional<scene::ScreenBox> caption_box(const std::vector<scene::LegendRow>& rows, Caption caption, glm::vec2 screen, float line,
                                            const MeasureText& measure, const scene::LegendRoom& room) {
  std::vector<Mark> all;
  constexpr render::Theme kAny = render::Theme::Dark;
  const Painter painter{all, look_of(kAny), screen, measure};
  const auto legend = draw_legend_rows(painter, rows, kAny, line, room, false);
  caption.text = shortened(caption.text, kLongestCaption);
  if (!caption.moment.empty()) caption.moment = "\n";
  return draw_caption(painter, caption, corner_of(legend, screen), line);
}

void draw_legend(const std::vector<scene::LegendRow>& rows, render::Theme theme, const Caption& caption, float scale,
                 const scene::LegendRoom& room) {
  ImFont& font = *ImGui::GetFont();
  const MeasureText measure = [&font](const std::string& words, float size, float wrap) {
    const ImVec2 m = font.CalcTextSizeA(size, 1e9F, 0, wrapped(font, words, size, wrap).c_str());
    return glm::vec2(m.x, m.y);
  };
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  for (Mark& m : legend_marks(rows, caption, theme, {screen.x, screen.y}, scale * ImGui::GetFontSize(), measure, room)) {
    m.text = wrapped(font, m.text, m.size, m.wrap);
    const ImU32 color = ImGui::ColorConvertFloat4ToU32({m.color.r, m.color.g, m.color.b, m.color.a});
    const ImVec2 low{m.low.x, m.low.y}, high{m.high.x, m.high.y};
    if (static_cast<std::ptrdiff_t>(m.text.size()) > kMostInOneCall) add_long_text(list, font, m, color, screen);
    else if (!m.text.empty()) list.AddText(&font, m.size, low, color, m.text.c_str());
    else if (m.outlined) list.AddRect(low, high, color, m.radius);
    else list.AddRectFilled(low, high, color, m.radius);
  }
}

render::Overlay legend_overlay(std::vector<scene::LegendRow> rows, render::Theme theme, Caption caption, float scale,
                               scene::LegendRoom room) {
  // Faces are chosen before an overlay runs, by what was measured until then.
  for (const std::string* words : {&caption.text, &caption.moment, &caption.widest}) static_cast<void>(render::text_width(*words, 1));
  for (const scene::LegendRow& row : rows)
    for (const std::string* words : {&row.title, &row.detail}) static_cast<void>(render::text_width(*words, 1));
  return [rows = std::move(rows), theme, caption = std::move(caption), scale, room = std::move(room)] {
    draw_legend(rows, theme, caption, scale, room);
  };
}

}  // namespace gf::exporting
