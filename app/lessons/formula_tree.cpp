#include "app/lessons/formula_tree.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/base/text.h"

namespace gf::lessons {
namespace {

using Kind = FormulaNode::Kind;

struct FormulaCommand {
  const char* name;
  Kind kind;
  const char* text;
};
constexpr std::array kFormulaCommands{
    FormulaCommand{"cdot", Kind::Times, "\u00B7"},
    FormulaCommand{"times", Kind::Times, "\u00D7"},
    FormulaCommand{"sum", Kind::Sum, "\u2211"},
    FormulaCommand{"le", Kind::Relation, "\u2264"},
    FormulaCommand{"ge", Kind::Relation, "\u2265"},
    FormulaCommand{"approx", Kind::Relation, "\u2248"},
    FormulaCommand{"to", Kind::Relation, "\u2192"},
    FormulaCommand{"infty", Kind::Letter, "\u221E"},
    FormulaCommand{"pm", Kind::Plus, "\u00B1"},
    FormulaCommand{"alpha", Kind::Letter, "\u03B1"},
    FormulaCommand{"beta", Kind::Letter, "\u03B2"},
    FormulaCommand{"gamma", Kind::Letter, "\u03B3"},
    FormulaCommand{"epsilon", Kind::Letter, "\u03B5"},
    FormulaCommand{"mu", Kind::Letter, "\u03BC"},
    FormulaCommand{"pi", Kind::Letter, "\u03C0"},
    FormulaCommand{"sigma", Kind::Letter, "\u03C3"},
    FormulaCommand{"Delta", Kind::Letter, "\u0394"},
    FormulaCommand{"ln", Kind::Name, "ln"},
    FormulaCommand{"log", Kind::Name, "log"},
    FormulaCommand{"exp", Kind::Name, "exp"},
    FormulaCommand{"max", Kind::Name, "max"},
    FormulaCommand{"tanh", Kind::Name, "tanh"},
    FormulaCommand{"softmax", Kind::Name, "softmax"},
    FormulaCommand{"GELU", Kind::Name, "GELU"},
    FormulaCommand{"LN", Kind::Name, "LN"},
};

Kind kind_of(char c) {
  if ((c >= '0' && c <= '9') || c == '.') return Kind::Digit;
  switch (c) {
    case ' ':
    case '\t': return Kind::Space;
    case '+':
    case '-': return Kind::Plus;
    case '=':
    case '<':
    case '>':
    case ',':
    case ';':
    case ':': return Kind::Relation;
    case '*': return Kind::Times;
    case '/': return Kind::Slash;
    case '(':
    case '[': return Kind::Open;
    case ')':
    case ']': return Kind::Close;
    default: return Kind::Letter;
  }
}

constexpr int kDeepestGroup = 16;

class FormulaReader {
 public:
  explicit FormulaReader(std::string_view formula) : text_(formula) {}

  FormulaTree all() {
    FormulaTree tree;
    tree.row.kind = Kind::Row;
    while (at_ < text_.size()) {
      if (text_[at_] != '}') {
        tree.row.parts.push_back(atom(0));
        continue;
      }
      ++at_;
      fault(gf::text("has a '}' that closes nothing"));
    }
    tree.fault = std::move(fault_);
    return tree;
  }

 private:
  FormulaNode atom(int depth) {
    const char c = text_[at_++];
    if (c == '{' && depth < kDeepestGroup) return group(depth);
    if ((c == '_' || c == '^') && depth < kDeepestGroup) return script(c, depth);
    if (c == '\\') return command(depth);
    FormulaNode node{kind_of(c), c == '-' ? "\u2212" : std::string(1, c)};
    // The bytes of one character stay together.
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) node.text += text_[at_++];
    return node;
  }
  /// What stands between braces; the first one has been read.
  FormulaNode group(int depth) {
    FormulaNode row{Kind::Row};
    while (at_ < text_.size() && text_[at_] != '}') row.parts.push_back(atom(depth + 1));
    if (at_ < text_.size()) ++at_;
    else fault(gf::text("has a '{' that is not closed"));
    // As in TeX, braces make a plain sign of a comma: 262{,}144 is one number.
    if (row.parts.size() == 1 && row.parts[0].kind == Kind::Relation && row.parts[0].text == ",") return {Kind::Digit, ","};
    return row;
  }
  FormulaNode script(char sign, int depth) {
    FormulaNode node{sign == '_' ? Kind::Below : Kind::Above};
    if (at_ >= text_.size() || text_[at_] == '}' || text_[at_] == ' ') {
      fault(gf::text("has nothing behind a '{0}'", std::string(1, sign)));
      node.parts.push_back({Kind::Row});
      return node;
    }
    FormulaNode what = atom(depth + 1);
    if (what.kind == Kind::Row) node.parts.push_back(std::move(what));
    else node.parts.push_back({Kind::Row, {}, {std::move(what)}});
    return node;
  }
  FormulaNode argument(const std::string& name, int depth) {
    if (at_ < text_.size() && text_[at_] == '{' && depth < kDeepestGroup) {
      ++at_;
      FormulaNode what = group(depth + 1);
      if (what.kind != Kind::Row) return {Kind::Row, {}, {std::move(what)}};
      if (!what.parts.empty()) return what;
    }
    fault(gf::text("lacks what \\{0} needs, in braces", name));
    return {Kind::Row};
  }
  /// A word in roman letters, as it stands: \text{mean}.
  FormulaNode words(int depth) {
    FormulaNode node{Kind::Name};
    for (const FormulaNode& part : argument("text", depth).parts) node.text += part.text;
    return node;
  }
  FormulaNode command(int depth) {
    std::size_t end = at_;
    while (end < text_.size() && ((text_[end] >= 'a' && text_[end] <= 'z') || (text_[end] >= 'A' && text_[end] <= 'Z'))) ++end;
    std::string name(text_.substr(at_, end - at_));
    at_ = end;
    if (name == "sqrt") return {Kind::Root, {}, {argument(name, depth)}};
    if (name == "frac") {
      FormulaNode above = argument(name, depth);
      return {Kind::Fraction, {}, {std::move(above), argument(name, depth)}};
    }
    if (name == "text") return words(depth);
    const auto found =
        std::find_if(kFormulaCommands.begin(), kFormulaCommands.end(), [&](const FormulaCommand& c) { return name == c.name; });
    if (found != kFormulaCommands.end()) return {found->kind, found->text};
    fault(gf::text("uses \\{0}, which is not known", name));
    return {Kind::Name, std::move(name)};
  }
  void fault(std::string message) {
    if (!fault_) fault_ = std::move(message);  // what follows the first one is often its consequence
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string> fault_;
};

}  // namespace

FormulaTree read_formula(std::string_view formula) { return FormulaReader(formula).all(); }

}  // namespace gf::lessons
