#include "app/lessons/markdown.h"

#include <gtest/gtest.h>

namespace gf::lessons {
namespace {

TEST(Markdown, becomes_html) {
  EXPECT_EQ(to_html("One **two**\n*three* `a<b`\n\nNext"), "<p>One <b>two</b> <i>three</i> <code>a&lt;b</code></p><p>Next</p>");
  EXPECT_EQ(to_html("Head\n\n- a\n- b\n\nTail"), "<p>Head</p><ul><li>a</li><li>b</li></ul><p>Tail</p>");
  EXPECT_EQ(to_html("` Mary`"), "<p><code>\u00B7Mary</code></p>");
  EXPECT_EQ(to_html("2 \\* 3 \\$"), "<p>2 * 3 $</p>");
  EXPECT_EQ(to_html("<script>"), "<p>&lt;script&gt;</p>");
}

TEST(Markdown, becomes_plain_text) { EXPECT_EQ(to_plain("One **two** `x`\n\n- a\n- $q_i$"), "One two x\n\n\u2022 a\n\u2022 q\u1D62"); }

TEST(Markdown, tells_what_would_not_show_as_meant) {
  EXPECT_TRUE(markdown_faults("**a** `b` $c_i$ *d*").empty());
  ASSERT_EQ(markdown_faults("**a").size(), 1U);
  EXPECT_EQ(markdown_faults("**a")[0], "a '**' is not closed in: **a");
  EXPECT_EQ(markdown_faults("costs 5 $").size(), 1U);
  ASSERT_EQ(markdown_faults("$\\foo x$").size(), 1U);
  EXPECT_EQ(markdown_faults("$\\foo x$")[0], "the formula $\\foo x$ uses \\foo, which is not known");
}

TEST(Markdown, survives_nonsense) {
  EXPECT_NO_FATAL_FAILURE(static_cast<void>(to_html(std::string(5000, '*') + std::string(5000, '`'))));
  EXPECT_EQ(to_html(""), "");
}

}  // namespace
}  // namespace gf::lessons
