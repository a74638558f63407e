// The language of claims, without a model.
#include "app/lessons/expression.h"

#include <gtest/gtest.h>

namespace gf::lessons {
namespace {

/// x is 2, name is " Mary", twice(n) doubles; counts its calls.
struct SmallNames : Names {
  int calls = 0;
  Result<Value> call(const std::string& name, std::span<const Value> arguments) override {
    ++calls;
    if (name == "x") return 2.0;
    if (name == "name") return std::string(" Mary");
    if (name == "twice") return 2 * std::get<double>(arguments[0]);
    return fail(ErrorCode::InvalidArgument, "there is no function '" + name + "'");
  }
};

Result<Value> value(const std::string& text) {
  SmallNames names;
  GF_TRY_ASSIGN(const Expression e, Expression::parse(text));
  return e.evaluate(names);
}
std::string error(const std::string& text) {
  const auto v = value(text);
  return v ? "no error: " + text_of(*v) : v.error().message;
}
bool truth(const std::string& text) {
  const auto v = value(text);
  EXPECT_TRUE(v) << text << ": " << v.error().message;
  return v && std::get<bool>(*v);
}

TEST(Expression, numbers_follow_the_usual_order) {
  EXPECT_EQ(std::get<double>(*value("1 + 2 * 3 - 4 / 2")), 5);
  EXPECT_EQ(std::get<double>(*value("-(1 + 2) * -x")), 6);
  EXPECT_EQ(std::get<double>(*value("2 - 1 - 1")), 0);
  EXPECT_EQ(std::get<double>(*value("1.5e2 / 2")), 75);
  EXPECT_EQ(std::get<double>(*value("twice(twice(x) + 1)")), 10);
}

TEST(Expression, a_name_may_have_dots_inside) {
  SmallNames names;
  const auto all = Expression::parse("dla.heads(1, 2) > .5 and x.y.z == 2").value().evaluate(names);
  EXPECT_EQ(all.error().message, "column 1: there is no function 'dla.heads'");
  EXPECT_EQ(error("x.5"), "column 2: '.' was not expected");
  EXPECT_EQ(error("x."), "column 2: '.' was not expected");
}

TEST(Expression, comparisons_bind_looser_than_sums_and_tighter_than_and) {
  EXPECT_TRUE(truth("1 + 1 == x and not x > 2 or false"));
  EXPECT_TRUE(truth("x >= 2 and x <= 2 and x != 3"));
  EXPECT_FALSE(truth("false or x < 2"));
  EXPECT_TRUE(truth("name == \" Mary\""));
  EXPECT_TRUE(truth("\"a\\\"b\\n\" != \"a\""));
}

TEST(Expression, what_cannot_matter_is_not_asked) {
  SmallNames names;
  EXPECT_EQ(*Expression::parse("false and x > 1").value().holds(names), false);
  EXPECT_EQ(*Expression::parse("true or x > 1").value().holds(names), true);
  EXPECT_EQ(names.calls, 0);
}

TEST(Expression, a_claim_that_fails_tells_its_numbers) {
  SmallNames names;
  std::string why;
  EXPECT_EQ(*Expression::parse("x == 2 and twice(x) > 4.5").value().holds(names, &why), false);
  EXPECT_EQ(why, "4 > 4.5");
}

TEST(Expression, variables_stand_before_other_names) {
  SmallNames names;
  WithVariables with({{"layer", 4.0}, {"x", 7.0}}, names);
  EXPECT_EQ(std::get<double>(*Expression::parse("layer + x").value().evaluate(with)), 11);
  EXPECT_FALSE(Expression::parse("layer(1)").value().evaluate(with));
}

TEST(Expression, errors_name_the_column) {
  EXPECT_EQ(error("1 +"), "column 4: the expression ends where a value should stand");
  EXPECT_EQ(error("(1 + 2"), "column 7: a ')' is missing");
  EXPECT_EQ(error("1 2"), "column 3: '2' was not expected");
  EXPECT_EQ(error("twice(1;2)"), "column 8: ',' or ')' was expected");
  EXPECT_EQ(error("x + nothing"), "column 5: there is no function 'nothing'");
  EXPECT_EQ(error("x and true"), "column 1: true or false is needed here, not a number");
  EXPECT_EQ(error("1 + name"), "column 5: a number is needed here, not text");
  EXPECT_EQ(error("x == name"), "column 3: '==' compares a number with text");
  EXPECT_EQ(error("name < name"), "column 6: '<' compares numbers, not text");
  EXPECT_EQ(error("\"open"), "column 6: the text has no closing \"");
  EXPECT_EQ(error("\"\\q\""), "column 3: a text knows \\\", \\\\ and \\n, nothing else behind a \\");
  EXPECT_EQ(error("1e999"), "column 1: this is not a number");
}

TEST(Expression, is_bounded) {
  EXPECT_EQ(error(std::string(1001, '1')), "column 1001: an expression has at most 1000 characters");
  EXPECT_EQ(error(std::string(40, '(') + "1" + std::string(40, ')')), "column 34: brackets and signs stand more than 32 deep");
  EXPECT_EQ(error(std::string(400, '-') + "1"), "column 34: brackets and signs stand more than 32 deep");
  EXPECT_EQ(error("twice(1,2,3,4,5,6,7,8,9)"), "column 23: a function has at most 8 arguments");
  std::string sum = "1";
  for (int i = 0; i < 490; ++i) sum += "+1";
  EXPECT_EQ(std::get<double>(*value(sum)), 491);
}

}  // namespace
}  // namespace gf::lessons
