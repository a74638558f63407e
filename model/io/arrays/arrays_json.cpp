// JSON: {"metadata": {...}, "arrays": {NAME: {"axes": [...], "shape": [...], "data": nested lists}}}. Numbers
// that are not finite are null.
#include <nlohmann/json.hpp>

#include "model/base/files/whole_file.h"
#include "model/io/arrays/arrays.h"
#include "model/io/arrays/arrays_text.h"

namespace gf {

namespace {

constexpr std::size_t kJsonPiece = std::size_t{1} << 20;

std::string json_head(const NamedArray& array) {
  nlohmann::ordered_json axes = nlohmann::ordered_json::array(), shape = nlohmann::ordered_json::array();
  for (const ArrayAxis& axis : array.axes) {
    axes.push_back(axis.name);
    shape.push_back(axis.size);
  }
  const nlohmann::ordered_json name = array.name;
  return name.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + ": {\"axes\": " + axes.dump() +
         ", \"shape\": " + shape.dump() + ", \"data\": ";
}

/// The nested lists of an array without numbers.
std::string json_empty(const NamedArray& array, std::size_t depth = 0) {
  std::string list = "[";
  for (std::int64_t i = 0; depth + 1 < array.axes.size() && i < array.axes[depth].size; ++i)
    list += (i > 0 ? "," : "") + json_empty(array, depth + 1);
  return list + "]";
}

}  // namespace

Result<void> write_arrays_json(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                               const ArrayMaker& make) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  std::string out = "{\"metadata\": " + metadata_json(metadata, -1) + ",\n\"arrays\": {";
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const NamedArray& array = arrays[i];
    out += (i > 0 ? ",\n" : "\n") + json_head(array);
    if (array.elements() == 0) {
      out += json_empty(array) + "}";
      continue;
    }
    std::vector<std::int64_t> index(array.axes.size(), 0);
    std::size_t opening = array.axes.size();
    GF_TRY(make(i, [&](std::span<const float> numbers) -> Result<void> {
      for (const float value : numbers) {
        out.append(opening, '[');
        append_number(out, value, "null", "null", "null");
        const std::size_t closing = next_index(array, index);
        out.append(closing, ']');
        opening = closing;
        if (closing < index.size()) out += ',';
        if (out.size() < kJsonPiece) continue;
        GF_TRY(file.write(out));
        out.clear();
      }
      return {};
    }));
    out += "}";
  }
  GF_TRY(file.write(out + "}}\n"));
  return file.keep();
}

}  // namespace gf
