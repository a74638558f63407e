#include "app/lessons/formula.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gf::lessons {
namespace setting {

struct Command {
  const char* name;
  const char* text;
};
constexpr std::array kCommands{
    Command{"cdot", "\u00B7"},    Command{"times", "\u00D7"},  Command{"sum", "\u2211"},      Command{"le", "\u2264"},
    Command{"ge", "\u2265"},      Command{"approx", "\u2248"}, Command{"to", "\u2192"},       Command{"infty", "\u221E"},
    Command{"pm", "\u00B1"},      Command{"alpha", "\u03B1"},  Command{"beta", "\u03B2"},     Command{"gamma", "\u03B3"},
    Command{"epsilon", "\u03B5"}, Command{"mu", "\u03BC"},     Command{"pi", "\u03C0"},       Command{"sigma", "\u03C3"},
    Command{"Delta", "\u0394"},   Command{"ln", "ln"},         Command{"log", "log"},         Command{"exp", "exp"},
    Command{"max", "max"},        Command{"tanh", "tanh"},     Command{"softmax", "softmax"}, Command{"GELU", "GELU"},
    Command{"LN", "LN"},
};
struct Small {
  char letter;
  const char *below, *above;
};
/// What Unicode has of small letters; the others are written out.
constexpr std::array kSmall{
    Small{'0', "\u2080", "\u2070"}, Small{'1', "\u2081", "\u00B9"}, Small{'2', "\u2082", "\u00B2"}, Small{'3', "\u2083", "\u00B3"},
    Small{'4', "\u2084", "\u2074"}, Small{'5', "\u2085", "\u2075"}, Small{'6', "\u2086", "\u2076"}, Small{'7', "\u2087", "\u2077"},
    Small{'8', "\u2088", "\u2078"}, Small{'9', "\u2089", "\u2079"}, Small{'i', "\u1D62", "\u2071"}, Small{'j', "\u2C7C", nullptr},
    Small{'k', "\u2096", nullptr},  Small{'n', "\u2099", "\u207F"}, Small{'x', "\u2093", nullptr},  Small{'-', "\u208B", "\u207B"},
};

constexpr int kDeepest = 16;

class Setter {
 public:
  Setter(std::string_view formula, bool html) : text_(formula), html_(html) {}
  std::string all() {
    std::string out;
    while (at_ < text_.size()) out += text_[at_] == '}' ? (++at_, std::string()) : atom(0);
    return out;
  }
  [[nodiscard]] const std::optional<std::string>& unknown() const { return unknown_; }

 private:
  std::string atom(int depth) {
    const char c = text_[at_++];
    if (c == '{' && depth < kDeepest) return group(depth);
    if ((c == '_' || c == '^') && at_ < text_.size() && depth < kDeepest) return script(c == '_', atom(depth + 1));
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
    if (at_ >= text_.size() || text_[at_] != '{' || depth >= kDeepest) return {};
    ++at_;
    return group(depth + 1);
  }
  std::string script(bool below, const std::string& what) const {
    if (html_) return (below ? "<sub>" : "<sup>") + what + (below ? "</sub>" : "</sup>");
    std::string small;
    for (const char c : what) {
      const auto found = std::find_if(kSmall.begin(), kSmall.end(), [c](const Small& s) { return s.letter == c; });
      const char* letter = found == kSmall.end() ? nullptr : below ? found->below : found->above;
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
    const auto found = std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return name == c.name; });
    if (found == kCommands.end()) {
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

}  // namespace setting

std::string formula_html(std::string_view formula) { return setting::Setter(formula, true).all(); }
std::string formula_plain(std::string_view formula) { return setting::Setter(formula, false).all(); }
std::optional<std::string> unknown_command(std::string_view formula) {
  setting::Setter setter(formula, true);
  static_cast<void>(setter.all());
  return setter.unknown();
}

}  // namespace gf::lessons
