#include "tests/app/lessons/formula_reading.h"

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

namespace gf::lessons {
namespace {

const std::map<std::string, std::string> kSymbols{
    {"cdot", "\u00B7"}, {"times", "\u00D7"}, {"sum", "\u2211"},   {"le", "\u2264"},    {"ge", "\u2265"},     {"approx", "\u2248"},
    {"to", "\u2192"},   {"infty", "\u221E"}, {"pm", "\u00B1"},    {"alpha", "\u03B1"}, {"beta", "\u03B2"},   {"gamma", "\u03B3"},
    {"mu", "\u03BC"},   {"pi", "\u03C0"},    {"sigma", "\u03C3"}, {"Delta", "\u0394"}, {"epsilon", "\u03B5"}};
const std::array<std::string, 8> kFunctions{"softmax", "GELU", "tanh", "exp", "log", "max", "ln", "LN"};

/// The character at `at`, with all its bytes.
std::string sign_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return std::string(text.substr(at, end - at));
}

/// What stands between the brackets that open at `at`; moves `at` behind them.
std::string between(std::string_view text, std::size_t& at, char open, char close) {
  const std::size_t begin = at + 1;
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == open) ++depth;
    if (text[at] == close && --depth == 0) break;
  }
  return std::string(text.substr(begin, std::exchange(at, std::min(at + 1, text.size())) - begin));
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void replace_all(std::string& in, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = in.find(from, at)) != std::string::npos; at += to.size()) in.replace(at, from.size(), to);
}

/// 262,144 is one number.
std::string without_commas_in_numbers(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != ',' || i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) out += text[i];
  return out;
}

class Evaluation {
 public:
  Evaluation(const std::string& text, Habit habit) : text_(text), habit_(habit) {}
  std::vector<double> all() {
    std::vector<double> sides{sum()};
    while (skip(), at_ < text_.size()) {
      const std::size_t before = at_;
      for (const char* sign : {"=", "<", ">", "\u2264", "\u2265", "\u2248", "\u2192", ",", ";", ":"}) take(sign);
      if (at_ == before) return {};
      sides.push_back(sum());
    }
    return broken_ ? std::vector<double>() : sides;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(const std::string& sign) {
    skip();
    if (text_.compare(at_, sign.size(), sign) != 0) return false;
    at_ += sign.size();
    return true;
  }
  static double number_of(const std::string& name) { return 0.5 + static_cast<double>(std::hash<std::string>()(name) % 10'007) / 6'000; }
  /// Any function that is not linear. It does not make a rounding error larger.
  static double applied(const std::string& name, double x) { return number_of(name) + std::copysign(std::log1p(std::abs(x)), x); }

  double sum() {
    double total = take("-") ? -product() : product();
    for (;;) {
      if (take("+")) total += product();
      else if (take("-")) total -= product();
      else if (take("\u00B1")) total += 7.25 * product();
      else return total;
    }
  }
  bool at_factor() {
    skip();
    if (at_ >= text_.size()) return false;
    const std::string sign = sign_at(text_, at_);
    for (const char* other : {"+", "-", "\u00B1", "/",      "*",      "\u00B7", "\u00D7", ")", "]", "}",
                              "=", "<", ">",      "\u2264", "\u2265", "\u2248", "\u2192", ",", ";", ":"})
      if (sign == other) return false;
    return true;
  }
  double factors() {
    double value = factor();
    while (habit_ == Habit::FactorsFirst && at_factor()) value *= factor();
    return value;
  }
  double product() {
    double value = factors();
    for (;;) {
      if (take("\u00B7") || take("\u00D7") || take("*")) value *= factors();
      else if (take("/")) value /= factors();
      else if (habit_ == Habit::FromTheLeft && at_factor()) value *= factor();
      else return value;
    }
  }
  /// The value of what stands in brackets.
  double inside(char open, char close) {
    double value = 0;
    const auto sides = values_of(between(text_, at_, open, close), habit_);
    broken_ = broken_ || sides.empty();
    for (const double side : sides) value = 1.7 * value + side;
    return value;
  }
  std::string below() {
    std::string name;
    while (text_.compare(at_, 2, "_{") == 0) {
      ++at_;
      std::string key = between(text_, at_, '{', '}');
      replace_all(key, " ", "");
      name += "_{" + key + "}";
    }
    return name;
  }
  double above(double value) {
    while (text_.compare(at_, 2, "^{") == 0) {
      ++at_;
      value = std::pow(std::abs(value), inside('{', '}'));
    }
    return value;
  }
  double factor() {
    skip();
    if (at_ >= text_.size()) return unread();
    if (text_[at_] == '(') return above(inside('(', ')'));
    if (text_[at_] == '[') return above(inside('[', ']'));
    for (const std::string& word : kFunctions)
      if (text_.compare(at_, word.size(), word) == 0) {
        at_ += word.size();
        const std::string name = word + below();
        const double power = above(2);
        return at_factor() ? power * applied(name, factor()) : power * number_of(name);
      }
    if (is_digit(text_[at_])) {
      std::size_t used = 0;
      const double value = std::stod(text_.substr(at_), &used);
      at_ += used;
      return above(value + (text_.compare(at_, 2, "_{") == 0 ? number_of(below()) : 0));
    }
    const std::string sign = sign_at(text_, at_);
    at_ += sign.size();
    if (sign == "\u221A") return above(std::sqrt(std::abs(factor_of_root())));
    const std::string name = sign + below();
    if (sign == "\u2211") return applied(name, product());
    return above(number_of(name));
  }
  double factor_of_root() { return at_ < text_.size() && text_[at_] == '(' ? inside('(', ')') : unread(); }
  double unread() {
    broken_ = true;
    return 0;
  }

  std::string text_;
  Habit habit_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace

std::string spelled_out_tex(std::string_view tex) {
  std::string out;
  for (std::size_t at = 0; at < tex.size();) {
    const char c = tex[at];
    if (c == '\\') {
      const std::size_t begin = ++at;
      while (at < tex.size() && is_word(tex[at]) && !is_digit(tex[at])) ++at;
      const std::string name(tex.substr(begin, at - begin));
      if (name == "frac") {
        const std::string top = between(tex, at, '{', '}'), bottom = between(tex, at, '{', '}');
        out += "((" + spelled_out_tex(top) + ")/(" + spelled_out_tex(bottom) + "))";
      } else if (name == "sqrt") {
        out += "\u221A(" + spelled_out_tex(between(tex, at, '{', '}')) + ")";
      } else if (name == "text") {
        out += between(tex, at, '{', '}');
      } else {
        const auto symbol = kSymbols.find(name);
        out += symbol == kSymbols.end() ? name : symbol->second;
      }
    } else if (c == '_' || c == '^') {
      ++at;
      std::string what;
      if (tex[at] == '{') {
        what = between(tex, at, '{', '}');
      } else {
        what = sign_at(tex, at);
        at += what.size();
      }
      out += std::string(1, c) + "{" + spelled_out_tex(what) + "}";
    } else if (c == '{') {
      const std::string inside = between(tex, at, '{', '}');
      const bool powered = at < tex.size() && (tex[at] == '^' || tex[at] == '_');
      if (inside == ",") continue;
      out += powered ? "(" + spelled_out_tex(inside) + ")" : spelled_out_tex(inside);
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

std::string spelled_out_html(std::string_view html) {
  std::string out(html);
  for (const auto& [from, to] : {std::pair{"<i>", ""},
                                 {"</i>", ""},
                                 {"<sub>", "_{"},
                                 {"<sup>", "^{"},
                                 {"</sub>", "}"},
                                 {"</sup>", "}"},
                                 {"&lt;", "<"},
                                 {"&gt;", ">"},
                                 {"&amp;", "&"},
                                 {"\u2212", "-"}})
    replace_all(out, from, to);
  return without_commas_in_numbers(out);
}

std::string spelled_out_plain(std::string_view plain) {
  static const std::map<std::string, std::string> kBelow{
      {"\u2080", "0"}, {"\u2081", "1"}, {"\u2082", "2"}, {"\u2083", "3"}, {"\u2084", "4"}, {"\u2085", "5"},
      {"\u2086", "6"}, {"\u2087", "7"}, {"\u2088", "8"}, {"\u2089", "9"}, {"\u208A", "+"}, {"\u208B", "-"},
      {"\u2090", "a"}, {"\u2091", "e"}, {"\u2092", "o"}, {"\u2093", "x"}, {"\u2095", "h"}, {"\u2096", "k"},
      {"\u2097", "l"}, {"\u2098", "m"}, {"\u2099", "n"}, {"\u209A", "p"}, {"\u209B", "s"}, {"\u209C", "t"},
      {"\u1D62", "i"}, {"\u1D63", "r"}, {"\u1D64", "u"}, {"\u1D65", "v"}, {"\u2C7C", "j"}};
  static const std::map<std::string, std::string> kAbove{
      {"\u2070", "0"}, {"\u00B9", "1"}, {"\u00B2", "2"}, {"\u00B3", "3"}, {"\u2074", "4"}, {"\u2075", "5"},
      {"\u2076", "6"}, {"\u2077", "7"}, {"\u2078", "8"}, {"\u2079", "9"}, {"\u207A", "+"}, {"\u207B", "-"},
      {"\u2071", "i"}, {"\u207F", "n"}, {"\u1D48", "d"}, {"\u1D4F", "k"}, {"\u1D50", "m"}, {"\u1D57", "t"}};
  std::string out;
  for (std::size_t at = 0; at < plain.size();) {
    const std::string sign = sign_at(plain, at);
    const auto& table = kBelow.contains(sign) ? kBelow : kAbove;
    if (table.contains(sign)) {
      out += &table == &kBelow ? "_{" : "^{";
      for (std::string s = sign; at < plain.size() && table.contains(s); s = at < plain.size() ? sign_at(plain, at) : "") {
        out += table.at(s);
        at += s.size();
      }
      out += "}";
    } else if (sign == "_" || sign == "^") {
      out += sign + "{";
      ++at;
      if (at < plain.size() && plain[at] == '(') out += spelled_out_plain(between(plain, at, '(', ')'));
      else
        while (at < plain.size() && is_word(plain[at])) out += plain[at++];
      out += "}";
    } else {
      out += sign == "\u2212" ? "-" : sign;
      at += sign.size();
    }
  }
  return without_commas_in_numbers(out);
}

std::vector<double> values_of(const std::string& spelled_out, Habit habit) { return Evaluation(spelled_out, habit).all(); }

}  // namespace gf::lessons
