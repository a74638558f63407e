// Nothing is written over a file that is read, under any of its names.
#include "model/base/files/input_files.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

#include "model/base/files/whole_file.h"
#include "model/io/files/mapped_file.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

class InputFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("glassformer_input_files_" + std::to_string(getpid()));
    fs::create_directories(folder_ / "below");
    std::ofstream(path("model")) << "weights";
    fs::create_symlink("model", path("link"));
    fs::create_symlink("link", path("link to a link"));
    fs::create_hard_link(path("model"), path("hard link"));
    std::ofstream(path("other")) << "text";
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] static std::string said(const std::string& to) {
    const auto r = write_whole_file(to, "x");
    return r ? "" : r.error().message;
  }
  fs::path folder_;
};

TEST_F(InputFilesTest, nothing_is_written_over_a_mapped_file_under_any_of_its_names) {
  auto file = MappedFile::open(path("model"));
  ASSERT_TRUE(file);
  for (const char* name : {"model", "link", "link to a link", "hard link", "below/../model"}) {
    EXPECT_TRUE(said(path(name)).ends_with(": the program reads from that file, and would destroy it; name another file."))
        << name << ": " << said(path(name));
    EXPECT_EQ(content(path("model")), "weights") << name;
  }
  EXPECT_EQ(said(path("other")), "");
  file = MappedFile::open(path("other"));
  EXPECT_EQ(said(path("model")), "") << "it is closed now";
}

TEST_F(InputFilesTest, nor_is_a_file_beside_the_name_that_is_written) {
  fs::rename(path("model"), path("trace.part"));
  const auto file = MappedFile::open(path("trace.part"));
  ASSERT_TRUE(file);
  EXPECT_EQ(said(path("trace")), "");
  EXPECT_EQ(content(path("trace.part")), "weights");
  EXPECT_EQ(content(path("trace")), "x");
}

TEST_F(InputFilesTest, what_was_read_whole_is_kept_by_whoever_asked_for_it) {
  auto kept = std::make_unique<InputFiles>();
  {
    const InputFiles::Scope scope(*kept);
    ASSERT_TRUE(read_file(path("model"), 100));
  }
  ASSERT_TRUE(read_file(path("other"), 100));
  EXPECT_NE(said(path("link")), "");
  EXPECT_EQ(said(path("other")), "") << "a session that was opened may be saved";
  kept.reset();
  EXPECT_EQ(said(path("link")), "");
}

TEST_F(InputFilesTest, pipes_devices_and_what_is_not_there_may_be_written) {
  EXPECT_TRUE(check_output("/dev/null"));
  EXPECT_TRUE(check_output(path("none")));
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(check_output(path("pipe")));
}

}  // namespace
}  // namespace gf
