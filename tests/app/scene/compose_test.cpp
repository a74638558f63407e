// The composer: it cuts words to their room and makes nothing anew without need.
#include "app/scene/compose.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/scene/label_box.h"
#include "app/scene/views.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

TEST(WordsThatFit, end_in_dots_where_they_do_not_fit) {
  const float whole = render::text_width("interpretable", 16);
  EXPECT_EQ(words_that_fit("interpretable", whole, 16, false), "interpretable");
  const std::string cut = words_that_fit("interpretable", whole / 2, 16, false);
  EXPECT_TRUE(cut.starts_with("inte") && cut.ends_with("…")) << cut;
  EXPECT_LE(render::text_width(cut, 16), whole / 2);
  EXPECT_EQ(words_that_fit("interpretable", 0, 16, false), "…");
}

TEST(WordsThatFit, a_byte_is_written_as_a_byte) {
  const std::string bytes = "\\xe2\\x80";
  for (float room = 0; room < 100; ++room) {
    const std::string cut = words_that_fit(bytes, room, 14, false);
    EXPECT_TRUE(cut == "…" || cut == "\\xe2…" || cut == bytes) << cut;
  }
}

class ComposerTest : public testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything(), "");
  SceneInput input = *with_reading();
  ViewState view = [] {
    ViewState v;
    v.view = View::Stream;
    return v;
  }();
  SceneBuilder machine;
  Composer composer{machine};
  Pane pane;

  [[nodiscard]] Result<SceneInput> with_reading() const { return read_for(View::Stream, {model, run}); }
  const Frame& compose() {
    composer.build(input, view, pane);
    return composer.frame();
  }
};

TEST_F(ComposerTest, words_grow_longer_as_one_comes_nearer_and_never_leave_their_room) {
  // A model of random weights says words of any length.
  std::size_t shown_afar = 0, shown_near = 0;
  for (const bool near : {false, true}) {
    view.camera.reset();
    composer.build(input, view, pane);
    render::Camera camera = composer.home();
    if (near) camera.distance *= 0.4F;
    view.camera = camera;
    const Frame& frame = compose();
    const float focal = pane.size.y / (2 * std::tan(camera.fov_y / 2));
    for (const auto& [index, room] : composer.built().rooms) {
      const render::Label& l = frame.scene.scene->labels[index];
      const float depth = glm::dot(l.anchor - camera.eye(), glm::normalize(camera.target - camera.eye()));
      const float px = std::clamp(l.height * focal / depth, l.min_px, l.max_px);
      if (l.height * focal / depth < l.min_px || l.text == "…") continue;
      if (l.text != composer.built().scene->labels[index].text) {
        EXPECT_LE(render::text_width(l.text, px, l.bold), room * focal / depth + 0.01F) << l.text;
      }
      (near ? shown_near : shown_afar) += l.text.size();
    }
  }
  EXPECT_GE(shown_near, shown_afar);
  EXPECT_GT(shown_near, 0U);
}

TEST_F(ComposerTest, names_of_rows_and_columns_stay_at_the_edge_that_they_would_leave) {
  composer.build(input, view, pane);
  render::Camera camera = composer.home();
  // The camera looks at the lower right part, so titles and tokens are out of the picture.
  camera.target = composer.built().scene->high - glm::vec3(4, 2, 0);
  camera.distance *= 0.25F;
  view.camera = camera;
  const Frame& frame = compose();
  const auto shown = [&](std::size_t index) {
    const render::Label& l = frame.scene.scene->labels[index];
    return glm::vec2(render::project(camera, l.anchor, pane.size)) + l.offset_px;
  };
  int columns = 0, rows = 0;
  for (const std::size_t index : composer.built().column_names) {
    EXPECT_GE(shown(index).y, 3);
    if (shown(index).x > 0 && shown(index).x < pane.size.x) ++columns;
  }
  for (const std::size_t index : composer.built().row_names) {
    if (shown(index).y <= 0 || shown(index).y >= pane.size.y) continue;
    EXPECT_GE(shown(index).x, 3) << "its words end there";
    ++rows;
  }
  EXPECT_GT(columns, 0);
  EXPECT_GT(rows, 0);
  view.camera.reset();
  EXPECT_EQ(compose().scene.scene->labels[composer.built().row_names.front()].offset_px, glm::vec2(0))
      << "at home all stand where they are";
}

TEST_F(ComposerTest, sheets_of_the_block_in_the_middle_are_named_before_the_others) {
  view.view = View::Machine;
  const auto block = machine.camera("block 1", input, view, pane);
  ASSERT_TRUE(block);
  view.camera = *block;
  compose();
  const ViewScene& built = composer.built();
  const auto px_at = [&](const render::Label& label) {
    return label.height * render::Projection(*view.camera, pane.size).focal_px() /
           render::Projection(*view.camera, pane.size).depth(label.anchor);
  };
  ASSERT_FALSE(built.sheet_names.empty());
  const auto stay = [&] {
    std::size_t inside = 0, outside = 0;
    const ViewScene::Box& box = built.blocks[2];
    for (const std::size_t index : built.sheet_names) {
      const render::Label& label = composer.frame().scene.scene->labels[index];
      if (label.stays) (label.anchor.x >= box.low.x && label.anchor.x <= box.high.x ? inside : outside) += 1;
    }
    return std::pair(inside, outside);
  };
  while (px_at(built.scene->labels[built.sheet_names.front()]) > 10) view.camera->distance *= 1.05F;
  compose();
  EXPECT_GT(stay().first, 8U);
  EXPECT_EQ(stay().second, 0U);
  view.camera->distance *= 2;
  compose();
  EXPECT_EQ(stay(), std::pair(std::size_t{0}, std::size_t{0})) << "names are never larger than two sheets";
}

TEST_F(ComposerTest, what_is_marked_is_what_the_legend_keeps_clear_of) {
  view.view = View::Machine;
  view.highlights = {CellRef{{{HookKind::Z, 1}, {}}, {-1, -1, -1}}};
  const auto box_of_z = [&] {
    const Frame& frame = compose();
    const std::optional<ViewScene::Place> place = composer.built().find(CellRef{{{HookKind::Z, 1}, {}}, {4, 0, 0}}, model->weights->config);
    const glm::vec3 at = render::project(frame.camera, place.value().center, pane.size);
    return std::ranges::any_of(frame.legend_room.spoken, [&](const ScreenBox& box) { return box.contains(glm::vec2(at)); });
  };
  EXPECT_TRUE(box_of_z());
  view.highlights.clear();
  EXPECT_FALSE(box_of_z());
}

TEST_F(ComposerTest, nothing_is_made_anew_without_need) {
  view.selection = CellRef{{{HookKind::Pattern, 1}, {}}, {1, 5, 2}};
  const auto first = compose().scene.scene;
  view.speed = 3;
  EXPECT_EQ(compose().scene.scene, first);
  view.camera = composer.home();
  EXPECT_EQ(compose().scene.scene, first) << "the same camera, said aloud";
  view.camera->distance *= 0.9F;
  EXPECT_NE(compose().scene.scene, first);
  const auto built = composer.built().scene;
  (void)composer.frame(CellRef{{{HookKind::Pattern, 1}, {}}, {0, 4, 2}});
  EXPECT_EQ(composer.built().scene, built) << "a pointer adds arcs and no scene";
  view.time = 40;
  compose();
  EXPECT_NE(composer.built().scene, built);
}

TEST_F(ComposerTest, arcs_lead_to_what_is_hovered_else_to_the_selection) {
  view.view = View::Machine;
  const auto lines = [&](const Frame& frame) { return frame.scene.scene->lines.size(); };
  const std::size_t bare = lines(compose());
  view.selection = CellRef{{{HookKind::Pattern, 1}, {}}, {1, 5, 2}};
  const std::size_t selected = lines(compose());
  EXPECT_GT(selected, bare);
  ASSERT_TRUE(composer.card());
  EXPECT_EQ(composer.card()->cell, *view.selection);
  const CellRef other{{{HookKind::Pattern, 1}, {}}, {0, 4, 2}};
  EXPECT_EQ(composer.frame(other).legend.front().title, plain_name(other.tensor));
  EXPECT_EQ(composer.card()->cell, other);
}

bool tells_a_share(const render::Label& label) { return label.text.ends_with(" %"); }

TEST_F(ComposerTest, a_hidden_prediction_stands_nowhere) {
  const ModelConfig& config = model->weights->config;
  for (const View shown : {View::Machine, View::Stream}) {
    SCOPED_TRACE(spelled(shown));
    view.view = shown;
    view.hide_prediction = false;
    const auto open = compose().scene.scene;
    view.hide_prediction = true;
    const auto hidden = compose().scene.scene;
    const auto marks = [](const render::Scene& scene) { return std::ranges::count(scene.labels, std::string("?"), &render::Label::text); };
    const auto questions = marks(*hidden) - marks(*open);  // "?" is a token, too
    if (shown == View::Machine) {
      EXPECT_GE(std::ranges::count_if(open->labels, tells_a_share), 8);
      EXPECT_EQ(std::ranges::count_if(hidden->labels, tells_a_share), 0);
      EXPECT_EQ(questions, 1);
    } else {
      // At each depth the lens reads a word in the last row; the words of the other rows stay.
      EXPECT_EQ(questions, config.n_layer + 1);
      EXPECT_EQ(hidden->labels.size() + 1, open->labels.size()) << "the likeliest token does not become a row";
    }
  }
}

TEST_F(ComposerTest, a_hidden_prediction_does_not_fly_to_the_tokens) {
  view.time = Timeline(model->weights->config, run->base->length()).end() - 0.5;
  for (const View shown : {View::Machine, View::Stream}) {
    view.view = shown;
    const auto flying = [&] {
      const auto& labels = compose().scene.scene->labels;
      return std::ranges::count(labels, 99, &render::Label::priority);
    };
    view.hide_prediction = false;
    EXPECT_EQ(flying(), 1);
    view.hide_prediction = true;
    EXPECT_EQ(flying(), 0);
  }
}

TEST_F(ComposerTest, the_chosen_token_flies_to_its_row_in_both_views) {
  const Timeline timeline(model->weights->config, run->base->length());
  const double begin = timeline.end() - 1;
  for (const View shown : {View::Machine, View::Stream}) {
    SCOPED_TRACE(info_of(shown).name);
    view.view = shown;
    const auto tag_at = [&](double time) -> std::optional<render::Label> {
      view.time = time;
      const auto& labels = compose().scene.scene->labels;
      const auto tag = std::ranges::find(labels, 99, &render::Label::priority);
      return tag == labels.end() ? std::nullopt : std::optional(*tag);
    };
    EXPECT_FALSE(tag_at(begin - 0.01)) << "nothing has been chosen yet";
    EXPECT_FALSE(tag_at(timeline.start_of(2, static_cast<int>(timeline.ops().size()) - 1) + 0.5)) << "the prompt's tokens are given";
    const auto first = tag_at(begin), half = tag_at(begin + 0.5), last = tag_at(timeline.end());
    ASSERT_TRUE(first && half && last);
    const auto& labels = compose().scene.scene->labels;
    EXPECT_GE(std::ranges::count(labels, first->text, &render::Label::text), 2) << "it is a word that stands there";
    const glm::vec3 low = composer.built().scene->low, high = composer.built().scene->high;
    EXPECT_GT(first->anchor.x, (low.x + high.x) / 2) << "it comes from the end of the pass";
    EXPECT_GT(half->anchor.x, last->anchor.x);
    EXPECT_LT(half->anchor.x, first->anchor.x);
    // It lands at the left, below the names of all rows.
    const ViewScene& built = composer.built();
    const auto names = built.row_texts.size();
    ASSERT_EQ(names, static_cast<std::size_t>(run->base->length()));
    if (shown == View::Stream) {
      const render::Label& above = built.scene->labels[built.row_names.back()];
      EXPECT_NEAR(last->anchor.x, above.anchor.x, 1e-4);
      EXPECT_GT(last->anchor.y, above.anchor.y);
    } else {
      EXPECT_LE(last->anchor.x, built.tokens.high.x + 0.01F);
    }
    EXPECT_EQ(tag_at(begin + 0.5)->anchor, half->anchor) << "a moment is the same from both sides";
  }
}

TEST_F(ComposerTest, no_card_tells_a_hidden_prediction) {
  const int last = run->base->length() - 1, n_layer = model->weights->config.n_layer;
  const CellRef logit{{HookId{HookKind::Logits, -1}, {}}, {last, 3, -1}},
      end{{HookId{HookKind::ResidPost, n_layer - 1}, {}}, {last, 3, -1}};
  for (const CellRef& cell : {logit, end}) {
    view.hide_prediction = false;
    EXPECT_TRUE(explain(cell, input, view).value);
    view.hide_prediction = true;
    const Card card = explain(cell, input, view);
    EXPECT_FALSE(card.value || !card.formula.empty() || !card.terms.empty());
    EXPECT_EQ(card.note, "hidden until the question is answered");
  }
  CellRef before = logit;
  before.index[0] = last - 1;
  EXPECT_TRUE(explain(before, input, view).value) << "what follows an earlier token stands in the prompt";
}

TEST_F(ComposerTest, a_highlighted_word_and_pattern_get_a_frame) {
  const TokenId top = run->base->stats(run->base->length() - 1).top.front().id;
  for (const View shown : {View::Machine, View::Stream}) {
    SCOPED_TRACE(spelled(shown));
    view.view = shown;
    view.highlights.clear();
    const auto plain = compose().scene.scene;
    view.highlights = {{{HookId{HookKind::Logits, -1}, {}}, {-1, top.v, -1}}, {{HookId{HookKind::Pattern, 1}, {}}, {2, -1, -1}}};
    const Frame& framed = compose();
    EXPECT_EQ(framed.scene.scene->lines.size(), plain->lines.size() + 2) << "round the word and round the plate";
    int frames = 0;
    for (std::size_t i = 0; i < plain->panels.size(); ++i) {
      EXPECT_EQ(framed.scene.scene->panels[i].frame, plain->panels[i].frame) << "which tells the head";
      if (framed.scene.scene->panels[i].frame_px == plain->panels[i].frame_px) continue;
      EXPECT_EQ(framed.scene.panels[i].tensor.hook, (HookId{HookKind::Pattern, 1}));
      EXPECT_EQ(framed.scene.panels[i].head, 2);
      ++frames;
    }
    EXPECT_EQ(frames, 1);
    view.hide_prediction = true;
    EXPECT_EQ(compose().scene.scene->lines.size(), plain->lines.size() + 1) << "the word is hidden, and not the plate";
    view.hide_prediction = false;
  }
}

}  // namespace
}  // namespace gf::scene
