// Stories: every number of a sentence is an answer's, and every model gets one.
#include "app/story/story.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <regex>
#include <set>

#include "app/document/request.h"
#include "app/scene/close_up.h"
#include "app/scene/compose.h"
#include "app/scene/operations/timeline.h"
#include "app/scene/views.h"
#include "model/io/loaders.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::story {
namespace {

class StoryTest : public testing::Test {
 protected:
  void open(const std::string& name) {
    const auto path = resolve_model(name);
    ASSERT_TRUE(path) << path.error().message;
    auto opened = open_model(*path);
    ASSERT_TRUE(opened) << opened.error().message;
    use(*opened);
  }
  void use(std::shared_ptr<const Model> opened) {
    model = std::move(opened);
    auto made = Session::create(model, {});
    ASSERT_TRUE(made) << made.error().message;
    session = std::move(*made);
  }
  Story told(const std::string& prompt, int position = -1) {
    doc::Document document;
    document.prompt = prompt;
    auto request = doc::request_of(document, *model);
    EXPECT_TRUE(request) << request.error().message;
    return told(std::move(*request), position);
  }
  Story told(RunRequest request, int position = -1) {
    auto ran = session->run(request);
    EXPECT_TRUE(ran) << ran.error().message;
    run = std::move(*ran);
    auto story = tell(about(position));
    EXPECT_TRUE(story) << story.error().message;
    return story ? std::move(*story) : Story();
  }
  [[nodiscard]] Asking about(int position) const {
    Asking asking{.session = *session, .request = run.request, .run = run, .a = {}, .b = {}, .params = {}};
    asking.position = position;
    return asking;
  }

  /// All facts hold, each stands in its sentence, and a sentence has no other number than these and the indices of what it shows.
  void expect_true(const Story& story) const {
    ASSERT_FALSE(story.steps.empty());
    for (const Step& step : story.steps) {
      EXPECT_FALSE(step.sentence.empty());
      std::set<std::string> said;
      for (const Fact& fact : step.facts) {
        const auto value = value_of(fact, about(story.position));
        ASSERT_TRUE(value) << value.error().message << ": " << step.sentence;
        EXPECT_NEAR(*value, fact.value, 1e-6 * (1 + std::abs(fact.value)));
        EXPECT_EQ(said_as(fact.form, *value), fact.said);
        if (step.sentence.find(fact.said) != std::string::npos) said.insert(fact.said);
        for (const int i : fact.index) said.insert(std::to_string(i));
      }
      EXPECT_TRUE(std::ranges::any_of(step.facts, [&](const Fact& f) { return step.sentence.find(f.said) != std::string::npos; }) ||
                  step.facts.empty());
      const auto indices = [&](const scene::CellRef& cell) {
        said.insert(std::to_string(cell.tensor.hook.layer));
        for (const int i : cell.index) said.insert(std::to_string(i));
      };
      if (step.selection) indices(*step.selection);
      for (const scene::CellRef& cell : step.marked) indices(cell);
      said.insert(std::to_string(step.row));
      static const std::regex kQuoted("“.*?”"), kNumber("(< )?-?[0-9]+([.][0-9]+)?( %)?");
      std::string bare = std::regex_replace(step.sentence, kQuoted, "");
      const std::string root = "√" + std::to_string(session->model().weights->config.d_head);
      if (const auto at = bare.find(root); at != std::string::npos) bare.erase(at, root.size());
      for (std::sregex_iterator at(bare.begin(), bare.end(), kNumber), end; at != end; ++at)
        EXPECT_TRUE(said.contains(at->str())) << at->str() << " in: " << step.sentence;
    }
  }

  /// Time goes on from step to step, and what a step speaks of is in its picture, in a small one too.
  void expect_in_sight(const Story& story) const {
    for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(800, 500)}) expect_in_sight(story, size);
  }
  void expect_in_sight(const Story& story, glm::vec2 size) const {
    SCOPED_TRACE(std::to_string(static_cast<int>(size.x)) + " pixels wide");
    const scene::SceneInput input{model, std::make_shared<const gf::Run>(run)};
    const ModelConfig& config = model->weights->config;
    scene::SceneBuilder builder;
    scene::Pane pane;
    pane.size = size;
    double before = 0;
    for (const Step& step : story.steps) {
      EXPECT_LE(before, step.from) << step.sentence;
      EXPECT_LE(step.from, step.to) << step.sentence;
      before = step.to;
      const auto place = place_of(step, builder, input, {}, pane);
      ASSERT_TRUE(place) << place.error().message;
      const render::Camera& camera = place->camera;
      const scene::ViewScene shown = builder.build(input, view_of(step, 1, {}), pane);
      const render::Projection projection(camera, pane.size);
      if (step.one_head) expect_rows_to_read(shown, projection);
      for (const scene::CellRef& part : step.look.parts) {
        const auto cell = shown.find(part, config);
        if (!cell) continue;
        const glm::vec3 px = projection.pixel(cell->center);
        EXPECT_TRUE(px.x > 0 && px.y > 0 && px.x < pane.size.x && px.y < pane.size.y * (1 - foot_of(step.sentence, pane)))
            << name_of(part.tensor.hook) << ": " << step.sentence;
      }
      if (!step.look.board) continue;
      scene::Composer composer(builder);
      scene::ViewState view = view_of(step, 1, {});
      view.camera = camera;
      const std::size_t before_board = composer.build(input, view, pane).scene->labels.size();
      const std::shared_ptr<const render::Scene> drawn = composer.frame().scene.scene;
      // Its letters can be read.
      const auto& focus = composer.frame().scene.focus;
      ASSERT_TRUE(focus) << step.sentence;
      const glm::vec3 middle = (focus->board.low + focus->board.high) * 0.5F;
      EXPECT_GT(focus->letters * projection.focal_px() / projection.depth(middle), 11) << step.sentence;
      const auto placed = render::place_labels(*drawn, camera, pane.size);
      for (std::size_t i = 0; i < focus->labels.size(); ++i)
        EXPECT_TRUE(
            std::ranges::any_of(placed, [&](const auto& l) { return l.index == static_cast<int>(before_board + i) && l.alpha > 0.5F; }))
            << focus->labels[i].text << " is covered: " << step.sentence;
    }
  }
  /// A head that is shown alone is there to be read: its rows are as high as letters.
  static void expect_rows_to_read(const scene::ViewScene& shown, const render::Projection& view) {
    constexpr float kReadable = 12;
    const float usual = view.size().y / 720;
    for (std::size_t i = 0; i < shown.panels.size(); ++i) {
      const render::Panel& panel = shown.scene->panels[i];
      const float high = view.pixel(panel.origin + panel.down).y - view.pixel(panel.origin).y;
      const auto rows = static_cast<float>(shown.panels[i].rows);
      EXPECT_GE(high, std::min(kReadable * rows, 150.0F) * std::min(1.0F, usual)) << shown.panels[i].tensor.name();
    }
  }
  /// With the ways of the camera, in a picture of the usual shape.
  [[nodiscard]] double seconds(const Story& story) const {
    const scene::SceneInput input{model, std::make_shared<const gf::Run>(run)};
    scene::SceneBuilder builder;
    std::vector<Place> places;
    for (const Step& step : story.steps) {
      const auto place = place_of(step, builder, input, {}, {});
      EXPECT_TRUE(place) << place.error().message;
      places.push_back(place.value_or(Place{}));
    }
    return seconds_of(story, places);
  }
  /// It takes about a minute, in which each sentence can be read at the pace of subtitles, and its work seen.
  void expect_a_minute(const Story& story) const {
    EXPECT_GT(seconds(story), 55) << text_of(story);
    EXPECT_LT(seconds(story), 72) << text_of(story);
    for (const Step& step : story.steps) {
      EXPECT_GE(step.seconds, reading_seconds(step.sentence)) << step.sentence;
      EXPECT_GE(step.seconds, step.work + 1) << step.sentence;
    }
  }
  static std::string text_of(const Story& story) {
    std::string all;
    for (const Step& step : story.steps) all += step.sentence + "\n";
    return all;
  }
  static bool says(const Story& story, const std::string& words) { return text_of(story).find(words) != std::string::npos; }

  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  gf::Run run;
};

TEST_F(StoryTest, tells_of_the_head_that_carries_the_name) {
  open("fable");
  const Story story = told(doc::kDefaultPrompt);
  expect_true(story);
  expect_in_sight(story);
  expect_a_minute(story);
  EXPECT_TRUE(says(story, "Head 1 of block 5 looks back")) << text_of(story);
  EXPECT_TRUE(says(story, "“to” looks back at “Mary” with 72 % of its attention")) << text_of(story);
  EXPECT_TRUE(says(story, "the second “to” asks")) << text_of(story);
  EXPECT_TRUE(says(story, "directly gives 3.0 of the 8.2 points by which “Mary” leads “John”")) << text_of(story);
  EXPECT_FALSE(says(story, "in order") || says(story, "The text had")) << text_of(story);
  EXPECT_TRUE(says(story, "Without it “Mary” falls by 1.6 against “John”: what follows makes up for the rest."))
      << "what cutting it does is another number\n"
      << text_of(story);
  EXPECT_TRUE(story.steps.front().sentence.find(doc::kDefaultPrompt) != std::string::npos) << "it begins with the text";
}

TEST(StoryNumbers, a_share_that_rounds_to_nothing_is_not_nothing) {
  EXPECT_EQ(said_as(Fact::Form::Share, 0.0004), "< 0.1 %");
  EXPECT_EQ(said_as(Fact::Form::Share, 0.0006), "0.1 %");
  EXPECT_EQ(said_as(Fact::Form::Share, 0), "0.0 %");
  EXPECT_EQ(said_as(Fact::Form::Logprob, -9), "< 0.1 %");
  EXPECT_EQ(said_as(Fact::Form::Share, 0.72), "72 %");
  EXPECT_EQ(said_as(Fact::Form::Loss, -1.62), "1.6");
}

TEST_F(StoryTest, is_true_for_other_prompts) {
  open("fable");
  for (const char* prompt : {"The capital of France is", "Once upon a time there was a little",
                             "When Tom and Anna went to the river, Anna gave a book to", "The old man said that he"}) {
    const Story story = told(prompt);
    expect_true(story);
    expect_in_sight(story);
    expect_a_minute(story);
  }
}

TEST_F(StoryTest, a_head_that_does_not_stand_out_is_told_with_what_does_more) {
  open("fable");
  const Story story = told("The capital of France is");
  EXPECT_TRUE(says(story, "No head stands out")) << text_of(story);
  EXPECT_TRUE(says(story, "Without it “Paris” loses nothing.")) << text_of(story);
  EXPECT_TRUE(says(story, "The MLP of block 5 gives more: 2.4 of the lead of 7.5.")) << text_of(story);
}

TEST_F(StoryTest, explains_a_position_inside_the_text_too) {
  open("fable");
  const Story story = told(doc::kDefaultPrompt, 4);
  EXPECT_EQ(story.position, 4);
  expect_true(story);
  expect_in_sight(story);
  EXPECT_TRUE(says(story, "The text goes on with “to”.")) << text_of(story);
}

TEST_F(StoryTest, each_word_is_explained_where_it_is_first_said) {
  open("fable");
  const std::string all = text_of(told(doc::kDefaultPrompt));
  for (const auto& [word, explained] : {std::pair("Head", "Head 1 of block 5 looks back"),
                                        {"query", "asks (query, q)"},
                                        {"key", "answers (key, k)"},
                                        {"Neuron", "Neuron 399 of block 1 fires"},
                                        {"points", "points (logits)"}}) {
    const auto first = all.find(word);
    ASSERT_NE(first, std::string::npos) << word << " in " << all;
    EXPECT_NE(all.find(explained), std::string::npos) << all;
    EXPECT_LE(all.find(explained), first) << word << " in " << all;
  }
}

TEST_F(StoryTest, small_models_get_one) {
  open("sort-nano");
  for (const char* prompt : {"CBABBC", "A"}) {
    const Story story = told(prompt);
    expect_true(story);
    expect_in_sight(story);
    if (run.base->length() > 1) expect_a_minute(story);
  }
  const Story sorts = told("CBABBC");
  EXPECT_TRUE(says(sorts, "The letters of the text in order are “A B B B C C”: “A” comes first.")) << text_of(sorts);
  const Story goes_on = told("CBABBCA");
  EXPECT_TRUE(says(goes_on, "In order, “C B A B B C” is “A B B B C C”: after “A” comes “B”.")) << text_of(goes_on);
  expect_true(goes_on);
  EXPECT_TRUE(says(goes_on, "the second “A” looks back at the first “A”")) << text_of(goes_on);
  open("sort-nano@0");
  const Story untrained = told("CBABBC");
  EXPECT_TRUE(says(untrained, "After each block the row would say the same word: “C”.")) << text_of(untrained);
  EXPECT_TRUE(says(untrained, "The chances are spread nearly as wide as can be")) << text_of(untrained);
  EXPECT_FALSE(says(untrained, "in order")) << text_of(untrained);
  open("induction-nano");
  const Story story = told("abcdefgabcde");
  expect_true(story);
  expect_in_sight(story);
  expect_a_minute(story);
  EXPECT_TRUE(says(story, "back at")) << text_of(story);
  EXPECT_TRUE(says(story, "The text had “e” before, and “f” followed it there, too.")) << text_of(story);
  EXPECT_FALSE(says(story, "in order")) << "it copies: a text in order would look sorted as well";
}

TEST_F(StoryTest, of_random_weights_nothing_stands_out) {
  ModelConfig config = testing_models::small_config();
  use(testing_models::random_model(config, 3));
  // Random weights of the usual size say nearly nothing; these are large, so their logits are made small.
  auto weights = std::make_shared<Weights>(*model->weights);
  auto quiet = std::make_shared<std::vector<float>>(static_cast<std::size_t>(config.d_model), 0.02F);
  weights->storage.push_back(quiet);
  weights->ln_f.gamma = TensorView{reinterpret_cast<const std::byte*>(quiet->data()), DType::F32, Shape{config.d_model}};
  weights->ln_f.beta = {};
  auto opened = std::make_shared<Model>(*model);
  opened->weights = weights;
  use(opened);
  RunRequest request;
  for (const int id : {4, 9, 22, 31, 7}) request.prompt.emplace_back(id);
  const Story story = told(request);
  expect_true(story);
  expect_in_sight(story);
  expect_a_minute(story);
  EXPECT_TRUE(says(story, "No head stands out")) << text_of(story);
  EXPECT_TRUE(says(story, "hardly more than chance")) << text_of(story);
  EXPECT_FALSE(says(story, "fires")) << text_of(story);
}

TEST_F(StoryTest, ends_where_numbers_end) {
  use(testing_models::random_model(testing_models::small_config(), 3));
  auto weights = std::make_shared<Weights>(*model->weights);
  auto bad =
      std::make_shared<std::vector<float>>(static_cast<std::size_t>(weights->config.d_model), std::numeric_limits<float>::quiet_NaN());
  weights->storage.push_back(bad);
  weights->blocks[1].b_o = TensorView{reinterpret_cast<const std::byte*>(bad->data()), DType::F32, Shape{weights->config.d_model}};
  auto opened = std::make_shared<Model>(*model);
  opened->weights = weights;
  use(opened);
  RunRequest request;
  for (const int id : {4, 9, 22}) request.prompt.emplace_back(id);
  const Story story = told(request);
  expect_true(story);
  EXPECT_TRUE(story.steps.back().sentence.find("not a number") != std::string::npos) << text_of(story);
}

TEST_F(StoryTest, tells_only_the_chapters_that_are_wanted) {
  open("fable");
  const Story all = told(doc::kDefaultPrompt);
  const std::vector<std::string> wanted = {"choice", "head"};
  const auto part = tell(about(-1), wanted);
  ASSERT_TRUE(part) << part.error().message;
  expect_true(*part);
  ASSERT_LT(part->steps.size(), all.steps.size());
  EXPECT_TRUE(part->steps.front().sentence.starts_with("Head 1")) << "chapters come in the order of the pass";
  EXPECT_EQ(part->steps.back().sentence, all.steps.back().sentence);
  std::size_t steps = 0;
  for (const std::string& chapter : chapter_names()) {
    const auto one = tell(about(-1), {&chapter, 1});
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_FALSE(one->steps.empty()) << chapter;
    steps += one->steps.size();
  }
  EXPECT_EQ(steps, all.steps.size());
}

TEST_F(StoryTest, can_be_stopped) {
  open("sort-nano");
  (void)told("CBABBC");
  Asking asking = about(-1);
  std::stop_source stop;
  stop.request_stop();
  asking.stop = stop.get_token();
  const auto story = tell(asking);
  ASSERT_FALSE(story);
  EXPECT_EQ(story.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace gf::story
