// The checksum of zip files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gf {

/// CRC-32 of the bytes, or of them behind others whose checksum is `before` (polynomial 0x04C11DB7, reflected; as zlib's crc32). Source:
/// PKWARE, APPNOTE 6.3.10, 4.4.7.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace gf
