// Reading and checking: a small lesson that is good, and one mutation of it for each sentence.
#include "app/lessons/lesson.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/lessons/check.h"
#include "app/lessons/markdown.h"
#include "app/lessons/question.h"

namespace gf::lessons {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

struct Files {
  Json lesson = Json::parse(R"({"version": 1, "minutes": 2, "order": 5, "steps": [
    {"id": "one", "model": "sort-nano", "prompt": "CBABBC", "camera": "block 0", "highlights": ["blocks.0.attn.hook_pattern[1]"],
     "time": ["start", {"position": 2, "hook": "blocks.0.attn.hook_z"}], "docks": ["probe"],
     "selection": "blocks.0.attn.hook_pattern[0,5,1]", "expect": ["top() == \"A\"", "p(\"A\") > 0.9"],
     "question": {"kind": "choice", "options": ["rank(\"A\") == 0", "rank(\"B\") == 0"]}},
    {"id": "two", "camera": [0, 0, 0, 60, 0.1, 0.2], "compare": "difference",
     "recipe": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0]}], "expect": ["kl() >= 0"]}]})");
  Json en = Json::parse(R"({"title": "T", "about": "A", "steps": {
    "one": {"text": "Sorted **letters**", "question": "Which?", "options": ["A", "B"], "hint": "h", "right": "r"},
    "two": {"text": "Cut"}}})");
  Json zh;

  std::string write() const {
    const fs::path folder = fs::path(GLASSFORMER_BUILD_DIR) / "test-files" / "lessons" / "small";
    fs::remove_all(folder);
    fs::create_directories(folder);
    std::ofstream(folder / "lesson.json") << lesson.dump(1);
    std::ofstream(folder / "en.json") << en.dump(1);
    if (!zh.is_null()) std::ofstream(folder / "zh.json") << zh.dump(1);
    return folder.string();
  }
};

std::vector<std::string> sentences(const Files& files) {
  const auto faults = check_lesson(files.write());
  if (!faults) return {faults.error().message};
  std::vector<std::string> all;
  for (const Fault& fault : *faults) all.push_back(fault.sentence());
  return all;
}

TEST(Lesson, a_good_one_has_no_faults) {
  const auto all = sentences({});
  EXPECT_TRUE(all.empty()) << all.front();
}

TEST(Lesson, steps_say_what_they_change) {
  const auto lesson = read_lesson(Files().write());
  ASSERT_TRUE(lesson) << lesson.error().message;
  EXPECT_EQ(lesson->name, "small");
  EXPECT_EQ(lesson->minutes, 2);
  ASSERT_EQ(lesson->steps.size(), 2U);
  const Step &one = lesson->steps[0], &two = lesson->steps[1];
  EXPECT_EQ(two.document.model, "sort-nano");
  EXPECT_EQ(two.document.prompt, "CBABBC");
  EXPECT_TRUE(one.document.recipe.empty());
  EXPECT_EQ(two.document.recipe.edits.size(), 1U);
  EXPECT_EQ(two.document.compare, scene::Compare::Difference);
  EXPECT_EQ(one.camera, "block 0");
  EXPECT_EQ(two.document.camera->distance, 60);
  // What points at something is for one step alone.
  EXPECT_TRUE(one.document.selection && !two.document.selection);
  EXPECT_EQ(one.document.highlights.size(), 1U);
  EXPECT_TRUE(two.document.highlights.empty());
  EXPECT_EQ(lesson->text("zh").title, "T");
}

TEST(Lesson, the_viewers_theme_and_speed_stay) {
  const auto lesson = read_lesson(Files().write());
  ASSERT_TRUE(lesson);
  doc::Document own;
  own.theme = render::Theme::Light;
  own.speed = 4;
  const doc::Document staged = document_for(lesson->steps[0], own);
  EXPECT_EQ(staged.theme, render::Theme::Light);
  EXPECT_EQ(staged.speed, 4);
  EXPECT_EQ(staged.prompt, "CBABBC");
}

struct Mutation {
  const char* file;   ///< lesson, en or zh
  const char* place;  ///< JSON pointer
  const char* value;  ///< JSON; empty: removed
  const char* sentence;
};

TEST(Lesson, every_fault_gets_its_sentence) {
  const Mutation mutations[] = {
      {"lesson", "/steps/0/expect/1", R"("p(\"A\") < 0.1")", "step 'one': the model does not bear out p(\"A\") < 0.1 ("},
      {"lesson", "/steps/0/expect/1", R"("p(\"A\" > 0.1")",
       "step 'one': 'p(\"A\" > 0.1' cannot be read: column 12: ',' or ')' was expected"},
      {"lesson", "/steps/0/expect/1", R"("p(\"AB\") > 0.1")",
       "step 'one': the claim p(\"AB\") > 0.1 cannot be evaluated: column 1: \"AB\" is 2 tokens"},
      {"lesson", "/steps/0/expect/1", R"("value(\"blocks.9.attn.hook_z\", 0, 0, 0) > 0")",
       "column 1: there is no hook 'blocks.9.attn.hook_z' in this model, whose blocks are 0 to 2"},
      {"lesson", "/steps/0/expect/1", R"("surprise(3) > 0")", "column 1: there is no function 'surprise'"},
      {"lesson", "/steps/0/expect/1", R"("p(3) > 0")", "column 1: 'p' is used as p(TOKEN, [POSITION])"},
      {"lesson", "/steps/0/expect/1", R"("kl() > 0")", "column 1: kl compares with the base run, and this step has no recipe"},
      {"lesson", "/steps/0/expect/1", R"("p(\"A\", 9) > 0")", "position 9 is not in the run, whose positions are 0 to 5"},
      {"lesson", "/steps/0/highlights/0", R"("blocks.0.hook_nothing")",
       "step 'one': unknown hook in 'highlights': \"blocks.0.hook_nothing\""},
      {"lesson", "/steps/0/highlights/0", R"("blocks.7.hook_mlp_out")", "step 'one': the scene has no blocks.7.hook_mlp_out to highlight"},
      {"lesson", "/steps/0/camera", R"("logits")", "step 'one': its camera does not show blocks.0.attn.hook_pattern, which it highlights"},
      {"lesson", "/steps/0/selection", R"("blocks.1.attn.hook_pattern[0,1,5]")",
       "step 'one': the selection blocks.1.attn.hook_pattern has no such cell in this run"},
      {"lesson", "/steps/0/selection", R"("blocks.2.attn.hook_pattern[0,5,1]")",
       "step 'one': its camera does not show the cell of blocks.2.attn.hook_pattern that it selects"},
      {"lesson", "/steps/0/time",
       R"([{"position": 5, "hook": "blocks.2.attn.hook_v"}, {"position": 5, "hook": "blocks.2.attn.hook_attn_scores"}])",
       "step 'one': its camera does not show what happens at its time: blocks.2.attn.hook_attn_scores"},
      {"lesson", "/steps/0/selection", R"("nothing at all[")", "step 'one': 'selection' should be a cell"},
      {"lesson", "/steps/0/camera", R"("block 3")", "step 'one': There is no camera \"block 3\""},
      {"lesson", "/steps/0/camera", R"([900, 900, 0, 2, 0, 0])", "step 'one': its camera frames nothing"},
      {"lesson", "/steps/0/camera", R"([1, 2])", "step 'one': 'camera' should be a name, or x, y, z, distance, yaw and pitch"},
      {"lesson", "/steps/0/model", R"("sort-mini")", "step 'one': There is no file, folder or bundled model sort-mini"},
      {"lesson", "/steps/0/model", R"("sort-nano@7")", "step 'one': sort-nano has no checkpoint at step 7"},
      {"lesson", "/steps/0/prompt", R"("CBADC")", "step 'one': "},
      {"lesson", "/steps/0/colour", R"("red")", "step 'one': unknown key 'colour'; a step has id, model, prompt"},
      {"lesson", "/steps/0/id", R"("One!")", "step '#1': 'id' should be a word of small letters, digits and '-'"},
      {"lesson", "/steps/1/id", R"("one")", "step 'one': another step has this id"},
      {"lesson", "/steps/0/docks/0", R"("kitchen")", "step 'one': there is no dock \"kitchen\""},
      {"lesson", "/steps/0/position", "17", "step 'one': position 17 is not in the prompt, whose positions are 0 to 5"},
      {"lesson", "/steps/0/time/1/position", "17", "step 'one': 'time' names position 17"},
      {"lesson", "/steps/0/time/1/hook", R"("blocks.0.hook_y")", "step 'one': unknown hook in 'time': \"blocks.0.hook_y\""},
      {"lesson", "/steps/0/target", R"("AB")", "step 'one': 'target': \"AB\" is 2 tokens"},
      {"lesson", "/steps/1/mode", R"("sleep")",
       "step 'two': what it sets cannot be shown: The session's 'mode' should be one of observe, intervene, what-if"},
      {"lesson", "/steps/1/recipe/0/hook", R"("blocks.8.attn.hook_z")", "step 'two': "},
      {"lesson", "/steps/0/question/kind", R"("essay")", "step 'one': 'kind' of the question should be head, token, until or choice"},
      {"lesson", "/steps/0/question/options/1", R"("rank(\"A\") == 0")",
       "step 'one': the question has 2 right options, and should have one"},
      {"lesson", "/steps/0/question", R"({"kind": "head", "holds": "layer >= 0"})",
       "step 'one': the question has no wrong answer among the heads"},
      {"lesson", "/steps/0/question", R"({"kind": "token", "holds": "false"})",
       "step 'one': the question has no right answer among the likeliest tokens"},
      {"lesson", "/steps/0/question", R"({"kind": "until", "holds": "p(\"A\") > 0.5", "solution": []})",
       "step 'one': the question is answered before anything is done"},
      {"lesson", "/steps/0/question", R"({"kind": "until", "holds": "p(\"A\") < 0.5", "solution": []})",
       "step 'one': the solution does not make p(\"A\") < 0.5 true"},
      {"lesson", "/steps/0/question", R"({"kind": "until"})", "step 'one': the question needs 'holds', an expression"},
      {"lesson", "/version", "2", "'version' should be 1"},
      {"lesson", "/author", "1", "'author' is not known here; a lesson has version, minutes, order and steps"},
      {"lesson", "/steps", "[]", "'steps' should be a list of 1 to 100 steps"},
      {"en", "/steps/two", "", "step 'two', en: its text is missing"},
      {"en", "/steps/two/text", R"("")", "step 'two', en: its text is missing"},
      {"en", "/steps/three", R"({"text": "x"})", "step 'three', en: there is a text for it, but no such step"},
      {"en", "/steps/one/options", R"(["A"])", "step 'one', en: it has 1 options, but the step has 2"},
      {"en", "/steps/one/hint", "", "step 'one', en: its hint is missing"},
      {"en", "/steps/two/question", R"("Why?")", "step 'two', en: it has a question, but the step asks nothing"},
      {"en", "/steps/two/text", R"("a **b")", "step 'two', en: text: a '**' is not closed in: a **b"},
      {"en", "/steps/two/colour", R"("x")", "step 'two', en: there is no text 'colour'"},
      {"en", "/title", "", "en: the title is missing"},
      {"zh", "",
       R"({"title": "T", "about": "A", "steps": {"one": {"text": "x", "question": "q", "options": ["A", "B"], "hint": "h", "right": "r"}}})",
       "step 'two', zh: its text is missing"},
  };
  for (const Mutation& m : mutations) {
    Files files;
    Json& into = std::string(m.file) == "lesson" ? files.lesson : std::string(m.file) == "en" ? files.en : files.zh;
    const Json::json_pointer place(m.place);
    if (*m.value == '\0') into[place.parent_pointer()].erase(place.back());
    else into[place] = Json::parse(m.value);
    const auto all = sentences(files);
    const bool told = std::any_of(all.begin(), all.end(), [&](const std::string& s) { return s.find(m.sentence) != std::string::npos; });
    std::string joined;
    for (const auto& s : all) joined += "\n  " + s;
    EXPECT_TRUE(told) << m.file << m.place << " = " << m.value << "\nwanted: " << m.sentence << "\ngot:" << joined;
  }
}

TEST(Lesson, a_moment_at_a_hook_that_the_model_lacks_has_no_time) {
  ModelConfig config;
  config.n_layer = 2;
  const scene::Timeline timeline(config, 4);
  Moment moment{Moment::Kind::At, 2, HookId{HookKind::Z, 1}};
  EXPECT_EQ(*time_of(moment, timeline), timeline.start_of(2, timeline.op_of({HookKind::Z, 1}) + 1));
  moment.hook = HookId{HookKind::Z, 9};
  EXPECT_EQ(time_of(moment, timeline).error().message,
            "the lesson's 'time' has the hook blocks.9.attn.hook_z, which is not in this model; name a hook of one of its blocks");
}

TEST(Lesson, a_few_operations_go_with_the_text) {
  ModelConfig config;
  config.n_layer = 2;
  const scene::Timeline timeline(config, 4);
  const auto at = [&](HookKind kind, int layer) { return timeline.start_of(2, timeline.op_of({kind, layer}) + 1); };
  EXPECT_TRUE(goes_with_text(at(HookKind::V, 1), at(HookKind::AttnScores, 1), timeline));
  EXPECT_TRUE(goes_with_text(at(HookKind::ResidPre, 0), at(HookKind::ResidPost, 0), timeline)) << "a block";
  EXPECT_FALSE(goes_with_text(at(HookKind::ResidPre, 0), at(HookKind::ResidPost, 1), timeline)) << "two";
  EXPECT_FALSE(goes_with_text(0, timeline.end(), timeline));
  EXPECT_FALSE(goes_with_text(at(HookKind::Z, 1), at(HookKind::Z, 1), timeline)) << "nothing plays";
  EXPECT_GT(reading_seconds("a text of some more words, which takes longer"), reading_seconds("a text"));
}

TEST(Lesson, what_is_no_lesson_gets_one_sentence) {
  EXPECT_FALSE(examine_lesson("/no/such/folder"));
  Files files;
  const fs::path folder = files.write();
  std::ofstream(folder / "lesson.json") << "{ not json";
  EXPECT_EQ(examine_lesson(folder.string()).error().code, ErrorCode::Corrupt);
  std::ofstream(folder / "lesson.json") << std::string(2 << 20, ' ');
  EXPECT_EQ(examine_lesson(folder.string()).error().code, ErrorCode::InvalidArgument);
  std::ofstream(folder / "lesson.json") << std::string(200, '[');
  EXPECT_FALSE(examine_lesson(folder.string()));
  files.write();
  fs::remove(folder / "en.json");
  EXPECT_EQ(examine_lesson(folder.string()).error().message,
            "The lesson has no en.json that can be read; English is the language that every lesson has.");
}

}  // namespace
}  // namespace gf::lessons
