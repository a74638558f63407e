// NumPy's .npz: a zip file of stored .npy files. Sources: numpy.lib.format; PKWARE, APPNOTE 6.3.10.
#include <nlohmann/json.hpp>

#include "model/io/arrays/arrays.h"
#include "model/io/files/zip_write.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

/// The header of a .npy file, padded so that the data begin at a multiple of 64 bytes.
std::string npy_header(const std::string& type, const std::vector<ArrayAxis>& axes) {
  std::string shape;
  for (const ArrayAxis& axis : axes) shape += std::to_string(axis.size) + (axes.size() == 1 ? "," : ", ");
  if (axes.size() > 1) shape.resize(shape.size() - 2);
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t before = 10;
  text.resize((before + text.size() + 1 + 63) / 64 * 64 - before - 1, ' ');
  text += '\n';
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\x00';
  put_little_endian(header, static_cast<std::uint16_t>(text.size()));
  return header + text;
}

/// A text as an array without axes, in UTF-32 as NumPy stores texts.
std::string npy_text(const std::string& content) {
  std::string data;
  for (std::size_t at = 0; at < content.size();) {
    const Utf8Char c = utf8_at(content, at);
    put_little_endian(data, c.code);
    at += c.bytes;
  }
  return npy_header("<U" + std::to_string(data.size() / 4), {}) + data;
}

}  // namespace

Result<void> write_arrays_npz(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                              const ArrayMaker& make) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  ZipWriter writer(file);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const std::string header = npy_header("<f4", arrays[i].axes);
    GF_TRY(
        writer.add(arrays[i].name + ".npy", header.size() + arrays[i].elements() * sizeof(float), [&](const auto& write) -> Result<void> {
          GF_TRY(write(std::string_view(header)));
          return make(i, [&](std::span<const float> numbers) {
            return write(std::string_view(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()));
          });
        }));
  }
  // numpy.load(FILE)["metadata"] is JSON.
  const std::string about = npy_text(nlohmann::json(metadata).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  GF_TRY(writer.add("metadata.npy", about.size(), [&](const auto& write) { return write(std::string_view(about)); }));
  GF_TRY(writer.finish());
  return file.keep();
}

}  // namespace gf
