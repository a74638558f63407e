// The files that the loaders see while they are fuzzed: bytes in memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace gf::fuzz {

/// From here on the loaders read these bytes at `path`. memory_files.cpp takes the place of model/io/files/mapped_file.cpp:
/// no system calls, so many thousand inputs a second, and each opening hands out a heap block of exactly the file's
/// size, so that AddressSanitizer sees the first byte behind it. Paths without such bytes are files on disk.
void put_file(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace gf::fuzz
