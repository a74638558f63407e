#include "model/io/files/zip.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "model/base/text.h"
#include "model/io/files/crc32.h"
#include "model/io/files/little_endian.h"

namespace gf {

namespace {

constexpr std::uint32_t kZipLocal = 0x04034b50, kZipCentral = 0x02014b50, kZipEnd = 0x06054b50, kZip64End = 0x06064b50,
                        kZip64Locator = 0x07064b50;
constexpr std::size_t kZipEndBytes = 22, kZipLongestComment = 65535, kZip64LocatorBytes = 20, kZip64EndBytes = 56;
constexpr std::size_t kZipCentralBytes = 46, kZipLocalBytes = 30;
constexpr std::uint64_t kZipMaxEntries = 1'000'000;

tl::unexpected<Error> zip_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "read_stored_zip");
}

// The caller has checked that the number is inside.
std::uint64_t zip_number(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  return little_endian(bytes.subspan(at, count));
}

struct ZipTable {
  std::uint64_t entries = 0, bytes = 0, begin = 0;
};

Result<ZipTable> zip_table(std::span<const std::byte> file, const std::string& path) {
  const std::size_t size = file.size();
  if (size < kZipEndBytes) return zip_corrupt(path, text("it has {0} bytes, too few for a zip file", size));
  const std::size_t furthest = std::min(size - kZipEndBytes, kZipLongestComment);
  std::optional<std::size_t> end;
  for (std::size_t back = 0; back <= furthest && !end; ++back)
    if (zip_number(file, size - kZipEndBytes - back, 4) == kZipEnd) end = size - kZipEndBytes - back;
  if (!end) return zip_corrupt(path, text("the table at the end of the zip file is missing; the file may be cut short, get it again"));
  ZipTable table{zip_number(file, *end + 10, 2), zip_number(file, *end + 12, 4), zip_number(file, *end + 16, 4)};
  if ((table.entries == 0xFFFF || table.bytes == 0xFFFFFFFF || table.begin == 0xFFFFFFFF) && *end >= kZip64LocatorBytes &&
      zip_number(file, *end - kZip64LocatorBytes, 4) == kZip64Locator) {
    const std::uint64_t at = zip_number(file, *end - kZip64LocatorBytes + 8, 8);
    if (at > size || size - at < kZip64EndBytes || zip_number(file, at, 4) != kZip64End)
      return zip_corrupt(path, text("the long table at the end of the zip file is not where the file says"));
    table = {zip_number(file, at + 32, 8), zip_number(file, at + 40, 8), zip_number(file, at + 48, 8)};
  }
  if (table.begin > size || table.bytes > size - table.begin)
    return zip_corrupt(path, text("the table of the zip file ends beyond the file; the file may be cut short, get it again"));
  if (table.entries > kZipMaxEntries || table.entries > table.bytes / kZipCentralBytes)
    return zip_corrupt(path, text("the table of the zip file claims {0} entries in {1} bytes", table.entries, table.bytes));
  return table;
}

// The extra field with the id 1 has the values that do not fit into 32 bits, in this order.
void zip_long_fields(std::span<const std::byte> extra, std::uint64_t& full, std::uint64_t& stored, std::uint64_t& at) {
  for (std::size_t i = 0; extra.size() - i >= 4;) {
    const std::size_t count = zip_number(extra, i + 2, 2);
    i += 4;
    if (count > extra.size() - i) return;
    if (zip_number(extra, i - 4, 2) == 1) {
      std::size_t from = i;
      for (std::uint64_t* field : {&full, &stored, &at})
        if (*field == 0xFFFFFFFF && i + count - from >= 8) {
          *field = zip_number(extra, from, 8);
          from += 8;
        }
      return;
    }
    i += count;
  }
}

// Compares every entry with its checksum. PyTorch writes 0 where it was told to compute none.
Result<void> zip_check(std::span<const ZipEntry> entries, std::span<const std::uint32_t> checksums, const std::string& path) {
  constexpr std::size_t none = ~std::size_t{0};
  std::atomic<std::size_t> next{0}, damaged{none};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < checksums.size() && damaged == none; i = next.fetch_add(1))
      if (checksums[i] != 0 && crc32(entries[i].bytes) != checksums[i]) damaged = i;
  };
  std::size_t bytes = 0;
  for (const ZipEntry& entry : entries) bytes += entry.bytes.size();
  {
    // Small files are read faster than a thread starts.
    std::vector<std::jthread> helpers;
    if (bytes > (std::size_t{8} << 20))
      for (unsigned t = 1; t < std::clamp(std::thread::hardware_concurrency(), 1U, 8U); ++t) helpers.emplace_back(work);
    work();
  }
  if (damaged != none)
    return zip_corrupt(path,
                       text("the entry {0} does not have the checksum that the zip file's table says; the file is damaged, get it again",
                            entries[damaged].name));
  return {};
}

}  // namespace

Result<std::vector<ZipEntry>> read_stored_zip(std::span<const std::byte> file, const std::string& path) {
  GF_TRY_ASSIGN(const ZipTable table, zip_table(file, path));
  const auto central = file.subspan(static_cast<std::size_t>(table.begin), static_cast<std::size_t>(table.bytes));
  std::vector<ZipEntry> entries;
  std::vector<std::uint32_t> checksums;
  std::uint64_t all_bytes = 0;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < table.entries; ++i) {
    if (central.size() - at < kZipCentralBytes || zip_number(central, at, 4) != kZipCentral)
      return zip_corrupt(path, text("entry {0} of the zip file's table is broken", i));
    const auto name_bytes = static_cast<std::size_t>(zip_number(central, at + 28, 2));
    const auto extra_bytes = static_cast<std::size_t>(zip_number(central, at + 30, 2));
    const std::size_t tail = name_bytes + extra_bytes + static_cast<std::size_t>(zip_number(central, at + 32, 2));
    if (central.size() - at - kZipCentralBytes < tail) return zip_corrupt(path, text("entry {0} of the zip file's table is broken", i));
    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char*>(central.data()) + at + kZipCentralBytes, name_bytes);
    std::uint64_t stored = zip_number(central, at + 20, 4), full = zip_number(central, at + 24, 4), local = zip_number(central, at + 42, 4);
    zip_long_fields(central.subspan(at + kZipCentralBytes + name_bytes, extra_bytes), full, stored, local);
    if ((zip_number(central, at + 8, 2) & 1U) != 0 || zip_number(central, at + 10, 2) != 0 || full != stored)
      return fail(
          ErrorCode::Unsupported,
          text("Cannot read {0}: its entry {1} is compressed or encrypted, as in a TorchScript program and not in a checkpoint; save the "
               "weights with torch.save(model.state_dict(), ...).",
               path, entry.name),
          "read_stored_zip");
    if (local > file.size() || file.size() - local < kZipLocalBytes || zip_number(file, static_cast<std::size_t>(local), 4) != kZipLocal)
      return zip_corrupt(path, text("the entry {0} is not where the zip file's table says", entry.name));
    const auto header = static_cast<std::size_t>(local);
    const std::uint64_t begin = local + kZipLocalBytes + zip_number(file, header + 26, 2) + zip_number(file, header + 28, 2);
    if (begin > file.size() || stored > file.size() - begin)
      return zip_corrupt(path,
                         text("the entry {0} of the zip file ends beyond the file; the file may be cut short, get it again", entry.name));
    entry.bytes = file.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(stored));
    // Without this a small file could ask for the checksum of the same bytes a million times.
    all_bytes += stored;
    if (all_bytes > file.size()) return zip_corrupt(path, text("the entries of the zip file have more bytes together than the file has"));
    checksums.push_back(static_cast<std::uint32_t>(zip_number(central, at + 16, 4)));
    entries.push_back(std::move(entry));
    at += kZipCentralBytes + tail;
  }
  GF_TRY(zip_check(entries, checksums, path));
  return entries;
}

}  // namespace gf
