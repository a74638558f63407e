// NumPy's .npz: a zip file of stored .npy files. Sources: numpy.lib.format; PKWARE, APPNOTE 6.3.10.
#include <limits>
#include <nlohmann/json.hpp>

#include "model/base/files/whole_file.h"
#include "model/io/arrays/arrays.h"
#include "model/io/files/crc32.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

constexpr std::uint64_t kNpzSmall = std::numeric_limits<std::uint32_t>::max();  // sizes from here on are written in an extra field

template <class T>
void npz_put(std::string& to, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
}

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
  npz_put(header, static_cast<std::uint16_t>(text.size()));
  return header + text;
}

/// One file of the zip. Its bytes are made twice, in pieces: once for the checksum, which is written before them, and once to
/// be written.
struct NpzEntry {
  std::string name;
  std::uint64_t bytes = 0, begin = 0;
  std::uint32_t checksum = 0;
};
using NpzBytes = std::function<Result<void>(const std::function<Result<void>(std::string_view)>& write)>;

class NpzWriter {
 public:
  explicit NpzWriter(WholeFile& file) : file_(file) {}

  Result<void> add(const std::string& name, std::uint64_t bytes, const NpzBytes& make) {
    NpzEntry entry{name, bytes, at_, 0};
    GF_TRY(make([&](std::string_view piece) -> Result<void> {
      entry.checksum = crc32(std::as_bytes(std::span(piece)), entry.checksum);
      return {};
    }));
    std::string header;
    npz_put(header, std::uint32_t{0x04034b50});
    const bool large = bytes >= kNpzSmall;
    common(header, entry, large ? 20 : 0);
    header += name;
    if (large) {
      npz_put(header, std::uint16_t{1});
      npz_put(header, std::uint16_t{16});
      npz_put(header, bytes);
      npz_put(header, bytes);
    }
    GF_TRY(put(header));
    const std::uint64_t before = at_;
    GF_TRY(make([&](std::string_view piece) { return put(piece); }));
    EXPECTS(at_ - before == bytes, "an array has as many numbers as its axes say");
    entries_.push_back(std::move(entry));
    return {};
  }

  Result<void> finish() {
    const std::uint64_t begin = at_;
    for (const NpzEntry& entry : entries_) GF_TRY(put(central(entry)));
    const std::uint64_t size = at_ - begin;
    std::string end;
    const bool large = begin >= kNpzSmall || size >= kNpzSmall || entries_.size() >= 0xFFFF;
    if (large) {
      const std::uint64_t here = at_;
      npz_put(end, std::uint32_t{0x06064b50});
      npz_put(end, std::uint64_t{44});
      npz_put(end, std::uint16_t{45});
      npz_put(end, std::uint16_t{45});
      npz_put(end, std::uint64_t{0});  // both disks
      npz_put(end, std::uint64_t{entries_.size()});
      npz_put(end, std::uint64_t{entries_.size()});
      npz_put(end, size);
      npz_put(end, begin);
      npz_put(end, std::uint32_t{0x07064b50});
      npz_put(end, std::uint32_t{0});
      npz_put(end, here);
      npz_put(end, std::uint32_t{1});
    }
    npz_put(end, std::uint32_t{0x06054b50});
    npz_put(end, std::uint32_t{0});
    const auto count = static_cast<std::uint16_t>(large ? 0xFFFF : entries_.size());
    npz_put(end, count);
    npz_put(end, count);
    npz_put(end, static_cast<std::uint32_t>(large ? kNpzSmall : size));
    npz_put(end, static_cast<std::uint32_t>(large ? kNpzSmall : begin));
    npz_put(end, std::uint16_t{0});
    return put(end);
  }

 private:
  Result<void> put(std::string_view bytes) {
    at_ += bytes.size();
    return file_.write(bytes);
  }
  /// The part that both headers share: version, flags (names are UTF-8), stored, 1980-01-01, checksum, sizes, lengths.
  static void common(std::string& to, const NpzEntry& entry, std::size_t extra) {
    const bool large = entry.bytes >= kNpzSmall;
    npz_put(to, static_cast<std::uint16_t>(large ? 45 : 20));
    npz_put(to, std::uint16_t{0x0800});
    npz_put(to, std::uint16_t{0});
    npz_put(to, std::uint16_t{0});
    npz_put(to, std::uint16_t{0x21});
    npz_put(to, entry.checksum);
    const auto size = static_cast<std::uint32_t>(large ? kNpzSmall : entry.bytes);
    npz_put(to, size);
    npz_put(to, size);
    npz_put(to, static_cast<std::uint16_t>(entry.name.size()));
    npz_put(to, static_cast<std::uint16_t>(extra));
  }
  static std::string central(const NpzEntry& entry) {
    std::string extra;
    if (entry.bytes >= kNpzSmall) {
      npz_put(extra, entry.bytes);
      npz_put(extra, entry.bytes);
    }
    if (entry.begin >= kNpzSmall) npz_put(extra, entry.begin);
    std::string row;
    npz_put(row, std::uint32_t{0x02014b50});
    npz_put(row, std::uint16_t{45});
    common(row, entry, extra.empty() ? 0 : extra.size() + 4);
    npz_put(row, std::uint16_t{0});  // no comment
    npz_put(row, std::uint32_t{0});  // disk, internal attributes
    npz_put(row, std::uint32_t{0});
    npz_put(row, static_cast<std::uint32_t>(entry.begin >= kNpzSmall ? kNpzSmall : entry.begin));
    row += entry.name;
    if (!extra.empty()) {
      npz_put(row, std::uint16_t{1});
      npz_put(row, static_cast<std::uint16_t>(extra.size()));
      row += extra;
    }
    return row;
  }

  WholeFile& file_;
  std::uint64_t at_ = 0;
  std::vector<NpzEntry> entries_;
};

/// A text as an array without axes, in UTF-32 as NumPy stores texts.
std::string npy_text(const std::string& content) {
  std::string data;
  for (std::size_t at = 0; at < content.size();) {
    const Utf8Char c = utf8_at(content, at);
    npz_put(data, c.code);
    at += c.bytes;
  }
  return npy_header("<U" + std::to_string(data.size() / 4), {}) + data;
}

}  // namespace

Result<void> write_arrays_npz(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                              const ArrayMaker& make) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  NpzWriter writer(file);
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
