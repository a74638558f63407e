#include "app/ui/viewport/card_sheet.h"

#include <algorithm>
#include <cmath>

#include "app/ui/viewport/formula_sheet.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "renderer/line_pieces.h"

namespace gf::ui {
namespace {

constexpr float kCardPad = 13;
constexpr float kCardText = 15.5F;

/// A piece of text with one look, wrapped to the card's width.
struct Paragraph {
  std::string text;
  CardInk ink = CardInk::Text;
  float size = kCardText;
  float above = 3;  ///< the space before it
  bool bold = false;
  float indent = 0;
};

std::size_t end_of_letter(const std::string& text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

/// Breaks where a line may end, and within a piece that is wider than a line.
std::vector<std::string> lines_broken(const std::string& text, float size, bool bold, float wide) {
  std::vector<std::string> lines(1);
  const auto fits = [&](const std::string& line) { return line_width(line, size, bold) <= wide; };
  for (const std::string_view piece : render::line_pieces(text)) {
    std::string word(piece), bare = word;
    while (!bare.empty() && bare.back() == ' ') bare.pop_back();
    if (!lines.back().empty() && !fits(lines.back() + bare)) lines.emplace_back();
    for (std::size_t cut = 0; lines.back().empty() && !fits(bare); cut = 0) {
      for (std::size_t next = end_of_letter(bare, 0); next < bare.size() && fits(bare.substr(0, next)); next = end_of_letter(bare, next))
        cut = next;
      if (cut == 0) break;  // not even a letter fits
      lines.back() = bare.substr(0, cut);
      lines.emplace_back();
      word.erase(0, cut);
      bare.erase(0, cut);
    }
    lines.back() += word;
  }
  for (std::string& line : lines)
    while (!line.empty() && line.back() == ' ') line.pop_back();
  return lines;
}

class CardWriter {
 public:
  CardWriter(const scene::Card& card, const CardLook& look) : card_(card), look_(look), wide_(look.wide * look.scale) {}

  CardSheet write() {
    const float buttons = look_.pinned ? 2 * kCardButton + 6 : 0;
    add({card_.title, CardInk::Text, 18, 0, true}, buttons * look_.scale);
    if (look_.pinned) sheet_.head = kCardPad + std::max(y_, kCardButton * look_.scale) + 3;
    const bool least = look_.detail == CardDetail::Least;
    const bool story = look_.depth == scene::CardDepth::Story && !card_.story.empty();
    if (story) add({card_.story, CardInk::Text, 16.5F, 5});
    if (!least && !story) where();
    if (card_.tile) tile(*card_.tile);
    values();
    deeper();
    if (!look_.hint.empty() && !least) add({look_.hint, CardInk::Dim, 13.5F, 7});
    sheet_.scale = look_.scale;
    sheet_.size = {widest_ + 2 * kCardPad, y_ + 2 * kCardPad - 2};
    return std::move(sheet_);
  }

 private:
  /// `less`: room that is taken at the right.
  void add(const Paragraph& p, float less = 0) {
    const float size = p.size * look_.scale, indent = p.indent * look_.scale;
    y_ += p.above * look_.scale;
    for (const std::string& line : lines_broken(p.text, size, p.bold, wide_ - indent - less)) {
      sheet_.lines.push_back({{kCardPad + indent, kCardPad - 1 + y_}, line, p.ink, size, p.bold});
      // ImGui's glyphs are a little wider than those of the scene's labels.
      widest_ = std::max(widest_, indent + 1.01F * line_width(line, size, p.bold) + less);
      y_ += size;
    }
  }

  void where() {
    std::string where;
    for (const auto& [name, value] : card_.indices) where += (where.empty() ? "" : "    ") + name + " " + value;
    if (!where.empty()) add({where, CardInk::Dim, kCardText, 4});
  }

  void tile(const scene::TileReading& tile) {
    add({tile.title, CardInk::Dim, kCardText, 8});
    const float column = line_width("100.0 %", kCardText, false);
    for (const auto& [word, probability] : tile.words) {
      const std::string share = numbers::percent(probability);
      add({share, CardInk::Positive, kCardText, 3, false, 10 + column - line_width(share, kCardText, false)});
      y_ -= kCardText * look_.scale;
      add({word, CardInk::Text, kCardText, 0, probability > 0.5, 10 + column + 12});
      if (look_.detail == CardDetail::Least) return;
    }
    if (!tile.note.empty()) add({tile.note, CardInk::Dim, kCardText, 3, false, 10});
    float above = 6;
    for (const std::string& fact : facts_of(tile)) {
      add({fact, CardInk::Text, kCardText, above});
      above = 2;
    }
  }

  void values() {
    if (card_.value) {
      const CardInk ink = *card_.value < 0 ? CardInk::Negative : CardInk::Positive;
      // On the card of a tile, its words come first; there the number of one cell is a detail.
      if (card_.tile) add({gf::text("this cell: {0}", card_number(*card_.value)), ink, kCardText, 6, true});
      else add({card_number(*card_.value), ink, 28, 7, true});
    }
    if (card_.base && card_.edited)
      add({gf::text("base {0}    edited {1}    difference {2}", card_number(*card_.base), card_number(*card_.edited),
                    card_number(*card_.edited - *card_.base)),
           CardInk::Notice, kCardText, 4});
    if (!card_.note.empty()) add({card_.note, CardInk::Dim, kCardText, 5});
    for (const std::string& edit : card_.edits) add({edit, CardInk::Notice, kCardText, 4});
  }

  /// What stands below the number, by the depth that is asked for and the room that there is.
  void deeper() {
    const bool all = look_.detail == CardDetail::All;
    switch (look_.depth) {
      case scene::CardDepth::Story: return;
      case scene::CardDepth::Numbers:
        if (look_.detail < CardDetail::Formula) return;
        if (card_.terms.empty()) numbers_of_formula();
        else terms(0);
        return;
      case scene::CardDepth::Formula:
        if (look_.detail >= CardDetail::Formula) formula();
        if (all) terms(12);
        if (all && !card_.doc.empty()) add({card_.doc, CardInk::Dim, 14.5F, 7});
        return;
      case scene::CardDepth::Code:
        if (look_.detail >= CardDetail::Formula) code();
        return;
    }
  }

  void formula() {
    const bool typeset = add_typeset();
    float above = typeset ? 5 : 7;
    for (std::size_t i = typeset ? 1 : 0; i < card_.formula.size(); ++i) {
      add({card_.formula[i], CardInk::Text, kCardText, above});
      above = 2;
    }
  }

  /// The formula as a textbook writes it. False: the card has none, or it is wider than a line; then it stands in words.
  bool add_typeset() {
    constexpr float kFormulaText = 17, kFormulaAbove = 8;
    if (card_.typeset.empty()) return false;
    FormulaSheet sheet = formula_sheet(card_.typeset, kFormulaText * look_.scale);
    if (sheet.size.x > wide_) return false;
    y_ += kFormulaAbove * look_.scale;
    const glm::vec2 at(kCardPad, kCardPad - 1 + y_);
    for (CardLine& line : sheet.lines) {
      line.at += at;
      sheet_.lines.push_back(std::move(line));
    }
    for (CardStroke& stroke : sheet.strokes) {
      stroke.from += at, stroke.to += at;
      sheet_.strokes.push_back(stroke);
    }
    widest_ = std::max(widest_, sheet.size.x);
    y_ += sheet.size.y;
    return true;
  }

  /// The lines in which the formula's numbers stand: where no sum is, they are what the number is made of.
  void numbers_of_formula() {
    float above = 7;
    for (const std::string& line : card_.formula) {
      if (line.find(" = ") == std::string::npos) continue;
      add({line, CardInk::Text, kCardText, above});
      above = 2;
    }
  }

  void terms(float indent) {
    float above = indent > 0 ? 2 : 7;
    for (const scene::Term& term : card_.terms) {
      add({term.text, term.contribution < 0 ? CardInk::Negative : CardInk::Positive, kCardText, above, false, indent});
      above = 2;
    }
    if (const std::string more = more_terms(card_); !more.empty()) add({more, CardInk::Dim, kCardText, 2, false, indent});
  }

  /// A line that goes on below stays as far to the right as it began. Of a long list of ids the middle is left out: the menu of
  /// the cell copies all.
  void code() {
    constexpr std::size_t kLongest = 200, kHead = 90, kTail = 30;
    constexpr float kCodeSize = 14.5F, kCodeBlank = 4;
    float above = 7;
    for (std::size_t at = 0; at < card_.code.size();) {
      const std::size_t end = std::min(card_.code.find('\n', at), card_.code.size());
      std::string line = card_.code.substr(at, end - at);
      at = end + 1;
      const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
      line.erase(0, first);
      if (line.size() > kLongest) line = line.substr(0, line.rfind(' ', kHead)) + " ..." + line.substr(line.find(' ', line.size() - kTail));
      const bool comment = line.starts_with('#');
      if (line.empty()) above = 6;
      else add({line, comment ? CardInk::Dim : CardInk::Text, kCodeSize, above, false, kCodeBlank * static_cast<float>(first)});
      if (!line.empty()) above = 1;
    }
  }

  const scene::Card& card_;
  const CardLook& look_;
  float wide_, widest_ = 0, y_ = 0;
  CardSheet sheet_;
};

}  // namespace

std::string card_number(float value) {
  const float size = std::abs(value);
  if (size != 0 && (size < 0.001F || size >= 10000)) return numbers::significant(static_cast<double>(value), 4);
  return numbers::fixed(static_cast<double>(value), size < 10 ? 4 : 2);
}

CardSheet card_sheet(const scene::Card& card, const CardLook& look) { return CardWriter(card, look).write(); }

}  // namespace gf::ui
