#include "model/io/arrays/arrays.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {

Shape array_shape(const NamedArray& array) {
  EXPECTS(array.axes.size() <= Shape::kMaxRank, "an array has at most four axes");
  const auto n = [&](std::size_t i) { return array.axes[i].size; };
  switch (array.axes.size()) {
    case 0: return {};
    case 1: return {n(0)};
    case 2: return {n(0), n(1)};
    case 3: return {n(0), n(1), n(2)};
    default: return {n(0), n(1), n(2), n(3)};
  }
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
