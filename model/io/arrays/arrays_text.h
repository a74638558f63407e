// Numbers in files of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/io/arrays/arrays.h"

namespace gf {

/// Appends the fewest digits that read back as this float32, or the word for a number that is not finite.
void append_number(std::string& to, float value, std::string_view nan, std::string_view infinite, std::string_view minus_infinite);
/// Moves an index to the array's next number in row-major order. How many axes, counted from the innermost, began again at 0.
std::size_t next_index(const NamedArray& array, std::vector<std::int64_t>& index);
/// The metadata as a JSON object. Values that are lists or objects in JSON (ids, tokens, recipe) become parts of it.
[[nodiscard]] std::string metadata_json(const ArrayMetadata& metadata, int indent);

}  // namespace gf
