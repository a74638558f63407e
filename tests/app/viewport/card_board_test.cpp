// The cards of frames, over scenes of a run.
#include "app/ui/viewport/card_board.h"

#include <gtest/gtest.h>

#include "app/scene/compose.h"
#include "tests/app/truth/views.h"

namespace gf::ui {
namespace {

using scene::CellRef;

/// A composed frame and what cards need of it.
struct Stage {
  scene::SceneBuilder machine;
  scene::Composer composer{machine};
  scene::SceneInput input;
  scene::ViewState view;
  scene::Pane pane;
  render::Camera camera;
  CardBoard board;

  Stage(scene::SceneInput of, scene::View which, glm::vec2 size) : input(std::move(of)), pane{size} {
    view.view = which;
    composer.build(input, view, pane);
    camera = composer.frame().camera;
  }
  void look(const std::string& name) {
    view.camera = *machine.camera(name, input, view, pane);
    composer.build(input, view, pane);
    camera = *view.camera;
  }
  [[nodiscard]] CardScene told() const { return {composer.built(), camera, input, view, pane}; }
  [[nodiscard]] std::optional<Box> on_screen(const CellRef& cell, bool tile) const {
    const auto place = composer.built().find(cell, input.model->weights->config);
    if (!place) return std::nullopt;
    const render::Projection seen(camera, pane.size);
    return tile ? box_of_tile(composer.built(), *place, seen) : box_of_cell(composer.built(), *place, seen);
  }
};

CellRef tile_at(int depth, int position, int n_layer) {
  const HookId hook = depth < n_layer ? HookId{HookKind::ResidPre, depth} : HookId{HookKind::ResidPost, n_layer - 1};
  return {{hook, {}}, {position, 5, -1}};
}

constexpr glm::vec2 kPanes[] = {{640, 380}, {820, 470}, {1280, 720}, {1500, 900}};

TEST(CardBoard, a_card_hides_no_tile_that_it_speaks_of) {
  for (const glm::vec2 size : kPanes) {
    Stage stage(*scene::with_readings(truth::fable(true)), scene::View::Stream, size);
    const int n_layer = stage.input.model->weights->config.n_layer, T = stage.input.run->base->length();
    for (int depth = 0; depth <= n_layer; ++depth)
      for (int p = 0; p < T; ++p) {
        SCOPED_TRACE(std::to_string(depth) + ", " + std::to_string(p) + " in " + std::to_string(size.x));
        const CellRef cell = tile_at(depth, p, n_layer);
        const auto tile = stage.on_screen(cell, true);
        ASSERT_TRUE(tile);
        const auto pointed = stage.board.pointed(stage.told(), {cell, false, "P pins this card"}, {}, {});
        const auto pinned = stage.board.pinned(stage.told(), {{1, cell, std::nullopt, true}});
        ASSERT_TRUE(pointed && pinned.size() == 1);
        for (const ShownCard& card : {*pointed, pinned[0]}) {
          EXPECT_FALSE(card.box.meets(*tile)) << card.text;
          EXPECT_TRUE(card.box.low.x >= 0 && card.box.low.y >= 0 && card.box.high.x <= size.x && card.box.high.y <= size.y);
          EXPECT_NE(card.text.find(" nats\n"), std::string::npos) << card.text;
        }
      }
  }
}

TEST(CardBoard, a_card_hides_no_cell_of_the_machine_that_it_speaks_of) {
  for (const glm::vec2 size : kPanes)
    for (const char* camera : {"whole", "block 1", "head 1.2"}) {
      Stage stage(truth::random_small(true), scene::View::Machine, size);
      stage.look(camera);
      testing_models::Lcg rng{5};
      int seen = 0;
      for (int i = 0; i < 60; ++i) {
        const int q = rng.below(9);
        const CellRef cell = i % 2 ? CellRef{{{HookKind::Pattern, 1}, {}}, {2, q, rng.below(q + 1)}}
                                   : CellRef{{{HookKind::MlpPost, 1}, {}}, {rng.below(9), rng.below(40), -1}};
        const auto box = stage.on_screen(cell, false);
        if (!box || !box->meets({glm::vec2(0), size})) continue;
        ++seen;
        const auto card = stage.board.pointed(stage.told(), {cell, i % 3 == 0, {}}, {}, {});
        ASSERT_TRUE(card);
        EXPECT_FALSE(card->box.meets(*box)) << camera << ", " << size.x << ": " << card->text;
      }
      EXPECT_GT(seen, 10) << camera;
    }
}

TEST(CardBoard, pinned_cards_stay_apart_and_no_card_is_shown_twice) {
  Stage stage(*scene::with_readings(truth::fable(false)), scene::View::Stream, {1280, 720});
  const CellRef a = tile_at(2, 6, 6), b = tile_at(3, 7, 6);
  const std::vector<PinnedCard> pinned{{1, a}, {2, b}};
  const auto shown = stage.board.pinned(stage.told(), pinned);
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_FALSE(shown[0].box.meets(shown[1].box));
  EXPECT_GT(shown[0].head, 20);
  EXPECT_FALSE(stage.board.pointed(stage.told(), {a, false, {}}, pinned, shown));
  EXPECT_TRUE(stage.board.pointed(stage.told(), {tile_at(4, 2, 6), false, {}}, pinned, shown));
}

TEST(CardBoard, shows_the_same_again_and_another_hint_at_once) {
  Stage stage(*scene::with_readings(truth::fable(false)), scene::View::Stream, {1280, 720});
  const CellRef cell = tile_at(2, 6, 6);
  const auto last_line = [&](const std::string& hint) {
    const auto shown = stage.board.pointed(stage.told(), {cell, false, hint}, {}, {});
    return shown && !shown->sheet.lines.empty() ? shown->sheet.lines.back().text : "";
  };
  const auto first = stage.board.pinned(stage.told(), {{1, cell}});
  EXPECT_EQ(last_line("P pins this card"), "P pins this card");
  EXPECT_EQ(last_line("F8 pins this card"), "F8 pins this card");
  const auto again = stage.board.pinned(stage.told(), {{1, cell}});
  ASSERT_EQ(first[0].sheet.lines.size(), again[0].sheet.lines.size());
  EXPECT_EQ(first[0].box.low, again[0].box.low);
  EXPECT_EQ(first[0].head, again[0].head) << "that of a pinned card";
}

TEST(CardBoard, a_pinned_card_fills_in_when_the_lens_has_read) {
  Stage stage(truth::fable(false), scene::View::Stream, {1280, 720});
  const std::vector<PinnedCard> pinned{{1, tile_at(6, 13, 6)}};
  const auto before = stage.board.pinned(stage.told(), pinned);
  EXPECT_NE(before[0].text.find("not computed yet: the lens is reading this run"), std::string::npos) << before[0].text;
  stage.input = *scene::with_readings(stage.input);
  stage.composer.build(stage.input, stage.view, stage.pane);
  const auto after = stage.board.pinned(stage.told(), pinned);
  EXPECT_EQ(after[0].text.find("not computed yet"), std::string::npos) << after[0].text;
  EXPECT_NE(after[0].text.find("\"·Mary\" 98.7 %\n"), std::string::npos) << after[0].text;
}

TEST(CardBoard, a_card_of_what_another_view_shows_stays_and_points_at_nothing) {
  Stage stage(truth::fable(false), scene::View::Stream, {1280, 720});
  const auto shown = stage.board.pinned(stage.told(), {{1, {{{HookKind::Q, 2}, {}}, {3, 1, 4}}}});
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_FALSE(shown[0].speaks_of);
  EXPECT_NE(shown[0].text.find("value "), std::string::npos) << shown[0].text;
}

}  // namespace
}  // namespace gf::ui
