// Numbers in files of text.
#pragma once

#include <string>

#include "model/io/arrays/arrays.h"

namespace gf {

/// Appends the fewest digits that read back as this float32; `otherwise` for NaN.
void append_number(std::string& to, float value, std::string_view nan, std::string_view infinite, std::string_view minus_infinite);
/// The metadata as a JSON object: values that are JSON themselves (ids, tokens, recipe) as such.
[[nodiscard]] std::string metadata_json(const ArrayMetadata& metadata, int indent);

}  // namespace gf
