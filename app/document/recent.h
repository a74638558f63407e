// The models opened lately, kept between sessions.
#pragma once

#include <string>
#include <vector>

namespace gf::doc {

/// Newest first, at most ten. A missing or unreadable list is an empty one.
[[nodiscard]] std::vector<std::string> read_recent();
/// Puts `model` first and writes the list; failing to write loses the list and nothing else.
std::vector<std::string> add_recent(const std::string& model);

}  // namespace gf::doc
