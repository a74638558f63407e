// Questions: what a typed word may mean, and the right answer of every question that a lesson asks.
#include "app/lessons/question.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "app/document/background/pipeline.h"
#include "app/document/request.h"
#include "model/tokenizer/unicode.h"

namespace gf::lessons {
namespace {

const doc::OpenModel& opened(const std::string& name) {
  static std::map<std::string, doc::OpenModel> open;
  const auto found = open.find(name);
  if (found != open.end()) return found->second;
  auto model = doc::open_by_name(name);
  EXPECTS(model, "a bundled model opens");
  return open.emplace(name, std::move(*model)).first->second;
}

TEST(TokensMeant, are_those_that_differ_in_case_and_blanks_alone) {
  const Model& model = *opened("fable").model;
  for (const char* typed : {"Paris", " Paris", "paris", "PARIS", " pARIS ", "\u00B7Paris", "\u00B7paris"}) {
    const auto meant = tokens_meant(typed, model);
    ASSERT_TRUE(meant) << typed;
    EXPECT_NE(std::ranges::find(*meant, " Paris"), meant->end()) << typed;
    for (const std::string& token : *meant) EXPECT_TRUE(lower_case(token).ends_with("paris")) << typed << ": " << token;
  }
  EXPECT_EQ(tokens_meant(" king", model)->front(), " king") << "what is typed itself comes first";
  EXPECT_EQ(tokens_meant("king", model)->front(), "king");
  EXPECT_EQ(tokens_meant("", model).error().message, "Type a token first.");
  EXPECT_EQ(tokens_meant("   ", model).error().message, "Type a token first.");
  EXPECT_NE(tokens_meant("not one token at all", model).error().message.find("tokens"), std::string::npos);
  EXPECT_NE(tokens_meant("unhappily", model).error().message.find("tokens"), std::string::npos) << "three tokens";
}

TEST(TokensMeant, know_the_small_letters_of_all_alphabets) {
  EXPECT_EQ(lower_case("\u00DCBER \u0416 \u0130"), "\u00FCber \u0436 i\u0307");
  EXPECT_EQ(lower_case("\xC3("), "\xC3(") << "bytes that are not UTF-8 stay";
}

/// A question with its run.
struct Asked {
  std::shared_ptr<const Model> model;
  std::unique_ptr<Facts> facts;
};
Asked asked(const Step& step) {
  const doc::OpenModel& open = opened(step.document.model);
  auto request = doc::request_of(step.document, *open.model);
  EXPECTS(request, "a bundled lesson runs");
  auto facts = Facts::of(*open.session, std::move(*request));
  EXPECTS(facts, "a bundled lesson runs");
  return {open.model, std::move(*facts)};
}

TEST(Questions, of_every_lesson_have_a_right_answer_that_is_accepted_and_framed) {
  int tokens = 0, heads = 0, choices = 0;
  for (const std::string& name : bundled_lessons()) {
    const auto lesson = read_lesson(*resolve_lesson(name));
    ASSERT_TRUE(lesson) << lesson.error().message;
    for (const Step& step : lesson->steps) {
      SCOPED_TRACE(name + ", " + step.id);
      const bool token = step.question && step.question->kind == Question::Kind::Token;
      EXPECT_EQ(step.document.hide_prediction, token) << "only a step that asks for the prediction hides it";
      if (!step.question || step.question->kind == Question::Kind::Until) continue;
      const Asked here = asked(step);
      const auto right = right_answer(*step.question, *here.facts, *here.model);
      ASSERT_TRUE(right) << right.error().message;
      ASSERT_TRUE(*right);
      scene::ViewState view = step.document;
      const std::size_t before = view.highlights.size();
      reveal(*step.question, **right, *here.model, view);
      EXPECT_FALSE(view.hide_prediction);
      if (step.question->kind == Question::Kind::Choice) {
        ++choices;
        EXPECT_EQ(view.highlights.size(), before) << "an option stands in the dock alone";
        continue;
      }
      EXPECT_EQ(view.highlights.size(), before + 1);
      heads += token ? 0 : 1;
      if (!token) continue;
      ++tokens;
      const auto id = doc::token_of((*right)->token, *here.model);
      ASSERT_TRUE(id && *id);
      EXPECT_TRUE(scene::is_highlighted(view, **id));
      const std::string bare = (*right)->token.substr((*right)->token.starts_with(' ') ? 1 : 0);
      for (const std::string& typed : {bare, " " + bare, lower_case(bare), lower_case((*right)->token), bare + " "}) {
        const auto judged = judge(*step.question, {-1, -1, typed, -1}, *here.facts, *here.model);
        ASSERT_TRUE(judged && *judged) << typed;
        EXPECT_EQ((*judged)->token, (*right)->token) << typed;
      }
      const auto wrong = judge(*step.question, {-1, -1, "a", -1}, *here.facts, *here.model);
      EXPECT_TRUE(wrong && !*wrong);
    }
  }
  EXPECT_GE(tokens, 2);
  EXPECT_GE(heads, 2);
  EXPECT_GE(choices, 8);
}

}  // namespace
}  // namespace gf::lessons
