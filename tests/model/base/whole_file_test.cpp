// Files that stand under their name whole or not at all.
#include "model/base/files/whole_file.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

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
    EXPECT_EQ(names(), std::vector<std::string>{"a.part"});
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
