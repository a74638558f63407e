#include "model/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "model/base/broken_contract.h"

namespace gf {

namespace {

char contract_words[1024];

/// The build gives paths within the sources (-ffile-prefix-map). Of a file outside them the name is enough.
std::string_view path_in_sources(std::string_view file) { return file.starts_with('/') ? file.substr(file.find_last_of('/') + 1) : file; }

}  // namespace

void contract_failed(const char* condition, const char* why, const char* file, int line) {
  const std::string_view path = path_in_sources(file);
  std::snprintf(contract_words, sizeof contract_words, "%.*s:%d: contract broken: %s (%s)", static_cast<int>(path.size()), path.data(),
                line, why, condition);
  std::fprintf(stderr, "%s\n", contract_words);
  std::abort();
}

const char* broken_contract() { return contract_words; }

}  // namespace gf
