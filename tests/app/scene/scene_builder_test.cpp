#include "app/scene/scene_builder.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/cards/explain.h"
#include "app/scene/legend.h"
#include "app/scene/palette.h"
#include "app/scene/sources/scales.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

class MachineTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::vector<TokenId> ids = testing_models::random_ids(9, 57, 5);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, ids, testing_models::everything(),
                             R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  SceneInput input{model, run};
  ViewState view;
  SceneBuilder machine;

  ViewScene settled_scene() {
    ViewScene scene = machine.build(input, view);
    while (!machine.settled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      scene = machine.build(input, view);
    }
    return scene;
  }
  [[nodiscard]] static const render::Panel* panel_of(const ViewScene& scene, HookId hook) {
    for (std::size_t i = 0; i < scene.panels.size(); ++i)
      if (!scene.panels[i].tensor.is_weight() && scene.panels[i].tensor.hook == hook) return &scene.scene->panels[i];
    return nullptr;
  }
};

/// The base run may have been asked for more than the edited one, or for less: what both have is shown.
TEST_F(MachineTest, traces_of_different_plans_are_shown_together) {
  const auto lean = testing_models::run_of(*model, ids, CapturePlan::defaults(),
                                           R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  for (const bool rich_base : {true, false}) {
    auto mixed = std::make_shared<gf::Run>(*run);
    mixed->base = (rich_base ? run : lean)->base;
    mixed->edited = (rich_base ? lean : run)->edited;
    input.run = mixed;
    for (const View shown : {View::Machine, View::Stream})
      for (const Compare compare : {Compare::Edited, Compare::Base, Compare::Difference}) {
        view.view = shown;
        view.compare = compare;
        const ViewScene scene = settled_scene();
        EXPECT_EQ(panel_of(scene, {HookKind::AttnScores, 0}), nullptr);
        const render::Panel* panel = panel_of(scene, {HookKind::Pattern, 0});
        ASSERT_NE(panel, nullptr);
        EXPECT_TRUE(panel->source);
      }
  }
}

/// A gradient has the tensors of its model, and the panels of weights show it.
TEST_F(MachineTest, panels_of_weights_show_what_stands_in_their_place) {
  (void)settled_scene();
  input.in_place = testing_models::random_model(testing_models::small_config(), 4)->weights;
  input.in_place_name = "gradient of the loss";
  const ViewScene scene = settled_scene();
  std::size_t weights = 0;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (!scene.panels[i].tensor.is_weight()) continue;
    const auto cell = scene.panels[i].cell(0, 0, model->weights->config);
    ASSERT_TRUE(cell);
    ++weights;
    EXPECT_EQ(scene.scene->panels[i].source->value(0, 0), *value_of(*cell, input, view)) << scene.panels[i].tensor.name();
    const Card card = explain(*cell, input, view);
    EXPECT_EQ(card.value, value_of(*cell, SceneInput{model, run}, view)) << "the card tells the weight";
    EXPECT_EQ(card.formula.front().substr(0, 38), "gradient of the loss, which is shown: ") << card.formula.front();
  }
  EXPECT_GT(weights, 10U);
  const auto of_weight = std::ranges::find_if(scene.scales, [](const ViewScene::Scale& s) { return s.tensor.is_weight(); });
  ASSERT_NE(of_weight, scene.scales.end());
  EXPECT_EQ(of_weight->unit, "gradient of the loss");
  // It has a row of the legend to itself, from afar too, where the shelves are thin lines.
  const Pane pane{{1280, 720}};
  const auto camera = machine.camera("whole", input, view, pane);
  ASSERT_TRUE(camera);
  const auto rows = legend_rows(scene, *camera, pane);
  EXPECT_EQ(std::ranges::count_if(rows, [](const LegendRow& row) { return row.title.starts_with("gradient of the loss"); }), 1);
  EXPECT_EQ(std::ranges::count_if(rows, [](const LegendRow& row) { return row.title.starts_with("activations, scale "); }), 1);
  EXPECT_LE(rows.size(), 3U);
}

TEST_F(MachineTest, every_cell_finds_its_place_and_value) {
  const ViewScene scene = settled_scene();
  const ModelConfig& config = model->weights->config;
  testing_models::Lcg rng{11};
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    ASSERT_TRUE(scene.scene->panels[i].source) << info.tensor.name();
    ASSERT_EQ(scene.scene->panels[i].source->rows(), info.rows) << info.tensor.name();
    ASSERT_EQ(scene.scene->panels[i].source->cols(), info.cols) << info.tensor.name();
    for (int k = 0; k < 6; ++k) {
      const int row = rng.below(info.rows), col = rng.below(info.cols);
      const auto cell = info.cell(row, col, config);
      if (!cell) {
        EXPECT_TRUE(std::isnan(scene.scene->panels[i].source->value(row, col)));
        continue;
      }
      const auto place = scene.find(*cell, config);
      ASSERT_TRUE(place) << cell->tensor.name();
      EXPECT_EQ(place->panel, static_cast<int>(i)) << cell->tensor.name();
      EXPECT_EQ(place->row, row);
      EXPECT_EQ(place->col, col);
    }
  }
}

TEST_F(MachineTest, time_shows_what_is_computed) {
  const Timeline timeline(model->weights->config, 9);
  const HookId z{HookKind::Z, 1};
  view.time = timeline.start_of(3, timeline.op_of(z)) + 0.5;
  const ViewScene scene = settled_scene();
  EXPECT_FLOAT_EQ(panel_of(scene, z)->rows_shown, 3.5F);
  EXPECT_EQ(panel_of(scene, z)->highlight_row, 3);
  EXPECT_FLOAT_EQ(panel_of(scene, {HookKind::Z, 0})->rows_shown, 4);
  EXPECT_FLOAT_EQ(panel_of(scene, {HookKind::Z, 2})->rows_shown, 3);
  view.time = 0;
  EXPECT_FLOAT_EQ(panel_of(machine.build(input, view), z)->rows_shown, 0);
  view.time = 1e18;
  EXPECT_FLOAT_EQ(panel_of(machine.build(input, view), z)->rows_shown, 9);
}

/// The window may speak another language while the scene stays the same.
TEST_F(MachineTest, its_labels_follow_the_language) {
  const auto labels = [&] {
    std::vector<std::string> all;
    const ViewScene built = machine.build(input, view);
    for (const render::Label& label : built.scene->labels) all.push_back(label.text);
    return all;
  };
  const auto has = [](const std::vector<std::string>& all, const char* word) { return std::ranges::find(all, word) != all.end(); };
  (void)settled_scene();
  const auto english = labels();
  ASSERT_TRUE(has(english, "block 0") && has(english, "embedding"));
  set_translations({{"block {0}", "第 {0} 块"}, {"embedding", "嵌入"}});
  const auto chinese = labels();
  set_translations({});
  EXPECT_TRUE(has(chinese, "第 0 块") && has(chinese, "嵌入"));
  EXPECT_FALSE(has(chinese, "block 0") || has(chinese, "embedding"));
  EXPECT_EQ(labels(), english);
}

TEST_F(MachineTest, what_is_unchanged_keeps_its_source) {
  const ViewScene first = settled_scene();
  view.time = 12.5;
  const ViewScene second = machine.build(input, view);
  view.compare = Compare::Base;
  const ViewScene base = machine.build(input, view);
  view.compare = Compare::Edited;
  const ViewScene third = machine.build(input, view);
  for (std::size_t i = 0; i < first.panels.size(); ++i) {
    EXPECT_EQ(first.scene->panels[i].source->id(), second.scene->panels[i].source->id());
    EXPECT_EQ(first.scene->panels[i].source->id(), third.scene->panels[i].source->id()) << first.panels[i].tensor.name();
    if (first.panels[i].tensor.is_weight()) {
      EXPECT_EQ(first.scene->panels[i].source->id(), base.scene->panels[i].source->id());
    }
  }
  EXPECT_NE(panel_of(first, {HookKind::ResidPost, 2})->source->id(), panel_of(base, {HookKind::ResidPost, 2})->source->id());
}

TEST_F(MachineTest, an_edit_is_seen_to_travel) {
  const ViewScene scene = settled_scene();
  EXPECT_EQ(panel_of(scene, {HookKind::ResidMid, 0})->glow, 0);
  EXPECT_GT(panel_of(scene, {HookKind::AttnOut, 1})->glow, 0);
  EXPECT_GT(panel_of(scene, {HookKind::LnFinalNormalized, -1})->glow, 0);
  int cuts = 0, tags = 0;
  for (const render::Ribbon& r : scene.scene->ribbons) cuts += r.cut ? 1 : 0;
  for (const render::Label& l : scene.scene->labels) tags += l.text == "block 1: cut head 2" ? 1 : 0;
  EXPECT_EQ(cuts, 1);
  EXPECT_EQ(tags, 1);
  view.compare = Compare::Base;
  const ViewScene base = machine.build(input, view);
  EXPECT_EQ(panel_of(base, {HookKind::LnFinalNormalized, -1})->glow, 0);
  for (const render::Ribbon& r : base.scene->ribbons) EXPECT_FALSE(r.cut);
}

TEST_F(MachineTest, a_mark_of_an_edit_names_its_block_in_few_words) {
  const auto marks = [&](const std::string& recipe) {
    input.run = testing_models::run_of(*model, ids, testing_models::everything(), R"({"version": 1, "edits": [)" + recipe + "]}");
    std::string all;
    const ViewScene scene = settled_scene();
    for (const render::Label& l : scene.scene->labels)
      if (l.background == palette_of(view.theme).edited) all += l.text + "\n";
    return all;
  };
  EXPECT_EQ(marks(R"({"hook": "blocks.2.attn.hook_z", "op": "round", "heads": [0]})"), "block 2: int8 head 0\n")
      << "in place of \"rounded to 8 bits\"";
  EXPECT_EQ(marks(R"({"hook": "blocks.0.hook_resid_post", "op": "scale", "factor": 0.5})"), "block 0: × 0.5 stream after the block\n");
  EXPECT_EQ(marks(R"({"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [2], "queries": [5], "keys": [1]})"),
            "block 1: cut head 2, query 5, key 1\n");
  EXPECT_EQ(marks(R"({"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [0], "positions": [3]})"),
            "block 2: cut head 0, position 3\n");
  EXPECT_EQ(marks(R"({"hook": "blocks.0.mlp.hook_post", "op": "zero", "positions": [4]})"), "block 0: cut MLP post, position 4\n")
      << "once, though it is folded into several sheets";
  EXPECT_EQ(
      marks(
          R"({"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [0]}, {"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 2, "heads": [0]})"),
      "block 2: cut head 0, × 2 head 0\n");
  EXPECT_EQ(marks(R"({"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 0.123, "heads": [0]},
                     {"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 0.123, "heads": [1]},
                     {"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 0.456, "heads": [0]},
                     {"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 0.321, "heads": [2]},
                     {"hook": "blocks.2.attn.hook_z", "op": "add", "value": 0.789, "heads": [0]},
                     {"hook": "blocks.2.attn.hook_z", "op": "add", "value": 0.789, "heads": [1]})"),
            "block 2: 6 edits\n")
      << "heads that share a word are counted one by one";
  // From afar the block's title says the words, or how many edits there are: each counts once, however many sheets it has.
  for (const char* recipe : {R"({"hook": "blocks.0.mlp.hook_post", "op": "zero", "neurons": [1, 2]})",
                             R"({"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [0, 2], "queries": [5], "keys": [1]})"}) {
    marks(recipe);
    int edits = 0;
    for (const ViewScene::EditTag& tag : settled_scene().edit_tags) edits += tag.count;
    EXPECT_EQ(edits, 1) << recipe;
  }
  view.view = View::Stream;
  EXPECT_EQ(marks(R"({"hook": "blocks.2.attn.hook_z", "op": "round", "heads": [0]})"), "block 2: int8 head 0\n") << "the block's title";
  EXPECT_EQ(marks(R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [0, 2]})"), "block 1: cut heads 0, 2\n");
  EXPECT_EQ(marks(R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [1], "positions": [3]})"),
            "block 1: cut at position 3 head 1\n");
}

TEST_F(MachineTest, difference_is_edited_minus_base) {
  view.compare = Compare::Difference;
  const ViewScene scene = settled_scene();
  const HookId out{HookKind::MlpOut, 2};
  const render::Panel* panel = panel_of(scene, out);
  EXPECT_EQ(panel->map, render::ColorMap::Difference);
  EXPECT_EQ(panel->source->value(8, 5), run->edited->row(out, 8)[5] - run->base->row(out, 8)[5]);
  EXPECT_EQ(panel_of(scene, {HookKind::Q, 0})->source->value(4, 4), 0);
}

TEST_F(MachineTest, in_a_difference_weights_recede_and_the_legend_speaks_of_what_differs) {
  view.compare = Compare::Difference;
  const ViewScene scene = settled_scene();
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const bool weight = scene.panels[i].tensor.is_weight();
    EXPECT_EQ(scene.scene->panels[i].alpha < 0.3F, weight) << scene.panels[i].tensor.name();
  }
  const HookId out{HookKind::MlpOut, 2};
  EXPECT_EQ(panel_of(scene, out)->scale, scale_of_difference(*run->base, *run->edited, out, scale_of(*run->base, out)));
  const auto rows = legend_rows(scene, machine.home(input, view), Pane{});
  ASSERT_FALSE(rows.empty());
  for (const LegendRow& row : rows) {
    EXPECT_EQ(row.map, render::ColorMap::Difference) << row.title;
    EXPECT_NE((row.title + row.detail).find("edited - base"), std::string::npos) << row.title << ", " << row.detail;
  }
}

TEST_F(MachineTest, what_is_spoken_of_has_a_mark_of_its_own_that_no_head_has) {
  const CellRef head{{{HookKind::Pattern, 1}, {}}, {2, -1, -1}};
  for (const render::Theme theme : {render::Theme::Dark, render::Theme::Light}) {
    view.theme = theme;
    view.highlights.clear();
    const ViewScene before = settled_scene();
    view.highlights = {head};
    const ViewScene scene = settled_scene();
    ASSERT_EQ(scene.scene->lines.size(), before.scene->lines.size() + 1);
    const render::Line& mark = scene.scene->lines.back();
    const auto near = [](render::Color a, render::Color b) { return glm::length(glm::vec3(a) - glm::vec3(b)) < 0.3F; };
    for (int h = 0; h < 12; ++h) EXPECT_FALSE(near(mark.color, head_color(h, theme))) << h;
    for (const ViewScene::PlateName& name : scene.plate_names) {
      const PanelInfo& info = scene.panels[name.panel];
      const bool marked = info.tensor.hook == head.tensor.hook && info.head == 2;
      EXPECT_EQ(scene.scene->panels[name.panel].frame, head_color(info.head, theme)) << "a plate keeps its head's colour";
      const render::Label& label = scene.scene->labels[name.label];
      EXPECT_EQ(label.text, marked ? "head 1.2" : std::to_string(info.head));
      EXPECT_EQ(label.stays, marked) << "from afar its name says where it stands";
      if (!marked) continue;
      const render::Panel& plate = scene.scene->panels[name.panel];
      EXPECT_TRUE(mark.points[0].x < plate.origin.x && mark.points[0].y < plate.origin.y) << "there is air between the two";
    }
  }
}

TEST_F(MachineTest, without_a_run_the_frames_are_empty) {
  input.run = nullptr;
  const ViewScene scene = settled_scene();
  for (std::size_t i = 0; i < scene.panels.size(); ++i)
    EXPECT_EQ(scene.scene->panels[i].source != nullptr, scene.panels[i].tensor.is_weight()) << scene.panels[i].tensor.name();
}

TEST_F(MachineTest, cameras_by_name) {
  for (const char* name : {"home", "whole", "front", "embedding", "logits", "block 2", "attention 0", "MLP 1", "head 1.2"})
    EXPECT_TRUE(machine.camera(name, input, view)) << name;
  for (const char* name : {"", "block 3", "head 1.3", "head 1", "block x", "MLP"}) {
    const auto camera = machine.camera(name, input, view);
    ASSERT_FALSE(camera) << name;
    EXPECT_EQ(camera.error().code, ErrorCode::InvalidArgument);
  }
}

TEST_F(MachineTest, beside_a_part_at_its_end_the_machine_goes_on_and_not_the_void) {
  const ViewScene scene = settled_scene();
  const Pane pane{{1440, 720}};
  const auto edges = [&](const char* name) {
    const auto camera = machine.camera(name, input, view, pane);
    std::pair<float, float> x{1e9F, -1e9F};
    for (unsigned corner = 0; corner < 8; ++corner) {
      const glm::bvec3 far{(corner & 1U) != 0, (corner & 2U) != 0, (corner & 4U) != 0};
      const float at = render::project(*camera, glm::mix(scene.scene->low, scene.scene->high, far), {2, 1}).x;
      x = {std::min(x.first, at), std::max(x.second, at)};
    }
    return x;
  };
  const auto [first_low, first_high] = edges("embedding");
  EXPECT_LT(first_low, 0.45F) << "the end itself stays in the middle";
  EXPECT_GT(first_high, 1.9F);
  const auto [last_low, last_high] = edges("logits");
  EXPECT_LT(last_low, 0.1F);
  EXPECT_NEAR(last_high, 2, 0.2F);
}

TEST_F(MachineTest, the_words_are_those_of_the_selected_position) {
  const auto title = [&] {
    const ViewScene scene = settled_scene();
    for (const render::Label& l : scene.scene->labels)
      if (l.text.starts_with("after \"")) return l.text;
    return std::string();
  };
  const auto token = [&](int p) { return visible_text(model->tokenizer->bytes_of(run->edited->ids()[static_cast<std::size_t>(p)])); };
  const int last = run->edited->length() - 1;
  EXPECT_EQ(title(), "after \"" + token(last) + "\"");
  view.selected_position = 3;
  EXPECT_EQ(title(), "after \"" + token(3) + "\", position 3");
}

/// As of a checkpoint without a vocabulary: no id has a text.
class NoTexts : public testing_models::ByteTokenizer {
 public:
  using ByteTokenizer::ByteTokenizer;
  [[nodiscard]] std::string bytes_of(TokenId /*id*/) const override { return {}; }
};

TEST_F(MachineTest, tokens_without_a_text_are_named_by_their_ids) {
  auto bare = std::make_shared<Model>(*model);
  bare->tokenizer = std::make_shared<NoTexts>(57);
  input.model = bare;
  for (const View shown : {View::Machine, View::Stream}) {
    view.view = shown;
    const ViewScene scene = settled_scene();
    ASSERT_EQ(scene.row_texts.size(), ids.size());
    for (std::size_t p = 0; p < ids.size(); ++p) EXPECT_EQ(scene.row_texts[p], "#" + std::to_string(ids[p].v));
    if (shown == View::Stream) continue;
    const auto stands = [&](const std::string& text) {
      return std::ranges::any_of(scene.scene->labels, [&](const render::Label& l) { return l.text == text; });
    };
    EXPECT_TRUE(stands("after #" + std::to_string(ids.back().v)));
    EXPECT_TRUE(stands("#" + std::to_string(run->edited->stats(8).top.front().id.v))) << "the likeliest word";
  }
}

TEST_F(MachineTest, numbers_stand_in_large_cells_only) {
  const ViewScene scene = settled_scene();
  const glm::vec2 size{1280, 720};
  EXPECT_TRUE(cell_labels(scene, {machine.home(input, view), size}).empty());
  const auto place = scene.find({{{HookKind::Pattern, 1}, ""}, {2, 8, 0}}, model->weights->config);
  ASSERT_TRUE(place);
  render::Camera near = camera_for(scene, place->panel, 16.0F / 9);
  const auto labels = cell_labels(scene, {near, size});
  const std::string value = numbers::cell(scene.scene->panels[static_cast<std::size_t>(place->panel)].source->value(8, 0));
  EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [&](const render::Label& l) {
    return (l.text == value || "0" + l.text == value) && glm::distance(l.anchor, place->center) < 1e-5F;
  }));
}

}  // namespace
}  // namespace gf::scene
