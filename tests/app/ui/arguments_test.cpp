// The --do options of `glassformer`.
#include <gtest/gtest.h>

#include "app/ui/shell/window_arguments.h"

namespace gf::ui {
namespace {

std::string shown(const std::vector<std::string>& words) {
  const auto read = take_calls(words);
  if (!read) return read.error().message;
  std::string text;
  for (const std::string& word : read->others) text += (text.empty() ? "" : " ") + word;
  for (const ActionCall& call : read->calls) {
    text += " | " + call.id;
    for (const std::string& argument : call.arguments) text += " <" + argument + ">";
  }
  return text;
}

TEST(WindowCalls, leave_the_other_words) {
  EXPECT_EQ(shown({}), "");
  EXPECT_EQ(shown({"fable", "--prompt", "Once upon", "--session=s.json"}), "fable --prompt Once upon --session=s.json");
}

TEST(WindowCalls, stand_in_their_order) {
  EXPECT_EQ(shown({"fable", "--do", "cut-head", "4.3", "0.5", "--do", "camera", "block 4", "--prompt", "Hi", "--do", "fit"}),
            "fable --prompt Hi | cut-head <4.3> <0.5> | camera <block 4> | fit");
  EXPECT_EQ(shown({"--do", "scale-head", "4.3", "-1"}), " | scale-head <4.3> <-1>");
}

TEST(WindowCalls, are_refused_with_a_sentence) {
  EXPECT_EQ(shown({"--do"}), "--do wants the id of an action.");
  EXPECT_EQ(shown({"--do", "cuthead", "4.3"}), "There is no action \"cuthead\"; near to it: cut-head.");
  EXPECT_EQ(shown({"--do", "temperature"}), "An argument is missing: temperature T.");
}

}  // namespace
}  // namespace gf::ui
