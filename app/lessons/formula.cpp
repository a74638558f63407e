#include "app/lessons/formula.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gf::lessons {
namespace {

struct FormulaCommand {
  const char* name;
  const char* text;
};
constexpr std::array kFormulaCommands{
    FormulaCommand{"cdot", "\u00B7"},    FormulaCommand{"times", "\u00D7"},    FormulaCommand{"sum", "\u2211"},
    FormulaCommand{"le", "\u2264"},      FormulaCommand{"ge", "\u2265"},       FormulaCommand{"approx", "\u2248"},
    FormulaCommand{"to", "\u2192"},      FormulaCommand{"infty", "\u221E"},    FormulaCommand{"pm", "\u00B1"},
    FormulaCommand{"alpha", "\u03B1"},   FormulaCommand{"beta", "\u03B2"},     FormulaCommand{"gamma", "\u03B3"},
    FormulaCommand{"epsilon", "\u03B5"}, FormulaCommand{"mu", "\u03BC"},       FormulaCommand{"pi", "\u03C0"},
    FormulaCommand{"sigma", "\u03C3"},   FormulaCommand{"Delta", "\u0394"},    FormulaCommand{"ln", "ln"},
    FormulaCommand{"log", "log"},        FormulaCommand{"exp", "exp"},         FormulaCommand{"max", "max"},
    FormulaCommand{"tanh", "tanh"},      FormulaCommand{"softmax", "softmax"}, FormulaCommand{"GELU", "GELU"},
    FormulaCommand{"LN", "LN"},
};
struct SmallLetter {
  char letter;
  const char *below, *above;
};
/// The small letters that Unicode has; the others are written with _ or ^.
constexpr std::array kSmallLetters{
    SmallLetter{'0', "\u2080", "\u2070"}, SmallLetter{'1', "\u2081", "\u00B9"}, SmallLetter{'2', "\u2082", "\u00B2"},
    SmallLetter{'3', "\u2083", "\u00B3"}, SmallLetter{'4', "\u2084", "\u2074"}, SmallLetter{'5', "\u2085", "\u2075"},
    SmallLetter{'6', "\u2086", "\u2076"}, SmallLetter{'7', "\u2087", "\u2077"}, SmallLetter{'8', "\u2088", "\u2078"},
    SmallLetter{'9', "\u2089", "\u2079"}, SmallLetter{'i', "\u1D62", "\u2071"}, SmallLetter{'j', "\u2C7C", nullptr},
    SmallLetter{'k', "\u2096", nullptr},  SmallLetter{'n', "\u2099", "\u207F"}, SmallLetter{'x', "\u2093", nullptr},
    SmallLetter{'-', "\u208B", "\u207B"},
};

constexpr int kDeepestGroup = 16;

class FormulaSetter {
 public:
  FormulaSetter(std::string_view formula, bool html) : text_(formula), html_(html) {}
  std::string all() {
    std::string out;
    while (at_ < text_.size()) out += text_[at_] == '}' ? (++at_, std::string()) : atom(0);
    return out;
  }
  [[nodiscard]] const std::optional<std::string>& unknown() const { return unknown_; }

 private:
  std::string atom(int depth) {
    const char c = text_[at_++];
    if (c == '{' && depth < kDeepestGroup) return group(depth);
    if ((c == '_' || c == '^') && at_ < text_.size() && depth < kDeepestGroup) return script(c == '_', atom(depth + 1));
    if (c == '\\') return command(depth);
    if (c == '<') return html_ ? "&lt;" : "<";
    if (c == '>') return html_ ? "&gt;" : ">";
    if (c == '&') return html_ ? "&amp;" : "&";
    if (c == '-') return "\u2212";
    // The bytes of one character stay together.
    std::string out(1, c);
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) out += text_[at_++];
    return out;
  }
  std::string group(int depth) {
    std::string out;
    while (at_ < text_.size() && text_[at_] != '}') out += atom(depth + 1);
    if (at_ < text_.size()) ++at_;
    return out;
  }
  std::string argument(int depth) {
    if (at_ >= text_.size() || text_[at_] != '{' || depth >= kDeepestGroup) return {};
    ++at_;
    return group(depth + 1);
  }
  std::string script(bool below, const std::string& what) const {
    if (html_) return (below ? "<sub>" : "<sup>") + what + (below ? "</sub>" : "</sup>");
    std::string small;
    for (const char c : what) {
      const auto found = std::find_if(kSmallLetters.begin(), kSmallLetters.end(), [c](const SmallLetter& s) { return s.letter == c; });
      const char* letter = found == kSmallLetters.end() ? nullptr : below ? found->below : found->above;
      if (letter == nullptr) return (below ? "_" : "^") + what;
      small += letter;
    }
    return small;
  }
  std::string command(int depth) {
    std::size_t end = at_;
    while (end < text_.size() && ((text_[end] >= 'a' && text_[end] <= 'z') || (text_[end] >= 'A' && text_[end] <= 'Z'))) ++end;
    std::string name(text_.substr(at_, end - at_));
    at_ = end;
    if (name == "sqrt") return "\u221A(" + argument(depth) + ")";
    if (name == "frac") {
      std::string above = argument(depth);
      return above + " / " + argument(depth);
    }
    if (name == "text") return html_ ? "</i>" + argument(depth) + "<i>" : argument(depth);
    const auto found =
        std::find_if(kFormulaCommands.begin(), kFormulaCommands.end(), [&](const FormulaCommand& c) { return name == c.name; });
    if (found == kFormulaCommands.end()) {
      if (!unknown_) unknown_ = name;
      return name;
    }
    const bool word = std::strlen(found->text) > 1 && static_cast<unsigned char>(found->text[0]) < 0x80;
    return word && html_ ? "</i>" + std::string(found->text) + "<i>" : found->text;
  }

  std::string_view text_;
  bool html_;
  std::size_t at_ = 0;
  std::optional<std::string> unknown_;
};

}  // namespace

std::string formula_html(std::string_view formula) { return FormulaSetter(formula, true).all(); }
std::string formula_plain(std::string_view formula) { return FormulaSetter(formula, false).all(); }
std::optional<std::string> unknown_command(std::string_view formula) {
  FormulaSetter setter(formula, true);
  static_cast<void>(setter.all());
  return setter.unknown();
}

}  // namespace gf::lessons
