// A head alone: its six sheets with their true values, a token's row at one height, and its own operations on the board.
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "app/scene/builder_state.h"
#include "app/scene/compose.h"
#include "app/scene/operations/show.h"
#include "renderer/labels.h"
#include "tests/app/truth/fable.h"

namespace gf::scene {
namespace {

class OneHeadTest : public testing::Test {
 protected:
  static std::shared_ptr<const gf::Run> run_with(const CapturePlan& plan, const std::string& recipe = {}) {
    const auto model = truth::fable_model();
    auto session = Session::create(model, {});
    EXPECTS(session.has_value(), "a session on fable");
    RunRequest request;
    request.prompt = *model->tokenizer->ids_of(truth::kPrompt);
    request.plan = plan;
    if (!recipe.empty()) request.recipe = *parse_recipe(recipe);
    auto done = (*session)->run(request);
    EXPECTS(done.has_value(), "fable runs its prompt");
    return std::make_shared<const gf::Run>(*std::move(done));
  }
  const ViewScene& build() {
    view.one_head = OneHead{4, 3, {}};
    scene = machine.build(input, view, pane);
    return scene;
  }
  std::shared_ptr<const gf::Run> full = run_with(CapturePlan::full());
  SceneInput input{truth::fable_model(), run_with(CapturePlan::defaults())};
  ViewState view;
  Pane pane{{1600, 1000}};
  SceneBuilder machine;
  ViewScene scene;
};

TEST_F(OneHeadTest, shows_the_values_of_that_head_and_of_no_other) {
  ASSERT_FALSE(input.run->base->has({HookKind::AttnScores, 4})) << "so that its scores are worked out again";
  build();
  const ModelConfig& config = input.model->weights->config;
  std::map<HookKind, int> seen;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    const render::Panel& panel = scene.scene->panels[i];
    ASSERT_TRUE(panel.source) << info.tensor.name();
    ++seen[info.tensor.hook.kind];
    EXPECT_EQ(info.tensor.hook.layer, 4);
    for (int row = 0; row < info.rows; ++row)
      for (int col = 0; col < info.cols; ++col) {
        const auto cell = info.cell(row, col, config);
        const float shown = panel.source->value(row, col);
        if (info.mapping == PanelInfo::Mapping::Causal && col > row) {
          EXPECT_TRUE(std::isnan(shown)) << "masked";
          continue;
        }
        ASSERT_TRUE(cell) << info.tensor.name();
        EXPECT_EQ(head_in(*cell), 3);
        ViewState all;
        const auto truth = value_of(*cell, {input.model, full}, all);
        ASSERT_TRUE(truth);
        EXPECT_NEAR(shown, *truth, 1e-4F + 1e-4F * std::abs(*truth)) << info.tensor.name() << " " << row << " " << col;
      }
  }
  EXPECT_EQ(
      seen,
      (std::map<HookKind, int>{
          {HookKind::Q, 1}, {HookKind::K, 1}, {HookKind::V, 1}, {HookKind::AttnScores, 1}, {HookKind::Pattern, 1}, {HookKind::Z, 1}}));
}

TEST_F(OneHeadTest, keeps_a_tokens_row_at_one_height_in_a_window_of_any_shape) {
  for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(3200, 900), glm::vec2(700, 1000)}) {
    pane.size = size;
    build();
    const auto T = static_cast<float>(input.run->base->length());
    for (const render::Panel& panel : scene.scene->panels) {
      bool on_line = false;
      for (const ViewScene::RowLine& line : scene.row_lines)
        on_line = on_line || (std::abs(panel.origin.y - line.y) < 1e-5F && std::abs(panel.down.y - line.row * T) < 1e-4F);
      EXPECT_TRUE(on_line) << size.x << " x " << size.y;
    }
    Composer composer(machine);
    composer.build(input, view, pane);
    const Frame& frame = composer.frame();
    std::map<std::string, int> words;
    for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, size))
      if (at.alpha > 0.5F && at.low.x >= 0 && at.high.x <= size.x && at.low.y >= 0 && at.high.y <= size.y)
        ++words[frame.scene.scene->labels[static_cast<std::size_t>(at.index)].text];
    for (const char* name : {"q", "k", "v", "z", "attention pattern", "block 4, head 3", "\u00B7Mary", "\u00B7garden"})
      EXPECT_GT(words[name], 0) << name << " in " << size.x << " x " << size.y;
  }
}

TEST_F(OneHeadTest, has_rows_as_high_as_letters_and_a_name_at_each) {
  pane.size = {1280, 720};
  build();
  Composer composer(machine);
  composer.build(input, view, pane);
  const Frame& frame = composer.frame();
  const render::Projection seen(frame.camera, pane.size);
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const render::Panel& panel = scene.scene->panels[i];
    const float high = seen.pixel(panel.origin + panel.down).y - seen.pixel(panel.origin).y;
    EXPECT_GE(high / static_cast<float>(scene.panels[i].rows), 12) << scene.panels[i].tensor.name();
  }
  std::map<std::string, int> words;
  for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, pane.size))
    if (at.alpha > 0.5F) ++words[frame.scene.scene->labels[static_cast<std::size_t>(at.index)].text];
  for (const std::string& token : scene.row_texts) EXPECT_GE(words[token], 6) << token << " stands beside each sheet";
}

TEST_F(OneHeadTest, leads_from_each_sheet_to_what_is_made_of_it) {
  for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(3200, 700), glm::vec2(900, 700), glm::vec2(600, 1000)}) {
    LayoutInput wanted;
    wanted.config = input.model->weights->config;
    wanted.T = 14;
    wanted.aspect = size.x / size.y;
    wanted.hooks.fill(true);
    const Layout layout = make_head_layout(wanted, 4, 3);
    std::set<std::pair<HookKind, HookKind>> led;
    for (const LayoutRibbon& r : layout.ribbons) led.insert({r.from.kind, r.into.kind});
    EXPECT_EQ(led, (std::set<std::pair<HookKind, HookKind>>{{HookKind::Q, HookKind::AttnScores},
                                                            {HookKind::K, HookKind::AttnScores},
                                                            {HookKind::AttnScores, HookKind::Pattern},
                                                            {HookKind::Pattern, HookKind::Z},
                                                            {HookKind::V, HookKind::Z}}));
    // None runs back to the left in its own line.
    for (const LayoutRibbon& r : layout.ribbons)
      EXPECT_TRUE(std::abs(r.a0.y - r.b0.y) > 0.3F || r.a0.x < r.b0.x + 0.11F) << size.x << " x " << size.y;
    const ViewScene::Box& board = layout.boards.front();
    for (const LayoutPanel& p : layout.panels)
      EXPECT_FALSE(p.origin.x < board.high.x && p.origin.x + p.across.x > board.low.x && p.origin.y < board.high.y &&
                   p.origin.y + p.down.y > board.low.y)
          << p.info.tensor.name() << " lies under the board";
  }
}

TEST_F(OneHeadTest, plays_its_own_operations_and_those_of_other_blocks_elsewhere) {
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  view.time = timeline.start_of(13, timeline.op_of({HookKind::Z, 4})) + 0.5;
  ASSERT_TRUE(build().focus);
  EXPECT_EQ(scene.focus->show->result.tensor.hook.kind, HookKind::Z);
  EXPECT_EQ(head_in(scene.focus->show->result), 3);
  view.time = timeline.start_of(13, timeline.op_of({HookKind::Z, 2})) + 0.5;
  EXPECT_FALSE(build().focus);
}

TEST_F(OneHeadTest, shows_edited_scores_as_they_are_or_not_at_all) {
  constexpr const char* kTwice = R"({"version": 1, "edits": [
    {"hook": "blocks.4.attn.hook_attn_scores", "op": "scale", "factor": 2.0, "heads": [3]}]})";
  input.run = run_with(CapturePlan::defaults(), kTwice);
  const auto truth = run_with(CapturePlan::full(), kTwice)->edited;
  build();
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const auto& source = scene.scene->panels[i].source;
    if (scene.panels[i].tensor.hook.kind != HookKind::AttnScores || !source) continue;
    for (int q = 0; q < truth->length(); ++q)
      for (int k = 0; k <= q; ++k)
        EXPECT_NEAR(source->value(q, k), truth->causal_row({HookKind::AttnScores, 4}, 3, q)[static_cast<std::size_t>(k)], 1e-4);
  }
}

TEST(OneHeadName, is_a_block_and_a_head_of_the_model) {
  const ModelConfig& config = truth::fable_model()->weights->config;
  EXPECT_EQ(one_head_named("4.3", &config)->head, 3);
  EXPECT_EQ(one_head_name(*one_head_named("4.3")), "4.3");
  for (const char* wrong : {"", "4", "4.", ".3", "4.8", "6.0", "-1.2", "4.3.1", "99999999999.1"})
    EXPECT_FALSE(one_head_named(wrong, &config)) << wrong;
}

}  // namespace
}  // namespace gf::scene
