#include "model/base/text.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "model/base/listed.h"

namespace gf {
namespace {

class Text : public ::testing::Test {
 protected:
  void TearDown() override { set_translations({}); }
};

TEST_F(Text, fills_its_places) {
  EXPECT_EQ(text("There is no {0}", "hook"), "There is no hook");
  EXPECT_EQ(text("{1} before {0}", "b", std::string("a")), "a before b");
  EXPECT_EQ(text("{0} of {1}", 3, 12ULL), "3 of 12");
  EXPECT_EQ(text("plain"), "plain");
}

TEST_F(Text, leaves_what_is_no_place) {
  EXPECT_EQ(text("{0} {1} {x} {} {", "a"), "a {1} {x} {} {");
  EXPECT_EQ(text("what {0} says stays {0}", "{0}"), "what {0} says stays {0}") << "a part's own braces are text";
}

TEST_F(Text, answers_in_the_language_that_was_set) {
  set_translations({{"There is no {0}", "没有{0}"}});
  EXPECT_EQ(text("There is no {0}", "hook"), "没有hook");
  EXPECT_EQ(text("There is one"), "There is one") << "English where a translation lacks it";
  set_translations({});
  EXPECT_EQ(text("There is no {0}", "hook"), "There is no hook");
}

TEST_F(Text, lists_with_the_language_s_commas) {
  const std::vector<std::string> names{"a", "b", "c"};
  EXPECT_EQ(listed(names), "a, b, c");
  EXPECT_EQ(listed(names, {}, text(" and ")), "a, b and c");
  set_translations({{", ", "、"}, {" and ", " 和 "}});
  EXPECT_EQ(listed(names), "a、b、c");
  EXPECT_EQ(listed(names, {}, text(" and ")), "a、b 和 c");
}

TEST_F(Text, counts_one_and_many) {
  EXPECT_EQ(counted(1, "{0} token", "{0} tokens"), "1 token");
  EXPECT_EQ(counted(0, "{0} token", "{0} tokens"), "0 tokens");
  EXPECT_EQ(counted(7, "{0} token of {1}", "{0} tokens of {1}", "a"), "7 tokens of a");
}

}  // namespace
}  // namespace gf
