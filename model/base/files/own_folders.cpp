#include "model/base/files/own_folders.h"

#include <system_error>

namespace gf {

std::vector<std::filesystem::path> own_folders() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  return {program / "assets", program.parent_path() / "share" / "glassformer"};
}

}  // namespace gf
