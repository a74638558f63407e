#include "model/io/arrays/arrays.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {

/// Arrays have at most four axes.
Shape array_shape(const NamedArray& array) {
  std::vector<std::int64_t> extents;
  for (const ArrayAxis& axis : array.axes) extents.push_back(axis.size);
  return Shape(extents);
}

}  // namespace

Result<void> write_arrays_safetensors(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                                      const ArrayMaker& make) {
  std::vector<SafetensorsTensor> tensors;
  for (const NamedArray& array : arrays) tensors.push_back({array.name, {nullptr, DType::F32, array_shape(array)}});
  return write_safetensors(path, tensors, metadata, [&](std::size_t i, const SafetensorsSink& write) {
    return make(i, [&](std::span<const float> numbers) { return write(std::as_bytes(numbers)); });
  });
}

}  // namespace gf
