// A crash leaves a report on the disk, which the next start offers to show. Nothing is ever sent.
#pragma once

#include <optional>
#include <string>

namespace gf::doctor {

/// From here on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT write a report into `folder`, which is made then, before they end the
/// program as they do anyway. The report holds the signal, the version, a broken contract, the last commands' ids and where each
/// function of the crashing thread was called; no text of the user and no folder. Call it once, before threads begin.
void report_crashes(const std::string& folder);
/// A command is about to run. Lifetime: `id` lives as long as the program. Any thread.
void note_command(const char* id);

struct CrashReport {
  std::string file;
  std::string text;  ///< with the names of the functions, where the program is still the one that crashed
};
/// The newest report that was not put aside; none: there is none.
[[nodiscard]] std::optional<CrashReport> newest_crash(const std::string& folder);
/// Marks the report as seen, so that newest_crash() skips it. The last ten are kept. Returns the file's new name.
std::string put_aside(const CrashReport& report);

}  // namespace gf::doctor
