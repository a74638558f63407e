// The page of a model without weights: every tensor in its true shape, and nothing made up inside.
#include "model/io/structure.h"

#include <chrono>
#include <gtest/gtest.h>
#include <set>

#include "app/scene/cards/explain.h"
#include "app/scene/compose.h"
#include "app/scene/legend.h"
#include "app/scene/scene_builder.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

std::shared_ptr<const Model> without_weights(const ModelConfig& config) {
  const auto model = std::make_shared<Model>();
  model->weights = structure_of(config, "empty");
  model->tokenizer = std::make_shared<testing_models::ByteTokenizer>(config.n_vocab);
  return model;
}

class StructureScene : public ::testing::Test {
 protected:
  ModelConfig config = testing_models::small_config();
  SceneInput input{without_weights(config), nullptr};
  ViewState view;
  SceneBuilder builder;
};

TEST_F(StructureScene, is_the_page_of_the_model_with_weights_without_any_value) {
  const auto full = testing_models::random_model(config, 3);
  const auto ids = testing_models::random_ids(9, 57, 5);
  input.tokens.assign(ids.begin(), ids.end());
  SceneBuilder other;
  const ViewScene page = builder.build(input, view),
                  real = other.build({full, testing_models::run_of(*full, ids, CapturePlan::defaults(), "")}, view);
  ASSERT_EQ(page.panels.size(), real.panels.size());
  for (std::size_t i = 0; i < page.panels.size(); ++i) {
    EXPECT_EQ(page.panels[i].tensor.name(), real.panels[i].tensor.name());
    EXPECT_EQ(page.panels[i].rows, real.panels[i].rows) << page.panels[i].tensor.name();
    EXPECT_EQ(page.panels[i].cols, real.panels[i].cols) << page.panels[i].tensor.name();
    EXPECT_EQ(page.scene->panels[i].origin, real.scene->panels[i].origin) << page.panels[i].tensor.name();
    EXPECT_EQ(page.scene->panels[i].source, nullptr) << page.panels[i].tensor.name();
  }
  EXPECT_EQ(page.row_texts, real.row_texts) << "the rows have the prompt's words";
  EXPECT_TRUE(page.scales.empty()) << "a legend of values that there are not";
  EXPECT_TRUE(builder.settled()) << "there is nothing to read";
}

TEST_F(StructureScene, has_each_tensor_of_the_table_and_no_word_that_it_is_being_read) {
  const ViewScene page = builder.build(input, view);
  std::set<std::string> shown, said;
  for (const PanelInfo& panel : page.panels) shown.insert(panel.tensor.name());
  for (const NamedTensor& tensor : input.model->weights->table()) EXPECT_TRUE(shown.contains(tensor.name)) << tensor.name;
  for (const render::Label& label : page.scene->labels) said.insert(label.text);
  EXPECT_FALSE(said.contains("reading"));
  EXPECT_TRUE(said.contains("no weights, so no values"));
}

TEST_F(StructureScene, tells_its_counts_for_the_rows_of_its_page) {
  input.model = without_weights((*load_structure("config:gpt2"))->config);
  input.tokens.assign(5, TokenId(0));
  const ViewScene page = builder.build(input, view);
  std::set<std::string> said;
  for (const render::Label& label : page.scene->labels) said.insert(label.text);
  for (const char* line : {"124.4 M parameters", "498 MB as float32", "12 blocks, 12 heads", "768 dimensions", "5 tokens: 1.24 GFLOP",
                           "keys and values: 0.4 MB"})
    EXPECT_TRUE(said.contains(line)) << line;
}

TEST_F(StructureScene, cards_say_what_a_cell_is_and_that_it_has_no_value) {
  const std::string note = "there are no weights, and so no value: this is the model's structure alone";
  for (const CellRef& cell : {CellRef{{{HookKind::Q, 1}, {}}, {2, 1, 3}}, CellRef{{{}, "h.1.mlp.c_fc.weight"}, {4, 17, -1}},
                              CellRef{{{}, "lm_head.weight"}, {4, 17, -1}}, CellRef{{{}, "ln_f.bias"}, {4, -1, -1}},
                              CellRef{{{HookKind::Pattern, 0}, {}}, {1, 5, 2}}, CellRef{{{HookKind::Logits, -1}, {}}, {3, 8, -1}}}) {
    const Card card = explain(cell, input, view);
    EXPECT_EQ(card.note, note) << cell.tensor.name();
    EXPECT_FALSE(card.value) << cell.tensor.name();
    EXPECT_TRUE(card.formula.empty() && card.terms.empty()) << cell.tensor.name();
    EXPECT_FALSE(card.title.empty() || card.indices.empty()) << cell.tensor.name();
    EXPECT_FALSE(value_of(cell, input, view)) << cell.tensor.name();
  }
  EXPECT_EQ(explain({{{HookKind::Q, 9}, {}}, {0, 0, 0}}, input, view).note, "there is no block 9: there are 3");
  EXPECT_EQ(explain({{{}, "h.0.mlp.c_fc.weight"}, {99, 0, -1}}, input, view).note, "there is no index 99: there are 18");
}

/// All that a frame has besides the scene: cards, names at the edges, the legend, the map, in both views, at each cell.
TEST_F(StructureScene, composes_in_both_views_and_from_every_named_camera) {
  input.tokens.assign(7, TokenId(1));
  for (const View shown : {View::Machine, View::Stream})
    for (const char* name : {"whole", "front", "block 1", "attention 0", "MLP 2", "head 1.2", "embedding", "logits"}) {
      view = {};
      view.view = shown;
      const auto camera = builder.camera(name, input, view);
      ASSERT_TRUE(camera) << name << ": " << camera.error().message;
      view.camera = *camera;
      Pane pane;
      pane.guides = true;
      Composer composer(builder);
      composer.build(input, view, pane);
      const Frame& frame = composer.frame(CellRef{{{HookKind::Q, 1}, {}}, {2, 1, 3}});
      EXPECT_FALSE(frame.scene.scene->panels.empty()) << name;
      EXPECT_TRUE(frame.legend.empty()) << name << ": a legend of values that there are not";
    }
}

TEST_F(StructureScene, each_block_has_its_title_on_the_whole_page) {
  for (const char* size : {"gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"})
    for (const glm::vec2 pane_size : {glm::vec2(1280, 720), glm::vec2(1600, 900), glm::vec2(1024, 768)}) {
      SCOPED_TRACE(std::string(size) + ", " + std::to_string(pane_size.x));
      const auto structure = load_structure(std::string("config:") + size);
      ASSERT_TRUE(structure) << structure.error().message;
      input.model = without_weights((*structure)->config);
      input.tokens.assign(14, TokenId(65));
      Pane pane;
      pane.size = pane_size;
      pane.legend_rows = legend_rows_for(pane);
      pane.foot = legend_share(pane);
      Composer composer(builder);
      composer.build(input, view, pane);
      const Frame& frame = composer.frame();
      std::set<std::string> seen;
      for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, pane.size))
        if (at.alpha > 0.5F) seen.insert(frame.scene.scene->labels[static_cast<std::size_t>(at.index)].text);
      for (int block = 0; block < (*structure)->config.n_layer; ++block)
        EXPECT_TRUE(seen.contains("block " + std::to_string(block))) << block;
    }
}

/// GPT-3: 96 blocks of 96 heads. What a later frame does on the processor is far from what the first one did.
TEST_F(StructureScene, gpt3_is_laid_out_once_and_then_fluent) {
  const auto gpt3 = load_structure("config:gpt3");
  ASSERT_TRUE(gpt3) << gpt3.error().message;
  input.model = without_weights((*gpt3)->config);
  input.tokens.assign(14, TokenId(1));
  const auto took = [&](const std::string& camera) {
    view.camera = *builder.camera(camera, input, view);
    Composer composer(builder);
    const auto start = std::chrono::steady_clock::now();
    composer.build(input, view, {});
    const std::size_t panels = composer.frame().scene.scene->panels.size();
    EXPECT_GT(panels, 96U * 96);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  };
  RecordProperty("gpt3_first_ms", std::to_string(took("whole")));
  RecordProperty("gpt3_later_ms", std::to_string(took("whole")));
  RecordProperty("gpt3_block_ms", std::to_string(took("block 50")));
  const ViewScene page = builder.build(input, view);
  std::size_t plates = 0;
  for (const PanelInfo& panel : page.panels) plates += panel.tensor.hook.kind == HookKind::Pattern && !panel.tensor.is_weight() ? 1 : 0;
  EXPECT_EQ(plates, 96U * 96) << "each head has its plate";
}

}  // namespace
}  // namespace gf::scene
