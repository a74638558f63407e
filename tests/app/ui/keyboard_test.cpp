// Which widget has the keyboard.
#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QScrollArea>
#include <gtest/gtest.h>

#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

std::string prompt_field(Screen& screen) { return screen.window().findChild<QLineEdit*>("prompt_edit")->text().toStdString(); }

TEST(Keyboard, belongs_to_the_scene_from_the_start) {
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(screen.focus(), "viewport");
  const std::string before = prompt_field(screen);
  screen.key("Space");
  EXPECT_TRUE(screen.window().transport().playing());
  screen.key("V");
  EXPECT_EQ(screen.lab().document().view, scene::View::Stream);
  EXPECT_EQ(prompt_field(screen), before);
}

TEST(Keyboard, goes_to_the_prompt_and_comes_back_with_esc) {
  Screen screen;
  screen.open("fable");
  const std::string before = prompt_field(screen);
  screen.key("Ctrl+L");
  EXPECT_EQ(screen.focus(), "prompt_edit");
  screen.type("hv 1");
  EXPECT_EQ(prompt_field(screen), "hv 1");
  screen.key("Esc");
  EXPECT_EQ(screen.focus(), "viewport");
  EXPECT_EQ(prompt_field(screen), before);
  EXPECT_EQ(screen.lab().document().view, scene::View::Machine);
}

TEST(Keyboard, comes_back_after_a_run_and_stays_after_a_refused_one) {
  Screen screen;
  screen.open("fable");
  screen.key("Ctrl+L");
  screen.type("The capital of France is");
  screen.key("Return");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.focus(), "viewport");
  EXPECT_TRUE(screen.window().transport().playing());
  screen.key("End");
  screen.key("Ctrl+L");
  screen.key("Backspace");
  screen.key("Return");
  EXPECT_EQ(screen.focus(), "prompt_edit") << "an empty prompt is refused: one goes on typing";
  EXPECT_FALSE(screen.window().transport().playing()) << "and the old pass does not play again";
}

TEST(Keyboard, is_the_scenes_in_a_restored_session_and_in_present) {
  Screen screen;
  screen.open("fable");
  const std::string file = qEnvironmentVariable("XDG_DATA_HOME").toStdString() + "/kept.json";
  ASSERT_EQ(screen.run("save-session " + file), "");
  screen.key("Ctrl+L");
  ASSERT_EQ(screen.run("open-session " + file), "");
  ASSERT_EQ(screen.run("present on"), "");
  EXPECT_EQ(screen.focus(), "viewport");
  ASSERT_EQ(screen.run("present off"), "");
  EXPECT_EQ(screen.focus(), "viewport");
}

TEST(Keyboard, comes_back_when_a_question_is_answered) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.focus(), "viewport");
  while (screen.window().player().step().id != "predict") {
    screen.run("next-step");
    ASSERT_TRUE(screen.settle());
  }
  auto* field = screen.window().findChild<QLineEdit*>("lesson_token");
  ASSERT_NE(field, nullptr);
  field->setFocus(Qt::MouseFocusReason);
  screen.type("Rome");
  screen.key("Return");
  ASSERT_TRUE(screen.until([&] { return screen.window().player().verdict() == lessons::Player::Verdict::Wrong; }));
  EXPECT_EQ(screen.focus(), "lesson_token");
  screen.key("Ctrl+A");
  screen.type("Paris");
  screen.key("Return");
  ASSERT_TRUE(screen.until([&] { return screen.window().player().verdict() == lessons::Player::Verdict::Right; }));
  EXPECT_EQ(screen.focus(), "viewport");
  screen.run("next-step");
  QCoreApplication::processEvents();
  EXPECT_EQ(screen.focus(), "viewport");
}

TEST(Keyboard, is_not_taken_by_a_click_on_what_needs_no_keys) {
  Screen screen;
  screen.open("fable");
  for (const DockInfo& dock : docks()) screen.window().docks().show(dock.id, true);
  QCoreApplication::processEvents();
  int seen = 0;
  for (const QWidget* widget : screen.window().findChildren<QWidget*>()) {
    if (!widget->isVisible() || !(qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                                  qobject_cast<const QScrollArea*>(widget)))
      continue;
    EXPECT_FALSE(widget->focusPolicy() & Qt::ClickFocus) << widget->objectName().toStdString();
    ++seen;
  }
  EXPECT_GT(seen, 20);
}

TEST(Keyboard, does_not_stay_where_a_field_went_away) {
  Screen screen;
  screen.open("fable");
  auto* field = screen.window().findChild<QLineEdit*>("target_edit");
  field->setFocus(Qt::MouseFocusReason);
  screen.run("show-dock logits off");
  ASSERT_TRUE(screen.until([&] { return screen.focus() == "viewport"; }));
}

TEST(Keyboard, generates_by_its_keys_while_a_list_has_the_focus) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("decoding");
  auto* steps = screen.window().findChild<QWidget*>("decoding_steps");
  ASSERT_TRUE(screen.until([&] { return steps->isVisible(); }));
  steps->setFocus(Qt::MouseFocusReason);
  ASSERT_EQ(screen.focus(), "decoding_steps");
  screen.key("Ctrl+Right");
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().continuation.size() == 1; }));
}

}  // namespace
}  // namespace gf::ui
