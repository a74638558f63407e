// Reads a formula back, from its TeX and from what is drawn, as an expression with numbers for its letters. A naive twin of
// app/lessons/formula.cpp: two texts stand for the same expression where their values agree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gf::lessons {

/// All forms of a formula become one: scripts as _{} and ^{}, roots as √( ), the minus as '-'.
[[nodiscard]] std::string spelled_out_tex(std::string_view tex);
[[nodiscard]] std::string spelled_out_html(std::string_view html);
[[nodiscard]] std::string spelled_out_plain(std::string_view plain);

/// Readers differ in whether "a / b c" means (a / b) c or a / (b c). What is drawn has to mean the same to both.
enum class Habit { FromTheLeft, FactorsFirst };
/// The values of the expressions between = and the like; none where the text cannot be read.
[[nodiscard]] std::vector<double> values_of(const std::string& spelled_out, Habit habit);

}  // namespace gf::lessons
