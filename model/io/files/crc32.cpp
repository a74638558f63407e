#include "model/io/files/crc32.h"

#include <array>
#include <cstring>

namespace gf {

namespace {

constexpr std::size_t kCrcSlices = 16;

// Row k: the checksum of a byte that k zeros follow. Source: Intel's slicing-by-8 (Kounavis and Berry 2005), twice as wide.
constexpr auto crc_tables() {
  std::array<std::array<std::uint32_t, 256>, kCrcSlices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < kCrcSlices; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xFFU];
  return tables;
}
constexpr auto kCrcTables = crc_tables();

// Four bytes, the first of them followed by `zeros` + 3 others.
std::uint32_t crc_word(std::uint32_t word, std::size_t zeros) {
  return kCrcTables[zeros + 3][word & 0xFFU] ^ kCrcTables[zeros + 2][(word >> 8) & 0xFFU] ^ kCrcTables[zeros + 1][(word >> 16) & 0xFFU] ^
         kCrcTables[zeros][word >> 24];
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kCrcSlices; left -= kCrcSlices, at += kCrcSlices) {
    std::array<std::uint32_t, kCrcSlices / 4> words{};
    std::memcpy(words.data(), at, kCrcSlices);  // little-endian, as on all machines that run this program
    crc = crc_word(words[0] ^ crc, 12) ^ crc_word(words[1], 8) ^ crc_word(words[2], 4) ^ crc_word(words[3], 0);
  }
  for (; left > 0; --left, ++at) crc = (crc >> 8) ^ kCrcTables[0][(crc ^ static_cast<std::uint32_t>(*at)) & 0xFFU];
  return ~crc;
}

}  // namespace gf
