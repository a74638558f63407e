// For a file that no loader opens: says what it is and what to do.
#pragma once

#include <string>

#include "model/base/error.h"

namespace gf {

/// Whether the file is there in place of the real one: a pointer of Git LFS, or a web page that a server sent.
[[nodiscard]] bool is_stand_in(const std::string& path);

/// The error for a path that exists but is not a checkpoint of formats(). Looks at the content first, then at the name.
/// Unsupported: another format; Corrupt: a stand-in; NotFound: a folder without weights.
[[nodiscard]] Error refusal_of(const std::string& path);

/// The error for LoRA matrices without the model that they change. `path`: the file or folder.
[[nodiscard]] Error adapter_refusal(const std::string& path);

/// How many files of a download are not there yet, in a snapshot of Hugging Face's cache or in a folder that its programs
/// filled. `path`: the snapshot or folder, or a file in it.
[[nodiscard]] int unfinished_files(const std::string& path);
/// Whether a link to a config's or tokenizer's file leads to a file that is not there yet.
[[nodiscard]] bool lacks_small_files(const std::string& path);
[[nodiscard]] Error unfinished_refusal(const std::string& path);

}  // namespace gf
