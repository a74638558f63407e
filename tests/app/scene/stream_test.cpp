// The Stream: its lattice, that ribbons and words say what the run says, and what time and edits change.
#include "app/scene/stream/stream.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>

#include "app/scene/pointed.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

struct Entry {
  int block, head, query, key;
  float share;  ///< of the full width
  bool cut;
};

class StreamTest : public ::testing::Test {
 protected:
  static constexpr int kT = 9;
  static constexpr float kFullWidth = 0.34F;
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(kT, 57, 5), testing_models::everything(),
                             R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  SceneInput input = *with_readings({model, run});
  ViewState view = [] {
    ViewState v;
    v.view = View::Stream;
    return v;
  }();
  SceneBuilder machine;
  const ModelConfig& config = model->weights->config;
  StreamLayout layout = make_stream_layout({config.n_layer, config.n_head, config.d_model, kT, 1.8F, 720});

  /// The ribbons between columns, read back from their places.
  std::vector<Entry> entries(const ViewScene& scene) const {
    std::vector<Entry> all;
    for (const render::Ribbon& r : scene.scene->ribbons)
      for (int block = 0; block < config.n_layer; ++block) {
        const glm::vec3 from = (r.a0 + r.a1) * 0.5F, to = (r.b0 + r.b1) * 0.5F;
        if (std::abs(from.x - layout.ribbons_from(block)) > 1e-4F || std::abs(to.x - layout.ribbons_to(block)) > 1e-4F) continue;
        Entry e{block, 0, 0, 0, (r.a1.y - r.a0.y) / kFullWidth, r.cut};
        e.key = static_cast<int>(std::floor(from.y / layout.step_y));
        e.query = static_cast<int>(std::floor(to.y / layout.step_y));
        const float lane = (from.y - layout.row(e.key) - 0.14F) / 0.72F;
        e.head = static_cast<int>(std::floor(lane * static_cast<float>(config.n_head)));
        all.push_back(e);
      }
    return all;
  }
  [[nodiscard]] float weight(const Trace& trace, const Entry& e) const {
    return trace.causal_row({HookKind::Pattern, e.block}, e.head, e.query)[static_cast<std::size_t>(e.key)];
  }
};

TEST(StreamLayoutTest, a_vector_folds_into_a_full_rectangle) {
  const auto fold = [](int d_model) {
    const StreamLayout l = make_stream_layout({12, 12, d_model, 14, 1.8F, 720});
    return std::pair(l.fold_rows, l.fold_cols);
  };
  EXPECT_EQ(fold(768), std::pair(24, 32));
  EXPECT_EQ(fold(1600), std::pair(40, 40));
  EXPECT_EQ(fold(256), std::pair(16, 16));
  const auto [rows, cols] = fold(97);  // a prime: the last row has gaps
  EXPECT_GE(rows * cols, 97);
  EXPECT_LT((rows - 1) * cols, 97);
}

TEST(StreamLayoutTest, the_lattice_suits_the_window_and_nothing_overlaps) {
  for (const StreamShape& shape :
       {StreamShape{6, 8, 256, 14, 1.8F, 640}, StreamShape{12, 12, 768, 32, 1.8F, 640}, StreamShape{48, 25, 1600, 32, 1.8F, 640},
        StreamShape{2, 2, 48, 12, 1.2F, 500}, StreamShape{12, 12, 768, 1024, 1.8F, 640}}) {
    SCOPED_TRACE(std::to_string(shape.n_layer) + " x " + std::to_string(shape.T));
    const StreamLayout l = make_stream_layout(shape);
    EXPECT_GT(l.step_y, 1.1F);
    EXPECT_GE(l.step_x, l.tile_w + l.words + l.bars + 0.5F);
    EXPECT_LT(l.ribbons_from(0), l.ribbons_to(0));
    const float last = l.plate_at(0, shape.n_head - 1).y + l.plate;
    EXPECT_LT(last, l.depth_y - l.titles * 0.85F);
    EXPECT_LE(l.plate_at(0, l.plates_across - 1).x + l.plate, l.plate_at(1, 0).x);
    if (shape.T > 100 || shape.n_layer < 3) continue;  // long prompts and small models are as they are
    const glm::vec3 size = l.high - l.low;
    EXPECT_NEAR(size.x / size.y, shape.aspect, 0.35F * shape.aspect);
  }
}

TEST(StreamLayoutTest, plates_stand_so_that_a_pane_shows_them_as_large_as_can_be) {
  for (const StreamShape& shape : {StreamShape{6, 8, 256, 14, 2.3F, 560}, StreamShape{6, 8, 256, 64, 2.3F, 560},
                                   StreamShape{6, 8, 256, 200, 1.6F, 840}, StreamShape{6, 8, 256, 64, 1.9F, 250}}) {
    SCOPED_TRACE(std::to_string(shape.T) + " at " + std::to_string(shape.aspect));
    const StreamLayout l = make_stream_layout(shape);
    EXPECT_EQ(l.plates_across, 4);
    EXPECT_EQ(l.plates_down, 2);
  }
}

TEST(StreamLayoutTest, a_long_prompt_opens_on_its_last_rows_and_they_can_be_read) {
  for (const StreamShape& shape : {StreamShape{6, 8, 256, 200, 1.8F, 640}, StreamShape{2, 2, 48, 1000, 1.2F, 500}}) {
    const StreamLayout l = make_stream_layout(shape);
    ASSERT_LT(l.home_rows, shape.T / 2);
    const float px_per_unit = shape.height_px / (static_cast<float>(l.home_rows) * l.step_y + 0.4F);
    EXPECT_GE(l.letters * px_per_unit, 11) << "words";
    EXPECT_GE(l.tokens * px_per_unit, 11) << "tokens";
  }
  EXPECT_EQ(make_stream_layout({6, 8, 256, 20, 1.8F, 640}).home_rows, 20) << "what fits is shown whole";
}

TEST_F(StreamTest, each_ribbon_is_as_wide_as_its_weight_and_none_that_matters_more_is_missing) {
  for (const Compare compare : {Compare::Edited, Compare::Base}) {
    view.compare = compare;
    const auto drawn = entries(machine.build(input, view));
    const Trace& trace = compare == Compare::Base ? *run->base : *run->edited;
    std::set<std::tuple<int, int, int, int>> there;
    std::vector<float> weakest(static_cast<std::size_t>(config.n_layer), 1);
    for (const Entry& e : drawn) {
      EXPECT_NEAR(e.share, weight(trace, e), 2e-3F) << e.block << '.' << e.head << ' ' << e.query << ' ' << e.key;
      EXPECT_GE(e.share, kLeastRibbon - 1e-3F);
      EXPECT_EQ(e.cut, compare == Compare::Edited && e.block == 1 && e.head == 2);
      EXPECT_TRUE(there.insert({e.block, e.head, e.query, e.key}).second);
      if (e.key != 0 && e.key != e.query)
        weakest[static_cast<std::size_t>(e.block)] = std::min(weakest[static_cast<std::size_t>(e.block)], e.share);
    }
    EXPECT_GT(drawn.size(), 30U);
    for (int block = 0; block < config.n_layer; ++block)
      for (int head = 0; head < config.n_head; ++head)
        for (int query = 2; query < kT; ++query)
          for (int key = 1; key < query; ++key) {
            const float w = weight(trace, {block, head, query, key, 0, false});
            if (w <= weakest[static_cast<std::size_t>(block)] + 2e-3F) continue;
            EXPECT_TRUE(there.contains({block, head, query, key})) << w;
          }
  }
}

TEST(StreamRibbons, are_so_few_that_they_can_be_told_apart_and_the_legend_says_how_many) {
  ModelConfig small, fable;
  small.n_layer = 12, fable.n_layer = 6;
  EXPECT_LE(most_ribbons(small, 64), 40);
  EXPECT_EQ(most_ribbons(fable, 14), 56) << "of a short text four a row";
  EXPECT_NE(ribbon_words(RibbonWidth::Weight, most_ribbons(small, 64)).find("at most 35 a block"), std::string::npos);
}

TEST_F(StreamTest, by_norm_a_ribbon_shows_what_is_moved) {
  view.ribbons = RibbonWidth::Moved;
  const auto drawn = entries(machine.build(input, view));
  ASSERT_FALSE(drawn.empty());
  const auto moved = [&](const Entry& e) { return weight(*run->edited, e) * input.edited_reading->norms.value.at(e.block, e.head, e.key); };
  std::vector<float> full(static_cast<std::size_t>(config.n_layer), 0);
  for (int block = 0; block < config.n_layer; ++block)
    for (int head = 0; head < config.n_head; ++head)
      for (int query = 0; query < kT; ++query)
        for (int key = 0; key <= query; ++key)
          full[static_cast<std::size_t>(block)] =
              std::max(full[static_cast<std::size_t>(block)], moved({block, head, query, key, 0, false}));
  for (const Entry& e : drawn) EXPECT_NEAR(e.share, moved(e) / full[static_cast<std::size_t>(e.block)], 2e-3F);
}

TEST_F(StreamTest, the_norms_are_those_of_the_vectors) {
  const StreamNorms& norms = input.base_reading->norms;
  const auto length = [](auto&& at, int n) {
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += at(i) * at(i);
    return std::sqrt(sum);
  };
  for (int block = 0; block < config.n_layer; ++block)
    for (int p = 0; p < kT; ++p) {
      const auto out = run->base->row({HookKind::AttnOut, block}, p), mlp = run->base->row({HookKind::MlpOut, block}, p);
      const auto v = run->base->row({HookKind::V, block}, p);
      const Matrix& o = model->weights->blocks[static_cast<std::size_t>(block)].o;
      EXPECT_NEAR(norms.attn.at(block, p),
                  length([&](int i) { return static_cast<double>(out[static_cast<std::size_t>(i)]); }, config.d_model), 1e-4);
      EXPECT_NEAR(norms.mlp.at(block, p),
                  length([&](int i) { return static_cast<double>(mlp[static_cast<std::size_t>(i)]); }, config.d_model), 1e-4);
      for (int h = 0; h < config.n_head; ++h) {
        const auto moved = [&](int to) {
          double sum = 0;
          for (int i = h * config.d_head; i < (h + 1) * config.d_head; ++i)
            sum += static_cast<double>(v[static_cast<std::size_t>(i)]) * static_cast<double>(o.at(i, to));
          return sum;
        };
        EXPECT_NEAR(norms.value.at(block, h, p), length(moved, config.d_model), 1e-4);
      }
    }
}

TEST_F(StreamTest, beside_each_node_stands_the_word_of_the_lens) {
  const ViewScene scene = machine.build(input, view);
  for (int depth = 0; depth <= config.n_layer; ++depth)
    for (int p = 0; p < kT; ++p) {
      const TokenId top = input.edited_reading->lens.top[static_cast<std::size_t>((depth * kT + p) * input.edited_reading->lens.k)].id;
      const glm::vec3 low = layout.tile(depth, p), high = low + glm::vec3(layout.tile_w + layout.words, layout.step_y, 0);
      int found = 0;
      for (const render::Label& l : scene.scene->labels)
        if (l.anchor.x >= low.x && l.anchor.x < high.x && l.anchor.y >= low.y && l.anchor.y < high.y) {
          EXPECT_EQ(l.text, visible_text(model->tokenizer->bytes_of(top)));
          ++found;
        }
      EXPECT_EQ(found, 1) << "depth " << depth << " position " << p;
    }
}

TEST_F(StreamTest, without_a_reading_the_tiles_stand_and_the_legend_says_so) {
  const ViewScene scene = machine.build({model, run}, view);
  const ViewScene read = machine.build(input, view);
  ASSERT_EQ(scene.keys.size(), 1U);
  EXPECT_EQ(scene.keys[0].detail, "reading");
  EXPECT_NE(read.keys[0].detail, "reading");
  EXPECT_LT(scene.scene->labels.size() + kT * 4 - 1, read.scene->labels.size());
  for (const render::Panel& panel : scene.scene->panels) EXPECT_NE(panel.source, nullptr);
  EXPECT_TRUE(machine.settled());
}

TEST_F(StreamTest, a_selected_head_stands_out) {
  view.selection = CellRef{{{HookKind::Pattern, 0}, {}}, {1, 5, 2}};
  const ViewScene scene = machine.build(input, view);
  float aside = 0, focused = 1;
  const auto all = entries(scene);
  std::size_t i = 0;
  for (const render::Ribbon& r : scene.scene->ribbons) {
    const float x = (r.a0.x + r.a1.x) * 0.5F, to = (r.b0.x + r.b1.x) * 0.5F;
    if (std::abs(x - layout.ribbons_from(0)) > 1e-4F || std::abs(to - layout.ribbons_to(0)) > 1e-4F) continue;
    (all[i].head == 1 ? focused : aside) = all[i].head == 1 ? std::min(focused, r.color.a) : std::max(aside, r.color.a);
    ++i;
  }
  EXPECT_GT(focused, 2 * aside);
  EXPECT_GT(aside, 0);
}

TEST_F(StreamTest, what_is_not_computed_is_an_empty_frame) {
  const Timeline timeline(config, kT);
  const ViewScene whole = machine.build(input, view);
  view.time = timeline.start_of(4, timeline.op_of({HookKind::ResidPost, 0}));
  const ViewScene part = machine.build(input, view);
  // Positions 0 to 3 in all depths, and position 4 in depth 0.
  const PanelInfo& first = part.panels[0];
  EXPECT_EQ(part.scene->panels[0].rows_shown, static_cast<float>(5 * first.pitch));
  EXPECT_EQ(part.scene->panels[1].rows_shown, static_cast<float>(4 * first.pitch));
  const auto shown_words = [&](const ViewScene& scene) {
    return std::ranges::count_if(scene.scene->labels,
                                 [&](const render::Label& l) { return l.alpha > 0 && l.anchor.x > 0 && l.anchor.y > 0; });
  };
  EXPECT_EQ(shown_words(whole), kT * (config.n_layer + 1));
  EXPECT_EQ(shown_words(part), 4 * (config.n_layer + 1) + 1);
  for (const render::Ribbon& r : part.scene->ribbons) {
    if (r.a0.y <= layout.row(5)) continue;
    EXPECT_EQ(r.shown, 0);
  }
  // An outline for each of the others.
  EXPECT_EQ(part.scene->lines.size(),
            whole.scene->lines.size() + static_cast<std::size_t>(kT * (config.n_layer + 1) - (4 * (config.n_layer + 1) + 1)));
}

TEST_F(StreamTest, the_cameras_of_the_machine_have_their_counterparts) {
  for (const char* name : {"home", "whole", "front", "embedding", "logits", "block 1", "attention 2", "MLP 0", "head 1.2"}) {
    const auto camera = machine.camera(name, input, view);
    ASSERT_TRUE(camera.has_value()) << name;
    EXPECT_TRUE(std::isfinite(camera->distance)) << name;
    EXPECT_LT(camera->distance, 500) << name;
  }
  EXPECT_FALSE(machine.camera("block 3", input, view).has_value());
}

TEST_F(StreamTest, from_its_attention_camera_a_blocks_patterns_are_squares_that_can_be_read) {
  const Pane pane{{1280, 720}};
  const ViewScene scene = machine.build(input, view, pane);
  const auto camera = machine.camera("attention 1", input, view, pane);
  ASSERT_TRUE(camera);
  const auto at = [&](glm::vec3 point) { return glm::vec2(render::project(*camera, point, pane.size)); };
  int plates = 0;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal || scene.panels[i].tensor.hook.layer != 1) continue;
    const render::Panel& p = scene.scene->panels[i];
    const glm::vec2 low = at(p.origin), high = at(p.origin + p.across + p.down), size = high - low;
    EXPECT_NEAR(size.x / size.y, 1, 0.02) << "a square, seen from the front";
    EXPECT_GE(size.y, 8.0F * kT) << "8 pixels a row";
    EXPECT_TRUE(low.x >= 0 && low.y >= 0 && high.x <= pane.size.x && high.y <= pane.size.y);
    ++plates;
  }
  EXPECT_EQ(plates, config.n_head);
}

TEST_F(StreamTest, a_stream_of_nan_says_nan_and_moves_nothing_out_of_place) {
  const auto whole = model;  // whose memory the other one reads
  std::vector<float> wpe(static_cast<std::size_t>(config.n_ctx * config.d_model));
  for (std::size_t i = 0; i < wpe.size(); ++i)
    wpe[i] = i / static_cast<std::size_t>(config.d_model) == 3 ? std::numeric_limits<float>::quiet_NaN()
                                                               : model->weights->wpe.at(static_cast<std::int64_t>(i));
  auto weights = std::make_shared<Weights>(*model->weights);
  weights->wpe.data = reinterpret_cast<const std::byte*>(wpe.data());
  weights->wpe.dtype = DType::F32;
  auto broken = std::make_shared<Model>(*model);
  broken->weights = weights;
  model = broken;
  run = testing_models::run_of(*model, testing_models::random_ids(kT, 57, 5), testing_models::everything(),
                               R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  ASSERT_TRUE(std::isnan(run->edited->row({HookKind::ResidPost, 0}, 3)[0])) << "else it tests nothing";
  input = *with_readings({model, run});
  for (const Compare compare : {Compare::Edited, Compare::Base, Compare::Difference})
    for (const RibbonWidth ribbons : {RibbonWidth::Weight, RibbonWidth::Moved}) {
      view.compare = compare;
      view.ribbons = ribbons;
      const ViewScene scene = machine.build(input, view);
      int words = 0;
      for (const render::Label& label : scene.scene->labels) words += label.text == "NaN" ? 1 : 0;
      EXPECT_GE(words, kT - 3) << "of every row that sees it";
      for (const render::Ribbon& ribbon : scene.scene->ribbons)
        for (const glm::vec3& corner : {ribbon.a0, ribbon.a1, ribbon.b0, ribbon.b1})
          ASSERT_TRUE(std::isfinite(corner.x + corner.y + corner.z));
    }
}

TEST_F(StreamTest, the_edges_of_a_circuit_are_arcs_above_the_plates) {
  const ViewScene plain = machine.build(input, view);
  view.circuit =
      Circuit{{{"embed", "mlp.0", 2}, {"0.1", "1.2.v", -1}, {"mlp.1", "logits", 0.5F}, {"9.9", "logits", 9}}, 77, "logit", "logit A"};
  const ViewScene scene = machine.build(input, view);
  std::vector<const render::Ribbon*> arcs;
  for (const render::Ribbon& r : scene.scene->ribbons)
    if (r.a_out.y < 0 && r.b_in.y > 0) arcs.push_back(&r);
  ASSERT_EQ(arcs.size(), 3U) << "a part that the model lacks gets none";
  const auto width = [](const render::Ribbon& r) { return r.a1.x - r.a0.x; };
  EXPECT_NEAR(width(*arcs[2]), 2 * width(*arcs[1]), 1e-4F) << "the strongest is drawn last";
  EXPECT_NEAR(width(*arcs[1]), 2 * width(*arcs[0]), 1e-4F);
  EXPECT_GT(arcs[2]->color.r, arcs[2]->color.b) << "raises: red";
  EXPECT_LT(arcs[1]->color.r, arcs[1]->color.b) << "lowers: blue";
  ASSERT_GE(arcs[1]->means, 0);
  EXPECT_EQ(scene.meanings[static_cast<std::size_t>(arcs[1]->means)].tensor.hook, (HookId{HookKind::V, 1}));
  EXPECT_LT(scene.scene->low.y, plain.scene->low.y) << "they have room above the titles";
  for (const render::Ribbon* arc : arcs) {
    const auto top = [&](bool inner) { return ribbon_point(*arc, 0.5F, inner).y; };
    EXPECT_GT(top(false), scene.scene->low.y);
    EXPECT_NEAR(top(true) - top(false), width(*arc), 1e-4F) << "as wide at the top as at its feet";
  }
  const auto key = std::ranges::find(scene.keys, "circuit, 3 of 77 edges: logit A", &ViewScene::Key::title);
  ASSERT_NE(key, scene.keys.end());
  EXPECT_EQ(key->detail, "width: effect, summed over all positions; those below 0.5 are left out");
}

}  // namespace
}  // namespace gf::scene
