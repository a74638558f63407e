// Files that stand under their name whole or not at all.
#include "model/base/files/whole_file.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <mutex>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gf {
namespace {
/// What the writer has asked the system for, in order.
std::vector<std::string> calls;
std::mutex calls_mutex;  // the files of other tests have threads
void note_call(const char* name) {
  const std::lock_guard lock(calls_mutex);
  calls.emplace_back(name);
}
}  // namespace
}  // namespace gf

// These take the place of the C library's for this program.
extern "C" int fsync(int descriptor) {
  struct stat status = {};
  if (fstat(descriptor, &status) == 0) gf::note_call(S_ISDIR(status.st_mode) ? "sync folder" : "sync file");
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}
extern "C" int rename(const char* from, const char* to) noexcept {
  gf::note_call("rename");
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

namespace gf {
namespace {

namespace fs = std::filesystem;

class WholeFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("glassformer_whole_file_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename().string());
    std::ranges::sort(all);
    return all;
  }
  fs::path folder_;
};

TEST_F(WholeFileTest, takes_its_name_at_the_end) {
  {
    auto file = WholeFile::create(path("a"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
    ASSERT_EQ(names().size(), 1U);
    EXPECT_TRUE(names()[0].starts_with("a.") && names()[0].ends_with(".part")) << names()[0];
    ASSERT_TRUE(file->write(" and half"));
    ASSERT_TRUE(file->keep());
  }
  EXPECT_EQ(content(path("a")), "half and half");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(WholeFileTest, what_is_not_kept_leaves_the_old_file) {
  ASSERT_TRUE(write_whole_file(path("a"), "old"));
  {
    auto file = WholeFile::create(path("a"));
    ASSERT_TRUE(file && file->write("new"));
  }
  EXPECT_EQ(content(path("a")), "old");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(WholeFileTest, keeps_permissions_and_follows_links) {
  ASSERT_TRUE(write_whole_file(path("a"), "old"));
  fs::permissions(path("a"), fs::perms(0640));
  fs::create_symlink("a", path("link"));
  ASSERT_TRUE(write_whole_file(path("link"), "new"));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content(path("a")), "new");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms(0640));
}

TEST_F(WholeFileTest, neither_follows_nor_touches_what_has_the_name_of_a_part) {
  std::ofstream(path("a.part")) << "the user's";
  fs::create_symlink("a.part", path("b.part"));
  ASSERT_TRUE(write_whole_file(path("a"), "new"));
  ASSERT_TRUE(write_whole_file(path("b"), "new"));
  EXPECT_EQ(content(path("a.part")), "the user's");
  EXPECT_TRUE(fs::is_symlink(path("b.part")));
  EXPECT_EQ(names(), (std::vector<std::string>{"a", "a.part", "b", "b.part"}));
}

TEST_F(WholeFileTest, of_two_writers_the_last_one_stands_whole) {
  auto one = WholeFile::create(path("a")), other = WholeFile::create(path("a"));
  ASSERT_TRUE(one && other);
  EXPECT_EQ(names().size(), 2U);
  ASSERT_TRUE(one->write("of the one"));
  ASSERT_TRUE(other->write("the other's"));
  ASSERT_TRUE(one->keep());
  EXPECT_EQ(content(path("a")), "of the one");
  ASSERT_TRUE(other->keep());
  EXPECT_EQ(content(path("a")), "the other's");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(WholeFileTest, a_new_file_of_the_user_is_for_its_owner_alone) {
  const mode_t before = umask(022);
  ASSERT_TRUE(write_whole_file(path("text"), "mine", {.owner_only = true}));
  ASSERT_TRUE(write_whole_file(path("picture"), "anyone's"));
  fs::permissions(path("text"), fs::perms(0644));  // the user's decision
  EXPECT_EQ(fs::status(path("picture")).permissions(), fs::perms(0644));
  ASSERT_TRUE(write_whole_file(path("text"), "mine", {.owner_only = true}));
  EXPECT_EQ(fs::status(path("text")).permissions(), fs::perms(0644));
  ASSERT_TRUE(write_whole_file(path("other text"), "mine", {.owner_only = true}));
  EXPECT_EQ(fs::status(path("other text")).permissions(), fs::perms(0600));
  umask(before);
}

TEST_F(WholeFileTest, is_on_the_disk_before_it_replaces_the_old_file) {
  ASSERT_TRUE(write_whole_file(path("a"), "old"));
  calls.clear();
  ASSERT_TRUE(write_whole_file(path("a"), "new"));
  EXPECT_EQ(calls, (std::vector<std::string>{"sync file", "rename", "sync folder"}));
  calls.clear();
  ASSERT_TRUE(write_whole_file(path("a"), "one of many", {.to_disk = false}));
  EXPECT_EQ(calls, std::vector<std::string>{"rename"});
}

TEST_F(WholeFileTest, long_names_have_parts_too) {
  const std::string longest(255, 'n');
  ASSERT_TRUE(write_whole_file(path(longest.c_str()), "x"));
  EXPECT_EQ(names(), std::vector<std::string>{longest});
}

// A rename would leave an ordinary file where a device was: for root /dev/null itself.
TEST_F(WholeFileTest, writes_into_pipes_and_devices) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = content(path("pipe")); });
  const auto written = write_whole_file(path("pipe"), "through");
  reader.join();
  EXPECT_TRUE(written);
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  EXPECT_EQ(names(), std::vector<std::string>{"pipe"});
}

TEST_F(WholeFileTest, says_what_the_system_says_and_what_to_do) {
  const auto said = [](const std::string& to) {
    const auto r = write_whole_file(to, "x");
    return r ? "" : r.error().message;
  };
  EXPECT_EQ(said(path("no/a")), "Cannot write " + path("no/a") + ": No such file or directory; name a folder that is there.");
  EXPECT_EQ(said(folder_.string()), "Cannot write " + folder_.string() + ": Is a directory; name a file, not a folder.");
  EXPECT_EQ(said(""), "Cannot write a file without a name; give it one.");
  EXPECT_EQ(names(), std::vector<std::string>{});
}

TEST_F(WholeFileTest, without_room_leaves_nothing) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  // A few bytes fail when they are flushed at the end, many at once.
  const auto few = write_whole_file(path("a"), std::string(1001, 'x'));
  const auto many = write_whole_file(path("b"), std::string(100'000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(few);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().message, "Cannot write " + path("b") + ": File too large; make room, or name another place.");
  EXPECT_EQ(names(), std::vector<std::string>{});
}

}  // namespace
}  // namespace gf
