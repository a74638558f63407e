// What CONTRIBUTING.md and README.md name is there, and README names what is there.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <vector>

#include "tests/house/sentences.h"

namespace gf::house {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream all(text);
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  return lines;
}

/// Words in backticks that have no blanks, but for what is to be created.
std::vector<std::string> quoted_words(const std::string& line) {
  static const std::regex kWord(R"((create )?`([^` ]+)[^`]*`)");
  std::vector<std::string> words;
  for (std::sregex_iterator at(line.begin(), line.end(), kWord), end; at != end; ++at)
    if (!(*at)[1].matched) words.push_back((*at)[2]);
  return words;
}

bool is_there(const std::string& path) {
  const auto star = path.find('*');  // of a pattern, the folder before it
  return fs::exists(kRoot / path.substr(0, star));
}

/// What a line names and what is not there: paths, and names of files alone that no folder of the line has.
std::vector<std::string> missing_in(const std::string& line) {
  static const std::regex kPath(R"([\w.*/-]+/[\w.*-]*)"), kFile(R"([\w]+\.(h|cpp|def|cuh|md|txt|cmake))");
  std::vector<std::string> missing;
  std::set<fs::path> folders{kRoot};
  for (const std::string& word : quoted_words(line)) {
    if (!std::regex_match(word, kPath)) continue;
    if (!is_there(word)) missing.push_back(word);
    for (fs::path folder = fs::path(word).parent_path(); !folder.empty() && folder != "."; folder = folder.parent_path())
      folders.insert(kRoot / folder);
  }
  for (const std::string& word : quoted_words(line)) {
    if (!std::regex_match(word, kFile)) continue;
    if (std::ranges::none_of(folders, [&](const fs::path& folder) { return fs::exists(folder / word); })) missing.push_back(word);
  }
  return missing;
}

TEST(Pages, missing_files_are_found) {
  using List = std::vector<std::string>;
  EXPECT_EQ(missing_in("one file in `app/cli/`, a declaration in `subcommands.h`, `README.md`; `./dev words zh`, `-o F.svg`"), List{});
  EXPECT_EQ(missing_in("`app/cli/nothing.h`, `nothing/`, `tests/*/*.cmake`"), (List{"app/cli/nothing.h", "nothing/"}));
  EXPECT_EQ(missing_in("one file in `app/cli/`, one line in `actions.cpp`"), List{"actions.cpp"}) << "that file stands elsewhere";
  EXPECT_EQ(missing_in("create `assets/translations/xx.json`"), List{});
}

TEST(Pages, contributing_names_files_that_are_there) {
  const auto lines = lines_in(read_all(kRoot / "CONTRIBUTING.md"));
  std::size_t named = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    named += quoted_words(lines[i]).size();
    EXPECT_EQ(missing_in(lines[i]), std::vector<std::string>{}) << "CONTRIBUTING.md, line " << i + 1;
  }
  EXPECT_GT(named, 100U);
}

/// A recipe says "zero" for `zero` and `zero_feature` alike.
std::string name_in_recipes(std::string operation) {
  const std::string kOnFeature = "_feature";
  if (operation.ends_with(kOnFeature)) operation.resize(operation.size() - kOnFeature.size());
  return operation;
}

/// The words in backticks of the first column of README's table whose head begins with | `op` |.
std::set<std::string> operations_in_readme() {
  const std::string readme = read_all(kRoot / "README.md");
  const auto table = readme.find("| `op` |");
  if (table == std::string::npos) return {};
  std::set<std::string> names;
  const auto rows = lines_in(readme.substr(table, readme.find("\n\n", table) - table));
  for (std::size_t i = 2; i < rows.size(); ++i)
    for (const std::string& name : quoted_words(rows[i].substr(0, rows[i].find('|', 1)))) names.insert(name);
  return names;
}

TEST(Pages, readme_has_a_row_for_each_edit_operation) {
  static const std::regex kRow(R"(EDIT_OP\(\w+, (\w+)\))");
  const std::string list = without_comments(read_all(kRoot / "model/edits/ops/ops.def"));
  std::set<std::string> operations;
  for (std::sregex_iterator at(list.begin(), list.end(), kRow), end; at != end; ++at) operations.insert(name_in_recipes((*at)[1]));
  ASSERT_GT(operations.size(), 5U);
  EXPECT_EQ(operations_in_readme(), operations);
}

}  // namespace
}  // namespace gf::house
