// A small interpreter of the arithmetic that cards write out: "0.31 × -1.20 + (8 more: 0.02) + b 0.05 = -0.302". Each number is taken
// for all that are rounded to it, so a sum that is right always comes out, and one that is wrong by more than its digits does not.
#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <string>

namespace gf::explain_cells {

/// What is wrong with a line that says "... = number": empty where it comes out. nullopt: the line is no arithmetic.
[[nodiscard]] std::optional<std::string> problem_of_sum(const std::string& line);

/// Expects that the line comes out; 1 if it is arithmetic at all.
inline int check_sum(const std::string& line, const std::string& of) {
  const auto problem = problem_of_sum(line);
  EXPECT_EQ(problem.value_or(""), "") << of << ": " << line;
  return problem ? 1 : 0;
}

}  // namespace gf::explain_cells
