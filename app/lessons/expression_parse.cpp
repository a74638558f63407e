// Reading an expression: a recursive descent, one function for each level of binding.
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "app/lessons/expression.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

using Node = Expression::Node;
constexpr std::size_t kLongest = 1000, kMostArguments = 8;
constexpr int kDeepest = 32;

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Result<Node> all() {
    GF_TRY_ASSIGN(Node root, either());
    skip();
    if (at_ < text_.size()) return wrong(gf::text("'{0}' was not expected", text_.substr(at_, 1)));
    return root;
  }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const {
    return fail(ErrorCode::InvalidArgument, gf::text("column {0}: {1}", at_ + 1, what));
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
  static bool digit(char c) { return c >= '0' && c <= '9'; }

  /// Letters and digits, and of a part of an analysis its dots: "dla.heads".
  std::string_view word() const {
    std::size_t end = at_;
    const auto inside = [&](char c) { return letter(c) || (end > at_ && digit(c)); };
    const auto dot = [&] { return end > at_ && text_[end] == '.' && end + 1 < text_.size() && letter(text_[end + 1]); };
    while (end < text_.size() && (inside(text_[end]) || dot())) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view wanted) {
    skip();
    if (word() != wanted) return false;
    at_ += wanted.size();
    return true;
  }
  bool take(std::string_view sign) {
    skip();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  int column() {
    skip();
    return static_cast<int>(at_) + 1;
  }

  Result<Node> either() {
    GF_TRY_ASSIGN(Node left, both());
    for (int column = this->column(); take_word("or"); column = this->column()) {
      GF_TRY_ASSIGN(Node right, both());
      left = joined(Node::Kind::Or, "or", column, std::move(left), std::move(right));
    }
    return left;
  }
  Result<Node> both() {
    GF_TRY_ASSIGN(Node left, negation());
    for (int column = this->column(); take_word("and"); column = this->column()) {
      GF_TRY_ASSIGN(Node right, negation());
      left = joined(Node::Kind::And, "and", column, std::move(left), std::move(right));
    }
    return left;
  }
  Result<Node> negation() {
    const int column = this->column();
    if (!take_word("not")) return comparison();
    GF_TRY(deeper());
    GF_TRY_ASSIGN(Node inner, negation());
    --depth_;
    Node node{Node::Kind::Not, {}, "not", {}, column};
    node.parts.push_back(std::move(inner));
    return node;
  }
  Result<Node> comparison() {
    GF_TRY_ASSIGN(Node left, sum());
    const int column = this->column();
    constexpr std::array<const char*, 6> kSigns{"<=", ">=", "==", "!=", "<", ">"};
    for (const char* sign : kSigns)
      if (take(sign)) {
        GF_TRY_ASSIGN(Node right, sum());
        return joined(Node::Kind::Comparison, sign, column, std::move(left), std::move(right));
      }
    return left;
  }
  std::optional<std::string> one_of(std::string_view signs) {
    skip();
    if (at_ >= text_.size() || signs.find(text_[at_]) == std::string_view::npos) return std::nullopt;
    return std::string(1, text_[at_++]);
  }
  Result<Node> sum() {
    GF_TRY_ASSIGN(Node left, product());
    for (int column = this->column();; column = this->column()) {
      const auto sign = one_of("+-");
      if (!sign) return left;
      GF_TRY_ASSIGN(Node right, product());
      left = joined(Node::Kind::Arithmetic, *sign, column, std::move(left), std::move(right));
    }
  }
  Result<Node> product() {
    GF_TRY_ASSIGN(Node left, unary());
    for (int column = this->column();; column = this->column()) {
      const auto sign = one_of("*/");
      if (!sign) return left;
      GF_TRY_ASSIGN(Node right, unary());
      left = joined(Node::Kind::Arithmetic, *sign, column, std::move(left), std::move(right));
    }
  }
  Result<Node> unary() {
    const int column = this->column();
    if (!take("-")) return primary();
    GF_TRY(deeper());
    GF_TRY_ASSIGN(Node inner, unary());
    --depth_;
    Node node{Node::Kind::Negate, {}, "-", {}, column};
    node.parts.push_back(std::move(inner));
    return node;
  }
  Result<Node> primary() {
    const int column = this->column();
    if (at_ >= text_.size()) return wrong(gf::text("the expression ends where a value should stand"));
    const char c = text_[at_];
    if (digit(c) || c == '.') return number(column);
    if (c == '"') return quoted(column);
    if (take("(")) {
      GF_TRY(deeper());
      GF_TRY_ASSIGN(Node inner, either());
      --depth_;
      if (!take(")")) return wrong(gf::text("a ')' is missing"));
      return inner;
    }
    const std::string name(word());
    if (name.empty()) return wrong(gf::text("'{0}' was not expected", std::string(1, c)));
    at_ += name.size();
    if (name == "true" || name == "false") return Node{Node::Kind::Constant, name == "true", {}, {}, column};
    Node call{Node::Kind::Call, {}, name, {}, column};
    if (!take("(")) return call;
    GF_TRY(deeper());
    GF_TRY(arguments(call));
    --depth_;
    return call;
  }
  Result<void> arguments(Node& call) {
    if (take(")")) return {};
    do {
      if (call.parts.size() == kMostArguments) return wrong(gf::text("a function has at most 8 arguments"));
      GF_TRY_ASSIGN(Node argument, either());
      call.parts.push_back(std::move(argument));
    } while (take(","));
    if (!take(")")) return wrong(gf::text("',' or ')' was expected"));
    return {};
  }
  Result<Node> number(int column) {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{} || !std::isfinite(value)) return wrong(gf::text("this is not a number"));
    at_ = static_cast<std::size_t>(end - text_.data());
    return Node{Node::Kind::Constant, value, {}, {}, column};
  }
  Result<Node> quoted(int column) {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return Node{Node::Kind::Constant, std::move(value), {}, {}, column};
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (c == 'n') c = '\n';
        else if (c != '"' && c != '\\') return wrong(gf::text("a text knows \\\", \\\\ and \\n, nothing else behind a \\"));
      }
      value += c;
    }
    return wrong(gf::text("the text has no closing \""));
  }
  Result<void> deeper() {
    if (++depth_ > kDeepest) return wrong(gf::text("brackets and signs stand more than 32 deep"));
    return {};
  }
  static Node joined(Node::Kind kind, std::string name, int column, Node left, Node right) {
    Node node{kind, {}, std::move(name), {}, column};
    node.parts.push_back(std::move(left));
    node.parts.push_back(std::move(right));
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
  if (text.size() > kLongest)
    return fail(ErrorCode::InvalidArgument,
                gf::text("column {0}: {1}", kLongest + 1, gf::text("an expression has at most 1000 characters")));
  Expression expression;
  expression.text_ = std::string(text);
  GF_TRY_ASSIGN(expression.root_, ExpressionParser(text).all());
  return expression;
}

}  // namespace gf::lessons
