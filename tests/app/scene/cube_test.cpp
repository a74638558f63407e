// Products as cubes: what is shown at the end is what the run captured, what is shown before are the sums of the first terms, and a
// frame depends on its time alone.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

#include "app/scene/compose.h"
#include "app/scene/cube/cube_scene.h"
#include "app/scene/cube/cube_sources.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

constexpr std::array kOrders{CubeOrder::Dots, CubeOrder::Rows, CubeOrder::Columns, CubeOrder::Outer};

class CubeTest : public testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::vector<TokenId> ids = testing_models::random_ids(9, 57, 5);
  SceneInput input{model, testing_models::run_of(*model, ids, testing_models::everything())};
  const ModelConfig& config = model->weights->config;

  static ViewState open(const std::string& name, CubeOrder order = CubeOrder::Dots, double time = Cube::kEnd) {
    ViewState view;
    view.cube = *cube_named(name);
    view.cube->order = order;
    view.cube->time = time;
    return view;
  }
  [[nodiscard]] std::shared_ptr<const CubeProduct> product(const ViewState& view) const { return CubeProduct::of(input, view, *view.cube); }
  [[nodiscard]] CubeMoment moment(const ViewState& view) const {
    const auto p = product(view);
    return cube_moment(*p, *view.cube, first_step(*p, view));
  }
  /// Every product of the pass, once.
  [[nodiscard]] std::vector<std::string> all() const {
    std::vector<std::string> names{"logits", "blocks.1.attn.hook_q.2", "blocks.1.attn.hook_v.0"};
    for (int b = 0; b < config.n_layer; ++b)
      for (const char* name : {"attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_attn_scores.1", "attn.hook_z.2", "hook_attn_out",
                               "mlp.hook_pre", "hook_mlp_out"})
        names.push_back("blocks." + std::to_string(b) + "." + name);
    return names;
  }
};

std::string moments_name(CubeOrder order, double time) { return words_of(order) + " at " + std::to_string(time); }

TEST_F(CubeTest, a_whole_sum_is_the_value_that_the_run_captured) {
  for (const std::string& name : all()) {
    SCOPED_TRACE(name);
    const auto p = product(open(name));
    ASSERT_TRUE(p);
    EXPECT_FALSE(p->edited());
    EXPECT_EQ(p->rows(), 9);
    for (int i = 0; i < p->rows(); ++i)
      for (int j = 0; j < p->cols(); ++j) {
        if (!p->there(i, j)) {
          EXPECT_GT(j, i);
          EXPECT_TRUE(std::isnan(p->term(i, 0, j)));
          continue;
        }
        const HookId hook = p->cube().product;
        const RowShape shape = info_of(hook.kind).shape;
        const int flat = p->col0() + j;
        const std::array<int, 3> index = shape == RowShape::Causal  ? std::array{p->cube().head, i, j}
                                         : shape == RowShape::Heads ? std::array{i, flat / config.d_head, flat % config.d_head}
                                                                    : std::array{i, flat, -1};
        const auto captured = explaining::captured_value(*input.run->base, hook, index);
        ASSERT_TRUE(captured);
        EXPECT_EQ(p->result(i, j), *captured);
        double terms = 0;
        for (int k = 0; k < p->terms(); ++k)
          if (const double t = p->term(i, k, j); !std::isnan(t)) terms += t;
        EXPECT_EQ(terms, p->sum(i, j, p->terms()));
        ASSERT_NEAR(terms, static_cast<double>(*captured), 2e-5 * (1 + std::abs(static_cast<double>(*captured))));
      }
  }
}

TEST_F(CubeTest, sums_of_all_columns_are_those_of_each_and_do_not_depend_on_what_was_asked_before) {
  for (const char* name : {"blocks.0.mlp.hook_pre", "blocks.1.attn.hook_z.0", "blocks.1.attn.hook_attn_scores.2", "logits"}) {
    SCOPED_TRACE(name);
    const auto view = open(name);
    const auto p = product(view);
    (void)p->sums(0, p->rows(), p->terms());  // forwards, then back
    for (const int terms : {p->terms(), 5, 2, 3}) {
      const std::vector<float> sums = p->sums(0, p->rows(), terms);
      const auto other = product(view);
      EXPECT_TRUE(std::ranges::equal(sums, other->sums(0, other->rows(), terms),
                                     [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }));
      for (int i = 0; i < p->rows(); ++i)
        for (int j = 0; j < p->cols(); ++j) {
          const float sum = sums[static_cast<std::size_t>(i * p->cols() + j)];
          if (p->there(i, j)) EXPECT_EQ(sum, static_cast<float>(p->sum(i, j, terms)));
          else EXPECT_TRUE(std::isnan(sum));
        }
    }
  }
}

TEST_F(CubeTest, each_cell_at_any_moment_is_the_sum_of_the_terms_that_have_come) {
  for (const char* name : {"blocks.0.attn.hook_q", "blocks.1.attn.hook_attn_scores.1", "blocks.0.attn.hook_z.2", "blocks.1.hook_mlp_out"})
    for (const CubeOrder order : kOrders)
      for (double time = 0; time <= 1; time += 0.037) {
        SCOPED_TRACE(std::string(name) + ", " + moments_name(order, time));
        const ViewState view = open(name, order, time);
        const auto p = product(view);
        const CubeMoment now = moment(view);
        const auto shown = sums_source(p, order, now);
        for (int i = 0; i < p->rows(); ++i)
          for (int j = 0; j < p->cols(); ++j) {
            const int terms = terms_at(*p, order, now, i, j);
            const float value = shown->value(i, j);
            if (terms < 0) EXPECT_TRUE(std::isnan(value));
            else ASSERT_NEAR(static_cast<double>(value), p->sum(i, j, terms), 2e-5 * (1 + std::abs(p->sum(i, j, terms)))) << i << ", " << j;
          }
      }
}

TEST_F(CubeTest, time_only_adds_terms_and_begins_with_none) {
  for (const std::string& name : all())
    for (const CubeOrder order : kOrders) {
      const auto p = product(open(name));
      long long before = -1;
      const auto added = [&](double time) {
        const CubeMoment now = moment(open(name, order, time));
        long long sum = 0;
        for (int i = 0; i < p->rows(); ++i)
          for (int j = 0; j < p->cols(); ++j) sum += std::max(0, terms_at(*p, order, now, i, j));
        return sum;
      };
      EXPECT_EQ(added(0), 0);
      for (double time = 0; time <= 1; time += 0.02) {
        const long long now = added(time);
        EXPECT_GE(now, before) << name << ", " << moments_name(order, time);
        before = now;
      }
      EXPECT_EQ(before, p->sums_in_all() * p->terms()) << name;
    }
}

TEST_F(CubeTest, the_terms_at_work_are_the_products_of_the_two_factors) {
  const auto p = product(open("blocks.1.mlp.hook_pre"));
  const auto row = terms_source(p, CubeOrder::Rows, 3, p->depth()), outer = terms_source(p, CubeOrder::Outer, 4, p->depth());
  const auto column = terms_source(p, CubeOrder::Columns, 6, p->depth()),
             dot = terms_source(p, CubeOrder::Dots, p->number_of(3, 6), p->depth());
  const auto expect = [&](float shown, int i, int k, int j) { EXPECT_FLOAT_EQ(shown, static_cast<float>(p->left(i, k) * p->right(k, j))); };
  expect(row->value(4, 6), 3, 4, 6);
  expect(outer->value(3, 6), 3, 4, 6);
  expect(column->value(3, 4), 3, 4, 6);
  expect(dot->value(0, 4), 3, 4, 6);
  EXPECT_TRUE(std::isnan(terms_source(p, CubeOrder::Columns, 6, 4)->value(3, 4))) << "it has not come yet";
}

TEST_F(CubeTest, scrubbing_shows_the_same_scene_for_the_same_time) {
  const auto values_of = [](const ViewScene& scene) {
    std::vector<float> values;
    for (const render::Panel& panel : scene.scene->panels) {
      values.insert(values.end(),
                    {panel.origin.x, panel.origin.y, panel.origin.z, panel.across.z, panel.down.y, panel.alpha, panel.rows_shown});
      for (int i = 0; panel.source && i < panel.source->rows(); ++i)
        for (int j = 0; j < panel.source->cols(); ++j) {
          const float v = panel.source->value(i, j);
          values.push_back(std::isnan(v) ? 1e30F : v);
        }
    }
    for (const render::Label& label : scene.scene->labels)
      values.push_back(static_cast<float>(std::hash<std::string>()(label.text) % 9973));
    return values;
  };
  for (const CubeOrder order : kOrders) {
    SceneBuilder there, back;
    std::vector<std::vector<float>> forwards;
    while (!there.settled() || !back.settled() || forwards.empty()) {
      (void)there.build(input, open("blocks.0.attn.hook_k", order));
      (void)back.build(input, open("blocks.0.attn.hook_k", order));
      forwards.resize(1);
      std::this_thread::yield();
    }
    forwards.clear();
    constexpr int kMoments = 23;
    for (int i = 0; i <= kMoments; ++i)
      forwards.push_back(values_of(there.build(input, open("blocks.0.attn.hook_k", order, static_cast<double>(i) / kMoments))));
    for (int i = kMoments; i >= 0; --i)
      EXPECT_EQ(values_of(back.build(input, open("blocks.0.attn.hook_k", order, static_cast<double>(i) / kMoments))),
                forwards[static_cast<std::size_t>(i)])
          << moments_name(order, static_cast<double>(i) / kMoments);
  }
}

TEST_F(CubeTest, every_cell_leads_to_the_number_that_it_shows) {
  for (const std::string& name : all())
    for (const CubeOrder order : kOrders) {
      SceneBuilder builder;
      const ViewState view = open(name, order, 0.3);
      ViewScene scene;
      do scene = builder.build(input, view);
      while (!builder.settled());
      ASSERT_EQ(scene.panels.size(), scene.scene->panels.size());
      for (std::size_t i = 0; i < scene.panels.size(); ++i) {
        const PanelInfo& info = scene.panels[i];
        const render::Panel& panel = scene.scene->panels[i];
        ASSERT_TRUE(panel.source) << name << " panel " << i;
        EXPECT_EQ(panel.source->rows(), info.rows) << name;
        EXPECT_EQ(panel.source->cols(), info.cols) << name;
        const bool terms = info.mapping == PanelInfo::Mapping::Terms;
        for (int r = 0; r < info.rows; ++r)
          for (int c = 0; c < info.cols; ++c) {
            const auto cell = info.cell(r, c, config);
            const float value = panel.source->value(r, c);
            if (!cell) {
              EXPECT_TRUE(std::isnan(value)) << name << " " << r << ", " << c;
              continue;
            }
            if ((r * info.cols + c) % 7 != 0) continue;
            const Card card = explain(*cell, input, view);
            EXPECT_FALSE(card.title.empty());
            // A sum in the making differs from its hook's value, and the input of a product from what its LayerNorm gives.
            const HookKind kind = cell->tensor.hook.kind;
            const bool norm = kind == HookKind::Ln1Normalized || kind == HookKind::Ln2Normalized || kind == HookKind::LnFinalNormalized;
            const bool own = cell->tensor.is_weight() || (cell->tensor.hook != view.cube->product && !norm);
            if (!terms && own && card.value && !std::isnan(value)) {
              EXPECT_EQ(*card.value, value) << name << " " << card.title;
            }
          }
      }
    }
}

TEST_F(CubeTest, a_product_stands_as_a_cube_with_its_three_tensors_and_names_on_three_axes) {
  SceneBuilder builder;
  const ViewState view = open("blocks.1.mlp.hook_pre");
  const ViewScene scene = builder.build(input, view);
  const auto panel_of = [&](const TensorRef& tensor) -> const render::Panel& {
    for (std::size_t i = 0; i < scene.panels.size(); ++i)
      if (scene.panels[i].tensor == tensor) return scene.scene->panels[i];
    ADD_FAILURE() << tensor.name();
    return scene.scene->panels.front();
  };
  const render::Panel& front = panel_of({{HookKind::MlpPre, 1}, {}});
  const render::Panel& side = panel_of({{HookKind::Ln2Normalized, 1}, {}});
  const render::Panel& above = panel_of({{}, "h.1.mlp.c_fc.weight"});
  EXPECT_EQ(front.across.z, 0) << "the result faces the viewer";
  EXPECT_EQ(side.across.x, 0) << "the input stands at the side";
  EXPECT_EQ(above.down.y, 0) << "the weights lie above";
  EXPECT_EQ(side.down, front.down) << "their rows are the same positions";
  EXPECT_EQ(above.across, front.across) << "their columns are the same neurons";
  EXPECT_EQ(side.across, above.down) << "what the sum runs over has the same place in both";
  EXPECT_LT(side.origin.x, front.origin.x);
  EXPECT_LT(above.origin.y, front.origin.y);
  std::string words;
  for (const render::Label& label : scene.scene->labels) words += label.text + "\n";
  for (const render::Label& note : scene.notes) words += note.text + "\n";
  for (const char* part :
       {"position · 9", "summed over", "dimensions · 18", "neuron · ", "W_in", "neurons = (LayerNorm × gamma + beta) · W_in + bias"})
    EXPECT_NE(words.find(part), std::string::npos) << part << " in\n" << words;
}

TEST_F(CubeTest, what_is_multiplied_is_lit_and_the_rest_is_dimmed) {
  SceneBuilder builder;
  ViewState view = open("blocks.0.attn.hook_q", CubeOrder::Rows, 0.3);
  ViewScene scene;
  do scene = builder.build(input, view);
  while (!builder.settled());
  int dimmed = 0, rows = 0;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    if (scene.scene->panels[i].alpha < 1) ++dimmed;
    if (info.tensor.hook == HookId{HookKind::Ln1Normalized, 0} && info.rows == 1) ++rows;
  }
  EXPECT_GE(dimmed, 2);
  EXPECT_EQ(rows, 1) << "the row of the input that is multiplied";
}

TEST_F(CubeTest, the_camera_sees_all_of_it_and_closing_leads_back_to_the_page) {
  SceneBuilder builder;
  const Pane pane{{1280, 720}, 1, 0.1F};
  for (const std::string& name : all()) {
    ViewState view = open(name);
    const ViewScene scene = builder.build(input, view, pane);
    const auto camera = builder.camera("home", input, view, pane);
    ASSERT_TRUE(camera);
    const render::Projection seen(*camera, pane.size);
    for (const render::Panel& panel : scene.scene->panels)
      for (const glm::vec3 corner :
           {panel.origin, panel.origin + panel.across, panel.origin + panel.down, panel.origin + panel.across + panel.down}) {
        const glm::vec3 at = seen.pixel(corner);
        EXPECT_TRUE(at.x > 0 && at.x < 1280 && at.y > 0 && at.y < 720) << name << " " << at.x << ", " << at.y;
      }
    EXPECT_FALSE(builder.camera("block 0", input, view, pane)) << "the page is not there";
    view.cube.reset();
    EXPECT_TRUE(builder.camera("block 0", input, view, pane));
  }
}

TEST_F(CubeTest, an_edit_of_the_hook_is_said_and_the_product_keeps_its_own_sums) {
  input.run = testing_models::run_of(*model, ids, testing_models::everything(),
                                     R"({"version":1,"edits":[{"op":"zero","hook":"blocks.0.attn.hook_q","heads":[1]}]})");
  const auto p = product(open("blocks.0.attn.hook_q"));
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->edited());
  const int j = config.d_head;  // head 1
  EXPECT_NE(p->result(2, j), 0);
  EXPECT_EQ(p->result(2, j), static_cast<float>(p->sum(2, j, p->terms())));
  // What is downstream is made of the edited values.
  const auto scores = product(open("blocks.0.attn.hook_attn_scores.1"));
  EXPECT_FALSE(scores->edited());
  EXPECT_EQ(scores->result(4, 2), 0);
}

TEST_F(CubeTest, a_card_tells_how_far_its_sum_is) {
  const auto cell_at = [](int i, int j) { return CellRef{{{HookKind::MlpPre, 1}, {}}, {i, j, -1}}; };
  for (const CubeOrder order : kOrders) {
    int empty = 0, part = 0, whole = 0;
    for (const double time : {0.0, 0.2, 0.3, 0.6, 0.8, Cube::kEnd}) {
      SCOPED_TRACE(moments_name(order, time));
      const ViewState view = open("blocks.1.mlp.hook_pre", order, time);
      const auto p = product(view);
      const CubeMoment now = moment(view);
      for (int i = 0; i < p->rows(); ++i)
        for (int j = 0; j < p->cols(); j += 3) {
          const int terms = terms_at(*p, order, now, i, j);
          const Card card = explain(cell_at(i, j), input, view);
          EXPECT_EQ(card.value, value_of(cell_at(i, j), input, view));
          if (terms == p->terms()) {
            ++whole;
            EXPECT_EQ(card.value, p->result(i, j));
            EXPECT_EQ(card.note, "");
            continue;
          }
          EXPECT_FALSE(card.value);
          if (terms <= 0) {
            ++empty;
            EXPECT_EQ(card.note, "not computed yet at this time");
          } else {
            ++part;
            EXPECT_TRUE(card.note.starts_with("not computed yet: the sum of " + std::to_string(std::min(terms, p->depth())) + " of 18 "))
                << card.note;
          }
        }
    }
    EXPECT_GT(empty, 0) << words_of(order);
    EXPECT_GT(whole, 0) << words_of(order);
    if (order != CubeOrder::Dots) {
      EXPECT_GT(part, 0) << words_of(order);
    }
  }
  // What a product reads is there from the start.
  EXPECT_TRUE(explain({{{HookKind::Ln2Normalized, 1}, {}}, {3, 2, -1}}, input, open("blocks.1.mlp.hook_pre", CubeOrder::Dots, 0)).value);
}

TEST_F(CubeTest, in_the_place_of_a_difference_it_shows_the_edited_run_and_says_so) {
  input.run = testing_models::run_of(*model, ids, testing_models::everything(),
                                     R"({"version":1,"edits":[{"op":"zero","hook":"blocks.0.attn.hook_z","heads":[1]}]})");
  ViewState view = open("blocks.1.mlp.hook_pre");
  view.compare = Compare::Difference;
  const CellRef cell{{{HookKind::MlpPre, 1}, {}}, {4, 7, -1}};
  const auto edited = explaining::captured_value(*input.run->edited, cell.tensor.hook, cell.index);
  EXPECT_NE(edited, explaining::captured_value(*input.run->base, cell.tensor.hook, cell.index));
  EXPECT_EQ(explain(cell, input, view).value, edited);
  EXPECT_EQ(value_of(cell, input, view), edited);
  SceneBuilder builder;
  const auto words = [&] {
    std::string all;
    for (const render::Label& note : builder.build(input, view).notes) all += note.text + "\n";
    return all;
  };
  EXPECT_NE(words().find("the numbers of the edited run, not their differences"), std::string::npos) << words();
  view.compare = Compare::Edited;
  EXPECT_EQ(words().find("not their differences"), std::string::npos) << words();
}

TEST_F(CubeTest, a_sheet_of_too_many_terms_is_left_out_and_the_picture_says_so) {
  ModelConfig c = testing_models::small_config();
  c.n_layer = 1;
  c.d_head = 86;
  c.d_model = 258;
  c.n_vocab = 16500;
  model = testing_models::random_model(c, 3);
  input = {model, testing_models::run_of(*model, {TokenId{1}, TokenId{2}}, CapturePlan::full())};
  SceneBuilder builder;
  const auto shown = [&](CubeOrder order) {
    const ViewScene scene = builder.build(input, open("logits", order, 0.3));
    std::string words;
    for (const render::Label& note : scene.notes) words += note.text + "\n";
    const bool drawn = std::ranges::any_of(scene.panels, [](const PanelInfo& p) { return p.mapping == PanelInfo::Mapping::Terms; });
    return std::pair{drawn, words};
  };
  const auto [rows, of_rows] = shown(CubeOrder::Rows);
  EXPECT_FALSE(rows);
  EXPECT_NE(of_rows.find("too many to be drawn"), std::string::npos) << of_rows;
  const auto [outer, of_outer] = shown(CubeOrder::Outer);
  EXPECT_TRUE(outer);
  EXPECT_NE(of_outer.find("its products: coloured up to ±"), std::string::npos) << of_outer;
}

TEST_F(CubeTest, the_same_question_gives_the_same_product_while_it_is_kept) {
  const auto p = product(open("blocks.0.hook_mlp_out"));
  EXPECT_EQ(product(open("blocks.0.hook_mlp_out", CubeOrder::Outer, 0.4)), p);
  EXPECT_NE(product(open("blocks.1.hook_mlp_out")), p);
  input.run = testing_models::run_of(*model, ids, testing_models::everything());
  EXPECT_NE(product(open("blocks.0.hook_mlp_out")), p) << "another run";
}

TEST_F(CubeTest, says_what_is_no_product_and_why_one_cannot_be_opened) {
  const auto error = [&](const char* name) {
    const auto cube = cube_named(name, &config);
    return cube ? std::string() : cube.error().message;
  };
  EXPECT_NE(error("blocks.0.hook_resid_mid").find("blocks.0.hook_resid_mid is not made by a product"), std::string::npos);
  EXPECT_EQ(error("blocks.0.hook_mlp_out.1"), "blocks.0.hook_mlp_out is not split by heads; leave the head out.");
  EXPECT_EQ(error("blocks.0.attn.hook_z.99"), "There is no head 99; the heads are 0 to " + std::to_string(config.n_head - 1) + ".");
  EXPECT_NE(error("nothing").find("\"nothing\" is no product of this model"), std::string::npos);
  EXPECT_NE(error("blocks.0.attn.hook_z.").find("is no product"), std::string::npos);
  EXPECT_EQ(cube_named("blocks.1.attn.hook_pattern.2", &config)->product, (HookId{HookKind::AttnScores, 1}));

  ViewState view = open("logits");
  view.hide_prediction = true;
  EXPECT_EQ(why_not_open(input, view, *view.cube), "hidden until the question is answered");
  EXPECT_EQ(product(view), nullptr);
  SceneBuilder builder;
  EXPECT_FALSE(builder.build(input, view).blocks.empty()) << "the page is shown in its place";
  EXPECT_EQ(why_not_open({model, nullptr}, view, *view.cube), "a product needs a run: give a prompt first");
  view = open("blocks.7.attn.hook_q");
  EXPECT_EQ(product(view), nullptr) << "a session of a deeper model";
  const SceneInput bare{model, testing_models::run_of(*model, ids, CapturePlan::none())};
  EXPECT_NE(
      why_not_open(bare, open("blocks.0.hook_mlp_out"), *cube_named("blocks.0.hook_mlp_out")).find("did not keep blocks.0.mlp.hook_post"),
      std::string::npos);
}

TEST_F(CubeTest, a_cell_leads_to_its_product) {
  const auto named = [&](const CellRef& cell) {
    const auto cube = cube_of(cell, config);
    return cube ? cube_name(*cube) : std::string();
  };
  const auto at = [](HookKind kind, int layer, std::array<int, 3> index) { return CellRef{{{kind, layer}, {}}, index}; };
  EXPECT_EQ(named(at(HookKind::Pattern, 1, {2, 5, 3})), "blocks.1.attn.hook_attn_scores.2");
  EXPECT_EQ(named(at(HookKind::Z, 1, {5, 1, 0})), "blocks.1.attn.hook_z.1");
  EXPECT_EQ(named(at(HookKind::MlpPre, 0, {5, 7, -1})), "blocks.0.mlp.hook_pre");
  EXPECT_EQ(named(at(HookKind::ResidMid, 0, {5, 7, -1})), "");
  EXPECT_EQ(named({{{}, "h.1.attn.c_attn.weight"}, {0, config.d_model + 1, -1}}), "blocks.1.attn.hook_k");
  EXPECT_EQ(named({{{}, "h.0.mlp.c_proj.bias"}, {3, -1, -1}}), "blocks.0.hook_mlp_out");
  EXPECT_EQ(named({{{}, "ln_f.weight"}, {3, -1, -1}}), "");
}

}  // namespace
}  // namespace gf::scene
