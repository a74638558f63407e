// `glassformer lesson`: the list, a lesson's text, and the check with its exit codes.
#include "app/lessons/lesson.h"

#include <algorithm>
#include <filesystem>

#include "app/cli/render/render_lesson.h"
#include "app/export/legend.h"
#include "app/lessons/markdown.h"
#include "app/scene/views.h"
#include "renderer/imgui/gui_context.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

std::string copied_lesson(const std::string& name) {
  const fs::path to = scratch_file("lesson");
  fs::remove_all(to);
  fs::copy(fs::path(GLASSFORMER_SOURCE_DIR) / "assets" / "lessons" / name, to);
  return to.string();
}

TEST(CliLesson, lists_what_there_is) {
  const Outcome o = program({"lesson", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json reply = Json::parse(o.out);
  ASSERT_GE(reply["lessons"].size(), 3U);
  EXPECT_EQ(reply["lessons"][0]["name"], "first-look");
  EXPECT_EQ(reply["lessons"][0]["minutes"], 3);
  EXPECT_NE(program({"lesson"}).out.find("first-look"), std::string::npos);
}

TEST(CliLesson, shows_a_lessons_text) {
  const Outcome o = program({"lesson", "first-look"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("tokens"), std::string::npos) << o.out;
  EXPECT_EQ(o.out.find("**"), std::string::npos) << "plain text has no signs";
}

TEST(CliLesson, writes_formulas_with_their_brackets) {
  const Outcome o = program({"lesson", "layernorm"});
  EXPECT_NE(o.out.find("y\u2096 = \u03B3\u2096 \u00B7 (x\u2096 \u2212 \u03BC) / \u03C3 + \u03B2\u2096\n"), std::string::npos) << o.out;
}

TEST(CliLesson, a_check_that_holds_exits_with_0) {
  const Outcome o = program({"lesson", "first-look", "--check"});
  EXPECT_EQ(o.code, 0) << o.out;
  EXPECT_EQ(o.out, "first-look: every claim holds\n");
}

TEST(CliLesson, a_check_that_fails_exits_with_1_and_a_line_for_each_fault) {
  const std::string folder = copied_lesson("first-look");
  std::string text = content(folder + "/lesson.json");
  const std::string claim = "n_layer == 6";
  text.replace(text.find(claim), claim.size(), "n_layer == 7");
  std::ofstream(folder + "/lesson.json") << text;
  Json en = Json::parse(content(folder + "/en.json"));
  en["steps"].erase("pass");
  std::ofstream(folder + "/en.json") << en;
  const Outcome o = program({"lesson", folder, "--check"});
  EXPECT_EQ(o.code, 1);
  EXPECT_EQ(std::count(o.out.begin(), o.out.end(), '\n'), 2) << o.out;
  EXPECT_NE(o.out.find(folder + ": step 'whole': the model does not bear out n_layer == 7 (6 == 7)\n"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("step 'pass', en: its text is missing\n"), std::string::npos) << o.out;
  const Json reply = Json::parse(program({"lesson", folder, "--check", "--json"}).out);
  EXPECT_EQ(reply["faults"], 2);
  EXPECT_EQ(reply["lessons"][0]["faults"][0]["step"], "pass");
}

std::vector<exporting::Shot> shots_of(const std::string& name) {
  const auto lesson = lessons::read_lesson(*lessons::resolve_lesson(name));
  EXPECTS(lesson, "a bundled lesson is read");
  scene::SceneBuilder machine;
  auto shots = cli::lesson_shots(*lesson, {.lesson = name, .language = {}, .path = "film/", .options = {}, .theme = {}}, machine);
  EXPECT_TRUE(shots) << shots.error().message;
  return shots ? std::move(*shots) : std::vector<exporting::Shot>();
}

const exporting::Shot* shot_that_says(const std::vector<exporting::Shot>& shots, const std::string& words) {
  const auto found = std::ranges::find_if(shots, [&](const exporting::Shot& s) { return s.caption.find(words) != std::string::npos; });
  return found == shots.end() ? nullptr : &*found;
}

TEST(LessonFilm, shows_the_answer_in_a_frame_and_not_before) {
  const auto first = shots_of("first-look");
  for (const char* before : {"Another text: ", "Which token will it name?"}) {
    const auto* shot = shot_that_says(first, before);
    ASSERT_TRUE(shot) << before;
    EXPECT_TRUE(shot->document.hide_prediction) << before;
  }
  const auto* answer = shot_that_says(first, "It gives \u00B7Paris 96 %.");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->document.hide_prediction);
  const TokenId top = answer->input.run->base->stats(answer->input.run->base->length() - 1).top.front().id;
  EXPECT_TRUE(scene::is_highlighted(answer->document, top));
  EXPECT_FALSE(shot_that_says(first, "Back to Mary and John")->document.hide_prediction);

  const auto attention = shots_of("attention");
  const auto* head = shot_that_says(attention, "Head 7 of block 4 gives it 97 %");
  ASSERT_TRUE(head);
  ASSERT_EQ(head->document.highlights.size(), 1U);
  EXPECT_EQ(head->document.highlights[0].tensor.name(), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(head->document.highlights[0].index[0], 7);
  EXPECT_TRUE(shot_that_says(shots_of("tokens"), "\u2713 2\nTwo: ")) << "a film marks the right option";
}

TEST(LessonFilm, looks_at_the_scene_that_is_drawn) {
  const auto shots = shots_of("attention");
  const auto* shot = shot_that_says(shots, "Which head gives more than 90 %");
  ASSERT_TRUE(shot && shot->document.camera);
  // The layout depends on the room that the legend leaves; the captions take more of it, but move nothing.
  const scene::Pane pane = exporting::pane_of(exporting::picture_of({}));
  scene::SceneBuilder machine;
  const scene::ViewScene scene = machine.build(shot->input, shot->document, pane);
  int seen = 0;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != scene::PanelInfo::Mapping::Causal || scene.panels[i].tensor.hook.layer != 4) continue;
    const render::Panel& p = scene.scene->panels[i];
    const glm::vec3 low = render::project(*shot->document.camera, p.origin, pane.size),
                    high = render::project(*shot->document.camera, p.origin + p.across + p.down, pane.size);
    EXPECT_TRUE(low.x >= 0 && low.y >= 0 && high.x <= pane.size.x && high.y <= 0.8F * pane.size.y) << "head " << scene.panels[i].head;
    ++seen;
  }
  EXPECT_EQ(seen, 8);
}

TEST(LessonFilm, cuts_no_caption_of_any_lesson) {
  render::GuiContext gui;
  gui.set_scale(1);
  std::vector<std::string> captions;
  for (const std::string& name : lessons::bundled_lessons()) {
    const auto lesson = lessons::read_lesson(*lessons::resolve_lesson(name));
    ASSERT_TRUE(lesson) << lesson.error().message;
    for (const auto& [step, text] : lesson->text("en").steps) {
      for (const std::string& words : {text.text, text.right})
        for (const std::string& caption : cli::captions_of(lessons::to_plain(words))) captions.push_back(caption);
      std::string asked = lessons::to_plain(text.question);
      for (const std::string& option : text.options) asked += "\n\u2022 " + lessons::to_plain(option);
      captions.push_back(asked);
    }
  }
  ASSERT_GT(captions.size(), 200U);
  for (const std::string& caption : captions)
    for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(640, 360)}) {
      if (caption.empty()) continue;
      render::GuiPicture picture;
      gui.run(exporting::legend_overlay({}, render::Theme::Dark, {.text = caption, .moment = {}, .widest = {}}), render::Theme::Dark, size,
              nullptr, picture);
      ASSERT_FALSE(picture.vertices.empty());
      int outside = 0;
      for (const render::GuiVertex& v : picture.vertices) outside += v.x < 0 || v.y < 0 || v.x > size.x || v.y > size.y;
      EXPECT_EQ(outside, 0) << "at " << size.x << " x " << size.y << ": " << caption;
    }
}

TEST(CliLesson, an_unknown_name_lists_the_lessons) {
  const Outcome o = program({"lesson", "second-look", "--check"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("There is no lesson 'second-look'; the lessons are first-look,"), std::string::npos) << o.err;
}

}  // namespace
}  // namespace gf::testing
