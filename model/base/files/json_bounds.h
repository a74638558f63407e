// What a JSON text may ask for, before a parser takes memory for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/base/error.h"

namespace gf {

/// Parsers copy, write and compare JSON values by recursion, and a value takes many times the memory of its text. So a text
/// that nests more than 100 deep or has more than `most_values` values is refused. `what` begins the error's sentence.
/// Reads the text once and does not check that it is JSON. Errors: Corrupt.
[[nodiscard]] Result<void> check_json_bounds(std::string_view text, std::size_t most_values, const std::string& what);

}  // namespace gf
