#include <nlohmann/json.hpp>
#include <set>

#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {
const char* safetensors_name_of(DType t) {
  switch (t) {
    case DType::F32: return "F32";
    case DType::F16: return "F16";
    case DType::BF16: return "BF16";
  }
  return "?";
}
std::uint64_t safetensors_padded(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }
}  // namespace

Result<void> write_safetensors(const std::string& path, std::span<const SafetensorsTensor> tensors,
                               const std::map<std::string, std::string>& metadata, const SafetensorsMaker& make) {
  nlohmann::ordered_json table = nlohmann::ordered_json::object();
  if (!metadata.empty()) table["__metadata__"] = metadata;
  std::set<std::string> names;
  std::uint64_t at = 0;
  for (const auto& [name, view] : tensors) {
    if (!names.insert(name).second)
      return fail(ErrorCode::InvalidArgument, text("The tensor {0} would stand twice in {1}.", name, path), "write_safetensors");
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; i < view.shape.rank(); ++i) shape.push_back(view.shape[i]);
    const std::uint64_t bytes = static_cast<std::uint64_t>(view.elements()) * size_of(view.dtype);
    table[name] = {{"dtype", safetensors_name_of(view.dtype)}, {"shape", shape}, {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  std::string text = table.dump();
  text.resize(safetensors_padded(text.size()), ' ');
  const std::uint64_t table_bytes = text.size();
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  GF_TRY(file.write({reinterpret_cast<const char*>(&table_bytes), sizeof table_bytes}));
  GF_TRY(file.write(text));
  std::uint64_t written = 0;
  const SafetensorsSink write = [&](std::span<const std::byte> bytes) {
    written += bytes.size();
    return file.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& view = tensors[i].view;
    const std::size_t bytes = static_cast<std::size_t>(view.elements()) * size_of(view.dtype);
    const std::uint64_t before = written;
    GF_TRY(make ? make(i, write) : write({view.data, bytes}));
    EXPECTS(written - before == bytes, "a tensor has the size that the table says");
  }
  return file.keep();
}

}  // namespace gf
