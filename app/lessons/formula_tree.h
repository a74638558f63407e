// A formula as it is read: a little of TeX as a tree. Internal to app/lessons; formula.h draws it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gf::lessons {

struct FormulaNode {
  enum class Kind {
    Space,
    Letter,    ///< of a variable; Greek ones too
    Digit,     ///< also the point, and a comma in braces: 262{,}144
    Plus,      ///< + - and ±
    Relation,  ///< = < > and what else separates two expressions
    Times,     ///< · and ×
    Slash,
    Open,
    Close,
    Sum,
    Name,      ///< a word that stands upright: exp, ln
    Row,       ///< what braces hold: `parts`
    Root,      ///< `parts`: what stands under it, one Row
    Fraction,  ///< `parts`: two Rows
    Below,     ///< a subscript: one Row
    Above      ///< a superscript: one Row
  } kind = Kind::Space;
  std::string text{};  ///< of the kinds without parts
  std::vector<FormulaNode> parts{};
};

struct FormulaTree {
  FormulaNode row;                   ///< a Row
  std::optional<std::string> fault;  ///< the first thing that could not be read: "uses \foo, which is not known"
};
/// Reads any text, without recursion beyond some levels.
[[nodiscard]] FormulaTree read_formula(std::string_view formula);

}  // namespace gf::lessons
