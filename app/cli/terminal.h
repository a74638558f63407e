// Texts out of files (tokens, names, lessons, recipes) must not steer the terminal.
#pragma once

#include <cstdio>
#include <string>

namespace gf::cli {

/// While it lives, what is written to standard output goes through printable() where that is a terminal. Files and pipes get
/// every byte as it is. Standard error gets sentences, which say() makes printable.
class TerminalGuard {
 public:
  TerminalGuard();
  ~TerminalGuard();
  TerminalGuard(const TerminalGuard&) = delete;
  TerminalGuard& operator=(const TerminalGuard&) = delete;

 private:
  std::FILE *own_ = nullptr, *before_ = nullptr;
  std::string held_;  ///< the first byte of a control character of two, whose second has not come yet
};

}  // namespace gf::cli
