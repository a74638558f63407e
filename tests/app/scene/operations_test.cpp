// Operations as what they compute: the numbers that are shown are the run's, and a frame depends on its time alone.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

#include "app/scene/compose.h"
#include "app/scene/guides.h"
#include "app/scene/operations/board.h"
#include "app/scene/operations/show_parts.h"
#include "app/scene/operations/tempo.h"
#include "app/scene/seen_sheet.h"
#include "model/base/numbers.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

using Kind = ShowLine::Kind;

class OperationsTest : public testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::vector<TokenId> ids = testing_models::random_ids(9, 57, 5);
  SceneInput input{model, testing_models::run_of(*model, ids, testing_models::everything())};
  Timeline timeline{model->weights->config, 9};
  ViewState view;

  [[nodiscard]] std::optional<Show> show_at(double time) {
    view.time = time;
    return show_of(input, view, timeline);
  }
  [[nodiscard]] int op_of(HookKind kind, int layer) const { return timeline.op_of({kind, layer}); }
  [[nodiscard]] const Trace& trace() const { return *input.run->base; }
};

/// The number that the run captured where a show has its result.
std::optional<float> captured_result(const Show& show, const Trace& trace) {
  return explaining::captured_value(trace, show.result.tensor.hook, show.result.index);
}

void expect_sum(const Show& show) {
  double sum = 0, largest = 1;
  bool terms = false;
  for (const ShowLine& line : show.lines) {
    const bool total = line.kind == Kind::Sum || line.kind == Kind::Result;
    if (total && terms) {
      EXPECT_NEAR(line.value, sum, 1e-9 * largest) << show.title << ": " << line.words;
      return;
    }
    if (line.kind != Kind::Term && line.kind != Kind::Rest && line.kind != Kind::Bias) continue;
    terms = true;
    sum += line.value;
    largest = std::max(largest, std::abs(line.value));
  }
}

TEST_F(OperationsTest, each_ends_with_the_value_that_the_run_captured_and_its_terms_sum_to_it) {
  for (int p = 0; p < timeline.positions(); ++p)
    for (std::size_t op = 0; op < timeline.ops().size(); ++op) {
      if (timeline.ops()[op].choose) continue;
      const double end = timeline.start_of(p, static_cast<int>(op)) + 1;
      if (!(end < timeline.end())) continue;
      SCOPED_TRACE(timeline.ops()[op].name + ", position " + std::to_string(p));
      const auto show = show_at(end);
      ASSERT_TRUE(show);
      const auto captured = captured_result(*show, trace());
      ASSERT_TRUE(captured);
      const auto result = std::ranges::find(show->lines, Kind::Result, &ShowLine::kind);
      ASSERT_NE(result, show->lines.end());
      EXPECT_TRUE(result->there);
      EXPECT_NEAR(result->value, static_cast<double>(*captured), 2e-5 * (1 + std::abs(static_cast<double>(*captured))));
      expect_sum(*show);
      // At the end everything has been said, and the whole row is there.
      EXPECT_TRUE(std::ranges::all_of(show->lines, &ShowLine::there));
      const HookId hook = timeline.ops()[op].hook;
      const auto columns = info_of(hook.kind).shape == RowShape::Causal ? static_cast<std::size_t>(p) + 1
                                                                        : row_size(info_of(hook.kind).shape, trace().config(), p);
      for (const ShowFill& fill : show->fills) EXPECT_EQ(fill.columns, static_cast<double>(columns));
    }
}

TEST_F(OperationsTest, any_moment_tells_terms_that_sum_to_what_it_tells_of_them) {
  for (double t = 0.05; t < timeline.end(); t += 0.37)
    if (const auto show = show_at(t)) expect_sum(*show);
}

TEST_F(OperationsTest, a_score_is_written_out_with_the_largest_terms_of_query_and_key) {
  const int layer = 1, head = 2, query = 7, key = 4;
  view.selection = CellRef{{{HookKind::AttnScores, layer}, {}}, {head, query, key}};
  const auto show = show_at(timeline.start_of(query, op_of(HookKind::AttnScores, layer)) + 1);
  ASSERT_TRUE(show);
  EXPECT_EQ(show->result, *view.selection);
  const auto q = showing::head_of(trace().row({HookKind::Q, layer}, query), head, trace().config());
  const auto k = showing::head_of(trace().row({HookKind::K, layer}, key), head, trace().config());
  std::vector<double> terms;
  double sum = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    terms.push_back(static_cast<double>(q[i]) * static_cast<double>(k[i]));
    sum += terms.back();
  }
  EXPECT_EQ(show->bars->values, terms);
  std::ranges::sort(terms, [](double a, double b) { return std::abs(a) > std::abs(b); });
  for (std::size_t i = 0; i < showing::kWrittenTerms; ++i) {
    EXPECT_EQ(show->lines[i].kind, Kind::Term);
    EXPECT_EQ(show->lines[i].value, terms[i]);
  }
  const auto total = std::ranges::find(show->lines, Kind::Sum, &ShowLine::kind);
  ASSERT_NE(total, show->lines.end());
  EXPECT_NEAR(total->value, sum, 1e-12);
}

TEST_F(OperationsTest, scores_that_the_run_did_not_keep_are_computed_from_query_and_key) {
  const auto rich = input;
  const int layer = 2, query = 6;
  const double end = timeline.start_of(query, op_of(HookKind::AttnScores, layer)) + 1;
  const auto kept = show_at(end);
  input.run = testing_models::run_of(*model, ids, CapturePlan::defaults());
  const auto computed = show_at(end);
  ASSERT_TRUE(kept && computed);
  ASSERT_EQ(kept->lines.size(), computed->lines.size());
  for (std::size_t i = 0; i < kept->lines.size(); ++i) EXPECT_EQ(kept->lines[i].value, computed->lines[i].value);
  EXPECT_FALSE(kept->cells) << "they have plates of their own";
  ASSERT_TRUE(computed->cells);
  EXPECT_EQ(computed->cells->values.size(), static_cast<std::size_t>(query) + 1);
}

TEST_F(OperationsTest, a_neuron_that_was_chosen_is_told_before_its_activation_too_and_no_other_beside_it) {
  const int layer = 1, position = 6;
  const auto active = trace().row({HookKind::MlpPost, layer}, position);
  // Not the most active one, which is told without a choice.
  const int neuron = (showing::largest_of(active) + 5) % trace().config().d_mlp;
  view.selection = CellRef{{{HookKind::MlpPost, layer}, {}}, {position, neuron, -1}};
  const double start = timeline.start_of(position, op_of(HookKind::MlpPre, layer));
  double told = 0;
  constexpr int kSteps = 400;
  for (int i = 1; i <= kSteps; ++i)
    if (const auto show = show_at(start + static_cast<double>(i) / kSteps); show && show->result.index[1] == neuron) told += 1.0 / kSteps;
  EXPECT_GT(told, 0.75);
  const auto end = show_at(start + 1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->result, (CellRef{{{HookKind::MlpPre, layer}, {}}, {position, neuron, -1}}));
}

TEST_F(OperationsTest, what_a_head_writes_is_told_apart_from_what_the_others_write) {
  const int layer = 1, head = 2, position = 7;
  const ModelConfig& c = trace().config();
  view.highlights = {CellRef{{{HookKind::Pattern, layer}, {}}, {head, -1, -1}}};
  const auto z = showing::head_of(trace().row({HookKind::Z, layer}, position), head, c);
  const Matrix& w = model->weights->blocks[layer].o;
  std::vector<double> own(static_cast<std::size_t>(c.d_model), 0);
  for (int dim = 0; dim < c.d_model; ++dim)
    for (int i = 0; i < c.d_head; ++i)
      own[static_cast<std::size_t>(dim)] +=
          static_cast<double>(z[static_cast<std::size_t>(i)]) * static_cast<double>(w.at(head * c.d_head + i, dim));
  const int dim = showing::largest_of(own);
  const auto line = [](const Show& show, Kind kind) {
    const auto found = std::ranges::find(show.lines, kind, &ShowLine::kind);
    EXPECT_NE(found, show.lines.end());
    return found == show.lines.end() ? ShowLine{} : *found;
  };
  for (const auto& [kind, told] : {std::pair(HookKind::AttnOut, Kind::Sum), std::pair(HookKind::ResidMid, Kind::Term)}) {
    const auto show = show_at(timeline.start_of(position, op_of(kind, layer)) + 1);
    ASSERT_TRUE(show);
    EXPECT_EQ(show->result.index[1], dim) << "where it writes most";
    std::vector<ShowLine> heads;
    for (const ShowLine& l : show->lines)
      if (l.kind == told && l.words == "head 1.2") heads.push_back(l);
    ASSERT_EQ(heads.size(), 1U) << show->title;
    EXPECT_NEAR(heads[0].value, own[static_cast<std::size_t>(dim)], 1e-9);
    EXPECT_NEAR(line(*show, Kind::Result).value, static_cast<double>(*captured_result(*show, trace())), 1e-5);
    expect_sum(*show);
  }
  const auto out = show_at(timeline.start_of(position, op_of(HookKind::AttnOut, layer)) + 1);
  double rest = 0;
  for (const ShowLine& l : out->lines)
    if (l.kind == Kind::Sum || (l.kind == Kind::Rest && l.words.starts_with("other"))) rest += l.value;
  EXPECT_NEAR(rest, line(*out, Kind::Result).value, 1e-9) << "its part and that of the others are the whole";
  // The bars are its own terms, as many as it has dimensions.
  EXPECT_EQ(out->bars->values.size(), static_cast<std::size_t>(c.d_head));
}

TEST_F(OperationsTest, what_was_not_captured_is_not_shown) {
  input.run = testing_models::run_of(*model, ids, CapturePlan::none());
  EXPECT_FALSE(show_at(timeline.start_of(3, op_of(HookKind::Z, 0)) + 0.5));
  EXPECT_FALSE(show_at(timeline.start_of(3, op_of(HookKind::MlpOut, 0)) + 0.5));
}

TEST_F(OperationsTest, an_edited_result_is_told_as_the_run_has_it) {
  const int layer = 1, query = 8;
  input.run = testing_models::run_of(*model, ids, testing_models::everything(),
                                     R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  view.selection = CellRef{{{HookKind::Z, layer}, {}}, {query, 2, 1}};
  const double end = timeline.start_of(query, op_of(HookKind::Z, layer)) + 1;
  const auto show = show_at(end);
  ASSERT_TRUE(show);
  EXPECT_EQ(show->lines.back().kind, Kind::Result);
  EXPECT_EQ(show->lines.back().value, 0);
  view.compare = Compare::Difference;
  EXPECT_FALSE(show_at(end)) << "a difference is no operation's result";
}

TEST_F(OperationsTest, a_draw_is_told_with_its_temperature_and_noise) {
  const auto session = Session::create(model, {});
  ASSERT_TRUE(session);
  RunRequest request;
  request.prompt = ids;
  request.n_generate = 2;
  request.sampler.greedy = false;
  request.sampler.temperature = 0.8F;
  request.sampler.top_k = 20;
  auto run = (*session)->run(request);
  ASSERT_TRUE(run && run->log && !run->log->empty());
  const DecodingStep& step = run->log->front();
  ASSERT_TRUE(step.chosen);
  input.run = std::make_shared<const gf::Run>(*std::move(run));
  timeline = Timeline(model->weights->config, input.run->base->length());
  const int choice = static_cast<int>(timeline.ops().size()) - 1;
  const auto show = show_at(timeline.start_of(step.position - 1, choice) + 0.9);
  ASSERT_TRUE(show && show->bars);
  const auto result = std::ranges::find(show->lines, Kind::Result, &ShowLine::kind);
  ASSERT_NE(result, show->lines.end());
  double sum = 0;
  for (const ShowLine& line : show->lines) sum += line.kind == Kind::Term ? line.value : 0;
  EXPECT_NEAR(result->value, sum, 1e-5);
  EXPECT_NEAR(result->value, input.run->log->front().candidates.front().score, 1e-12) << "the drawn word has the largest sum";
  for (std::size_t i = 0; i < show->bars->values.size(); ++i)
    EXPECT_EQ(show->bars->values[i], input.run->log->front().candidates[i].prob) << "shares of what is kept";
}

TEST_F(OperationsTest, a_hidden_prediction_is_not_told) {
  const int last = timeline.positions() - 1, logits = op_of(HookKind::Logits, -1);
  EXPECT_TRUE(show_at(timeline.start_of(last, logits) + 0.5));
  EXPECT_TRUE(show_at(timeline.start_of(last, logits + 1) + 0.5));
  view.hide_prediction = true;
  EXPECT_FALSE(show_at(timeline.start_of(last, logits) + 0.5));
  EXPECT_FALSE(show_at(timeline.start_of(last, logits + 1) + 0.5));
  EXPECT_TRUE(show_at(timeline.start_of(last - 1, logits) + 0.5));
}

TEST(Turn, first_cells_are_slow_and_the_rest_flow) {
  for (const int cells : {1, 2, 3, 4, 18, 1024})
    for (const int first : {0, cells / 2, cells - 1}) {
      std::vector<double> length(static_cast<std::size_t>(cells), 0);
      int made = 0;
      constexpr int kSteps = 20000;
      for (int i = 1; i <= kSteps; ++i) {
        const showing::Turn turn = showing::turn_of(static_cast<double>(i) / kSteps, cells, first);
        ASSERT_TRUE(turn.cell >= 0 && turn.cell < cells && turn.s >= 0 && turn.s <= 1);
        ASSERT_GE(turn.made, made) << "what is made stays";
        made = turn.made;
        length[static_cast<std::size_t>(turn.cell)] += 1.0 / kSteps;
      }
      EXPECT_EQ(made, cells);
      EXPECT_GE(length[static_cast<std::size_t>(first)], 0.4);
      for (std::size_t i = static_cast<std::size_t>(first) + 1; i < length.size(); ++i) EXPECT_LE(length[i], length[i - 1] + 1e-3);
    }
}

TEST(Tempo, an_operation_gets_faster_as_it_repeats_and_a_pass_takes_five_seconds) {
  const Timeline timeline(testing_models::small_config(), 9);
  const int scores = timeline.op_of({HookKind::AttnScores, 0});
  double before = 0;
  for (int b = 0; b < 3; ++b) {
    const double rate = operations_a_second(Pace::Operation, timeline, timeline.start_of(0, timeline.op_of({HookKind::AttnScores, b})), 0);
    EXPECT_GT(rate, before);
    before = rate;
  }
  EXPECT_EQ(operations_a_second(Pace::Operation, timeline, timeline.start_of(4, scores), timeline.start_of(4, scores)),
            1 / seconds_of_operation(0))
      << "a play that begins later begins slowly";
  double seconds = 0;
  for (double t = 0; t < timeline.end(); t += 1) seconds += 1 / operations_a_second(Pace::Pass, timeline, t, 0);
  EXPECT_NEAR(seconds, kSecondsOfPass, 1e-9);
  EXPECT_LT(operations_a_second(Pace::Term, timeline, 5, 0), operations_a_second(Pace::Operation, timeline, 5, 0));
}

class OperationFrameTest : public OperationsTest {
 protected:
  SceneBuilder builder;
  Composer composer{builder};
  Pane pane{{1920, 1080}};

  void settle() {
    while (!builder.settled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      (void)builder.build(input, view, pane);
    }
  }
  const Frame& frame_at(double time, const std::string& camera) {
    view.time = time;
    (void)builder.build(input, view, pane);
    settle();
    view.camera = *builder.camera(camera, input, view, pane);
    composer.build(input, view, pane);
    return composer.frame();
  }
  /// The camera that shows where an operation works.
  [[nodiscard]] std::string camera_of(const Op& op) const {
    const int n_layer = model->weights->config.n_layer;
    if (op.block < 0 || (op.block == 0 && op.hook.kind == HookKind::ResidPre)) return "embedding";
    if (op.block >= n_layer) return "logits";
    const bool attention = stands_at(op.hook.kind, HookPlace::Attention) || op.hook.kind == HookKind::ResidMid;
    return (attention ? "attention " : "MLP ") + std::to_string(op.block);
  }
};

/// Everything of a scene that is drawn, as numbers and words.
std::string written(const render::Scene& scene) {
  std::string out;
  const auto put = [&](const auto& value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const render::Panel& p : scene.panels)
    put(p.rows_shown), put(p.highlight_row), put(p.highlight_col), put(p.frame), put(p.source.get());
  for (const render::Ribbon& r : scene.ribbons) put(r.a0), put(r.a1), put(r.b0), put(r.b1), put(r.color), put(r.shown), put(r.pulse);
  for (const render::Line& l : scene.lines) {
    for (const glm::vec3& p : l.points) put(p);
    put(l.color), put(l.width_px);
  }
  for (const render::Label& l : scene.labels) out += l.text, put(l.anchor), put(l.color), put(l.alpha), put(l.height), put(l.offset_px);
  return out;
}

TEST_F(OperationFrameTest, scrubbing_either_way_shows_the_same_frame) {
  const int attention = op_of(HookKind::AttnScores, 1);
  std::vector<double> times;
  for (double t = timeline.start_of(6, attention - 3); t < timeline.start_of(6, attention + 4); t += 0.23) times.push_back(t);
  std::vector<std::string> forwards;
  for (const double t : times) forwards.push_back(written(*frame_at(t, "attention 1").scene.scene));
  for (std::size_t i = times.size(); i-- > 0;)
    ASSERT_EQ(written(*frame_at(times[i], "attention 1").scene.scene), forwards[i]) << "at " << times[i];
  EXPECT_TRUE(std::ranges::adjacent_find(forwards) == forwards.end()) << "time passes";
}

TEST_F(OperationFrameTest, a_camera_from_afar_and_a_moment_between_operations_show_the_page_alone) {
  const double busy = timeline.start_of(5, op_of(HookKind::AttnScores, 1)) + 0.4;
  (void)frame_at(busy, "attention 1");
  ASSERT_TRUE(composer.built().focus);
  const std::size_t lines = composer.built().scene->lines.size();
  EXPECT_GT(composer.frame().scene.scene->lines.size(), lines);
  view.camera = *builder.camera("whole", input, view, pane);
  view.camera->distance *= 3;
  composer.build(input, view, pane);
  EXPECT_EQ(composer.frame().scene.scene->lines.size(), lines);
  EXPECT_EQ(composer.frame().scene.scene->ribbons.size(), composer.built().scene->ribbons.size());
  for (const double none : {0.0, timeline.end(), 1e18}) {
    const Frame& still = frame_at(none, "attention 1");
    EXPECT_FALSE(composer.built().focus);
    EXPECT_EQ(still.scene.scene->ribbons.size(), composer.built().scene->ribbons.size());
    const auto lit = [](const render::Scene& scene) { return std::ranges::count_if(scene.lines, &render::Line::on_top); };
    EXPECT_EQ(lit(*still.scene.scene), lit(*composer.built().scene));
  }
}

TEST_F(OperationFrameTest, a_camera_at_work_is_near_its_rows_and_the_board_off_them) {
  pane.size = {1280, 720};
  for (std::size_t op = 0; op < timeline.ops().size(); ++op) {
    const Op& at = timeline.ops()[op];
    if (at.block < 0 || at.block >= model->weights->config.n_layer || at.choose) continue;
    SCOPED_TRACE(at.name);
    const Frame& frame = frame_at(timeline.start_of(7, static_cast<int>(op)) + 0.4, "work");
    const auto focus = composer.built().focus;
    ASSERT_TRUE(focus);
    EXPECT_TRUE(reads(*focus, render::Projection(frame.camera, pane.size)));
    // What is made is in the picture, its rows as high as they can be with what it is made of.
    const render::Projection seen(frame.camera, pane.size);
    const HookId made = focus->show->hook;
    float row = 0;
    for (std::size_t i = 0; i < composer.built().panels.size(); ++i) {
      const PanelInfo& info = composer.built().panels[i];
      if (info.tensor.is_weight() || info.tensor.hook != made) continue;
      const render::Panel& panel = composer.built().scene->panels[i];
      row = std::max(row, (seen.pixel(panel.origin + panel.down).y - seen.pixel(panel.origin).y) / static_cast<float>(info.rows));
    }
    EXPECT_GE(row, 9);
  }
}

TEST_F(OperationFrameTest, of_a_head_that_is_spoken_of_each_number_is_that_heads) {
  view.selection = CellRef{{{HookKind::Pattern, 1}, {}}, {1, 7, 0}};
  for (const HookKind kind : {HookKind::Q, HookKind::K, HookKind::V})
    for (double progress = 0.05; progress < 1; progress += 0.05) {
      view.time = timeline.start_of(7, op_of(kind, 1)) + progress;
      const auto show = show_of(input, view, timeline);
      ASSERT_TRUE(show);
      EXPECT_EQ(head_in(show->result), 1) << "at " << progress;
    }
}

TEST_F(OperationFrameTest, what_stands_in_a_plate_while_scores_are_made_is_named_and_coloured_as_scores) {
  input.run = testing_models::run_of(*model, ids, CapturePlan::defaults());
  const int layer = 1, query = 7, head = 2;
  view.selection = CellRef{{{HookKind::Pattern, layer}, {}}, {head, query, 3}};
  const auto name_of_plate = [&](const Frame& frame) {
    const ViewScene& built = composer.built();
    for (const ViewScene::PlateName& name : built.plate_names)
      if (built.panels[name.panel].tensor.hook == HookId{HookKind::Pattern, layer} && built.panels[name.panel].head == head)
        return frame.scene.scene->labels[name.label].text;
    return std::string("none");
  };
  const auto legend_of_scores = [](const Frame& frame) {
    return std::ranges::count_if(frame.legend, [](const LegendRow& row) { return row.title.starts_with("scores of"); });
  };
  for (const double at : {0.5, 1.0, 1.3, 1.6}) {  // from the scores to the softmax before it divides
    const Frame& frame = frame_at(timeline.start_of(query, op_of(HookKind::AttnScores, layer)) + at, "attention 1");
    SCOPED_TRACE(at);
    const auto& cells = composer.built().focus->show->cells;
    ASSERT_TRUE(cells);
    EXPECT_EQ(name_of_plate(frame), "2: scores");
    EXPECT_EQ(legend_of_scores(frame), 1);
    for (const LegendRow& row : frame.legend) {
      if (!row.title.starts_with("scores of")) continue;
      EXPECT_EQ(row.map, render::ColorMap::Signed);
      EXPECT_EQ(row.high, "+" + numbers::significant(cells->scale, 3));
    }
    const explaining::Pass pass = explaining::pass_of(input, view.compare);
    for (std::size_t k = 0; k < cells->values.size(); ++k) {
      const auto score = explaining::score_of(pass, layer, head, query, static_cast<int>(k));
      ASSERT_TRUE(score);
      EXPECT_EQ(cells->values[k], *score);
      EXPECT_LE(std::abs(*score), cells->scale) << "no colour saturates";
    }
  }
  const Frame& divided = frame_at(timeline.start_of(query, op_of(HookKind::Pattern, layer)) + 0.95, "attention 1");
  EXPECT_EQ(name_of_plate(divided), "2: pattern");
  EXPECT_EQ(legend_of_scores(divided), 0);
  const Frame& whole = frame_at(1e18, "attention 1");
  EXPECT_EQ(name_of_plate(whole), "2");
  EXPECT_EQ(legend_of_scores(whole), 0);
}

TEST_F(OperationFrameTest, no_line_falls_out_of_a_board_of_any_shape) {
  for (std::size_t op = 0; op < timeline.ops().size(); ++op) {
    (void)frame_at(timeline.start_of(7, static_cast<int>(op)) + 1, camera_of(timeline.ops()[op]));
    const auto focus = composer.built().focus;
    if (!focus) continue;
    for (const glm::vec2 size : {glm::vec2(3, 1), glm::vec2(1.8F, 1), glm::vec2(1.6F, 1), glm::vec2(1, 1.4F)}) {
      SCOPED_TRACE(timeline.ops()[op].name + " on " + std::to_string(size.x) + " x " + std::to_string(size.y));
      const ViewScene::Box board{{0, 0, 0}, {size, 0}};
      const auto drawn = draw_show(*focus->show, composer.built(), board, model->weights->config, 1);
      std::ptrdiff_t bold = 0;
      for (const render::Label& label : drawn->labels) {
        EXPECT_LE(label.anchor.y + 0.4F * label.height, size.y) << label.text;
        EXPECT_GE(label.anchor.y - 0.4F * label.height, 0) << label.text;
        bold += label.bold ? 1 : 0;
      }
      EXPECT_GT(bold, std::ranges::count(focus->show->lines, Kind::Result, &ShowLine::kind)) << "title and result are there";
    }
  }
}

TEST_F(OperationFrameTest, a_board_stands_above_the_sentence_of_a_story) {
  int stand_before = 0;
  for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(1000, 420)}) {
    pane.size = size;
    pane.spoken = 0.38F;
    for (const HookKind kind : {HookKind::AttnScores, HookKind::Z, HookKind::AttnOut, HookKind::MlpPost}) {
      const int op = op_of(kind, 1);
      const Frame& frame = frame_at(timeline.start_of(7, op) + 0.97, camera_of(timeline.ops()[static_cast<std::size_t>(op)]));
      const auto focus = frame.scene.focus;
      if (!focus) continue;
      const auto board = on_screen(focus->board, render::Projection(frame.camera, pane.size), focus->board.low.z);
      ASSERT_TRUE(board);
      if (focus->board.low.z > -0.1F) continue;  // it stands in the page, where no other place has room for it
      EXPECT_LE(board->high.y, (1 - pane.spoken) * pane.size.y + 1) << timeline.ops()[static_cast<std::size_t>(op)].name;
      ++stand_before;
    }
  }
  EXPECT_GT(stand_before, 2) << "most boards are moved off the sentence";
}

TEST_F(OperationFrameTest, every_word_on_a_board_is_seen_and_covers_no_other) {
  for (std::size_t op = 0; op < timeline.ops().size(); ++op)
    for (const double progress : {0.3, 0.62, 0.97}) {
      SCOPED_TRACE(timeline.ops()[op].name + " at " + std::to_string(progress));
      const Frame& frame = frame_at(timeline.start_of(7, static_cast<int>(op)) + progress, camera_of(timeline.ops()[op]));
      const auto focus = composer.built().focus;
      ASSERT_TRUE(focus);
      EXPECT_TRUE(reads(*focus, render::Projection(frame.camera, pane.size)));
      const std::size_t first = composer.built().scene->labels.size();
      std::size_t seen = 0;
      for (const render::PlacedLabel& label : render::place_labels(*frame.scene.scene, frame.camera, pane.size)) {
        const auto at = static_cast<std::size_t>(label.index);
        if (at < first || at >= first + focus->labels.size()) continue;
        EXPECT_GT(label.alpha, 0.5F) << frame.scene.scene->labels[at].text;
        ++seen;
      }
      EXPECT_EQ(seen, focus->labels.size());
    }
}

}  // namespace
}  // namespace gf::scene
