// What a JSON text may ask for, before a parser takes memory for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/base/error.h"

namespace gf {

/// JSON values are copied, written and compared by recursion, and each takes many times its text in memory: a text that
/// nests more than 100 deep or has more than `most_values` values is refused as no such file. `what` begins the sentence.
/// Reads the text once; whether it is JSON at all is the parser's to say. Errors: Corrupt.
[[nodiscard]] Result<void> check_json_bounds(std::string_view text, std::size_t most_values, const std::string& what);

}  // namespace gf
