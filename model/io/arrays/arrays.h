// Named arrays of float32 as a file of data: what a trace, an analysis or a table is written as.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"

namespace gf {

/// An axis: "head", 12.
struct ArrayAxis {
  std::string name;
  std::int64_t size = 0;
};

struct NamedArray {
  std::string name;             ///< "blocks.0.attn.hook_z"
  std::vector<ArrayAxis> axes;  ///< outermost first; none: one number
  [[nodiscard]] std::uint64_t elements() const;
};

/// Takes numbers of one array in row-major order, in pieces of any size.
using ArraySink = std::function<Result<void>(std::span<const float> numbers)>;
/// Hands array i to the sink: what is written need not stand in memory at once. May be asked for an array twice, and gives
/// the same numbers then. An error ends the writing.
using ArrayMaker = std::function<Result<void>(std::size_t i, const ArraySink& write)>;

/// What the file holds and where it comes from: texts by name ("model", "ids", ...).
using ArrayMetadata = std::map<std::string, std::string>;

/// One format. `write` replaces a file that was there when all is written, and whatever stops it leaves nothing.
struct ArrayFormat {
  std::string_view ending;  ///< ".npz"
  std::string_view doc;     ///< what reads it
  Result<void> (*write)(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata, const ArrayMaker& make);
};
/// safetensors, npz, csv, json: one file each.
[[nodiscard]] std::span<const ArrayFormat> array_formats();
/// By the ending of its name; safetensors for a pipe or a device. Errors: InvalidArgument, with the endings that there are.
[[nodiscard]] Result<const ArrayFormat*> array_format_of(const std::string& path);

/// In the format that the name promises. Errors: array_format_of(), Io, InvalidArgument (a name twice), make's.
[[nodiscard]] Result<void> write_arrays(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                                        const ArrayMaker& make);

// The formats' writers.
[[nodiscard]] Result<void> write_arrays_safetensors(const std::string& path, std::span<const NamedArray> arrays,
                                                    const ArrayMetadata& metadata, const ArrayMaker& make);
[[nodiscard]] Result<void> write_arrays_npz(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                                            const ArrayMaker& make);
[[nodiscard]] Result<void> write_arrays_csv(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                                            const ArrayMaker& make);
[[nodiscard]] Result<void> write_arrays_json(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                                             const ArrayMaker& make);

}  // namespace gf
