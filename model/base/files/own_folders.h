// Where the program's own files are: fonts, lessons, models, words.
#pragma once

#include <filesystem>
#include <vector>

namespace gf {

/// The folders to look in, the best first: `assets` beside the executable (in a build folder it is a link to the source
/// tree's), then `share/glassformer` of the prefix that the executable is installed in. Both go with the executable, so what
/// is installed may be moved. Empty where the system does not say where the executable is.
[[nodiscard]] std::vector<std::filesystem::path> own_folders();

}  // namespace gf
