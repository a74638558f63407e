#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "model/io/safetensors.h"

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
                               const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json table = nlohmann::ordered_json::object();
  if (!metadata.empty()) table["__metadata__"] = metadata;
  std::set<std::string> names;
  std::uint64_t at = 0;
  for (const auto& [name, view] : tensors) {
    if (!names.insert(name).second)
      return fail(ErrorCode::InvalidArgument, "The tensor " + name + " would stand twice in " + path + ".", "write_safetensors");
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; i < view.shape.rank(); ++i) shape.push_back(view.shape[i]);
    const std::uint64_t bytes = static_cast<std::uint64_t>(view.elements()) * size_of(view.dtype);
    table[name] = {{"dtype", safetensors_name_of(view.dtype)}, {"shape", shape}, {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  std::string text = table.dump();
  text.resize(safetensors_padded(text.size()), ' ');
  const std::uint64_t table_bytes = text.size();
  const std::string unfinished = path + ".part";
  std::ofstream out(unfinished, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&table_bytes), 8);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const auto& tensor : tensors) {
    const auto bytes = static_cast<std::streamsize>(tensor.view.elements()) * static_cast<std::streamsize>(size_of(tensor.view.dtype));
    out.write(reinterpret_cast<const char*>(tensor.view.data), bytes);
  }
  out.close();
  std::error_code error;
  if (!out) {
    std::filesystem::remove(unfinished, error);
    return fail(ErrorCode::Io, "Cannot write " + path + "; check that the folder is there and has room.", "write_safetensors");
  }
  std::filesystem::rename(unfinished, path, error);
  if (error) return fail(ErrorCode::Io, "Cannot write " + path + ": " + error.message() + ".", "write_safetensors");
  return {};
}

}  // namespace gf
