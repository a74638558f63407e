// Programs that are found by name.
#pragma once

#include <string>

namespace gf {

/// The first file of this name in the folders of $PATH that may be run; empty: there is none.
[[nodiscard]] std::string program_in_path(const std::string& name);

}  // namespace gf
