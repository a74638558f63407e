// What a click meets besides sheets: words, ribbons, and the board of the operation at work.
#include <algorithm>
#include <gtest/gtest.h>

#include "app/scene/compose.h"
#include "app/scene/operations/show.h"
#include "app/scene/views.h"
#include "renderer/labels.h"
#include "tests/app/truth/fable.h"

namespace gf::scene {
namespace {

class PointedAt : public testing::Test {
 protected:
  void SetUp() override {
    const auto model = truth::fable_model();
    auto session = Session::create(model, {});
    ASSERT_TRUE(session);
    RunRequest request;
    request.prompt = *model->tokenizer->ids_of(truth::kPrompt);
    auto done = (*session)->run(request);
    ASSERT_TRUE(done);
    input = *read_for(View::Stream, {model, std::make_shared<const gf::Run>(*std::move(done))});
  }
  const Frame& compose() {
    composer.build(input, view, pane);
    while (!machine.settled()) composer.build(input, view, pane);
    return composer.frame();
  }
  SceneInput input;
  ViewState view;
  Pane pane{{1600, 1000}};
  SceneBuilder machine;
  Composer composer{machine};
};

TEST_F(PointedAt, a_word_is_the_cell_that_it_stands_for) {
  for (const View which : {View::Machine, View::Stream}) {
    view = {};
    view.view = which;
    const Frame& frame = compose();
    int names = 0;
    for (const render::PlacedLabel& placed : render::place_labels(*frame.scene.scene, frame.camera, pane.size)) {
      const render::Label& label = frame.scene.scene->labels[static_cast<std::size_t>(placed.index)];
      if (label.means < 0 || placed.alpha < 0.5F) continue;
      const auto found = composer.pointed_at((placed.low + placed.high) * 0.5F);
      ASSERT_TRUE(found) << label.text;
      EXPECT_EQ(found->cell, frame.scene.meanings.at(static_cast<std::size_t>(label.means))) << label.text;
      if (std::ranges::find(frame.scene.row_texts, label.text) != frame.scene.row_texts.end() &&
          found->cell.tensor.hook == HookId{HookKind::ResidPre, 0}) {
        ++names;
        EXPECT_EQ(frame.scene.row_texts.at(static_cast<std::size_t>(found->cell.index[0])), label.text) << "the row of that name";
      }
    }
    EXPECT_GE(names, input.run->base->length()) << spelled(which);
  }
}

TEST_F(PointedAt, a_ribbon_is_the_attention_that_it_shows) {
  view.view = View::Stream;
  const Frame& frame = compose();
  const auto& ribbons = frame.scene.scene->ribbons;
  const render::Projection seen(frame.camera, pane.size);
  const auto middle_of = [&](const render::Ribbon& r, float s) {
    return glm::vec2(seen.pixel((ribbon_point(r, s, false) + ribbon_point(r, s, true)) * 0.5F));
  };
  int met = 0;
  for (const render::Ribbon& ribbon : ribbons) {
    if (ribbon.means < 0 || ribbon.color.a < 0.5F) continue;
    const CellRef meant = frame.scene.meanings.at(static_cast<std::size_t>(ribbon.means));
    ASSERT_EQ(meant.tensor.hook.kind, HookKind::Pattern);
    const auto weight =
        input.run->base->causal_row(meant.tensor.hook, meant.index[0], meant.index[1])[static_cast<std::size_t>(meant.index[2])];
    EXPECT_GT(weight, 0.15F) << "what is drawn is attention";
    // Others may cross it: somewhere along its way it is the nearest.
    bool found = false;
    for (const float s : {0.2F, 0.35F, 0.5F, 0.65F, 0.8F}) {
      const auto pointed = composer.pointed_at(middle_of(ribbon, s));
      found = found || (pointed && pointed->cell == meant);
    }
    met += found ? 1 : 0;
    EXPECT_TRUE(found) << meant.tensor.name() << " head " << meant.index[0] << " query " << meant.index[1] << " key " << meant.index[2];
  }
  EXPECT_GT(met, 10);
  EXPECT_FALSE(composer.pointed_at({1, pane.size.y - 1})) << "the ground";
}

TEST_F(PointedAt, a_board_is_the_cell_that_its_lines_speak_of) {
  view.view = View::Machine;
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  view.time = timeline.start_of(13, timeline.op_of({HookKind::AttnScores, 4})) + 0.9;
  view.camera = *machine.camera("attention 4", input, view, pane);
  const Frame& frame = compose();
  ASSERT_TRUE(frame.scene.focus && frame.scene.focus->show);
  const ViewScene::Box& board = frame.scene.focus->board;
  const render::Projection seen(frame.camera, pane.size);
  const auto found = composer.on_board(glm::vec2(seen.pixel((board.low + board.high) * 0.5F)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cell, frame.scene.focus->show->result);
  EXPECT_EQ(found->cell.tensor.hook, (HookId{HookKind::AttnScores, 4}));
}

}  // namespace
}  // namespace gf::scene
