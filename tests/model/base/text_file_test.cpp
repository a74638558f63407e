#include "model/base/files/text_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gf {
namespace {

class TextFile : public ::testing::Test {
 protected:
  TextFile() : folder(std::filesystem::temp_directory_path() / ("glassformer_text_file_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~TextFile() override { std::filesystem::remove_all(folder); }
  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
  std::string write(const char* name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  std::filesystem::path folder;
};

TEST_F(TextFile, is_read_byte_by_byte_and_through_a_link) {
  const std::string bytes("a\0b\r\n\xff", 6);
  const std::string file = write("a.json", bytes);
  std::filesystem::create_symlink(file, path("link"));
  EXPECT_EQ(*read_text_file(file, "recipe"), bytes);
  EXPECT_EQ(*read_text_file(path("link"), "recipe"), bytes);
  EXPECT_EQ(*read_text_file(write("empty", ""), "recipe"), "");
}

TEST_F(TextFile, may_have_as_many_bytes_as_the_bound_and_not_one_more) {
  const std::string file = write("a.json", std::string(100'000, 'x'));
  EXPECT_EQ(read_text_file(file, "recipe", 100'000)->size(), 100'000U);
  const auto refused = read_text_file(file, "session", 99'999);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(read_text_file(write("b", std::string((1 << 20) + 1, 'x')), "session", 1 << 20).error().message,
            "the session " + path("b") + " is larger than 1.0 MB, as no session is; check the path");
}

TEST_F(TextFile, that_says_it_is_empty_is_read_to_its_end) {
  EXPECT_FALSE(read_text_file("/proc/self/status", "recipe")->empty());
  EXPECT_EQ(read_text_file("/proc/self/status", "recipe", 10).error().code, ErrorCode::InvalidArgument);
}

TEST_F(TextFile, is_neither_a_device_nor_a_pipe_nor_a_folder) {
  EXPECT_EQ(read_text_file("/dev/zero", "recipe").error().message, "the recipe /dev/zero is a device; give a file");
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_text_file(path("pipe"), "lesson").error().message, "the lesson " + path("pipe") + " is a pipe; give a file");
  EXPECT_EQ(read_text_file(folder.string(), "recipe").error().message, "the recipe " + folder.string() + " is a folder; give a file");
  EXPECT_EQ(read_text_file(path("none"), "recipe").error().message, "the recipe " + path("none") + " cannot be read; check the path");
  EXPECT_EQ(read_text_file(path("none"), "recipe").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace gf
