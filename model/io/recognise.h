// Names what a file is that no loader opens, and says what to do.
#pragma once

#include <string>

#include "model/base/error.h"

namespace gf {

/// Whether the file only stands in for one that was not fetched: Git LFS's pointer, or the web page that a download got.
[[nodiscard]] bool is_stand_in(const std::string& path);

/// The refusal of a path that exists but is not a checkpoint of formats(): by its content, then by its name; Unsupported
/// for a known format, Corrupt for a stand-in, NotFound for a folder without weights.
[[nodiscard]] Error refusal_of(const std::string& path);

/// LoRA matrices without the model that they change. `path`: the file or folder.
[[nodiscard]] Error adapter_refusal(const std::string& path);

/// How many files of a snapshot's download (in Hugging Face's cache, or in a folder that its programs filled) are not
/// there yet. `path`: the snapshot, or a file in it.
[[nodiscard]] int unfinished_files(const std::string& path);
[[nodiscard]] Error unfinished_refusal(const std::string& path);

}  // namespace gf
