#include "tests/app/explain/formula_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <regex>
#include <vector>

namespace gf::explain_cells {
namespace {

/// All numbers that a rounded one may stand for.
struct Range {
  double low = 0, high = 0;
  static Range of(std::initializer_list<double> ends) { return {std::min(ends), std::max(ends)}; }
};
Range operator+(Range a, Range b) { return {a.low + b.low, a.high + b.high}; }
Range operator-(Range a, Range b) { return {a.low - b.high, a.high - b.low}; }
Range operator*(Range a, Range b) { return Range::of({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high}); }
Range operator/(Range a, Range b) { return Range::of({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high}); }

/// Whole numbers and the half of GELU are meant as they stand; others are rounded to their last digit.
Range read_number(const std::string& digits) {
  const double value = std::strtod(digits.c_str(), nullptr);
  if (digits.find_first_of(".e") == std::string::npos || digits == "0.5") return {value, value};
  if (digits.find('e') != std::string::npos) return Range::of({value * 0.995, value * 1.005});
  const double half = 0.5 * std::pow(10.0, -static_cast<double>(digits.size() - digits.find('.') - 1));
  return {value - half, value + half};
}

class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}
  /// nullopt: it is no arithmetic.
  std::optional<Range> whole() {
    const Range all = sum();
    blanks();
    if (bad_ || at_ != text_.size() || numbers_ == 0) return std::nullopt;
    return all;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  Range sum() {
    Range all = product();
    while (!bad_) {
      if (take('+')) all = all + product();
      else if (take('-')) all = all - product();
      else break;
    }
    return all;
  }
  Range product() {
    Range all = value();
    while (!bad_) {
      if (take('*')) all = all * value();
      else if (take('/')) all = all / value();
      else break;
    }
    return all;
  }
  Range value() {
    blanks();
    if (take('-')) return Range{} - value();
    if (take('(')) {
      const Range inner = sum();
      bad_ = bad_ || !take(')');
      return inner;
    }
    for (const auto& [name, f] : functions())
      if (text_.compare(at_, name.size(), name) == 0) {
        at_ += name.size();
        Range x = sum();
        if (name == "max(") {  // of 0 and x
          bad_ = bad_ || !take(',');
          x = sum();
        }
        bad_ = bad_ || !take(')');
        return {f(x.low), f(x.high)};
      }
    std::size_t end = at_;
    while (end < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '.')) ++end;
    if (end > at_ && end + 2 < text_.size() && text_[end] == 'e') {
      end += 2;
      while (end < text_.size() && std::isdigit(static_cast<unsigned char>(text_[end])) != 0) ++end;
    }
    if (end == at_) {
      bad_ = true;
      return {};
    }
    ++numbers_;
    const std::string digits = text_.substr(at_, end - at_);
    at_ = end;
    return read_number(digits);
  }
  struct Function {
    std::string name;
    std::function<double(double)> of;  ///< each rises with its argument
  };
  static const std::vector<Function>& functions() {
    static const std::vector<Function> all = {{"exp(", [](double x) { return std::exp(x); }},
                                              {"sqrt(", [](double x) { return std::sqrt(std::max(0.0, x)); }},
                                              {"tanh(", [](double x) { return std::tanh(x); }},
                                              {"erf(", [](double x) { return std::erf(x); }},
                                              {"max(", [](double x) { return std::max(0.0, x); }}};
    return all;
  }

  std::string text_;
  std::size_t at_ = 0;
  int numbers_ = 0;
  bool bad_ = false;
};

/// What stands behind the names of a line, with signs that the reader knows.
std::string plain(std::string line) {
  for (const char* mark : {":  ", ": "})
    if (const std::size_t at = line.rfind(mark); at != std::string::npos && line.find(" more: ") == std::string::npos)
      line.erase(0, at + std::string(mark).size());
  line = std::regex_replace(line, std::regex(R"(\(\d+ more: ([^)]*)\))"), "$1");
  line = std::regex_replace(line, std::regex("×"), "*");
  return std::regex_replace(line, std::regex(R"(\+ b )"), "+ ");
}

}  // namespace

std::optional<std::string> problem_of_sum(const std::string& line) {
  const std::string all = plain(line);
  const std::size_t last = all.rfind(" = ");
  if (last == std::string::npos) return std::nullopt;
  std::size_t first = all.rfind(" = ", last - 1);
  first = last == 0 || first == std::string::npos ? 0 : first + 3;
  const auto left = Reader(all.substr(first, last - first)).whole(), right = Reader(all.substr(last + 3)).whole();
  if (!left || !right) return std::nullopt;
  const double slack = 1e-9 + 1e-6 * std::abs(right->low);
  if (left->low <= right->high + slack && right->low <= left->high + slack) return "";
  return "comes to " + std::to_string((left->low + left->high) / 2);
}

}  // namespace gf::explain_cells
