// The palette finds everything by its name.
#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QEvent>
#include <QKeySequence>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QScreen>
#include <gtest/gtest.h>
#include <set>

#include "app/ui/actions/command_palette.h"
#include "app/ui/dialogs/machine_dialog.h"
#include "app/ui/shell/help_window.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

struct Found {
  std::string first, nothing;
};

Found search(Screen& screen, const std::string& words) {
  screen.window().show_palette();
  CommandPalette& palette = *screen.window().palette();
  palette.search(QString::fromStdString(words));
  const auto* nothing = palette.findChild<QLabel*>("palette_nothing");
  Found found{palette.shown().empty() ? "" : palette.shown().front().label.toStdString(),
              nothing->isHidden() ? "" : nothing->text().toStdString()};
  palette.close();
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  return found;
}

TEST(Palette, finds_commands_parts_tokens_hooks_lessons_and_docks) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  EXPECT_EQ(search(screen, "save pict").first, "Save picture …");
  EXPECT_EQ(search(screen, "head 4.3").first, "Fly to head 4.3: head 3 of block 4");
  EXPECT_EQ(search(screen, "block 2").first, "Fly to block 2");
  EXPECT_EQ(search(screen, "h.2.attn.c_proj.weight").first, "Fly to the weights h.2.attn.c_proj.weight");
  screen.run("cut-head 2.3");
  screen.run("undo");
  EXPECT_EQ(search(screen, "block 2").first, "Fly to block 2") << "not what could be done again to block 2";
  EXPECT_EQ(search(screen, "garden").first, "Position 7: token “·garden”");
  EXPECT_EQ(search(screen, "position 3").first, "Position 3: token “·John”");
  EXPECT_EQ(search(screen, "blocks.3.attn.hook_z").first, "Look at blocks.3.attn.hook_z");
  EXPECT_EQ(search(screen, "lesson first").first, "Lesson: First look");
  EXPECT_EQ(search(screen, "probe dock").first, "Probe dock");
  EXPECT_EQ(search(screen, "open sort-nano").first, "Open sort-nano");
  EXPECT_EQ(search(screen, "open sort-nano@300").first, "Do: open sort-nano@300");
}

TEST(Palette, cuts_a_head_by_its_name_and_by_the_flight_to_it) {
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(search(screen, "cut 4.3").first, "Cut head 4.3: head 3 of block 4");
  EXPECT_EQ(search(screen, "restore 4.3").first, "") << "it is whole";
  EXPECT_EQ(screen.run("cut-head"), "");
  EXPECT_TRUE(has(screen.window().last_message().toStdString(), "Select a cell of a head")) << screen.window().last_message().toStdString();
  EXPECT_EQ(screen.run("camera \"head 4.3\""), "");
  const auto selected = screen.lab().document().selection;
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->tensor.name(), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(selected->index[0], 3);
  EXPECT_EQ(screen.run("cut-head"), "");
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
  EXPECT_EQ(search(screen, "restore 4.3").first, "Restore head 4.3: head 3 of block 4");
  EXPECT_FALSE(search(screen, "cut 4.3").first.starts_with("Cut head")) << "it is cut";
}

TEST(Palette, takes_a_whole_call_and_shows_what_it_lacks) {
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(search(screen, "cut-head 4.3").first, "Do: cut-head 4.3");
  EXPECT_EQ(search(screen, "temperature").nothing, "temperature T");
}

TEST(Palette, says_when_nothing_matches) {
  Screen screen;
  screen.open("fable");
  const Found found = search(screen, "xyzzy");
  EXPECT_EQ(found.first, "");
  EXPECT_EQ(found.nothing, "Nothing is called “xyzzy”. Try a command, \"head 4.3\", \"block 2\", a token or a hook.");
}

TEST(Palette, is_as_high_as_what_it_shows) {
  Screen screen;
  screen.open("fable");
  screen.window().show_palette();
  CommandPalette& palette = *screen.window().palette();
  const auto* list = palette.findChild<QWidget*>("palette_list");
  const auto* nothing = palette.findChild<QWidget*>("palette_nothing");
  const auto settled_height = [&](const char* words) {
    palette.search(words);
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
    return palette.height();
  };
  const int usual = settled_height("");
  EXPECT_GT(list->height(), usual / 2);
  const int without = settled_height("xyzzy");
  EXPECT_LT(palette.height() - nothing->geometry().bottom(), 20) << "no blank area below the sentence";
  EXPECT_GE(nothing->height(), nothing->heightForWidth(nothing->width()));
  EXPECT_LT(without, usual / 2);
  EXPECT_EQ(settled_height("block"), usual);
  palette.close();
}

TEST(Palette, lists_nothing_twice) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.window().show_palette();
  std::set<QString> labels;
  CommandPalette& palette = *screen.window().palette();
  palette.search("o");
  for (const auto& entry : palette.shown()) EXPECT_TRUE(labels.insert(entry.label).second) << entry.label.toStdString();
  EXPECT_GT(labels.size(), 50U);
}

TEST(Palette, does_what_is_chosen) {
  Screen screen;
  screen.open("fable");
  screen.key("Ctrl+K");
  ASSERT_NE(screen.window().palette(), nullptr);
  screen.window().palette()->search("cut-head 4.3");
  screen.key("Return");
  ASSERT_TRUE(screen.until([&] { return screen.lab().is_cut({4, 3}); }));
}

TEST(ThisMachine, shows_what_the_doctor_says_once_it_has_looked) {
  Screen screen;
  screen.run("this-machine");
  screen.run("this-machine");
  ASSERT_EQ(screen.window().findChildren<MachineDialog*>().size(), 1);
  const auto* rows = screen.window().findChild<QLabel*>("machine_rows");
  auto* copy = screen.window().findChild<QPushButton*>("machine_copy");
  EXPECT_EQ(rows->text(), "Looking …") << "the window does not wait";
  EXPECT_FALSE(copy->isEnabled());
  ASSERT_TRUE(screen.until([&] { return copy->isEnabled(); }));
  for (const char* part : {"instruction sets", "memory", "ffmpeg", "typefaces"})
    EXPECT_TRUE(rows->text().contains(QString::fromLatin1(part))) << part;
  copy->click();
  EXPECT_TRUE(QApplication::clipboard()->text().contains("memory: "));
}

TEST(Help, opens_once) {
  Screen screen;
  screen.run("help");
  screen.run("help");
  EXPECT_EQ(screen.window().findChildren<HelpWindow*>().size(), 1);
  const QSize room = screen.window().screen()->availableSize(), size = screen.window().findChild<HelpWindow*>()->size();
  EXPECT_TRUE(size.width() <= room.width() && size.height() <= room.height()) << "it fits on the screen";
  const auto* table = screen.window().findChild<QLabel*>("help_table");
  for (const char* part : {"Ctrl+K", "Space", "Play or pause", "Wheel"})
    EXPECT_TRUE(table->text().contains(QString::fromLatin1(part))) << part;
}

}  // namespace
}  // namespace gf::ui
