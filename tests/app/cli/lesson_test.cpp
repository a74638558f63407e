// `glassformer lesson`: the list, a lesson's text, and the check with its exit codes.
#include <filesystem>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

std::string copied_lesson(const std::string& name) {
  const fs::path to = scratch_file("lesson");
  fs::remove_all(to);
  fs::copy(fs::path(GLASSFORMER_SOURCE_DIR) / "assets" / "lessons" / name, to);
  return to.string();
}

TEST(CliLesson, lists_what_there_is) {
  const Outcome o = program({"lesson", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json reply = Json::parse(o.out);
  ASSERT_GE(reply["lessons"].size(), 3U);
  EXPECT_EQ(reply["lessons"][0]["name"], "first-look");
  EXPECT_EQ(reply["lessons"][0]["minutes"], 3);
  EXPECT_NE(program({"lesson"}).out.find("first-look"), std::string::npos);
}

TEST(CliLesson, shows_a_lessons_text) {
  const Outcome o = program({"lesson", "first-look"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("tokens"), std::string::npos) << o.out;
  EXPECT_EQ(o.out.find("**"), std::string::npos) << "plain text has no signs";
}

TEST(CliLesson, a_check_that_holds_exits_with_0) {
  const Outcome o = program({"lesson", "first-look", "--check"});
  EXPECT_EQ(o.code, 0) << o.out;
  EXPECT_EQ(o.out, "first-look: every claim holds\n");
}

TEST(CliLesson, a_check_that_fails_exits_with_1_and_a_line_for_each_fault) {
  const std::string folder = copied_lesson("first-look");
  std::string text = content(folder + "/lesson.json");
  const std::string claim = "n_layer == 6";
  text.replace(text.find(claim), claim.size(), "n_layer == 7");
  std::ofstream(folder + "/lesson.json") << text;
  Json en = Json::parse(content(folder + "/en.json"));
  en["steps"].erase("pass");
  std::ofstream(folder + "/en.json") << en;
  const Outcome o = program({"lesson", folder, "--check"});
  EXPECT_EQ(o.code, 1);
  EXPECT_EQ(std::count(o.out.begin(), o.out.end(), '\n'), 2) << o.out;
  EXPECT_NE(o.out.find(folder + ": step 'whole': the model does not bear out n_layer == 7 (6 == 7)\n"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("step 'pass', en: its text is missing\n"), std::string::npos) << o.out;
  const Json reply = Json::parse(program({"lesson", folder, "--check", "--json"}).out);
  EXPECT_EQ(reply["faults"], 2);
  EXPECT_EQ(reply["lessons"][0]["faults"][0]["step"], "pass");
}

TEST(CliLesson, an_unknown_name_lists_the_lessons) {
  const Outcome o = program({"lesson", "second-look", "--check"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("There is no lesson 'second-look'; the lessons are first-look,"), std::string::npos) << o.err;
}

}  // namespace
}  // namespace gf::testing
