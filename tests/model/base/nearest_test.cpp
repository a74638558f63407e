#include "model/base/nearest.h"

#include <gtest/gtest.h>
#include <vector>

namespace gf {
namespace {

TEST(Nearest, letters_are_added_left_out_exchanged_or_swapped) {
  EXPECT_EQ(letters_between("", "abc"), 3U);
  EXPECT_EQ(letters_between("abc", ""), 3U);
  EXPECT_EQ(letters_between("cut-head", "CUT-HEAD"), 0U);
  EXPECT_EQ(letters_between("cuthead", "cut-head"), 1U);
  EXPECT_EQ(letters_between("cut-haed", "cut-head"), 1U);
  EXPECT_EQ(letters_between("kitten", "sitting"), 3U);
}

TEST(Nearest, counts_letters_and_swaps) {
  const std::vector<std::string> all = {"run", "render", "analyze", "induction-nano"};
  EXPECT_EQ(nearest("rnu", all), "run");
  EXPECT_EQ(nearest("Rendr", all), "render");
  EXPECT_EQ(nearest("induction_nano", all), "induction-nano");
  EXPECT_EQ(nearest("tokenise", all), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'r'), all), std::nullopt);
}

}  // namespace
}  // namespace gf
