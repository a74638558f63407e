#include "app/scene/legend_shape.h"

#include <algorithm>

#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kMinWidth = 180, kLeastBar = 40, kLowPad = 5;

/// Height of words in lines of this size and at most this width.
float height_of_words(const LegendWords& p, const std::string& words, float line, float width) {
  return p.width_of(words, line) <= width ? line : std::max(line, std::ceil(p.measure(words, line, width).y));
}

/// Measures one entry. No entry is wider than the screen: longer words are broken into lines.
void measure_rows(LegendShape& s, std::span<const LegendRow> rows, float line, const LegendWords& p) {
  s.width = kMinWidth;
  for (const LegendRow& row : rows) {
    s.width = std::max({s.width, p.width_of(row.title, line), s.details ? p.width_of(row.detail, line) : 0});
    s.low = std::max(s.low, p.width_of(row.low, line));
    s.high = std::max(s.high, p.width_of(row.high, line));
  }
  s.width = std::max(s.width, s.low + s.high + 2 * kLegendBetween + kLeastBar);
  s.width = std::min(s.width, std::max(kMinWidth, p.screen.x - 2 * kLegendMargin - 2 * kLegendPad));
  float details = 0;
  for (const LegendRow& row : rows) {
    s.title = std::max(s.title, height_of_words(p, row.title, line, s.width));
    if (s.details && !row.detail.empty()) details = std::max(details, height_of_words(p, row.detail, line, s.width) + 1);
  }
  s.height = s.title + 2 + line + details;
}

LegendShape shape_of(std::span<const LegendRow> rows, bool details, float line, const LegendWords& p) {
  LegendShape s;
  s.rows = rows.size();
  s.details = details;
  measure_rows(s, rows, line, p);
  // Side by side: a low strip leaves the picture its height.
  const float free = p.screen.x - 2 * kLegendMargin - 2 * kLegendPad + kLegendGap;
  s.columns = std::min(rows.size(), static_cast<std::size_t>(std::max(1.0F, free / (s.width + kLegendGap))));
  const std::size_t lines = (rows.size() + s.columns - 1) / s.columns;
  s.extent = {2 * kLegendPad - kLegendGap + static_cast<float>(s.columns) * (s.width + kLegendGap),
              2 * kLegendPad - kLegendLineGap + static_cast<float>(lines) * (s.height + kLegendLineGap)};
  return s;
}

/// The first rows side by side, each in one line.
LegendShape low_shape(std::span<const LegendRow> rows, float line, const LegendWords& p) {
  LegendShape s;
  s.rows = s.columns = rows.size();
  s.details = false;
  s.one_line = true;
  s.pad = kLowPad;
  measure_rows(s, rows, line, p);
  s.title = 0;  // of their widths
  for (const LegendRow& row : rows) s.title = std::max(s.title, p.width_of(row.title, line));
  s.width = s.title + 2 * kLegendBetween + s.low + s.high + 2 * kLegendBetween + kLeastBar;
  s.height = line;
  s.extent = {2 * kLowPad - kLegendGap + static_cast<float>(rows.size()) * (s.width + kLegendGap), 2 * kLowPad + line};
  if (rows.size() > 1) return s;
  // The title of a single row is rather cut than in the way.
  const float over = std::min(s.title, s.extent.x - (p.screen.x - 2 * kLegendMargin));
  if (!(over > 0)) return s;
  s.title -= over;
  s.width -= over;
  s.extent.x -= over;
  return s;
}

/// Text set in the letters of labels. A line of the legend is higher than an em of a label.
glm::vec2 measured_as_label(const std::string& words, float line, float wrap) {
  const float wide = render::text_width(words, render::kEmOfLine * line);
  return wrap > 0 && wide > wrap ? glm::vec2(wrap, line * std::ceil(wide / wrap)) : glm::vec2(wide, line);
}

}  // namespace

LegendShape legend_shape(std::span<const LegendRow> rows, float line, const LegendWords& words, float room) {
  LegendShape shape;
  for (std::size_t count = rows.size(); count > 0; --count)
    for (const bool details : {true, false}) {
      shape = shape_of(rows.first(count), details, line, words);
      if (shape.extent.y + kLegendMargin + kLegendLineGap <= room) return shape;
    }
  for (std::size_t count = rows.size(); count > 0; --count)
    if (const LegendShape low = low_shape(rows.first(count), line, words); low.extent.x <= words.screen.x - 2 * kLegendMargin) return low;
  return shape;
}

std::optional<ScreenBox> legend_box(std::span<const LegendRow> rows, const Pane& pane, const std::vector<ScreenBox>& spoken, bool left) {
  if (rows.empty()) return std::nullopt;
  static const MeasureText kMeasure = measured_as_label;
  constexpr float kLinePx = 17;  // of a card
  const float line = kLegendLetters * kLinePx * pane.presentation;
  const LegendShape shape = legend_shape(rows, line, {pane.size, kMeasure}, pane.foot * pane.size.y);
  return legend_corner(shape.extent, pane.size, spoken, left);
}

}  // namespace gf::scene
