// The small language of a lesson's claims: `p(" Mary") > 0.98 and rank(" Mary") == 0`.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/error.h"

namespace gf::lessons {

using Value = std::variant<double, bool, std::string>;
[[nodiscard]] std::string text_of(const Value& value);  ///< "0.987", "true", "\" Mary\""

/// What names stand for. A name without brackets is a call without arguments.
class Names {
 public:
  virtual ~Names() = default;
  /// Errors: InvalidArgument for an unknown name or arguments that don't fit; those of what it computes.
  virtual Result<Value> call(const std::string& name, std::span<const Value> arguments) = 0;
};

/// Some names more, before those of another: `layer` and `head` of the head that was chosen.
class WithVariables : public Names {
 public:
  WithVariables(std::map<std::string, Value> variables, Names& rest) : variables_(std::move(variables)), rest_(rest) {}
  Result<Value> call(const std::string& name, std::span<const Value> arguments) override;

 private:
  std::map<std::string, Value> variables_;
  Names& rest_;
};

/// An expression that has been read. Untrusted text: at most 1000 characters, 32 levels, 8 arguments.
///   numbers, "text", true, false, names and calls; unary -, not; * /; + -; < <= > >= == !=; and; or; ( )
/// `and` and `or` leave out what cannot matter any more.
class Expression {
 public:
  /// Errors: InvalidArgument naming the column, counted from 1.
  [[nodiscard]] static Result<Expression> parse(std::string_view text);

  /// Errors: as Names::call(), and types that don't fit; both name the column.
  [[nodiscard]] Result<Value> evaluate(Names& names) const;
  /// Of an expression that must be true or false. `why`: the comparison that failed with its numbers, "0.97 > 0.98".
  [[nodiscard]] Result<bool> holds(Names& names, std::string* why = nullptr) const;
  [[nodiscard]] const std::string& text() const { return text_; }

  struct Node {
    enum class Kind { Constant, Call, Negate, Not, Arithmetic, Comparison, And, Or } kind = Kind::Constant;
    Value value;       ///< Constant
    std::string name;  ///< Call: the name; Arithmetic, Comparison: the operator
    std::vector<Node> parts;
    int column = 0;
  };

 private:
  std::string text_;
  Node root_;
};

}  // namespace gf::lessons
