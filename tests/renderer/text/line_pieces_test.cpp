// Where lines end, in words with blanks and in Chinese without them.
#include "renderer/line_pieces.h"

#include <gtest/gtest.h>

#include "renderer/labels.h"

namespace gf::render {
namespace {

using Pieces = std::vector<std::string_view>;
using Lines = std::vector<std::string>;

/// Each byte is as wide as any other.
float bytes_of(std::string_view line) { return static_cast<float>(line.size()); }

TEST(LinePieces, end_behind_blanks_and_joined_are_the_text) {
  EXPECT_EQ(line_pieces("a word,  3.0 more"), (Pieces{"a ", "word,  ", "3.0 ", "more"}));
  EXPECT_EQ(line_pieces("two\nlines"), (Pieces{"two\n", "lines"}));
  EXPECT_EQ(line_pieces(""), Pieces{});
  EXPECT_EQ(line_pieces(" x"), (Pieces{" ", "x"}));
}

TEST(LinePieces, chinese_parts_anywhere_but_at_its_signs) {
  EXPECT_EQ(line_pieces("按 3 个头。"), (Pieces{"按 ", "3 ", "个", "头。"}));
  EXPECT_EQ(line_pieces("（头）和“头”，logit：3"), (Pieces{"（头）", "和", "“头”，", "logit：", "3"}));
  EXPECT_EQ(line_pieces("hook_z的值"), (Pieces{"hook_z", "的", "值"}));
}

TEST(LinesWithin, are_no_wider_than_the_room_and_lose_only_blanks) {
  EXPECT_EQ(lines_within("one two three", 7, bytes_of), (Lines{"one two", "three"}));
  EXPECT_EQ(lines_within("a wide-word b", 4, bytes_of), (Lines{"a", "wide-word", "b"})) << "a word is not cut";
  EXPECT_EQ(lines_within("one\n\ntwo", 7, bytes_of), (Lines{"one", "", "two"}));
  EXPECT_EQ(lines_within("", 7, bytes_of), Lines{""});
  const std::string said = "第 3 块的头 1 从“to”回看“Mary”，以其注意力的 97 %。它把“Mary”的值加到残差流中，供后面的块读取。";
  const float room = 200;
  std::string all;
  const auto width = [](std::string_view line) { return text_width(line, 14); };
  const Lines lines = lines_within(said, room, width);
  EXPECT_GT(lines.size(), 3U);
  for (const std::string& line : lines) {
    EXPECT_LE(width(line), room) << line;
    EXPECT_FALSE(line.starts_with("，") || line.starts_with("。") || line.ends_with("“")) << line;
    all += line;
  }
  std::string without = said;
  std::erase(without, ' ');
  std::erase(all, ' ');
  EXPECT_EQ(all, without);
}

}  // namespace
}  // namespace gf::render
