// Another language while the window runs: every word is another, and nothing else is.
#include <QAction>
#include <QComboBox>
#include <QCoreApplication>
#include <QDialog>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QSettings>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

#include "app/ui/docks/dock.h"
#include "app/ui/shell/languages.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"
#include "model/base/translations_set.h"
#include "model/io/translations.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// Leaves the program in the language that it spoke before.
class Speaking {
 public:
  Speaking() = default;
  ~Speaking() { set_translations({}); }
  Speaking(const Speaking&) = delete;
  Speaking& operator=(const Speaking&) = delete;
};

void speak_in(Screen& screen, const char* language) {
  ASSERT_EQ(screen.run(std::string("language ") + language), "");
  QCoreApplication::processEvents();
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
}

/// What menus, centre and docks say, line by line, sorted: the order of the docks among the window's children says nothing. The status bar
/// is left out: what it says comes by itself.
std::string words_of(Screen& screen) {
  std::vector<const QWidget*> parts = {screen.window().centralWidget()};
  for (const QDockWidget* dock : screen.window().findChildren<QDockWidget*>()) parts.push_back(dock);
  std::string all;
  for (const QWidget* part : parts) {
    all += screen_text(*part);
    for (const QToolButton* button : part->findChildren<QToolButton*>()) all += button->toolTip().toStdString() + '\n';
  }
  for (const QAction* menu : screen.window().menuBar()->actions()) all += menu->text().toStdString() + '\n';
  for (const QTabBar* tabs : screen.window().findChildren<QTabBar*>())
    for (int i = 0; tabs->isVisible() && i < tabs->count(); ++i) all += tabs->tabText(i).toStdString() + '\n';
  QStringList lines = QString::fromStdString(all).split(QLatin1Char('\n'));
  lines.sort();
  return lines.join(QLatin1Char('\n')).toStdString();
}

template <class Part>
Part* part_of(Screen& screen, const char* name) {
  return screen.window().findChild<Part*>(QLatin1String(name));
}

bool is_chinese(const std::string& words) {
  const QString all = QString::fromStdString(words);
  return std::any_of(all.begin(), all.end(), [](QChar c) { return c.script() == QChar::Script_Han; });
}

TEST(Speaking, goes_to_and_fro_and_changes_words_alone) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.3");
  screen.run("select blocks.3.attn.hook_z 3 1 0");
  screen.run("layout probe");
  screen.run("show-dock model on");
  screen.run("show-dock lens on");
  ASSERT_TRUE(screen.rest());
  const doc::Document document = screen.lab().document();
  const auto run = screen.lab().run();
  const auto past = screen.lab().history().past_names();
  const DockLayout layout = screen.window().docks().layout();
  const QSize viewport = screen.window().viewport().size();
  const std::string english = words_of(screen);
  EXPECT_FALSE(is_chinese(english)) << english;
  EXPECT_TRUE(has(english, "Generate"));

  speak_in(screen, "zh");
  ASSERT_TRUE(screen.rest());
  const std::string chinese = words_of(screen);
  EXPECT_TRUE(is_chinese(screen_text(screen.window().prompt())));
  EXPECT_TRUE(is_chinese(screen_text(screen.window().docks().dock("probe"))));
  EXPECT_TRUE(is_chinese(screen.window().menuBar()->actions().front()->text().toStdString()));
  EXPECT_TRUE(is_chinese(screen.window().runner().qaction("undo")->text().toStdString()));
  EXPECT_TRUE(is_chinese(screen.window().findChild<QDockWidget*>("lens_dock")->windowTitle().toStdString()));
  EXPECT_TRUE(is_chinese(screen.window().viewport().accessibleName().toStdString()));
  EXPECT_EQ(screen.lab().document(), document);
  EXPECT_EQ(screen.lab().run(), run);
  EXPECT_EQ(screen.lab().history().past_names(), past);
  EXPECT_EQ(screen.window().docks().layout().ids, layout.ids);

  speak_in(screen, "en");
  ASSERT_TRUE(screen.rest());
  EXPECT_EQ(words_of(screen), english);
  EXPECT_EQ(screen.lab().document(), document);
  EXPECT_EQ(screen.lab().run(), run);
  EXPECT_EQ(screen.lab().history().past_names(), past);
  EXPECT_EQ(screen.window().docks().layout().ids, layout.ids);
  EXPECT_EQ(screen.window().viewport().size(), viewport) << "the edges of the docks are where they were";
  screen.run("undo");
  EXPECT_NE(screen.lab().document(), document) << "what was done before can be undone";
}

TEST(Speaking, keeps_what_is_typed_and_set_in_the_window) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  (void)screen.dock("sweep");
  part_of<QLineEdit>(screen, "prompt_edit")->setText("not run yet");
  part_of<QComboBox>(screen, "chip_measure")->setCurrentIndex(1);
  part_of<QComboBox>(screen, "sweep_question")->setCurrentIndex(1);
  emit part_of<QComboBox>(screen, "sweep_question")->activated(1);
  (void)screen.dock("why");  // in the same stack
  speak_in(screen, "zh");
  EXPECT_EQ(part_of<QLineEdit>(screen, "prompt_edit")->text(), "not run yet");
  EXPECT_EQ(part_of<QComboBox>(screen, "chip_measure")->currentIndex(), 1);
  (void)screen.dock("sweep");
  EXPECT_EQ(part_of<QComboBox>(screen, "sweep_question")->currentIndex(), 1) << "of a dock that is behind another one";
  EXPECT_EQ(screen.window().findChildren<QLineEdit*>("prompt_edit").size(), 1) << "the bar of the other language is gone";
}

TEST(Speaking, keeps_the_results_of_docks) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  (void)screen.dock("sweep");
  screen.window().findChild<QPushButton*>("sweep_run")->click();
  ASSERT_TRUE(screen.rest());
  const auto* table = screen.window().findChild<QTableView*>("sweep_cells");
  ASSERT_NE(table, nullptr);
  const QString value = table->model()->index(2, 3).data().toString();
  ASSERT_FALSE(value.isEmpty());
  for (const char* to : {"zh", "en"}) {
    speak_in(screen, to);
    (void)screen.dock("sweep");
    table = screen.window().findChild<QTableView*>("sweep_cells");
    EXPECT_TRUE(table->isVisible()) << to;
    EXPECT_EQ(table->model()->index(2, 3).data().toString(), value) << to;
  }
}

TEST(Speaking, goes_on_with_what_is_computed_played_and_told) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  const auto [job, answer] = screen.lab().jobs().open<int>("a long job", {});
  screen.run("time start");
  screen.run("speed 0.01");  // so that it is not over before the language has changed
  screen.run("play");
  ASSERT_TRUE(screen.window().transport().playing());
  speak_in(screen, "zh");
  EXPECT_TRUE(job.running());
  EXPECT_TRUE(has(screen_text(screen.window()), "a long job"));
  EXPECT_TRUE(screen.window().transport().playing());
  screen.run("tell");
  ASSERT_TRUE(screen.until([&] { return screen.window().story().showing(); }));
  screen.run("next-step");
  const int step = screen.window().story().index();
  speak_in(screen, "en");
  ASSERT_TRUE(screen.until([&] { return screen.window().story().showing(); }));
  EXPECT_GE(screen.window().story().index(), step);
  EXPECT_FALSE(is_chinese(screen.window().story().step().sentence));
}

TEST(Speaking, reaches_a_lesson_and_the_scene) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  screen.run("next-step");
  ASSERT_TRUE(screen.settle());
  const int step = screen.window().player().index();
  const std::size_t labels = translations_set();
  speak_in(screen, "zh");
  EXPECT_GT(translations_set(), labels) << "by which the scene knows that its words are old";
  EXPECT_TRUE(screen.window().player().active());
  EXPECT_EQ(screen.window().player().index(), step);
  EXPECT_TRUE(is_chinese(screen_text(screen.window().docks().dock("lessons"))));
}

TEST(Speaking, keeps_the_choice_and_refuses_what_it_does_not_know) {
  const Speaking language;
  Screen screen;
  EXPECT_EQ(screen.run("language klingon"), "There is no language \"klingon\"; there are en, zh.");
  EXPECT_FALSE(QSettings().contains("window/language"));
  speak_in(screen, "zh");
  EXPECT_EQ(window_language(), "zh");
  set_translations({});
  ASSERT_TRUE(speak_chosen_language());  // as at the next start
  EXPECT_NE(gf::text("Language"), "Language");
}

TEST(Speaking, translates_what_qt_itself_says) {
  const Speaking language;
  Screen screen;
  const auto menu_of_field = [&] {
    const std::unique_ptr<QMenu> menu(part_of<QLineEdit>(screen, "prompt_edit")->createStandardContextMenu());
    return menu->actions().front()->text().toStdString();
  };
  EXPECT_TRUE(has(menu_of_field(), "&Undo"));
  speak_in(screen, "zh");
  EXPECT_TRUE(is_chinese(menu_of_field())) << menu_of_field();
  ASSERT_EQ(screen.run("open-session"), "");
  auto* files = screen.window().findChild<QDialog*>("file_dialog");
  ASSERT_NE(files, nullptr);
  for (const QLabel* label : files->findChildren<QLabel*>()) {
    const std::string words = label->text().toStdString();
    EXPECT_TRUE(!label->isVisible() || words.empty() || is_chinese(words)) << words;
  }
  for (const QPushButton* button : files->findChildren<QPushButton*>()) {
    const std::string words = button->text().toStdString();
    EXPECT_TRUE(!button->isVisible() || is_chinese(words)) << words;
  }
  files->close();
}

TEST(Speaking, says_open_windows_anew) {
  const Speaking language;
  Screen screen;
  screen.open("fable");
  screen.run("help");
  speak_in(screen, "zh");
  auto* help = screen.window().findChild<QDialog*>("help_window");
  ASSERT_TRUE(help && help->isVisible());
  EXPECT_TRUE(is_chinese(help->findChild<QLabel*>("help_table")->text().toStdString()));
}

}  // namespace
}  // namespace gf::ui
