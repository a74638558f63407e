// The user gives actions other keys: they work, and whatever names keys says the new ones.
#include "app/ui/actions/shortcuts.h"

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QToolButton>
#include <QTreeWidget>
#include <gtest/gtest.h>

#include "app/ui/shell/help_window.h"
#include "app/ui/widgets/keys_field.h"
#include "tests/app/ui/screen.h"
#include "tests/house/sentences.h"

namespace gf::ui {
namespace {

class Shortcuts : public ::testing::Test {
 protected:
  ~Shortcuts() override { forget_keys(); }  // the next window reads the settings again, and other tests need none

  /// By its name: to Qt it is a QDialog, as the palette is.
  QDialog* found() { return screen.window().findChild<QDialog*>("shortcuts_dialog"); }
  QDialog& dialog() {
    if (!found()) {
      EXPECT_EQ(screen.run("shortcuts"), "");
    }
    QDialog* there = found();
    there->activateWindow();
    EXPECT_TRUE(screen.until([&] { return there->isActiveWindow(); }));
    return *there;
  }
  /// Chooses an action by keyboard alone, up to the field that takes its keys.
  void choose(const std::string& words) {
    auto* search = dialog().findChild<QLineEdit*>("keys_search");
    search->setFocus(Qt::ShortcutFocusReason);
    screen.key("Ctrl+A");
    screen.type(words);
    screen.key("Return");
    EXPECT_EQ(screen.focus(), "keys_field");
  }
  std::string said() { return dialog().findChild<QLabel*>("keys_said")->text().toStdString(); }
  void press(const char* button) {
    auto* b = dialog().findChild<QPushButton*>(button);
    ASSERT_TRUE(b->isVisibleTo(&dialog()) && b->isEnabled()) << button;
    b->click();
  }
  std::string keys(const char* id) { return screen.window().runner().qaction(id)->shortcut().toString().toStdString(); }

  Screen screen;
};

TEST_F(Shortcuts, are_changed_by_keyboard_and_work_at_once) {
  screen.open("fable");
  screen.key("Ctrl+K");
  screen.type("change keys");
  screen.key("Return");
  ASSERT_TRUE(screen.until([&] { return found() != nullptr; }));
  choose("legend");
  screen.key("Ctrl+Shift+Y");
  EXPECT_EQ(keys("legend"), "Ctrl+Shift+Y");
  EXPECT_EQ(QSettings().value("shortcuts/legend").toString(), "Ctrl+Shift+Y");
  EXPECT_TRUE(has(screen_text(dialog()), "Legend | Ctrl+Shift+Y\n")) << screen_text(dialog());
  press("keys_close");
  screen.window().activateWindow();
  ASSERT_TRUE(screen.until([&] { return screen.window().isActiveWindow(); }));
  const bool before = screen.window().legend();
  screen.key("L");
  EXPECT_EQ(screen.window().legend(), before) << "its old key does nothing any more";
  screen.key("Ctrl+Shift+Y");
  EXPECT_NE(screen.window().legend(), before);
}

TEST_F(Shortcuts, of_another_action_are_taken_or_left_as_the_user_says) {
  choose("legend");
  screen.key("Space");
  EXPECT_EQ(said(), "Space is “Play or pause” already. Take the keys from there?");
  EXPECT_EQ(screen.focus(), "keys_take") << "it is answered by keyboard";
  press("keys_leave");
  EXPECT_EQ(keys("legend"), "L");
  EXPECT_EQ(keys("play"), "Space");
  choose("legend");
  screen.key("Space");
  press("keys_take");
  EXPECT_EQ(keys("legend"), "Space");
  EXPECT_EQ(keys("play"), "");
  EXPECT_EQ(said(), "“Play or pause” has no keys now.");
  EXPECT_EQ(screen.focus(), "keys_list") << "not a button that the next Space would press";
  choose("legend");
  press("keys_own");
  EXPECT_EQ(keys("legend"), "L");
  EXPECT_EQ(keys("play"), "Space") << "its own keys are free again";
}

TEST_F(Shortcuts, can_be_taken_away_and_all_be_reset) {
  choose("switch between machine");
  press("keys_none");
  EXPECT_EQ(keys("view"), "");
  choose("theme");
  screen.key("Ctrl+Alt+T");
  EXPECT_EQ(keys("theme"), "Ctrl+Alt+T");
  press("keys_reset");
  EXPECT_EQ(keys("view"), "V");
  EXPECT_EQ(keys("theme"), "Ctrl+T");
  EXPECT_FALSE(dialog().findChild<QPushButton*>("keys_reset")->isEnabled()) << "nothing is changed";
  QSettings settings;
  settings.beginGroup("shortcuts");
  EXPECT_TRUE(settings.childKeys().isEmpty());
}

TEST_F(Shortcuts, cannot_be_keys_that_the_window_uses_itself) {
  choose("legend");
  screen.key("B");
  EXPECT_EQ(said(), "B shows the base run while it is held, so no command can have it.");
  screen.key("Alt+F");
  EXPECT_EQ(said(), "Alt+F opens the menu File, so no command can have it.");
  EXPECT_EQ(keys("legend"), "L");
  EXPECT_EQ(dialog().findChild<KeysField*>("keys_field")->keys(), "L");
  EXPECT_FALSE(checked_keys("no such keys"));
  EXPECT_FALSE(checked_keys("Ctrl+K, Ctrl+B"));
}

TEST_F(Shortcuts, are_named_as_they_are_wherever_they_are_named) {
  screen.open("fable");
  screen.run("help");
  ASSERT_EQ(screen.run("set-keys fit Ctrl+Alt+7"), "");
  ASSERT_EQ(screen.run("set-keys play Ctrl+Alt+8"), "");
  ASSERT_EQ(screen.run("set-keys observe none"), "");
  ASSERT_EQ(screen.run("set-keys train-pause Ctrl+Alt+9"), "");
  EXPECT_EQ(screen.window().findChild<QToolButton*>("fit_button")->toolTip(), "Fit everything (Ctrl+Alt+7)");
  EXPECT_EQ(screen.window().findChild<QToolButton*>("play_button")->toolTip(), "Play or pause (Ctrl+Alt+8)");
  const std::string help = screen.window().findChild<QLabel*>("help_table")->text().toStdString();
  EXPECT_TRUE(has(help, "Ctrl+Alt+7")) << help;
  EXPECT_FALSE(has(help, "Observe")) << "it has no keys";
  EXPECT_TRUE(has(help, "Ctrl+Alt+9")) << "though that action stands in no menu";
  screen.window().show_palette();
  CommandPalette& palette = *screen.window().palette();
  palette.search("Fit everything");
  EXPECT_EQ(palette.shown().front().note, "Ctrl+Alt+7");
  palette.close();
  EXPECT_TRUE(has(screen.dock("history"), "No bookmark yet. Ctrl+B keeps"));
  ASSERT_EQ(screen.run("set-keys add-bookmark none"), "");
  EXPECT_TRUE(has(screen.dock("history"), "No bookmark yet. “Add a bookmark” keeps"));
  EXPECT_EQ(screen.run("go-to-bookmark 1"), "There are no bookmarks; “Add a bookmark” adds one.");
  ASSERT_EQ(screen.run("set-keys up Ctrl+Alt+6"), "");
  EXPECT_TRUE(has(screen.window().runner().qaction("tell")->toolTip().toStdString(), "Ctrl+Alt+6 ends it"));
  EXPECT_EQ(screen.run("set-keys legend Ctrl+K"), "Ctrl+K is “Commands …” already; \"set-keys palette none\" takes it from there.");
}

TEST_F(Shortcuts, come_back_with_the_settings_and_never_lead_to_two_actions) {
  QSettings().setValue("shortcuts/legend", "Space");
  read_shortcuts();
  EXPECT_EQ(keys_of(*find_action("legend")), "Space");
  EXPECT_EQ(keys_of(*find_action("play")), "");
  EXPECT_EQ(keys_of(*find_action("view")), "V");
  EXPECT_EQ(action_with("Space"), find_action("legend"));
}

TEST(Sentences, of_the_window_name_no_keys_that_can_be_changed) {
  for (const auto& [english, file] : house::all_sentences(house::kRoot))
    for (const Action& action : actions()) {
      const std::string keys = action.keys;
      const bool clear = keys.find('+') != std::string::npos && keys.size() > 2;
      if (!clear || !file.starts_with("app/ui/")) continue;
      EXPECT_FALSE(has(english + " ", keys + " ") || has(english, keys + ")"))
          << file << ": " << english << "\nkeys_or_title(\"" << action.id << "\")";
    }
}

}  // namespace
}  // namespace gf::ui
