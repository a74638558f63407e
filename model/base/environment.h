// Variables of the environment.
#pragma once

#include <cstdlib>
#include <string>

namespace gf {

/// The value of an environment variable; empty if it is not set.
[[nodiscard]] inline std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace gf
