// Formulas in a line of text: a little of TeX.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gf::lessons {

/// Understood: x_i, x_{ij}, x^2, \sqrt{x}, \frac{a}{b} as a / b, Greek letters, \cdot \times \sum \le \ge \approx \to \infty,
/// and names such as \ln. HTML with <sub> and <sup>.
[[nodiscard]] std::string formula_html(std::string_view formula);
/// The same with Unicode's own small letters where it has them.
[[nodiscard]] std::string formula_plain(std::string_view formula);
/// The first command that is not understood.
[[nodiscard]] std::optional<std::string> unknown_command(std::string_view formula);

}  // namespace gf::lessons
