// What a crash leaves, and that it holds nothing of the user.
#include <csignal>

#include "app/doctor/crash_report.h"
#include "model/base/error.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

/// Crashes in a child process; gives the signal that ended it.
int crash(const fs::path& folder, const std::function<void()>& how) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    doctor::report_crashes(folder.string());
    how();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(CrashReport, holds_signal_version_commands_and_calls) {
  const fs::path folder = scratch_file("crashes");
  EXPECT_FALSE(doctor::newest_crash(folder.string()));
  EXPECT_EQ(crash(folder,
                  [] {
                    for (int i = 0; i < 20; ++i) doctor::note_command(i % 2 == 0 ? "cut-head" : "generate");
                    doctor::note_command("quit");
                    std::raise(SIGSEGV);
                  }),
            SIGSEGV);
  const auto report = doctor::newest_crash(folder.string());
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->text.starts_with("glassformer " GLASSFORMER_VERSION "\nprogram ")) << report->text;
  EXPECT_NE(report->text.find("\nsignal 11 Segmentation fault\n"), std::string::npos) << report->text;
  EXPECT_NE(report->text.find("\ncommand generate\ncommand quit\nframe "), std::string::npos) << report->text;
  EXPECT_NE(report->text.find("\nframe app_cli_test+0x"), std::string::npos) << report->text;
  const auto has = [&](const char* name) { return report->text.find(name) != std::string::npos; };
  EXPECT_TRUE(has("  raise\n") || has("  gsignal\n")) << "a function of the C library by one of its names\n" << report->text;
  EXPECT_EQ(report->text.find('/'), std::string::npos) << "no folder\n" << report->text;
  EXPECT_EQ(fs::status(report->file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(fs::is_regular_file(doctor::put_aside(*report)));
  EXPECT_FALSE(doctor::newest_crash(folder.string()));
}

TEST(CrashReport, tells_a_broken_contract) {
  const fs::path folder = scratch_file("contracts");
  EXPECT_EQ(crash(folder, [] { EXPECTS(1 + 1 == 3, "arithmetic holds"); }), SIGABRT);
  const auto report = doctor::newest_crash(folder.string());
  ASSERT_TRUE(report);
  EXPECT_NE(report->text.find("contract broken: arithmetic holds (1 + 1 == 3)\n"), std::string::npos) << report->text;
}

TEST(CrashReport, without_a_place_to_write_the_signal_ends_the_program_all_the_same) {
  EXPECT_EQ(crash("/proc/nowhere/at/all", [] { std::raise(SIGFPE); }), SIGFPE);
  EXPECT_EQ(crash(std::string(5000, 'x'), [] { std::raise(SIGILL); }), SIGILL);
}

TEST(CrashReport, of_those_that_were_seen_the_last_ten_stay) {
  const fs::path folder = scratch_file("many");
  fs::create_directories(folder);
  for (int i = 10; i < 25; ++i) std::ofstream(folder / ("crash-" + std::to_string(i) + "-1.txt")) << "glassformer\n";
  for (int i = 0; i < 15; ++i) doctor::put_aside(*doctor::newest_crash(folder.string()));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 10);
  EXPECT_TRUE(fs::exists(folder / "seen-24-1.txt"));
}

}  // namespace
}  // namespace gf::testing
