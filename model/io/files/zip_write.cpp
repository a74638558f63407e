#include "model/io/files/zip_write.h"

#include <limits>

#include "model/io/files/crc32.h"

namespace gf {

namespace {

constexpr std::uint64_t kZipSmall = std::numeric_limits<std::uint32_t>::max();  // sizes from here on are written in an extra field

/// The part that both headers share: version, flags (names are UTF-8), stored, 1980-01-01, checksum, sizes, lengths.
void zip_header(std::string& to, const ZipWriter::Entry& entry, std::size_t extra) {
  const bool large = entry.bytes >= kZipSmall;
  put_little_endian(to, static_cast<std::uint16_t>(large ? 45 : 20));
  put_little_endian(to, std::uint16_t{0x0800});
  put_little_endian(to, std::uint16_t{0});
  put_little_endian(to, std::uint16_t{0});
  put_little_endian(to, std::uint16_t{0x21});
  put_little_endian(to, entry.checksum);
  const auto size = static_cast<std::uint32_t>(large ? kZipSmall : entry.bytes);
  put_little_endian(to, size);
  put_little_endian(to, size);
  put_little_endian(to, static_cast<std::uint16_t>(entry.name.size()));
  put_little_endian(to, static_cast<std::uint16_t>(extra));
}

std::string zip_table_row(const ZipWriter::Entry& entry) {
  std::string extra;
  if (entry.bytes >= kZipSmall) {
    put_little_endian(extra, entry.bytes);
    put_little_endian(extra, entry.bytes);
  }
  if (entry.begin >= kZipSmall) put_little_endian(extra, entry.begin);
  std::string row;
  put_little_endian(row, std::uint32_t{0x02014b50});
  put_little_endian(row, std::uint16_t{45});
  zip_header(row, entry, extra.empty() ? 0 : extra.size() + 4);
  put_little_endian(row, std::uint16_t{0});  // no comment
  put_little_endian(row, std::uint32_t{0});  // disk, internal attributes
  put_little_endian(row, std::uint32_t{0});
  put_little_endian(row, static_cast<std::uint32_t>(entry.begin >= kZipSmall ? kZipSmall : entry.begin));
  row += entry.name;
  if (!extra.empty()) {
    put_little_endian(row, std::uint16_t{1});
    put_little_endian(row, static_cast<std::uint16_t>(extra.size()));
    row += extra;
  }
  return row;
}

}  // namespace

Result<void> ZipWriter::add(const std::string& name, std::uint64_t bytes, const Bytes& make) {
  ZipWriter::Entry entry{name, bytes, at_, 0};
  GF_TRY(make([&](std::string_view piece) -> Result<void> {
    entry.checksum = crc32(std::as_bytes(std::span(piece)), entry.checksum);
    return {};
  }));
  std::string header;
  put_little_endian(header, std::uint32_t{0x04034b50});
  const bool large = bytes >= kZipSmall;
  zip_header(header, entry, large ? 20 : 0);
  header += name;
  if (large) {
    put_little_endian(header, std::uint16_t{1});
    put_little_endian(header, std::uint16_t{16});
    put_little_endian(header, bytes);
    put_little_endian(header, bytes);
  }
  GF_TRY(put(header));
  const std::uint64_t before = at_;
  GF_TRY(make([&](std::string_view piece) { return put(piece); }));
  EXPECTS(at_ - before == bytes, "an entry has as many bytes as were said");
  entries_.push_back(std::move(entry));
  return {};
}

Result<void> ZipWriter::finish() {
  const std::uint64_t begin = at_;
  for (const ZipWriter::Entry& entry : entries_) GF_TRY(put(zip_table_row(entry)));
  const std::uint64_t size = at_ - begin;
  std::string end;
  const bool large = begin >= kZipSmall || size >= kZipSmall || entries_.size() >= 0xFFFF;
  if (large) {
    const std::uint64_t here = at_;
    put_little_endian(end, std::uint32_t{0x06064b50});
    put_little_endian(end, std::uint64_t{44});
    put_little_endian(end, std::uint16_t{45});
    put_little_endian(end, std::uint16_t{45});
    put_little_endian(end, std::uint64_t{0});  // both disks
    put_little_endian(end, std::uint64_t{entries_.size()});
    put_little_endian(end, std::uint64_t{entries_.size()});
    put_little_endian(end, size);
    put_little_endian(end, begin);
    put_little_endian(end, std::uint32_t{0x07064b50});
    put_little_endian(end, std::uint32_t{0});
    put_little_endian(end, here);
    put_little_endian(end, std::uint32_t{1});
  }
  put_little_endian(end, std::uint32_t{0x06054b50});
  put_little_endian(end, std::uint32_t{0});
  const auto count = static_cast<std::uint16_t>(large ? 0xFFFF : entries_.size());
  put_little_endian(end, count);
  put_little_endian(end, count);
  put_little_endian(end, static_cast<std::uint32_t>(large ? kZipSmall : size));
  put_little_endian(end, static_cast<std::uint32_t>(large ? kZipSmall : begin));
  put_little_endian(end, std::uint16_t{0});
  return put(end);
}

Result<void> ZipWriter::put(std::string_view bytes) {
  at_ += bytes.size();
  return file_.write(bytes);
}

}  // namespace gf
