// Names, words and plates of the Stream in the panes of windows.
#include <set>

#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

using StreamNames = NamesInPanes;

TEST_F(StreamNames, plates_over_a_block_of_the_stream_stand_below_the_path_and_keep_their_cells) {
  view.view = View::Stream;
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 300) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("attention 4");
    const auto all = seen();
    const float top = composer.frame().guides.path.empty() ? 0 : composer.frame().guides.bar.high.y;
    for (int head = 0; head < 8; ++head) {
      const ScreenBox plate = plate_on_screen(4, head);
      EXPECT_GE(plate.low.y, top) << head;
      for (const Seen& title : with(all, "block 4")) EXPECT_LT(title.high.y, plate.low.y - 1) << "the title leaves the outline to be seen";
      int keys = 0;
      std::string said;
      for (const Seen& label : all) {
        const ScreenBox box{label.low, label.high};
        const bool over = is_token(label) && box.low.x > plate.low.x && box.meets({plate.low + 4.0F, plate.high - 4.0F});
        if (!over || label.low.y > (plate.low.y + plate.high.y) / 2) continue;
        ++keys;
        said += label.text + " at " + std::to_string(label.low.y) + " over " + std::to_string(plate.low.y) + "; ";
      }
      EXPECT_EQ(keys, 0) << "names over the upper half of head " << head << ": " << said;
    }
    // Each head's number, in its plate's upper right corner.
    for (int head = 0; head < 8; ++head) {
      const ScreenBox plate = plate_on_screen(4, head);
      EXPECT_TRUE(std::ranges::any_of(all, [&](const Seen& label) {
        return label.text == std::to_string(head) && lies_in({label.low, label.high}, plate) &&
               label.low.x > (plate.low.x + plate.high.x) / 2 && label.high.y < (plate.low.y + plate.high.y) / 2;
      })) << head;
    }
  }
}

TEST_F(StreamNames, plates_over_a_block_are_large_and_have_names_beside_their_rows) {
  view.view = View::Stream;
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 600 || in.size.x < 1200) continue;  // a narrow pane has no room between them
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("attention 4");
    const auto all = seen();
    for (int head = 0; head < 8; ++head) {
      const ScreenBox plate = plate_on_screen(4, head);
      const float high = plate.high.y - plate.low.y;
      EXPECT_GT(high, 0.2F * pane.size.y);
      if (high < 14 * 14) continue;  // rows that are lower than letters
      const auto beside = [&](const Seen& label) {
        return is_token(label) && label.high.x < plate.low.x + 4 && label.high.x > plate.low.x - 24 && label.low.y > plate.low.y - 8 &&
               label.high.y < plate.high.y + 8;
      };
      EXPECT_GE(std::ranges::count_if(all, beside), 7) << head;
    }
  }
}

TEST_F(StreamNames, a_zoomed_stream_names_each_row) {
  of_long_prompt(150);
  int all_in_sight = 0;
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400) continue;
    for (const float zoom : {0.8F, 0.5F, 0.3F}) {
      SCOPED_TRACE(std::string(in.name) + ", zoom " + std::to_string(zoom));
      window(in.size, in.letters);
      view = {};
      view.view = View::Stream;
      look("home");
      view.camera->distance *= zoom;
      const auto all = seen();
      const ViewScene& built = composer.built();
      const render::Projection seen_by(*view.camera, pane.size);
      const EdgeRoom room = room_of(pane, composer.frame().guides);
      int sight = 0, named = 0;
      for (const std::size_t index : built.row_names) {
        const render::Label& label = built.scene->labels[index];
        const float y = seen_by.pixel(label.anchor).y;
        // Below titles and path, above the legend, and off the map there is room for it.
        const bool beside_map = !composer.frame().guides.places.empty() && y > composer.frame().guides.map.low.y - 20 &&
                                y < composer.frame().guides.map.high.y + 20;
        if (y < room.free.low.y + 60 * in.letters || y > room.free.high.y - 20 || beside_map || render::label_px(label, seen_by) <= 11)
          continue;
        ++sight;
        named += std::ranges::find(all, index, &Seen::index) != all.end() ? 1 : 0;
      }
      EXPECT_EQ(named, sight);
      all_in_sight += sight;
    }
  }
  EXPECT_GT(all_in_sight, 100);
}

TEST_F(StreamNames, a_word_of_the_stream_is_cut_only_where_something_is_in_its_way) {
  of_long_prompt(150);
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    view = {};
    view.view = View::Stream;
    look("home");
    const auto all = seen();
    const ViewScene& built = composer.built();
    const int n_layer = input.model->weights->config.n_layer, T = static_cast<int>(built.row_texts.size());
    const render::Projection seen_by(*view.camera, pane.size);
    // Ribbons as points on the screen.
    std::vector<glm::vec2> points;
    for (const render::Ribbon& ribbon : built.scene->ribbons)
      for (int i = 0; i <= 64; ++i)
        for (const bool second : {false, true})
          points.emplace_back(seen_by.pixel(ribbon_point(ribbon, static_cast<float>(i) / 64, second)));
    std::set<std::size_t> words;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n_layer * T); ++i) words.insert(built.rooms[i].first);
    for (const Seen& word : all) {
      if (!words.contains(word.index) || !word.text.ends_with("…")) continue;
      const render::Label& label = built.scene->labels[word.index];
      const float whole = render::text_width(label.text, word.high.y - word.low.y, label.bold);
      const auto depth =
          static_cast<int>(std::ranges::find(built.rooms, word.index, &std::pair<std::size_t, float>::first) - built.rooms.begin()) / T;
      const float next = seen_by.pixel(built.scene->panels[static_cast<std::size_t>(depth) + 1].origin + glm::vec3(0, label.anchor.y, 0)).x;
      const ScreenBox room{{word.low.x, word.low.y - 4}, {word.low.x + whole + 8, word.high.y + 4}};
      const bool in_way = room.high.x > next - 20 || std::ranges::any_of(points, [&](glm::vec2 at) { return room.contains(at); });
      EXPECT_TRUE(in_way) << label.text << " is cut to " << word.text << " at depth " << depth;
    }
  }
}

TEST_F(StreamNames, plates_whose_rows_are_lower_than_letters_have_a_list_of_their_rows_beside_them) {
  for (const int chars : {0, 290}) {
    if (chars > 0) of_long_prompt(40);
    for (const glm::vec2 size : {glm::vec2(548, 208), {480, 240}, {640, 300}, {640, 470}}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + std::to_string(chars));
      window(size);
      view = {};
      view.view = View::Stream;
      look("attention 4");
      const auto all = seen();
      const ViewScene& built = composer.built();
      const ScreenBox first = plate_on_screen(4, 0);
      const auto T = static_cast<int>(built.row_texts.size());
      if (first.high.y - first.low.y > 12 * static_cast<float>(T)) continue;  // each has its names
      std::vector<std::string> named;
      for (const Seen& label : all)
        if (label.index >= built.scene->labels.size() && is_token(label) && label.high.x < first.low.x) named.push_back(label.text);
      EXPECT_GE(static_cast<int>(named.size()), std::min(T, 6)) << T;
      if (static_cast<int>(named.size()) < T) {
        EXPECT_FALSE(with(all, "named").empty());
      }
    }
  }
}

TEST_F(StreamNames, every_block_is_named_over_the_last_rows_of_a_long_prompt_and_all_depths_or_none) {
  of_long_prompt(150);
  for (const glm::vec2 size : {glm::vec2(547, 208), {626, 388}, {980, 640}, {1280, 614}})
    for (const float letters : {1.0F, 1.5F}) {
      if (size.y < 600 && letters > 1) continue;
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", letters " + std::to_string(letters));
      window(size, letters);
      view = {};
      view.view = View::Stream;
      look("home");
      const auto all = seen();
      const auto& names = composer.built().column_names;
      const int n_layer = input.model->weights->config.n_layer;
      int blocks = 0, depths = 0;
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::ranges::find(all, names[i], &Seen::index) == all.end()) continue;
        if (i > static_cast<std::size_t>(n_layer)) ++blocks;
        else if (i < static_cast<std::size_t>(n_layer)) ++depths;
      }
      EXPECT_EQ(blocks, n_layer);
      EXPECT_TRUE(depths == 0 || depths == n_layer) << depths;
    }
}

TEST_F(StreamNames, the_parts_of_a_circuit_are_named_where_they_have_no_plate) {
  view.view = View::Stream;
  view.circuit = Circuit{{{"embed", "mlp.0", 2}, {"mlp.4", "mlp.5", -1}, {"mlp.5", "logits", 0.5F}}, 77, "logit", "logit A"};
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 300) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("home");
    const auto all = seen();
    for (const char* part : {"embedding", "MLP 0", "MLP 4", "MLP 5", "logits"})
      EXPECT_TRUE(std::ranges::any_of(all, [&](const Seen& label) { return label.text == part && whole(label); })) << part;
  }
}

}  // namespace
}  // namespace gf::scene
