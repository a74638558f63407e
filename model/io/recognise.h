// Names what a file is that no loader opens.
#pragma once

#include <string>

#include "model/base/error.h"

namespace gf {

/// Whether the file is only the text by which Git LFS stands for one that was not fetched.
[[nodiscard]] bool is_lfs_pointer(const std::string& path);

/// The refusal of a path that exists but is no checkpoint of formats(): by its content, then by its name; Unsupported
/// for a known format, Corrupt for a pointer file of Git LFS, NotFound for a folder without weights.
[[nodiscard]] Error refusal_of(const std::string& path);

}  // namespace gf
