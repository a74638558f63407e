// The strip that tells errors and notices.
#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>

#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(ErrorStrip, lets_go_of_an_error_when_something_is_done) {
  Screen screen;
  screen.open("fable");
  screen.window().runner().trigger("cut-head", {"9.9"});
  EXPECT_TRUE(has(screen_text(screen.window()), "There is no head \"9.9\""));
  screen.window().runner().trigger("cut-head", {"4.3"});
  EXPECT_FALSE(has(screen_text(screen.window()), "There is no head \"9.9\""));
}

TEST(ErrorStrip, says_why_a_prompt_of_the_start_does_not_run_and_the_prompt_stands) {
  Screen screen;
  std::string prompt;
  for (int i = 0; i < 300; ++i) prompt += "once upon a time ";
  screen.lab().execute(doc::set_prompt(prompt));
  screen.lab().open_model("fable");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.window().findChild<QLineEdit*>("prompt_edit")->text().toStdString(), prompt);
  const auto* strip = screen.window().findChild<QWidget*>("error_strip");
  EXPECT_FALSE(strip->isHidden());
  EXPECT_TRUE(has(screen_text(*strip), "tokens, but the context of 'fable' holds 256; shorten the prompt.")) << screen_text(*strip);
  EXPECT_FALSE(screen.lab().run());
  screen.run("set-prompt \"Once upon a time\"");
  ASSERT_TRUE(screen.until([&] { return screen.lab().up_to_date(); }));
  EXPECT_TRUE(strip->isHidden()) << screen_text(*strip);
}

TEST(ErrorStrip, shows_notices_below_errors_and_lets_them_go) {
  Screen screen;
  screen.open("fable");
  const auto* strip = screen.window().findChild<QWidget*>("error_strip");
  const auto* sentence = screen.window().findChild<QLabel*>("error_text");
  auto* close = screen.window().findChild<QAbstractButton*>("error_close");
  ASSERT_TRUE(strip && sentence && close);
  EXPECT_TRUE(strip->isHidden());
  screen.run("set-prompt \"<|endoftext|>Once upon\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(strip->isHidden());
  EXPECT_EQ(sentence->text().toStdString(), "the text holds <|endoftext|>, which is read as plain text");
  EXPECT_EQ(strip->property("role").toString().toStdString(), "notice_strip");
  screen.run("target \"two words here\"");
  ASSERT_TRUE(screen.lab().error());
  EXPECT_EQ(sentence->text().toStdString(), screen.lab().error()->message);
  EXPECT_EQ(strip->property("role").toString().toStdString(), "error_strip");
  close->click();
  EXPECT_EQ(sentence->text().toStdString(), "the text holds <|endoftext|>, which is read as plain text");
  EXPECT_FALSE(strip->isHidden());
  close->click();
  EXPECT_TRUE(strip->isHidden());
}

TEST(ErrorStrip, names_the_first_hook_with_a_nan_while_the_run_has_one) {
  Screen screen;
  screen.open("fable");
  const std::string file = qEnvironmentVariable("XDG_DATA_HOME").toStdString() + "/nan.json";
  FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  std::fputs(R"({"version": 1, "edits": [
    {"hook": "blocks.2.attn.hook_v", "positions": [3], "op": "scale", "factor": 1e38},
    {"hook": "blocks.2.attn.hook_v", "positions": [3], "op": "scale", "factor": 1e38},
    {"hook": "blocks.2.attn.hook_v", "positions": [3], "op": "scale", "factor": 0}]})",
             out);
  std::fclose(out);
  ASSERT_EQ(screen.run("open-recipe " + file), "");
  ASSERT_TRUE(screen.settle());
  const auto* strip = screen.window().findChild<QWidget*>("error_strip");
  EXPECT_FALSE(strip->isHidden());
  EXPECT_TRUE(has(screen_text(*strip), "blocks.2.attn.hook_v is the first hook with a value that is not a number (NaN), at position 3"))
      << screen_text(*strip);
  screen.run("remove-edits");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(strip->isHidden()) << screen_text(*strip);
}

}  // namespace
}  // namespace gf::ui
