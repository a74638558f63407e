#include "app/lessons/expression.h"

#include <utility>

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

using Node = Expression::Node;

tl::unexpected<Error> wrong_at(const Node& node, const std::string& what) {
  return fail(ErrorCode::InvalidArgument, text("column {0}: {1}", node.column, what));
}

std::string type_of(const Value& value) {
  if (std::holds_alternative<double>(value)) return text("a number");
  return std::holds_alternative<bool>(value) ? text("true or false") : text("text");
}

template <class T>
bool compare_values(const T& a, const T& b, const std::string& sign) {
  if (sign == "==") return a == b;
  if (sign == "!=") return a != b;
  if (sign == "<") return a < b;
  if (sign == "<=") return a <= b;
  return sign == ">" ? a > b : a >= b;
}

/// Walks the tree; `why` keeps the newest comparison that was false.
struct ExpressionWalk {
  Names& names;
  std::string why;

  Result<double> number(const Node& node) {
    GF_TRY_ASSIGN(const Value v, value(node));
    if (const double* d = std::get_if<double>(&v)) return *d;
    return wrong_at(node, text("a number is needed here, not {0}", type_of(v)));
  }
  Result<bool> truth(const Node& node) {
    GF_TRY_ASSIGN(const Value v, value(node));
    if (const bool* b = std::get_if<bool>(&v)) return *b;
    return wrong_at(node, text("true or false is needed here, not {0}", type_of(v)));
  }
  Result<Value> comparison(const Node& node) {
    GF_TRY_ASSIGN(const Value a, value(node.parts[0]));
    GF_TRY_ASSIGN(const Value b, value(node.parts[1]));
    if (a.index() != b.index()) return wrong_at(node, text("'{0}' compares {1} with {2}", node.name, type_of(a), type_of(b)));
    bool held = false;
    if (const double* d = std::get_if<double>(&a)) held = compare_values(*d, std::get<double>(b), node.name);
    else if (node.name != "==" && node.name != "!=") return wrong_at(node, text("'{0}' compares numbers, not {1}", node.name, type_of(a)));
    else if (const bool* t = std::get_if<bool>(&a)) held = compare_values(*t, std::get<bool>(b), node.name);
    else held = compare_values(std::get<std::string>(a), std::get<std::string>(b), node.name);
    if (!held) why = text_of(a) + " " + node.name + " " + text_of(b);
    return held;
  }
  Result<Value> call(const Node& node) {
    std::vector<Value> arguments;
    for (const Node& part : node.parts) {
      GF_TRY_ASSIGN(Value argument, value(part));
      arguments.push_back(std::move(argument));
    }
    auto result = names.call(node.name, arguments);
    if (!result && result.error().code != ErrorCode::Cancelled)
      return fail(result.error().code, text("column {0}: {1}", node.column, result.error().message));
    return result;
  }
  Result<Value> value(const Node& node) {
    switch (node.kind) {
      case Node::Kind::Constant: return node.value;
      case Node::Kind::Call: return call(node);
      case Node::Kind::Comparison: return comparison(node);
      case Node::Kind::Negate: {
        GF_TRY_ASSIGN(const double x, number(node.parts[0]));
        return -x;
      }
      case Node::Kind::Not: {
        GF_TRY_ASSIGN(const bool x, truth(node.parts[0]));
        return !x;
      }
      case Node::Kind::And:
      case Node::Kind::Or: {
        GF_TRY_ASSIGN(const bool left, truth(node.parts[0]));
        if (left == (node.kind == Node::Kind::Or)) return left;
        GF_TRY_ASSIGN(const bool right, truth(node.parts[1]));
        return right;
      }
      case Node::Kind::Arithmetic: break;
    }
    GF_TRY_ASSIGN(const double a, number(node.parts[0]));
    GF_TRY_ASSIGN(const double b, number(node.parts[1]));
    switch (node.name[0]) {
      case '+': return a + b;
      case '-': return a - b;
      case '*': return a * b;
      default: return a / b;
    }
  }
};

}  // namespace

std::string text_of(const Value& value) {
  if (const double* d = std::get_if<double>(&value)) return numbers::significant(*d, 6);
  if (const bool* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  return "\"" + std::get<std::string>(value) + "\"";
}

Result<Value> WithVariables::call(const std::string& name, std::span<const Value> arguments) {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return rest_.call(name, arguments);
  if (!arguments.empty()) return fail(ErrorCode::InvalidArgument, gf::text("{0} is a value and takes no arguments", name));
  return found->second;
}

Result<Value> Expression::evaluate(Names& names) const { return ExpressionWalk{names, {}}.value(root_); }

Result<bool> Expression::holds(Names& names, std::string* why) const {
  ExpressionWalk walk{names, {}};
  GF_TRY_ASSIGN(const bool held, walk.truth(root_));
  if (why) *why = std::move(walk.why);
  return held;
}

}  // namespace gf::lessons
