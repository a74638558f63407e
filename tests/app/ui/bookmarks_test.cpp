// Bookmarks: made, named, ordered and gone to by the window, and a talk that is given from them.
#include "app/document/bookmarks.h"

#include <QAction>
#include <QCoreApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <gtest/gtest.h>

#include "app/ui/actions/history_script.h"
#include "app/ui/docks/bookmark_list.h"
#include "app/ui/shell/speaker_notes.h"
#include "app/ui/shell/talk.h"
#include "app/ui/viewport/viewport.h"
#include "model/tokenizer/utf8.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

BookmarkList& bookmark_list(Screen& screen) { return *screen.window().docks().dock("history").findChild<BookmarkList*>("bookmark_list"); }

std::string names_in_order(Screen& screen) {
  std::string all;
  for (const doc::Bookmark& one : screen.lab().document().bookmarks) all += one.name + ";";
  return all;
}

/// Three views of two prompts: the whole Machine, a cut head, the Stream.
void prepare_talk(Screen& screen) {
  screen.open("fable");
  for (const char* line : {"add-bookmark \"The pass\"", "note-bookmark 1 \"Say hello\"", "cut-head 4.3",
                           "select blocks.4.attn.hook_z 13 3 0", "add-bookmark \"Without head 4.3\"", "remove-edits",
                           "set-prompt \"The capital of France is\"", "view stream", "add-bookmark \"Another text\""}) {
    EXPECT_EQ(screen.run(line), "") << line;
    EXPECT_TRUE(screen.settle()) << line;
  }
}

TEST(Bookmarks, bring_back_what_was_run_and_how_it_was_shown) {
  Screen screen;
  prepare_talk(screen);
  doc::Lab& lab = screen.lab();
  ASSERT_EQ(lab.document().bookmarks.size(), 3U);
  screen.key("2");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(lab.document().prompt, doc::kDefaultPrompt);
  EXPECT_TRUE(lab.is_cut({4, 3}));
  EXPECT_EQ(lab.document().view, scene::View::Machine);
  EXPECT_EQ(lab.document().selection->tensor.name(), "blocks.4.attn.hook_z");
  EXPECT_TRUE(lab.run()->has_edits());
  screen.run("theme light");
  screen.key("1");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(lab.is_cut({4, 3}));
  EXPECT_FALSE(lab.document().selection);
  EXPECT_EQ(lab.document().theme, render::Theme::Light) << "the room's light is no part of a view";
  screen.key("3");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(lab.document().prompt, "The capital of France is");
  EXPECT_EQ(lab.document().view, scene::View::Stream);
  screen.run("undo");
  EXPECT_EQ(lab.document().prompt, doc::kDefaultPrompt) << "going somewhere can be undone";
  EXPECT_EQ(screen.run("go-to-bookmark 4"), "\"4\" is not a whole number from 1 to 3.");
  EXPECT_FALSE(screen.window().runner().qaction("bookmark-4")->isEnabled());
  EXPECT_EQ(screen.window().runner().qaction("bookmark-2")->text().toStdString(), "Bookmark 2: Without head 4.3");
}

TEST(Bookmarks, keep_the_camera_in_a_view_of_another_shape) {
  Screen screen;
  screen.open("fable");
  Viewport& viewport = screen.window().viewport();
  const auto rest = [&] { return screen.until([&] { return !viewport.flying() && viewport.answered(); }); };
  screen.run("camera \"block 4\"");
  ASSERT_TRUE(rest());
  viewport.orbit_by(40, 10);
  ASSERT_TRUE(rest());
  const render::Camera turned = viewport.report().camera;
  ASSERT_EQ(screen.run("add-bookmark turned"), "");
  ASSERT_TRUE(screen.lab().document().bookmarks[0].view.camera);
  EXPECT_TRUE(screen.lab().document().bookmarks[0].view.camera->chosen_in.known());
  screen.run("home");
  ASSERT_TRUE(rest());
  EXPECT_NE(viewport.report().camera, turned);
  screen.key("1");
  ASSERT_TRUE(rest());
  EXPECT_EQ(viewport.report().camera, turned);
  screen.run("home");
  ASSERT_TRUE(rest());
  screen.window().resize(900, 950);  // a narrower view shows the same width from farther away
  QCoreApplication::processEvents();
  screen.key("1");
  ASSERT_TRUE(rest());
  EXPECT_GT(viewport.report().camera.distance, turned.distance);
  EXPECT_EQ(viewport.report().camera.yaw, turned.yaw);
}

TEST(Bookmarks, are_named_moved_and_removed_in_the_history_dock) {
  Screen screen;
  prepare_talk(screen);
  const std::string shown = screen.dock("history");
  EXPECT_TRUE(has(shown, "1 | The pass\n2 | Without head 4.3\n3 | Another text\n")) << shown;
  EXPECT_TRUE(has(shown, "Keys 1 to 9 or a double click go to a bookmark")) << shown;
  BookmarkList& list = bookmark_list(screen);
  EXPECT_EQ(list.topLevelItem(0)->text(BookmarkList::Note).toStdString(), "Say hello");
  list.topLevelItem(0)->setText(BookmarkList::Name, "Hello");
  list.topLevelItem(1)->setText(BookmarkList::Note, "now the cut");
  EXPECT_EQ(screen.lab().document().bookmarks[0].name, "Hello");
  EXPECT_EQ(screen.lab().document().bookmarks[1].note, "now the cut");
  list.setFocus(Qt::ShortcutFocusReason);
  list.setCurrentItem(list.topLevelItem(0));
  screen.key("Alt+Down");
  EXPECT_EQ(names_in_order(screen), "Without head 4.3;Hello;Another text;");
  screen.window().docks().dock("history").findChild<QPushButton*>("bookmark_down")->click();
  EXPECT_EQ(names_in_order(screen), "Without head 4.3;Another text;Hello;");
  EXPECT_EQ(list.current(), 3) << "the row that is moved stays the current one";
  screen.key("Delete");
  EXPECT_EQ(names_in_order(screen), "Without head 4.3;Another text;");
  for (int i = 0; i < 5; ++i) screen.run("undo");
  EXPECT_EQ(names_in_order(screen), "The pass;Without head 4.3;Another text;");
  emit list.itemDoubleClicked(list.topLevelItem(1), BookmarkList::Name);
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
  ASSERT_EQ(screen.run("cut-head 0.0"), "");
  ASSERT_EQ(screen.run("renew-bookmark 2"), "");
  EXPECT_EQ(screen.lab().document().bookmarks[1].subject.recipe.edits.size(), 2U);
  EXPECT_EQ(screen.lab().document().bookmarks[1].name, "Without head 4.3");
  const doc::Document before = screen.lab().document();
  emit list.itemDoubleClicked(list.topLevelItem(0), BookmarkList::Note);
  auto* field = list.findChild<QLineEdit*>();
  ASSERT_NE(field, nullptr) << "a note is written where it stands";
  EXPECT_GE(field->width(), list.viewport()->width() / 3) << "with room for it";
  EXPECT_TRUE(screen.lab().document() == before) << "it goes nowhere";
}

TEST(Bookmarks, have_names_that_can_be_read_in_a_narrow_dock) {
  Screen screen;
  screen.open("fable");
  screen.run("layout explore");
  screen.run("add-bookmark Opening");
  (void)screen.dock("history");
  BookmarkList& list = bookmark_list(screen);
  const int without = list.header()->sectionSize(BookmarkList::Name);
  EXPECT_GT(without, list.viewport()->width() / 2);
  screen.run("note-bookmark 1 \"Say hello\"");
  QCoreApplication::processEvents();
  EXPECT_LT(list.header()->sectionSize(BookmarkList::Name), without);
  EXPECT_GE(list.header()->sectionSize(BookmarkList::Name), list.header()->sectionSize(BookmarkList::Note));
}

/// The keyboard, which otherwise goes back to the scene, stays in the field that the list opens.
TEST(Bookmarks, are_named_and_noted_with_the_keyboard) {
  Screen screen;
  prepare_talk(screen);
  EXPECT_TRUE(has(screen.dock("history"), "The pass"));
  BookmarkList& list = bookmark_list(screen);
  const scene::View view = screen.lab().document().view;
  const auto write = [&](int column, const std::string& words) {
    list.setFocus(Qt::MouseFocusReason);
    list.setCurrentItem(list.topLevelItem(0), column);
    screen.key("F2");
    ASSERT_TRUE(screen.rest());  // a way of the keyboard back to the scene would have been taken by then
    screen.type(words);
    screen.key("Return");
    ASSERT_TRUE(screen.rest());  // the list hears of the end of editing later
  };
  write(BookmarkList::Number, "Opening");
  EXPECT_EQ(screen.lab().document().bookmarks[0].name, "Opening");
  write(BookmarkList::Note, "Say who we are");
  EXPECT_EQ(screen.lab().document().bookmarks[0].note, "Say who we are");
  EXPECT_EQ(screen.lab().document().view, view) << "letters are no shortcuts in a field";
}

TEST(Bookmarks, say_what_to_do_where_there_are_none) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("history"), "No bookmark yet. Ctrl+B keeps what the window shows")) << screen.dock("history");
  EXPECT_EQ(screen.run("go-to-bookmark 1"), "There are no bookmarks; Ctrl+B adds one.");
  EXPECT_EQ(screen.run("next-step"), "\"Next step\" cannot be done now.");
  EXPECT_EQ(screen.run("set-bookmarks nonsense"), "The session's 'bookmarks' should be a list of at most 200 named views.");
  screen.key("Ctrl+B");
  ASSERT_EQ(screen.lab().document().bookmarks.size(), 1U);
  EXPECT_EQ(screen.lab().document().bookmarks[0].name, "Machine · " + shortened(doc::kDefaultPrompt, 32));
  EXPECT_TRUE(has(screen.window().last_message().toStdString(), ": 1 leads back here"));
  screen.run("select blocks.4.attn.hook_pattern 3 13 2");
  screen.run("view stream");
  screen.key("Ctrl+B");
  ASSERT_EQ(screen.lab().document().bookmarks.size(), 2U);
  EXPECT_EQ(screen.lab().document().bookmarks[1].name, "Stream: pattern, block 4 · " + shortened(doc::kDefaultPrompt, 32));
}

TEST(Talk, is_given_with_the_page_keys_in_present) {
  Screen screen;
  prepare_talk(screen);
  doc::Lab& lab = screen.lab();
  MainWindow& window = screen.window();
  screen.key("PgDown");
  EXPECT_EQ(window.talk().at(), -1) << "the page keys belong to Present";
  screen.run("present on");
  screen.run("speaker-notes on");
  const auto* notes = window.findChild<QWidget*>("speaker_notes");
  ASSERT_TRUE(notes && notes->isVisible());
  EXPECT_TRUE(has(screen_text(*notes), "The talk has not begun; PgDown shows the first of 3.")) << screen_text(*notes);
  window.activateWindow();
  window.viewport().setFocus();
  screen.key("PgDown");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(window.talk().at(), 0);
  EXPECT_EQ(window.viewport().caption(), "The pass");
  EXPECT_EQ(screen_text(*notes), "1 of 3\nThe pass\nSay hello\nNext: Without head 4.3\n");
  EXPECT_EQ(notes->windowType(), Qt::Dialog) << "else they would lie behind the presentation where there is one screen";
  screen.key("PgDown");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(lab.is_cut({4, 3}));
  screen.key("PgDown");
  screen.key("PgDown");  // behind the last one there is nothing
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(window.talk().at(), 2);
  EXPECT_EQ(lab.document().prompt, "The capital of France is");
  EXPECT_TRUE(has(screen_text(*notes), "This is the last one.")) << screen_text(*notes);
  screen.key("PgUp");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(lab.is_cut({4, 3}));
  screen.key("1");
  EXPECT_EQ(window.talk().at(), 0);
  screen.run("present off");
  EXPECT_EQ(window.viewport().caption(), "") << "the caption goes with Present";
  // Something else is in sight than the bookmark that one came from: no name stands over it, and the talk begins anew.
  screen.run("view");
  screen.run("present on");
  EXPECT_EQ(window.viewport().caption(), "");
  EXPECT_EQ(window.talk().at(), -1);
  screen.run("present off");
  EXPECT_TRUE(notes->isVisible()) << "what the user opened stays open";
}

TEST(SpeakerNotes, have_room_for_a_long_note) {
  Screen screen;
  screen.open("fable");
  SpeakerNotes notes(screen.window().runner(), nullptr);
  notes.resize(640, 420);
  notes.show();
  doc::Bookmark one;
  one.name = "One";
  one.note = "Say hello";
  notes.show_talk({one}, 0);
  const double large = notes.note_points();
  one.note.clear();
  for (int i = 0; i < 12; ++i) one.note += "Here stands a sentence that the speaker wants to read. ";
  notes.show_talk({one}, 0);
  EXPECT_LT(notes.note_points(), large);
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
  const auto* note = notes.findChild<QLabel*>("notes_note");
  EXPECT_GE(note->height(), note->heightForWidth(note->width())) << "nothing of it is cut";
}

TEST(Talk, is_the_same_from_the_session_file) {
  Screen screen;
  prepare_talk(screen);
  const auto before = screen.lab().document().bookmarks;
  const std::string file = qEnvironmentVariable("XDG_DATA_HOME").toStdString() + "/talk.glassformer.json";
  ASSERT_EQ(screen.run("save-session " + file), "");
  screen.run("remove-bookmark 1");
  ASSERT_EQ(screen.run("open-session " + file), "");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().bookmarks, before);
  screen.key("2");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
}

TEST(Talk, replays_as_a_script) {
  Screen screen;
  prepare_talk(screen);
  screen.run("move-bookmark 3 1");
  screen.run("name-bookmark 2 renamed");
  const doc::Document first = screen.lab().document();
  const HistoryScript script = script_of(screen.lab().history().documents());
  EXPECT_TRUE(script.left_out.empty());
  Screen again;
  again.open("fable");
  for (const ActionCall& call : script.calls) {
    const auto done = again.window().runner().run(call);
    EXPECT_TRUE(done) << call.id << ": " << (done ? "" : done.error().message);
    EXPECT_TRUE(again.settle()) << call.id;
  }
  EXPECT_EQ(again.lab().document().bookmarks, first.bookmarks);
  EXPECT_EQ(again.lab().document().prompt, first.prompt);
}

}  // namespace
}  // namespace gf::ui
