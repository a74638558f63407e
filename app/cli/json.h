// JSON, lines and tables on standard output.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gf::cli {

using Json = nlohmann::ordered_json;

/// The shortest number that reads back as this float32; null where it is not finite.
[[nodiscard]] Json number(float value);
[[nodiscard]] Json number(double value);
/// The bytes of a text, as a list of numbers.
[[nodiscard]] Json bytes_json(const std::string& bytes);
/// One line on standard output.
void print(const Json& json);

void print_line(const std::string& line);
/// Columns that line up, the first row being the heading. Widths count code points.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace gf::cli
