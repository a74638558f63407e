#include "app/ui/viewport/formula_sheet.h"

#include <algorithm>
#include <string>

#include "app/lessons/formula_tree.h"
#include "renderer/labels.h"

namespace gf::ui {
namespace {

using lessons::FormulaNode;
using Kind = FormulaNode::Kind;

// In heights of a line. Small letters are 0.7 of their base, as in TeX; those of small letters are not smaller again.
constexpr float kAxis = 0.26F, kStroke = 0.055F, kClearance = 0.09F, kSmall = 0.7F, kRaised = 0.34F, kLowered = 0.17F, kThin = 0.14F,
                kMedium = 0.2F;
constexpr float kAscent = 0.62F, kDescent = 0.17F;  // of letters, from the baseline

/// A part with its origin at the left end of its baseline; y grows downwards.
struct FormulaBox {
  float width = 0, ascent = 0, descent = 0;
  std::vector<CardLine> lines;
  std::vector<CardStroke> strokes;

  void put(FormulaBox part, glm::vec2 at) {
    for (CardLine& line : part.lines) line.at += at, lines.push_back(std::move(line));
    for (CardStroke& stroke : part.strokes) stroke.from += at, stroke.to += at, strokes.push_back(stroke);
    ascent = std::max(ascent, part.ascent - at.y);
    descent = std::max(descent, part.descent + at.y);
  }
  /// Puts a part behind what is there.
  void follow(FormulaBox part, float space = 0, float lower = 0) {
    const float at = width + space, wide = part.width;
    put(std::move(part), {at, lower});
    width = at + wide;
  }
};

FormulaBox letters(const std::string& text, float size, bool slanted) {
  FormulaBox box;
  box.width = line_width(text, size) + (slanted ? 0.03F * size : 0);
  box.ascent = kAscent * size;
  box.descent = kDescent * size;
  box.lines.push_back({{0, -kBaselineOfLine * size}, text, CardInk::Text, size, false, slanted});
  return box;
}

FormulaBox row_of(const std::vector<FormulaNode>& parts, float size, bool small);

FormulaBox fraction_of(const FormulaNode& node, float size, bool small) {
  FormulaBox above = row_of(node.parts[0].parts, size, small), below = row_of(node.parts[1].parts, size, small), box;
  const float pad = 0.12F * size, wide = std::max(above.width, below.width) + 2 * pad, axis = -kAxis * size;
  const float above_x = (wide - above.width) / 2, below_x = (wide - below.width) / 2;
  const float up = axis - kClearance * size - above.descent, down = axis + kClearance * size + below.ascent;
  box.put(std::move(above), {above_x, up});
  box.put(std::move(below), {below_x, down});
  box.strokes.push_back({{0, axis}, {wide, axis}, kStroke * size, CardInk::Text});
  box.width = wide;
  return box;
}

FormulaBox root_of(const FormulaNode& node, float size, bool small) {
  FormulaBox under = row_of(node.parts[0].parts, size, small), box;
  const float sign = 0.42F * size, top = -under.ascent - kClearance * size, foot = under.descent, pad = 0.06F * size;
  const float width = kStroke * size, wide = sign + under.width + 2 * pad;
  box.strokes = {{{0, foot - 0.32F * size}, {0.12F * sign, foot - 0.38F * size}, width, CardInk::Text},
                 {{0.12F * sign, foot - 0.38F * size}, {0.5F * sign, foot}, 1.5F * width, CardInk::Text},
                 {{0.5F * sign, foot}, {sign, top}, width, CardInk::Text},
                 {{sign, top}, {wide, top}, width, CardInk::Text}};
  box.put(std::move(under), {sign + pad, 0});
  box.ascent += (kClearance + kStroke) * size;
  box.width = wide;
  return box;
}

/// The sum's sign with what runs below it.
FormulaBox sum_of(const FormulaNode& sign, const FormulaNode* below, float size, bool small) {
  FormulaBox box, glyph = letters(sign.text, 1.35F * size, false);
  FormulaBox index = below != nullptr ? row_of(below->parts[0].parts, kSmall * size, true) : FormulaBox();
  const float wide = std::max(glyph.width, index.width), glyph_x = (wide - glyph.width) / 2, index_x = (wide - index.width) / 2;
  const float foot = 0.1F * size + 0.22F * size;
  if (small && below != nullptr) {
    // In a line of small letters the index stands beside the sign, because below it is no room.
    box.follow(std::move(glyph), 0, 0.1F * size);
    box.follow(std::move(index), 0, kLowered * size + 0.1F * size);
    return box;
  }
  const float down = foot + index.ascent;
  box.put(std::move(glyph), {glyph_x, 0.1F * size});
  if (below != nullptr) box.put(std::move(index), {index_x, down});
  box.width = wide;
  return box;
}

float space_before(const FormulaNode& node, const FormulaNode* before, float size) {
  if (before == nullptr) return 0;
  const auto binds = [&](Kind kind) { return node.kind == kind || before->kind == kind; };
  const bool comma = node.kind == Kind::Relation && node.text == ",";
  if (binds(Kind::Open) && before->kind == Kind::Open) return 0;
  if (node.kind == Kind::Close || comma) return 0;
  if (before->kind == Kind::Relation || node.kind == Kind::Relation) return kMedium * size;
  if (binds(Kind::Plus)) return kThin * size;
  if (binds(Kind::Times)) return 0.7F * kThin * size;
  if (before->kind == Kind::Sum || (before->kind == Kind::Name && node.kind != Kind::Open)) return kThin * size;
  if (node.kind == Kind::Sum || node.kind == Kind::Name) return kThin * size;
  return 0.02F * size;
}

FormulaBox box_of(const FormulaNode& node, float size, bool small) {
  switch (node.kind) {
    case Kind::Fraction: return fraction_of(node, size, small);
    case Kind::Root: return root_of(node, size, small);
    case Kind::Row: return row_of(node.parts, size, small);
    case Kind::Sum: return sum_of(node, nullptr, size, small);
    default: return letters(node.text, size, node.kind == Kind::Letter);
  }
}

FormulaBox row_of(const std::vector<FormulaNode>& parts, float size, bool small) {
  FormulaBox row;
  const FormulaNode* before = nullptr;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const FormulaNode& node = parts[i];
    if (node.kind == Kind::Space) continue;
    const bool script = node.kind == Kind::Below || node.kind == Kind::Above;
    if (script && !node.parts.empty()) {
      const float small_size = small ? size : kSmall * size;
      const float move = node.kind == Kind::Below ? kLowered * size : -kRaised * size;
      row.follow(row_of(node.parts[0].parts, small_size, true), 0.02F * size, move);
      continue;
    }
    if (node.kind == Kind::Digit) {  // the digits of a number are one piece
      std::string number = node.text;
      while (i + 1 < parts.size() && parts[i + 1].kind == Kind::Digit) number += parts[++i].text;
      row.follow(letters(number, size, false), space_before(node, before, size));
      before = &node;
      continue;
    }
    const float space = small ? 0.6F * space_before(node, before, size) : space_before(node, before, size);
    const bool limits = node.kind == Kind::Sum && i + 1 < parts.size() && parts[i + 1].kind == Kind::Below && !parts[i + 1].parts.empty();
    if (limits) row.follow(sum_of(node, &parts[++i], size, small), space);
    else row.follow(box_of(node, size, small), space);
    before = &node;
  }
  return row;
}

}  // namespace

float line_width(std::string_view line, float size, bool bold) { return render::text_width(line, size * render::kEmOfLine, bold); }

FormulaSheet formula_sheet(std::string_view formula, float size) {
  FormulaBox row = row_of(lessons::read_formula(formula).row.parts, size, false);
  FormulaSheet sheet;
  for (CardLine& line : row.lines) line.at.y += row.ascent;
  for (CardStroke& stroke : row.strokes) stroke.from.y += row.ascent, stroke.to.y += row.ascent;
  sheet.size = {row.width, row.ascent + row.descent};
  sheet.lines = std::move(row.lines);
  sheet.strokes = std::move(row.strokes);
  return sheet;
}

}  // namespace gf::ui
