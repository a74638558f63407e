#include "model/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace gf {

void contract_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: contract broken: %s (%s)\n", file, line, why, condition);
  std::abort();
}

}  // namespace gf
