// The checksum of zip files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gf {

/// CRC-32 of the bytes (polynomial 0x04C11DB7, reflected; as zlib's crc32). With the checksum of other bytes as `before`: of
/// those bytes followed by these. Source: PKWARE, APPNOTE 6.3.10, 4.4.7.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace gf
