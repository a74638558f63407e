#include "model/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace gf {

namespace {

/// The path within the sources: where they lay when the program was built is nobody's business.
std::string_view path_in_sources(std::string_view file) {
  constexpr std::string_view here = __FILE__, mine = "model/base/error.cpp";
  static_assert(here.ends_with(mine));
  constexpr std::string_view root = here.substr(0, here.size() - mine.size());
  if (!file.starts_with('/')) return file;
  return !root.empty() && file.starts_with(root) ? file.substr(root.size()) : file.substr(file.find_last_of('/') + 1);
}

}  // namespace

void contract_failed(const char* condition, const char* why, const char* file, int line) {
  const std::string_view path = path_in_sources(file);
  std::fprintf(stderr, "%.*s:%d: contract broken: %s (%s)\n", static_cast<int>(path.size()), path.data(), line, why, condition);
  std::abort();
}

}  // namespace gf
