// Text files that come from outside the program, read whole within a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/base/error.h"

namespace gf {

/// Larger than any recipe, session, lesson or sidecar that a person or this program writes.
inline constexpr std::size_t kMostTextBytes = std::size_t{64} << 20;

/// The bytes of a regular file; links are followed. Devices, pipes and folders are refused before anything is read. A file of
/// more than `most_bytes` is refused before or while it is read, since files may grow. Never waits for a writer.
/// The file is noted as an input (input_files.h).
/// `what` names the file in messages, without an article: read_text_file(path, "recipe").
/// Errors: NotFound, InvalidArgument, Io. Safe to use for untrusted input.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path, std::string_view what, std::size_t most_bytes = kMostTextBytes);

}  // namespace gf
