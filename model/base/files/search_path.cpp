#include "model/base/files/search_path.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unistd.h>

namespace gf {

std::string program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto file = std::filesystem::path(folder) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0) return file.string();
  }
  return {};
}

}  // namespace gf
