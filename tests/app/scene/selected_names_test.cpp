// Names beside a selection, of long lists and round what is at work: none of them takes the others' room.
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

using SelectedNames = NamesInPanes;

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
