// Whole numbers as bytes, the lowest byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gf {

/// Of at most 8 bytes.
[[nodiscard]] inline std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

/// Of at most 8 bytes in two's complement: the highest bit is the sign.
[[nodiscard]] inline std::int64_t signed_little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = little_endian(bytes);
  const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
  if (negative && bytes.size() < sizeof value) value |= ~std::uint64_t{0} << (8 * bytes.size());
  return static_cast<std::int64_t>(value);
}

}  // namespace gf
