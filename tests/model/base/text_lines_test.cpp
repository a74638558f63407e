#include "model/base/files/text_lines.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace gf {
namespace {

class TextLinesTest : public ::testing::Test {
 protected:
  TextLinesTest() : folder(std::filesystem::temp_directory_path() / ("glassformer_text_lines_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~TextLinesTest() override { std::filesystem::remove_all(folder); }
  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
  [[nodiscard]] std::vector<std::string> lines_of(const std::string& bytes, std::size_t most = kMostTextBytes) const {
    std::ofstream(path("a"), std::ios::binary) << bytes;
    auto lines = TextLines::open(path("a"), "list", most);
    std::vector<std::string> all;
    std::string line;
    for (;;) {
      const auto more = lines->next(line);
      if (!more) all.push_back("ERROR " + more.error().message);
      if (!more || !*more) return all;
      all.push_back(line);
    }
  }
  std::filesystem::path folder;
};

TEST_F(TextLinesTest, are_what_stands_between_line_ends) {
  using V = std::vector<std::string>;
  EXPECT_EQ(lines_of(""), V{});
  EXPECT_EQ(lines_of("a\n\nb\r\nc"), (V{"a", "", "b", "c"}));
  EXPECT_EQ(lines_of("\n"), V{""});
  const std::string large(200'000, 'x');
  EXPECT_EQ(lines_of(large + "\n" + large + "\ny"), (V{large, large, "y"}));
}

TEST_F(TextLinesTest, are_bounded_and_only_of_files) {
  const auto all = lines_of("short\n" + std::string(5 << 20, 'x'), 1 << 20);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1], "ERROR " + path("a") + ", line 2: it is longer than 1.0 MB, as no line of a list is; check the path");
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& name : {path("pipe"), std::string("/dev/zero"), folder.string()})
    EXPECT_EQ(TextLines::open(name, "list").error().message, "the list " + name + " is not a file; give a file, or - for standard input");
  EXPECT_EQ(TextLines::open(path("none"), "list").error().message, "the list " + path("none") + " cannot be read; check the path");
}

}  // namespace
}  // namespace gf
