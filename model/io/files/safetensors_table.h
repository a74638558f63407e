// The JSON table of a safetensors file, read strictly and without building a document.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/io/files/safetensors.h"

namespace gf {

struct SafetensorsTable {
  std::vector<SafetensorsEntry> entries;  ///< in the order written; begin and end are relative to the data
  std::map<std::string, std::string> metadata;
};

/// Checks the form and not the offsets. The error is the end of a sentence: "its table has x twice".
[[nodiscard]] tl::expected<SafetensorsTable, std::string> parse_safetensors_table(std::string_view json);

}  // namespace gf
