// Compares each list with its files: every entry has a file, every file has an entry, and no other file names it. So an
// analysis, a dock and an edit operation need one file and one line each (CONTRIBUTING.md).
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <set>

#include "tests/house/sentences.h"

namespace gf::house {
namespace {

namespace fs = std::filesystem;

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex rule(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), rule), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

/// Every match in the .cpp files of a folder, with the files that have it.
std::map<std::string, std::set<std::string>> defined_in(const fs::path& folder, const std::string& pattern) {
  std::map<std::string, std::set<std::string>> out;
  for (const auto& entry : fs::directory_iterator(kRoot / folder))
    if (entry.path().extension() == ".cpp")
      for (const std::string& name : matches(without_comments(read_all(entry.path())), pattern))
        out[name].insert((folder / entry.path().filename()).generic_string());
  return out;
}

std::set<std::string> keys(const std::map<std::string, std::set<std::string>>& map) {
  std::set<std::string> out;
  for (const auto& [key, value] : map) out.insert(key);
  return out;
}

/// The sources that contain a word.
std::set<std::string> files_with(const std::string& word) {
  std::set<std::string> out;
  for (const auto& path : sources_of(kRoot)) {
    const std::string code = read_all(path);
    for (std::size_t at = 0; (at = code.find(word, at)) != std::string::npos; ++at) {
      const auto is_letter = [&](std::size_t i) {
        return i < code.size() && (std::isalnum(static_cast<unsigned char>(code[i])) != 0 || code[i] == '_');
      };
      if (!(at > 0 && is_letter(at - 1)) && !is_letter(at + word.size())) {
        out.insert(fs::relative(path, kRoot).generic_string());
        break;
      }
    }
  }
  return out;
}

TEST(Lists, an_analysis_is_one_file_and_one_line) {
  const auto listed = matches(read_all(kRoot / "model/analysis/questions.cpp"), R"(\bQ\((k\w+)\))");
  const auto defined = defined_in("model/analysis", R"(\bconst(?:expr)? Question (k\w+)\b)");
  EXPECT_EQ(listed, keys(defined));
  ASSERT_GT(listed.size(), 10U);
  for (const auto& [name, files] : defined) {
    ASSERT_EQ(files.size(), 1U) << name;
    EXPECT_EQ(files_with(name), (std::set<std::string>{*files.begin(), "model/analysis/questions.cpp"})) << name;
  }
}

TEST(Lists, a_dock_is_one_file_and_one_line) {
  const auto listed = matches(without_comments(read_all(kRoot / "app/document/docks.def")), R"(GF_DOCK\((\w+),)");
  const auto defined = defined_in("app/ui/docks", R"(\bDock ?\* ?make_(\w+)_dock\()");
  EXPECT_EQ(listed, keys(defined));
  ASSERT_GT(listed.size(), 4U);
  for (const auto& [id, files] : defined) {
    EXPECT_EQ(files, (std::set<std::string>{"app/ui/docks/" + id + "_dock.cpp"}));
    EXPECT_EQ(files_with("make_" + id + "_dock"), files) << id << " is made from the list alone";
  }
}

TEST(Lists, an_edit_operation_is_one_file_and_one_line) {
  const std::string rows = without_comments(read_all(kRoot / "model/edits/ops/ops.def"));
  const auto listed = matches(rows, R"(EDIT_OP\(\w+, (\w+)\))");
  const auto defined = defined_in("model/edits/ops", R"(\bconstexpr EditOperation (\w+)\{)");
  EXPECT_EQ(listed, keys(defined));
  ASSERT_GT(listed.size(), 5U);
  for (const auto& [name, files] : defined) EXPECT_EQ(files, (std::set<std::string>{"model/edits/ops/" + name + ".cpp"}));
}

}  // namespace
}  // namespace gf::house
