// The legend's words and bars stand beside each other, whatever they say and however narrow the picture is.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "app/export/legend_marks.h"
#include "renderer/line_pieces.h"

namespace gf::exporting {
namespace {

constexpr float kLine = 16;

/// Letters of half their height.
glm::vec2 measured(const std::string& text, float size, float wrap) {
  const float wide = 0.5F * size * static_cast<float>(text.size());
  if (wrap <= 0 || wide <= wrap) return {wide, size};
  return {wrap, size * std::ceil(wide / wrap)};
}

const std::vector<scene::LegendRow>& long_rows() {
  using render::ColorMap;
  static const std::vector<scene::LegendRow> rows = {
      {"logits", "-12.3", "+12.3", "logit, from the row's mean, largest 21.4", ColorMap::Signed},
      {"attention", "0", "1", "", ColorMap::Sequential},
      {"activations and weights, scale 0.0123 to 14.7", "-scale", "+scale", "largest 107 in stream after the block, block 5",
       ColorMap::Signed},
      {"frame: entropy of the logit lens", "-1.23456e-05", "+1.23456e-05", "bars: norms of attention, MLP", ColorMap::Positive}};
  return rows;
}

struct Box {
  std::string what;
  glm::vec2 low, high;
};

/// All words, and the bars of colours.
std::vector<Box> boxes_of(const std::vector<Mark>& marks) {
  std::vector<Box> boxes;
  bool in_bar = false;
  for (const Mark& m : marks) {
    if (!m.text.empty()) {
      boxes.push_back({m.text, m.low, m.low + measured(m.text, m.size, m.wrap)});
    } else if (m.radius == 0) {  // a step of a bar reaches to the bar's end, so the first step is the whole bar
      if (!in_bar) boxes.push_back({"bar", m.low, m.high});
      in_bar = true;
      continue;
    }
    in_bar = false;
  }
  return boxes;
}

TEST(Legend, breaks_a_storys_sentence_at_blanks_alone_and_no_number_behind_its_point) {
  Caption caption;
  caption.text = "Added to the row of it, this directly raises one over the other by 3.0 points (logits).";
  caption.spoken = true;
  for (float wide = 260; wide < 1300; wide += 7) {
    const auto marks = legend_marks({}, caption, render::Theme::Dark, {wide, 500}, kLine, measured, {});
    const auto said = std::ranges::find_if(marks, [](const Mark& m) { return !m.text.empty(); });
    ASSERT_NE(said, marks.end());
    const auto width = [&](std::string_view line) { return measured(std::string(line), said->size, 0).x; };
    std::string joined;
    for (const std::string& line : render::lines_within(said->text, said->wrap, width)) {
      EXPECT_LE(width(line), said->wrap) << line;
      joined += (joined.empty() ? "" : " ") + line;
    }
    EXPECT_EQ(joined, caption.text);
  }
}

TEST(Legend, says_which_run_is_on_which_side_of_a_split) {
  for (const float share : {0.3F, 0.62F}) {
    const glm::vec2 screen(800, 450);
    scene::LegendRoom room;
    room.split = share;
    const auto marks = legend_marks({}, {}, render::Theme::Dark, screen, kLine, measured, room);
    const Mark *line = nullptr, *base = nullptr, *edited = nullptr;
    for (const Mark& m : marks) {
      if (m.text.empty() && m.high.y - m.low.y == screen.y) line = &m;
      if (m.text == "base") base = &m;
      if (m.text == "edited") edited = &m;
    }
    ASSERT_TRUE(line && base && edited);
    EXPECT_NEAR((line->low.x + line->high.x) / 2, share * screen.x, 0.5F);
    EXPECT_LT(base->low.x + measured("base", base->size, 0).x, line->low.x);
    EXPECT_GT(edited->low.x, line->high.x);
  }
  EXPECT_TRUE(legend_marks({}, {}, render::Theme::Dark, {800, 450}, kLine, measured).empty());
}

TEST(Legend, nothing_overlaps_and_nothing_leaves_the_picture) {
  for (const glm::vec2 screen : {glm::vec2(1920, 1080), glm::vec2(1280, 720), glm::vec2(640, 430), glm::vec2(320, 430)})
    for (const float scale : {1.0F, 1.5F})
      for (std::size_t first = 0; first < long_rows().size(); ++first) {
        SCOPED_TRACE(std::to_string(screen.x) + ", " + std::to_string(scale) + ", from row " + std::to_string(first));
        const std::vector<scene::LegendRow> rows(long_rows().begin() + static_cast<std::ptrdiff_t>(first), long_rows().end());
        const auto boxes = boxes_of(legend_marks(rows, {}, render::Theme::Dark, screen, scale * kLine, measured));
        EXPECT_GE(boxes.size(), 4 * rows.size() - 1);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
          EXPECT_TRUE(boxes[i].low.x >= 0 && boxes[i].high.x <= screen.x && boxes[i].high.y <= screen.y) << boxes[i].what;
          EXPECT_LT(boxes[i].low.x, boxes[i].high.x) << boxes[i].what;
          for (std::size_t k = i + 1; k < boxes.size(); ++k) {
            const glm::vec2 common = glm::min(boxes[i].high, boxes[k].high) - glm::max(boxes[i].low, boxes[k].low);
            EXPECT_FALSE(common.x > 0.01F && common.y > 0.01F) << boxes[i].what << " covers " << boxes[k].what;
          }
        }
      }
}

TEST(Legend, is_no_higher_than_the_room_that_cameras_keep_for_it) {
  for (const glm::vec2 screen : {glm::vec2(1920, 1080), glm::vec2(1280, 720), glm::vec2(740, 700), glm::vec2(420, 430)})
    for (const float scale : {1.0F, 1.5F}) {
      SCOPED_TRACE(std::to_string(screen.x) + ", " + std::to_string(scale));
      scene::Pane pane{screen, scale};
      pane.legend_rows = scene::legend_rows_for(pane);
      const scene::LegendRoom room{scene::legend_share(pane) * screen.y, {}};
      const auto boxes = boxes_of(legend_marks(long_rows(), {}, render::Theme::Dark, screen, scale * 17, measured, room));
      ASSERT_FALSE(boxes.empty());
      const auto words = std::ranges::count_if(boxes, [](const Box& box) { return box.what != "bar"; });
      EXPECT_GE(words, 3) << "one row at least";
      if (pane.legend_rows == 0) continue;  // nothing is kept: one row, as low as possible
      for (const Box& box : boxes) EXPECT_GT(box.low.y, screen.y - room.foot_px) << box.what;
    }
}

TEST(Legend, steps_aside_for_what_is_spoken_of) {
  const glm::vec2 screen{1280, 720}, extent{400, 60};
  const auto corner = [&](const std::vector<scene::ScreenBox>& spoken, bool left = true) {
    const scene::ScreenBox box = scene::legend_corner(extent, screen, spoken, left);
    EXPECT_EQ(box.high - box.low, extent);
    return std::string(box.high.y > screen.y / 2 ? "lower " : "upper ") + (box.high.x > screen.x / 2 ? "right" : "left");
  };
  const scene::ScreenBox lower_right{{1000, 650}, {1100, 700}}, lower_left{{100, 650}, {300, 700}}, path{{10, 8}, {500, 30}};
  EXPECT_EQ(corner({}), "lower right");
  EXPECT_EQ(corner({lower_left, path}), "lower right");
  EXPECT_EQ(corner({lower_right}), "lower left");
  EXPECT_EQ(corner({lower_right}, false), "upper right") << "a caption stands at the left";
  EXPECT_EQ(corner({lower_right, lower_left, path}), "upper right");
  EXPECT_EQ(corner({{{0, 0}, screen}}), "lower right") << "all corners cover as much";
}

TEST(Legend, beside_which_a_caption_stands_leaves_its_corner_when_it_moves) {
  const scene::LegendRoom room{100, {{{900, 600}, {1280, 720}}}};
  const Caption caption{.text = "what this shows", .moment = {}, .widest = {}};
  const auto boxes = boxes_of(legend_marks(long_rows(), caption, render::Theme::Dark, {1280, 720}, kLine, measured, room));
  for (const Box& box : boxes) {
    if (box.what == caption.text) EXPECT_GT(box.low.y, 600);
    else EXPECT_LT(box.high.y, 200) << box.what;
  }
}

// ImGui ends the program where one text has more than 16,383 letters.
TEST(Legend, a_caption_of_any_length_is_drawn_in_part) {
  std::string words;
  for (int i = 0; i < 50'000; ++i) words += "\u00e9";
  const auto marks = legend_marks({}, {.text = words, .moment = {}, .widest = {}}, render::Theme::Dark, {1280, 720}, kLine, measured);
  const auto longest = std::ranges::max_element(marks, {}, [](const Mark& m) { return m.text.size(); });
  ASSERT_NE(longest, marks.end());
  EXPECT_LT(longest->text.size(), 16'384U);
  EXPECT_TRUE(longest->text.ends_with("\u00e9...")) << "whole characters";
}

}  // namespace
}  // namespace gf::exporting
