// Names in low panes: what a picture of any size says whole, and what it lists first.
#include "tests/app/scene/kept_names.h"

#include <cmath>

#include "app/scene/row_fan.h"

namespace gf::scene {
namespace {

TEST_F(KeptNames, a_low_stream_names_its_rows_and_says_words) {
  view.view = View::Stream;
  for (const glm::vec2 size : {glm::vec2(380, 180), {375, 116}, {548, 208}, {300, 240}}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    pane = Pane{size};
    pane.legend_rows = legend_rows_for(pane);
    pane.foot = legend_share(pane);
    const auto all = seen();
    // A pane that is lower than eight lines of text shows all rows as threads, and names a few.
    const bool lowest = size.y < 120;
    EXPECT_GE(rows_named(all), lowest ? 3 : 4);
    EXPECT_EQ(with(all, "·to").empty(), false) << "the last row";
    int words = 0;
    for (const auto& [index, room] : composer.built().rooms) words += std::ranges::find(all, index, &Seen::index) != all.end() ? 1 : 0;
    EXPECT_GE(words, lowest ? 3 : 15) << "of the lens";
    EXPECT_FALSE(with(all, "block 0").empty());
  }
}

TEST_F(KeptNames, the_selected_row_and_column_come_first) {
  view.view = View::Stream;
  view.selected_position = 1;
  const auto all = seen();
  const std::string token = composer.built().row_texts[1];
  ASSERT_FALSE(with(all, token).empty()) << "home shows the selected row";
  const int n_layer = input.model->weights->config.n_layer;
  int of_row = 0;
  const std::size_t T = composer.built().row_texts.size();
  const auto& rooms = composer.built().rooms;
  for (int depth = 0; depth <= n_layer; ++depth)
    of_row += std::ranges::find(all, rooms[static_cast<std::size_t>(depth) * T + 1].first, &Seen::index) != all.end() ? 1 : 0;
  EXPECT_EQ(of_row, n_layer + 1) << "each word of the row";
}

TEST_F(KeptNames, while_a_long_prompt_plays_home_shows_the_rows_that_are_made) {
  std::string prompt;
  for (int i = 0; i < 18; ++i) prompt += std::string(i == 0 ? "" : " ") + truth::kPrompt;
  input = fable_input(prompt.substr(0, 900));
  view.view = View::Stream;
  pane = Pane{{1200, 700}};
  const int T = input.run->base->length();
  ASSERT_GT(T, 150);
  const Timeline timeline(input.model->weights->config, T);
  const auto rows_in_sight = [&](double time) {
    view.time = time;
    compose();
    const render::Projection seen_by(composer.home(), pane.size);
    std::pair<int, int> rows{T, -1};
    for (int p = 0; p < T; ++p) {
      const render::Label& name = composer.built().scene->labels[composer.built().row_names[static_cast<std::size_t>(p)]];
      const float y = seen_by.pixel(name.anchor).y;
      if (y < 0 || y > pane.size.y) continue;
      rows.first = std::min(rows.first, p);
      rows.second = p;
    }
    return rows;
  };
  float before = -1;
  for (int p = 0; p < T; p += 7) {
    const auto [first, last] = rows_in_sight(timeline.start_of(p, 5));
    EXPECT_LE(first, p);
    EXPECT_GE(last, p) << "the row that is made is in sight";
    EXPECT_GE(static_cast<float>(first), before);
    before = static_cast<float>(first);
  }
  EXPECT_EQ(rows_in_sight(1e18).second, T - 1) << "in the end the last rows";
}

TEST_F(KeptNames, an_edit_is_said_whole_in_any_pane) {
  input = fable_input(truth::kPrompt, kCut);
  for (const glm::vec2 size : {glm::vec2(375, 116), {380, 180}, {640, 300}, {1280, 720}})
    for (const char* camera : {"home", "attention 4", "block 4", "blocks.4.attn.hook_z"}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + camera);
      pane = Pane{size};
      pane.guides = true;
      look(camera);
      const auto all = seen();
      const auto tags = with(all, "head 3");
      const bool marked = std::ranges::any_of(all, [&](const Seen& s) {
        const render::Label& label = composer.frame().scene.scene->labels[s.index];
        return label.background.a > 0 && label.bold && label.priority == 95 && whole(s);
      });
      EXPECT_TRUE(marked) << "the tag, or the block's title in its place";
      for (const Seen& tag : tags) EXPECT_TRUE(whole(tag)) << tag.text;
      for (const Seen& tag : tags)
        for (const ScreenBox& taken : composer.frame().guides.boxes()) EXPECT_FALSE(taken.meets({tag.low, tag.high})) << tag.text;
    }
}

TEST_F(KeptNames, the_block_that_fills_the_picture_has_its_title) {
  for (const glm::vec2 size : {glm::vec2(375, 116), {380, 240}, {900, 300}, {1280, 720}})
    for (const char* part : {"block", "attention", "MLP"})
      for (const int block : {0, 2, 5}) {
        pane = Pane{size};
        pane.guides = true;
        const std::string camera = std::string(part) + " " + std::to_string(block);
        SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + camera);
        look(camera);
        const auto all = seen();
        const auto titles = composer.built().titles;
        const auto title = std::ranges::find(titles, block, &ViewScene::Title::block);
        ASSERT_NE(title, titles.end());
        const auto there = std::ranges::find(all, title->label, &Seen::index);
        ASSERT_NE(there, all.end());
        EXPECT_TRUE(whole(*there));
        for (const ViewScene::Title& other : titles) {
          const auto label = std::ranges::find(all, other.label, &Seen::index);
          if (label != all.end()) {
            EXPECT_TRUE(whole(*label)) << label->text << " is cut";
          }
        }
      }
}

TEST_F(KeptNames, rows_lower_than_letters_are_listed_with_threads_to_them) {
  for (const glm::vec2 size : {glm::vec2(375, 116), {380, 180}, {640, 360}, {1920, 1080}}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    pane = Pane{size};
    view.selected_position = 5;
    look("attention 4");
    compose();
    const EdgeRoom room = room_of(pane, composer.frame().guides);
    const auto fans = row_fans(composer.built(), composer.frame().camera, pane, room, 5);
    ASSERT_EQ(fans.size(), 1U);
    const RowFan& fan = fans.front();
    const int T = input.run->base->length();
    if (!fan.readable.empty()) {
      const auto all = seen();
      int named = 0;
      for (const std::size_t index : fan.readable) named += std::ranges::find(all, index, &Seen::index) != all.end() ? 1 : 0;
      EXPECT_EQ(named, T) << "every row has its name beside it";
      continue;
    }
    ASSERT_FALSE(fan.names.empty());
    EXPECT_TRUE(std::ranges::is_sorted(fan.rows));
    EXPECT_NE(std::ranges::find(fan.rows, 5), fan.rows.end()) << "the selected row is named";
    const render::Projection view_of(composer.frame().camera, pane.size);
    for (std::size_t i = 0; i < fan.rows.size(); ++i) {
      EXPECT_EQ(fan.names[i].text.substr(0, 4), composer.built().row_texts[static_cast<std::size_t>(fan.rows[i])].substr(0, 4));
      const auto& thread = fan.threads[i].points;
      const glm::vec2 end(view_of.pixel(thread.back())), begin(view_of.pixel(thread.front()));
      const glm::vec2 name = glm::vec2(view_of.pixel(fan.names[i].anchor)) + fan.names[i].offset_px;
      EXPECT_NEAR(begin.y, name.y, 1) << "it begins at the name";
      EXPECT_GT(end.x, begin.x);
      if (i > 0) {
        EXPECT_GT(thread.back().y, fan.threads[i - 1].points.back().y) << "threads do not cross";
      }
    }
    const auto all = seen();
    int named = 0;
    for (const render::Label& name : fan.names) named += with(all, name.text).empty() ? 0 : 1;
    EXPECT_EQ(named, static_cast<int>(fan.names.size()));
  }
}

TEST_F(KeptNames, a_probability_is_never_cut) {
  for (float wide = 260; wide < 700; wide += 40)
    for (const float high : {116.0F, 200.0F, 420.0F}) {
      pane = Pane{{wide, high}};
      view.camera.reset();
      for (const Seen& label : with(seen(), " %")) EXPECT_TRUE(whole(label)) << label.text << " at " << wide << " x " << high;
    }
}

TEST_F(KeptNames, the_selected_column_is_named) {
  pane = Pane{{900, 500}};
  view.selection = CellRef{{{HookKind::Pattern, 4}, {}}, {3, 12, 8}};
  look("head 4.3");
  const auto all = seen();
  EXPECT_TRUE(std::ranges::any_of(
      all, [&](const Seen& s) { return s.text == composer.built().row_texts[8] && composer.frame().scene.scene->labels[s.index].bold; }));
}

TEST_F(KeptNames, the_embedding_has_no_empty_third_beside_it) {
  for (const glm::vec2 size : {glm::vec2(1920, 1080), {900, 300}, {1280, 720}}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    pane = Pane{size};
    look("embedding");
    compose();
    const auto page = on_screen({composer.built().scene->low, composer.built().scene->high}, render::Projection(*view.camera, pane.size));
    ASSERT_TRUE(page);
    if (page->high.x > pane.size.x) {
      EXPECT_LT(page->low.x, 0.1F * pane.size.x);
    }
    const auto path = path_to(composer.built(), *view.camera, pane, input, view.view);
    if (path.size() > 1) {
      EXPECT_EQ(path[1].camera, "embedding");
    }
  }
}

}  // namespace
}  // namespace gf::scene
