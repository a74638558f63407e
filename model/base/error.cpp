#include "model/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace gf {

namespace {

/// The build gives paths within the sources (-ffile-prefix-map). Of a file outside them the name is enough.
std::string_view path_in_sources(std::string_view file) {
  return file.starts_with('/') ? file.substr(file.find_last_of('/') + 1) : file;
}

}  // namespace

void contract_failed(const char* condition, const char* why, const char* file, int line) {
  const std::string_view path = path_in_sources(file);
  std::fprintf(stderr, "%.*s:%d: contract broken: %s (%s)\n", static_cast<int>(path.size()), path.data(), line, why, condition);
  std::abort();
}

}  // namespace gf
