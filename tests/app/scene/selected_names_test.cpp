// Names beside a selection, of a head alone, of a long prompt and round a cube: who takes room from whom.
#include <map>
#include <set>

#include "app/scene/label_box.h"
#include "app/scene/legend_shape.h"
#include "app/scene/row_fan.h"
#include "tests/app/scene/kept_names.h"

namespace gf::scene {
namespace {

struct PaneOfWindow {
  const char* name;
  glm::vec2 size;
  float letters;
};
/// Panes of windows of 1280 x 720 and 1600 x 1000, with and without docks, in Present, and at a scale of 2.
constexpr PaneOfWindow kPanes[] = {{"1280x720", {1280, 640}, 1},
                                   {"1280x720 with docks", {640, 470}, 1},
                                   {"1600x1000", {1600, 920}, 1},
                                   {"1600x1000 with docks", {980, 720}, 1},
                                   {"Present, 1280x720", {1280, 673}, 1.5F},
                                   {"Present, 1600x1000", {1600, 953}, 1.5F},
                                   {"Present, scale 2", {960, 493}, 1.5F},
                                   {"scale 2 with both docks", {380, 180}, 1}};

class SelectedNames : public KeptNames {
 protected:
  /// How often each kind of name stands in the picture.
  struct Names {
    int tokens = 0, answers = 0, sheets = 0;
    std::string said;
  };
  Names names() {
    Names found;
    const auto all = seen();
    const ViewScene& built = composer.built();
    const std::set<std::size_t> sheets(built.sheet_names.begin(), built.sheet_names.end()),
        answers(built.answers.begin(), built.answers.end());
    for (const Seen& label : all) {
      const bool added = label.index >= built.scene->labels.size();
      if (sheets.contains(label.index)) ++found.sheets;
      else if (answers.contains(label.index)) ++found.answers;
      else if (is_token(label)) ++found.tokens, found.said += (added ? "+" : "") + label.text + " ";
    }
    return found;
  }
  void of_long_prompt(int least) {
    std::string prompt;
    for (int i = 0; i < 18; ++i) prompt += std::string(i == 0 ? "" : " ") + truth::kPrompt;
    input = fable_input(prompt.substr(0, least >= 150 ? 900 : 290));
  }
  void expect_nothing_lost(const std::string& what, const CellRef& cell) {
    view.selection.reset();
    const Names before = names();
    view.selection = cell;
    const Names after = names();
    EXPECT_GE(after.tokens, before.tokens) << what << "\n" << before.said << "\n" << after.said;
    EXPECT_GE(after.answers, before.answers) << what;
    // In the lowest panes the legend of the selected tensor stands over some sheets.
    if (!pane_is_low(pane)) {
      EXPECT_GE(after.sheets, before.sheets) << what;
    }
    view.selection.reset();
  }
};

TEST_F(SelectedNames, a_selected_cell_takes_no_name) {
  const CellRef cells[] = {{{{HookKind::Pattern, 4}, {}}, {3, 13, 1}},
                           {{{HookKind::Q, 4}, {}}, {13, 3, 5}},
                           {{{HookKind::ResidMid, 4}, {}}, {9, 40}},
                           {{{HookKind::MlpPost, 4}, {}}, {13, 700}}};
  for (const PaneOfWindow& in : kPanes)
    for (const char* camera : {"home", "embedding", "block 4", "block 5", "attention 4", "MLP 4", "logits"})
      for (const CellRef& cell : cells) {
        window(in.size, in.letters);
        look(camera);
        expect_nothing_lost(std::string(in.name) + ", " + camera + ", " + cell.tensor.name(), cell);
      }
}

TEST_F(SelectedNames, a_head_alone_names_its_sheets_and_its_rows) {
  const auto T = static_cast<int>(input.run->base->length());
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    view = {};
    view.one_head = OneHead{5, 1, {}};
    look("home");
    const auto all = seen();
    const ViewScene& built = composer.built();
    for (const std::size_t index : built.sheet_names)
      EXPECT_NE(std::ranges::find(all, index, &Seen::index), all.end()) << built.scene->labels[index].text;
    const ScreenBox whole{{0, 0}, pane.size};
    for (const render::Panel& sheet : built.scene->panels) {
      const auto box = on_screen({sheet.origin, sheet.origin + sheet.across + sheet.down}, render::Projection(*view.camera, pane.size));
      ASSERT_TRUE(box);
      EXPECT_TRUE(box->low.x >= 0 && box->low.y >= 0 && box->high.x <= whole.high.x && box->high.y <= whole.high.y) << "in sight";
      const auto legend = legend_box(composer.frame().legend, pane, composer.frame().legend_room.spoken, true);
      if (legend) {
        EXPECT_FALSE(legend->meets(*box)) << "the legend covers a sheet";
      }
    }
    const int named = names().tokens;
    const bool low = in.size.y < 300;
    EXPECT_GE(named, low ? 8 : 2 * T) << "of both lines";
    expect_nothing_lost("pattern", {{{HookKind::Pattern, 5}, {}}, {1, 13, 1}});
    expect_nothing_lost("q", {{{HookKind::Q, 5}, {}}, {13, 1, 5}});
  }
}

TEST_F(SelectedNames, a_list_that_leaves_tokens_out_is_even_and_says_so) {
  for (const int least : {40, 150})
    for (const PaneOfWindow& in : kPanes) {
      SCOPED_TRACE(std::string(in.name) + ", " + std::to_string(least));
      of_long_prompt(least);
      const int T = input.run->base->length();
      ASSERT_GT(T, least);
      window(in.size, in.letters);
      view = {};
      look("embedding");
      const auto all = seen();
      const ViewScene& built = composer.built();
      std::vector<int> rows;
      for (const std::size_t index : built.token_names)
        if (std::ranges::find(all, index, &Seen::index) != all.end())
          rows.push_back(built.meanings[static_cast<std::size_t>(built.scene->labels[index].means)].index[0]);
      ASSERT_GE(rows.size(), 4U);
      EXPECT_EQ(rows.back(), T - 1);
      const int stride = rows[1] - rows[0];
      for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_EQ(rows[i] - rows[i - 1], stride) << i;
      EXPECT_LT(rows.front(), stride) << "from the first on";
      const auto notes = with(all, "1 in " + std::to_string(stride) + " named");
      ASSERT_EQ(notes.size(), 1U) << stride;
      EXPECT_TRUE(whole(notes.front()));
      // A row that the list leaves out is named as soon as it is selected.
      view.selected_position = T - 2;
      const auto selected = seen();
      const auto named = std::ranges::find_if(composer.built().token_names, [&](std::size_t index) {
        const int means = composer.built().scene->labels[index].means;
        return composer.built().meanings[static_cast<std::size_t>(means)].index[0] == T - 2;
      });
      ASSERT_NE(named, composer.built().token_names.end());
      EXPECT_NE(std::ranges::find(selected, *named, &Seen::index), selected.end());
    }
}

TEST_F(SelectedNames, the_map_covers_no_name) {
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"embedding", "block 4", "block 3"}) {
        SCOPED_TRACE(std::string(in.name) + ", " + camera);
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        look(camera);
        const auto with_map = names();
        const bool mapped = !composer.frame().guides.places.empty();
        if (!mapped || shown == View::Stream) continue;
        pane.guides = false;
        look(camera);
        const auto without = names();
        EXPECT_GE(with_map.tokens, without.tokens) << with_map.said << "\n" << without.said;
      }
}

TEST_F(SelectedNames, the_chosen_token_covers_no_name_of_the_prompt) {
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"home", "embedding"}) {
        SCOPED_TRACE(std::string(in.name) + ", " + camera);
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        look(camera);
        const auto all = seen();
        const auto last = std::ranges::count_if(all, [&](const Seen& s) {
          return s.text == composer.built().row_texts.back() && s.index < composer.built().scene->labels.size();
        });
        EXPECT_GE(last, 1) << "the last one, below which the chosen token stands";
      }
}

TEST_F(SelectedNames, the_title_names_the_head_that_fills_the_picture) {
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("head 5.1");
    const auto all = seen();
    const auto& path = composer.frame().guides.path;
    const bool said_by_path = pane_is_low(pane) && !path.empty();
    EXPECT_TRUE(said_by_path || with(all, "block 5 · head 1").size() == 1);
    pane.guides = false;
    EXPECT_EQ(with(seen(), "block 5 · head 1").size(), 1U) << "in a picture";
    look("block 5");
    EXPECT_TRUE(with(seen(), "· head").empty());
  }
}

TEST_F(SelectedNames, every_key_of_a_large_pattern_is_named) {
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400 * in.letters) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("head 5.1");
    const auto all = seen();
    const ScreenBox plate = plate_on_screen(5, 1);
    std::multiset<std::string> below;
    for (const Seen& label : all)
      if (is_token(label) && label.low.y > plate.high.y - 30 && label.low.x > plate.low.x - 30 && label.high.x < plate.high.x + 30)
        below.insert(label.text);
    // Where letters are large in the pane every second one, counted from the last.
    const auto& tokens = composer.built().row_texts;
    const std::size_t stride = in.size.y >= 600 * in.letters ? 1 : 2;
    for (std::size_t p = (tokens.size() - 1) % stride; p < tokens.size(); p += stride) EXPECT_TRUE(below.contains(tokens[p])) << tokens[p];
  }
}

TEST_F(SelectedNames, plates_over_a_block_of_the_stream_stand_below_the_path_and_keep_their_cells) {
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

TEST_F(SelectedNames, the_row_of_a_cube_that_is_at_work_is_named) {
  for (const PaneOfWindow& in : kPanes)
    for (const char* product : {"blocks.4.attn.hook_q.3", "blocks.4.attn.hook_attn_scores.3"})
      for (const CubeOrder order : {CubeOrder::Dots, CubeOrder::Rows}) {
        if (in.size.y < 400) continue;
        SCOPED_TRACE(std::string(in.name) + ", " + product);
        window(in.size, in.letters);
        view = {};
        view.cube = *cube_named(product);
        view.cube->order = order;
        view.cube->time = 0.4;
        look("home");
        const auto all = seen();
        ASSERT_FALSE(composer.built().rows_at_work.empty());
        const std::string token = composer.built().row_texts[static_cast<std::size_t>(composer.built().rows_at_work.front().second)];
        const auto named = std::ranges::count_if(
            all, [&](const Seen& s) { return s.text == token && composer.frame().scene.scene->labels[s.index].bold; });
        EXPECT_GE(named, 2) << "at the input and at the result";
      }
}

TEST_F(SelectedNames, bars_stand_behind_their_words) {
  for (const PaneOfWindow& in : kPanes)
    for (const char* camera : {"home", "logits"}) {
      SCOPED_TRACE(std::string(in.name) + ", " + camera);
      window(in.size, in.letters);
      view = {};
      look(camera);
      const auto all = seen();
      const ViewScene& built = composer.built();
      const render::Projection seen_by(*view.camera, pane.size);
      for (const auto& [index, room] : built.rooms) {
        const auto word = std::ranges::find(all, index, &Seen::index);
        const render::Label& label = built.scene->labels[index];
        if (word == all.end() || label.horizontal != render::Align::Begin) continue;
        const glm::vec3 end = seen_by.pixel(label.anchor + glm::vec3(room, 0, 0));
        EXPECT_LE(word->high.x, end.x + 1) << label.text;
      }
    }
}

}  // namespace
}  // namespace gf::scene
