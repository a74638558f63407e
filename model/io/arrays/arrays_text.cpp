#include "model/io/arrays/arrays_text.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "model/base/numbers.h"

namespace gf {

void append_number(std::string& to, float value, std::string_view nan, std::string_view infinite, std::string_view minus_infinite) {
  if (std::isnan(value)) {
    to += nan;
  } else if (std::isinf(value)) {
    to += value > 0 ? infinite : minus_infinite;
  } else {
    to += numbers::exact(value);
  }
}

std::size_t next_index(const NamedArray& array, std::vector<std::int64_t>& index) {
  for (std::size_t k = index.size(); k-- > 0;) {
    if (++index[k] < array.axes[k].size) return index.size() - 1 - k;
    index[k] = 0;
  }
  return index.size();
}

std::string metadata_json(const ArrayMetadata& metadata, int indent) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [key, value] : metadata) {
    const auto parsed = nlohmann::ordered_json::parse(value, nullptr, false);
    object[key] = parsed.is_structured() ? parsed : nlohmann::ordered_json(value);
  }
  return object.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace gf
