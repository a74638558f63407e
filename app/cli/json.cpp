#include "app/cli/json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "model/base/numbers.h"
#include "model/tokenizer/unicode.h"

namespace gf::cli {

Json number(float value) { return number(numbers::decimal(value)); }

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json bytes_json(const std::string& bytes) {
  Json list = Json::array();
  for (const char c : bytes) list.push_back(static_cast<unsigned char>(c));
  return list;
}

void print(const Json& json) { std::fputs((json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stdout); }

void print_line(const std::string& line) { std::printf("%s\n", line.c_str()); }

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], terminal_columns(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + (i + 1 == row.size() ? "" : std::string(widths[i] - terminal_columns(row[i]) + 2, ' '));
    print_line(line);
  }
}

}  // namespace gf::cli
