#include "model/tokenizer/regex_dialect.h"

#include <array>
#include <utility>

namespace gf {

namespace {

// Of the numbers that are no digits, Oniguruma counts those of Latin-1 as word characters and no others.
constexpr const char* kDialectWord = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}";

class DialectWriter {
 public:
  explicit DialectWriter(std::string_view pattern) : in_(pattern) {}

  std::optional<std::string> whole() {
    while (at_ < in_.size())
      if (const bool understood = in_[at_] == '\\' ? escape() : in_set_ ? in_set() : outside(); !understood) return {};
    return std::move(out_);
  }

 private:
  bool put(std::string_view text, std::size_t read) {
    out_ += text;
    at_ += read;
    return true;
  }
  bool copy(std::size_t n) { return put(in_.substr(at_, n), n); }
  /// A set of characters by its members, where a set may stand already.
  bool members(const std::string& list) { return put(in_set_ ? list : "[" + list + "]", 2); }
  bool all_but(const std::string& list) { return !in_set_ && put("[^" + list + "]", 2); }

  bool escape() {
    if (at_ + 1 >= in_.size()) return false;
    const std::string word = std::string("[") + kDialectWord + "]";
    switch (in_[at_ + 1]) {
      case 's': return put("\\p{White_Space}", 2);
      case 'S': return put("\\P{White_Space}", 2);
      case 'w': return members(kDialectWord);
      case 'W': return all_but(kDialectWord);
      case 'h': return members("0-9a-fA-F");
      case 'H': return all_but("0-9a-fA-F");
      case 'b': return in_set_ ? copy(2) : put("(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))", 2);
      case 'B': return !in_set_ && put("(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word + "))", 2);
      case 'u': return at_ + 6 <= in_.size() && put("\\x{" + std::string(in_.substr(at_ + 2, 4)) + "}", 6);
      case 'O':
      case 'y':
      case 'Y':
      case 'Q':
      case 'E':
      case 'C': return false;
      default: return copy(2);
    }
  }

  bool in_set() {
    if (in_.substr(at_).starts_with("[:")) {
      constexpr std::array<std::pair<const char*, const char*>, 5> names = {{{"[:alpha:]", "\\p{Alphabetic}"},
                                                                             {"[:digit:]", "\\p{Nd}"},
                                                                             {"[:space:]", "\\p{White_Space}"},
                                                                             {"[:upper:]", "\\p{Uppercase}"},
                                                                             {"[:lower:]", "\\p{Lowercase}"}}};
      for (const auto& [name, property] : names)
        if (in_.substr(at_).starts_with(name)) return put(property, std::string_view(name).size());
      return false;
    }
    if (in_[at_] == '[' || in_.substr(at_).starts_with("&&")) return false;
    if (in_[at_] == ']') in_set_ = false;
    return copy(1);
  }

  bool outside() {
    if (in_[at_] == '[') {
      in_set_ = true;
      const bool negated = in_.substr(at_).starts_with("[^");
      const bool bracket = in_.substr(at_ + (negated ? 2 : 1)).starts_with("]");  // a bracket in front is a member
      return copy(1U + (negated ? 1U : 0U) + (bracket ? 1U : 0U));
    }
    if (!in_.substr(at_).starts_with("(?")) return copy(1);
    // Options such as (?mi): or (?m-i): Ruby's m lets a dot stand for line ends too.
    std::size_t end = at_ + 2;
    while (end < in_.size() && std::string_view("imx-").find(in_[end]) != std::string_view::npos) ++end;
    if (end == at_ + 2 || end >= in_.size() || (in_[end] != ':' && in_[end] != ')')) return copy(2);
    std::string options(in_.substr(at_, end - at_));
    for (char& option : options)
      if (option == 'm') option = 's';
    return put(options, end - at_);
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_set_ = false;
};

}  // namespace

std::optional<std::string> pcre2_dialect(std::string_view oniguruma) { return DialectWriter(oniguruma).whole(); }

}  // namespace gf
