// Files of named float32 arrays, which hold a trace, an analysis or a table.
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

/// An axis, as "head" with size 12.
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
/// Hands array i to the sink, so that the arrays need not stand in memory all at once. A writer may ask for an array twice and
/// must get the same numbers. An error ends the writing.
using ArrayMaker = std::function<Result<void>(std::size_t i, const ArraySink& write)>;

/// Texts about the file's content and origin, by name ("model", "ids", ...).
using ArrayMetadata = std::map<std::string, std::string>;

/// One format. `write` replaces an existing file when all values are written. If it fails, the path holds what it held before.
struct ArrayFormat {
  std::string_view ending;  ///< ".npz"
  std::string_view doc;     ///< the program or function that reads it, or what the file looks like
  Result<void> (*write)(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata, const ArrayMaker& make);
};
/// safetensors, npz, csv and json, each in a source file of its own.
[[nodiscard]] std::span<const ArrayFormat> array_formats();
/// The format that the ending of the name stands for; safetensors for a pipe or a device. Errors: InvalidArgument, with the
/// endings that there are.
[[nodiscard]] Result<const ArrayFormat*> array_format_of(const std::string& path);

/// Writes the format of array_format_of(). Errors: as array_format_of(), Io, InvalidArgument (a name twice), make's.
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
