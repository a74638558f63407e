#include "app/lessons/formula.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "app/lessons/formula_tree.h"
#include "app/lessons/markdown.h"
#include "model/base/html.h"

namespace gf::lessons {
namespace {

using Kind = FormulaNode::Kind;
using FormulaRow = std::span<const FormulaNode>;

// Unicode's small letters, each below or above the line. Inter has them, or DejaVu Sans; see the window's and the overlay's fonts.
struct SmallLetter {
  std::string_view letter;
  const char *below, *above;
};
constexpr std::array kSmallLetters{
    SmallLetter{"0", "\u2080", "\u2070"}, SmallLetter{"1", "\u2081", "\u00B9"}, SmallLetter{"2", "\u2082", "\u00B2"},
    SmallLetter{"3", "\u2083", "\u00B3"}, SmallLetter{"4", "\u2084", "\u2074"}, SmallLetter{"5", "\u2085", "\u2075"},
    SmallLetter{"6", "\u2086", "\u2076"}, SmallLetter{"7", "\u2087", "\u2077"}, SmallLetter{"8", "\u2088", "\u2078"},
    SmallLetter{"9", "\u2089", "\u2079"}, SmallLetter{"a", "\u2090", nullptr},  SmallLetter{"e", "\u2091", nullptr},
    SmallLetter{"h", "\u2095", nullptr},  SmallLetter{"i", "\u1D62", "\u2071"}, SmallLetter{"j", "\u2C7C", nullptr},
    SmallLetter{"k", "\u2096", "\u1D4F"}, SmallLetter{"l", "\u2097", nullptr},  SmallLetter{"m", "\u2098", "\u1D50"},
    SmallLetter{"n", "\u2099", "\u207F"}, SmallLetter{"o", "\u2092", nullptr},  SmallLetter{"p", "\u209A", nullptr},
    SmallLetter{"r", "\u1D63", nullptr},  SmallLetter{"s", "\u209B", nullptr},  SmallLetter{"t", "\u209C", "\u1D57"},
    SmallLetter{"u", "\u1D64", nullptr},  SmallLetter{"v", "\u1D65", nullptr},  SmallLetter{"x", "\u2093", nullptr},
    SmallLetter{"d", nullptr, "\u1D48"},  SmallLetter{"+", "\u208A", "\u207A"}, SmallLetter{"\u2212", "\u208B", "\u207B"},
};

/// The next node that is not a space, from `i` on in steps of `by`; null: there is none.
const FormulaNode* neighbour(FormulaRow row, std::ptrdiff_t i, int by) {
  for (i += by; i >= 0 && i < std::ssize(row); i += by)
    if (row[static_cast<std::size_t>(i)].kind != Kind::Space) return &row[static_cast<std::size_t>(i)];
  return nullptr;
}
bool is_script(const FormulaNode& n) { return n.kind == Kind::Below || n.kind == Kind::Above; }

/// Whether a row holds something, outside of brackets, that a slash behind it would not take as a whole.
bool is_loose(FormulaRow row) {
  int open = 0;
  for (std::ptrdiff_t i = 0; i < std::ssize(row); ++i) {
    const FormulaNode& n = row[static_cast<std::size_t>(i)];
    open += n.kind == Kind::Open ? 1 : n.kind == Kind::Close ? -1 : 0;
    if (open > 0) continue;
    if (n.kind == Kind::Plus || n.kind == Kind::Relation || n.kind == Kind::Sum || n.kind == Kind::Slash || n.kind == Kind::Fraction)
      return true;
    const FormulaNode* next = neighbour(row, i, 1);
    const bool powered = next != nullptr && is_script(*next);
    while (next != nullptr && is_script(*next)) next = neighbour(row, next - row.data(), 1);
    if (n.kind == Kind::Name && next != nullptr && next->kind != Kind::Open) return true;
    if (n.kind == Kind::Row && !powered && is_loose(n.parts)) return true;  // with a power it has brackets of its own
  }
  return false;
}

/// Whether a slash before the row would take all of it: a number, a letter, a root, or what stands in one pair of brackets, each
/// with its scripts; also a name with its brackets.
bool is_one_factor(FormulaRow row) {
  std::size_t i = 0;
  const auto skip = [&](auto holds) {
    const std::size_t from = i;
    while (i < row.size() && holds(row[i])) ++i;
    return i > from;
  };
  const auto space = [](const FormulaNode& n) { return n.kind == Kind::Space; };
  const auto brackets = [&] {
    int open = 0;
    do open += row[i].kind == Kind::Open ? 1 : row[i].kind == Kind::Close ? -1 : 0;
    while (++i < row.size() && open > 0);
  };
  skip(space);
  if (i == row.size()) return true;
  switch (row[i].kind) {
    case Kind::Digit: skip([](const FormulaNode& n) { return n.kind == Kind::Digit; }); break;
    case Kind::Letter:
    case Kind::Root: ++i; break;
    case Kind::Row:
      if (!is_one_factor(row[i].parts) && !(i + 1 < row.size() && is_script(row[i + 1]))) return false;
      ++i;
      break;
    case Kind::Name:
      ++i;
      skip(is_script);
      if (i < row.size() && row[i].kind == Kind::Open) brackets();
      break;
    case Kind::Open: brackets(); break;
    default: return false;
  }
  skip(is_script);
  skip(space);
  return i == row.size();
}

/// Whether a script may stand behind the row and belong to all of it. Two scripts of one kind would run together, and one behind
/// the brackets of a name would seem to belong to them alone.
bool is_base_of(const FormulaNode& script, FormulaRow row) {
  return is_one_factor(row) && std::ranges::none_of(row, [&](const FormulaNode& n) {
           return n.kind == script.kind || n.kind == Kind::Name || n.kind == Kind::Row;
         });
}

/// Whether the fraction at `i` needs brackets among its neighbours.
bool needs_brackets(FormulaRow row, std::ptrdiff_t i) {
  const auto is_apart = [](const FormulaNode* n, Kind bracket) {
    return n == nullptr || n->kind == Kind::Plus || n->kind == Kind::Relation || n->kind == bracket;
  };
  const FormulaNode* before = neighbour(row, i, -1);
  return !(is_apart(before, Kind::Open) || before->kind == Kind::Times) || !is_apart(neighbour(row, i, 1), Kind::Close);
}

/// Writes rows one after the other. The brackets are the same in all forms of text.
class FormulaSetter {
 public:
  explicit FormulaSetter(bool html) : html_(html) {}

  std::string row(FormulaRow row) {
    std::string out;
    for (std::ptrdiff_t i = 0; i < std::ssize(row); ++i) add(out, row, i);
    upright(out);
    return out;
  }

 private:
  void add(std::string& out, FormulaRow row, std::ptrdiff_t i) {
    const FormulaNode& n = row[static_cast<std::size_t>(i)];
    if (n.kind != Kind::Letter) upright(out);
    switch (n.kind) {
      case Kind::Fraction: {
        const bool around = needs_brackets(row, i);
        const FormulaRow above = n.parts[0].parts, below = n.parts[1].parts;
        out += around ? "(" : "";
        out += in_brackets(above, is_loose(above)) + " / " + in_brackets(below, !is_one_factor(below));
        out += around ? ")" : "";
        return;
      }
      case Kind::Root: out += "\u221A" + in_brackets(n.parts[0].parts, true); return;
      case Kind::Row: {
        const FormulaNode* next = neighbour(row, i, 1);
        out += in_brackets(n.parts, next != nullptr && is_script(*next) && !is_base_of(*next, n.parts));
        return;
      }
      case Kind::Below:
      case Kind::Above: out += script(n, i + 1 < std::ssize(row) ? &row[static_cast<std::size_t>(i + 1)] : nullptr); return;
      case Kind::Letter:
        if (html_ && !std::exchange(italic_, true)) out += "<i>";
        break;
      default: break;
    }
    out += html_ ? html_escaped(n.text) : n.text;
  }
  void upright(std::string& out) {
    if (std::exchange(italic_, false)) out += "</i>";
  }
  std::string in_brackets(FormulaRow parts, bool brackets) { return brackets ? "(" + row(parts) + ")" : row(parts); }

  std::string script(const FormulaNode& n, const FormulaNode* next) {
    const bool below = n.kind == Kind::Below;
    const FormulaRow parts = n.parts[0].parts;
    if (html_) return (below ? "<sub>" : "<sup>") + row(parts) + (below ? "</sub>" : "</sup>");
    std::string small;
    bool word = !parts.empty();  // letters and digits alone
    bool all = true;             // Unicode has each of them
    for (const FormulaNode& part : parts) {
      word = word && (part.kind == Kind::Letter || part.kind == Kind::Digit);
      const auto found =
          std::find_if(kSmallLetters.begin(), kSmallLetters.end(), [&](const SmallLetter& s) { return s.letter == part.text; });
      const char* letter = found == kSmallLetters.end() ? nullptr : below ? found->below : found->above;
      all = all && letter != nullptr;
      if (all) small += letter;
    }
    if (all) return small;
    // A letter that follows at once would seem to belong to the script.
    const bool run_on = next != nullptr && (next->kind == Kind::Letter || next->kind == Kind::Digit || next->kind == Kind::Name);
    return (below ? "_" : "^") + in_brackets(parts, !word || run_on);
  }

  bool html_;
  bool italic_ = false;  ///< an <i> is open
};

}  // namespace

std::string formula_html(std::string_view formula) { return FormulaSetter(true).row(read_formula(formula).row.parts); }
std::string formula_plain(std::string_view formula) { return FormulaSetter(false).row(read_formula(formula).row.parts); }
std::optional<std::string> formula_fault(std::string_view formula) { return read_formula(formula).fault; }

}  // namespace gf::lessons
