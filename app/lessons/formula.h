// Formulas in a line of text: a little of TeX. The one place where a formula becomes text, for window, films and command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gf::lessons {

/// Understood: x_i, x_{ij}, x^2, \sqrt{x}, \frac{a}{b} as a / b, Greek letters, \cdot \times \sum \le \ge \approx \to \infty,
/// names such as \ln, \text{words}. A fraction stands in the line, with the brackets that it needs to be read as it is meant:
/// \frac{x - \mu}{\sigma} is (x − μ) / σ. HTML with <sub> and <sup>; letters are italic.
[[nodiscard]] std::string formula_html(std::string_view formula);
/// The same with Unicode's own small letters where it has them, else with _ and ^.
[[nodiscard]] std::string formula_plain(std::string_view formula);
/// Why it is not drawn as meant: "uses \foo, which is not known".
[[nodiscard]] std::optional<std::string> formula_fault(std::string_view formula);

}  // namespace gf::lessons
