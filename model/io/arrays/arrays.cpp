#include "model/io/arrays/arrays.h"

#include <array>
#include <filesystem>
#include <set>

#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf {

namespace {

// One line for each format.
constexpr std::array<ArrayFormat, 4> kArrayFormats = {{
    {".safetensors", "safetensors", write_arrays_safetensors},
    {".npz", "numpy.load", write_arrays_npz},
    {".csv", "a row for each number, its indices before it", write_arrays_csv},
    {".json", "nested lists", write_arrays_json},
}};

}  // namespace

std::uint64_t NamedArray::elements() const {
  std::uint64_t count = 1;
  for (const ArrayAxis& axis : axes) count *= static_cast<std::uint64_t>(axis.size);
  return count;
}

std::span<const ArrayFormat> array_formats() { return kArrayFormats; }

Result<const ArrayFormat*> array_format_of(const std::string& path) {
  std::string endings;
  for (const ArrayFormat& format : kArrayFormats) {
    if (path.ends_with(format.ending)) return &format;
    endings += (endings.empty() ? "" : ", ") + std::string(format.ending);
  }
  std::error_code ignored;
  if (const auto there = std::filesystem::status(path, ignored); std::filesystem::is_other(there)) return &kArrayFormats[0];
  return fail(ErrorCode::InvalidArgument, text("The name {0} does not say what to write; its ending must be one of {1}.", path, endings),
              "write_arrays");
}

Result<void> write_arrays(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                          const ArrayMaker& make) {
  GF_TRY_ASSIGN(const ArrayFormat* format, array_format_of(path));
  std::set<std::string_view> names;
  for (const NamedArray& array : arrays)
    if (!names.insert(array.name).second)
      return fail(ErrorCode::InvalidArgument, text("The tensor {0} would stand twice in {1}.", array.name, path), "write_arrays");
  return format->write(path, arrays, metadata, make);
}

}  // namespace gf
