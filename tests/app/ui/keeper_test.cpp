// No work is lost: what the window keeps by itself, offers at the next start and asks about at its end.
#include <QAbstractButton>
#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/ui/shell/crash_strip.h"
#include "app/ui/shell/end_signals.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

namespace fs = std::filesystem;

class Keeper : public ::testing::Test {
 protected:
  void SetUp() override {
    need_application();
    fs::remove_all(kept_sessions_folder());
    fs::create_directories(home());
  }
  void TearDown() override { fs::remove_all(kept_sessions_folder()); }
  static fs::path home() { return fs::path(qEnvironmentVariable("XDG_DATA_HOME").toStdString()); }
  static doc::KeptSessions kept() { return doc::KeptSessions(kept_sessions_folder()); }
  static std::string path_of(const std::string& id) { return kept_sessions_folder() + "/" + id + ".json"; }
  static std::string prompt_in(const std::string& file) {
    const auto document = doc::read_document(file);
    return document ? document->prompt : document.error().message;
  }
  /// As a window that was killed leaves it.
  static std::string leave(const std::string& prompt, const std::string& model = "sort-nano", const doc::KeptMark& mark = {}) {
    doc::Document document;
    document.prompt = prompt;
    document.model = model;
    const std::string id = doc::new_kept_id();
    const auto entry = kept().begin(id);
    EXPECT_TRUE(entry->write(document, mark, entry->next_number()));
    return id;
  }
  static std::string own(Screen& screen) { return screen.lab().history().own().storage.kept; }
  static bool until_kept(Screen& screen, const std::string& prompt) {
    return screen.until([&] { return prompt_in(path_of(own(screen))) == prompt; });
  }
  static QWidget* strip(Screen& screen) { return screen.window().findChild<QWidget*>("recover_strip"); }
  static void click(Screen& screen, const char* name) {
    auto* button = screen.window().findChild<QAbstractButton*>(name);
    ASSERT_TRUE(button) << name;
    button->click();
    QCoreApplication::processEvents();
  }
};

TEST_F(Keeper, takes_in_the_session_of_an_earlier_version) {
  doc::Document document;
  document.prompt = "BCABCA";
  document.model = "sort-nano";
  const fs::path file = fs::path(kept_sessions_folder()).parent_path() / "autosave.json";
  fs::create_directories(file.parent_path());
  std::ofstream(file) << doc::to_json(document);
  Screen screen;
  EXPECT_TRUE(screen.window().begin_keeping(true)) << "it is restored as after a crash";
  EXPECT_EQ(screen.lab().document().prompt, "BCABCA");
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(Keeper, offers_the_report_of_a_crash_once) {
  fs::create_directories(crash_folder());
  const fs::path file = fs::path(crash_folder()) / "crash-1000000000-1.txt";
  std::ofstream(file) << "glassformer 0.1.0\nsignal 11\ncommand cut-head\n";
  {
    Screen screen;
    EXPECT_TRUE(screen.window().findChild<QWidget*>("crash_strip")->isHidden()) << "not before the window begins";
    screen.window().begin_keeping(false);
    EXPECT_FALSE(screen.window().findChild<QWidget*>("crash_strip")->isHidden());
    click(screen, "crash_show");
    const auto* words = screen.window().findChild<QPlainTextEdit*>("crash_words");
    ASSERT_TRUE(words);
    EXPECT_TRUE(words->toPlainText().contains("signal 11 Segmentation fault\ncommand cut-head"));
    EXPECT_TRUE(screen.window().findChild<QWidget*>("crash_strip")->isHidden());
  }
  EXPECT_FALSE(fs::exists(file));
  Screen next;
  next.window().begin_keeping(false);
  EXPECT_TRUE(next.window().findChild<QWidget*>("crash_strip")->isHidden());
  fs::remove_all(crash_folder());
}

TEST_F(Keeper, keeps_what_the_user_does_and_offers_it_after_closing) {
  std::string id;
  {
    Screen screen;
    EXPECT_FALSE(screen.window().begin_keeping(true));
    EXPECT_TRUE(strip(screen)->isHidden());
    screen.open("sort-nano");
    EXPECT_FALSE(fs::exists(kept_sessions_folder())) << "nothing was decided yet";
    screen.run("set-prompt BCABCA");
    ASSERT_TRUE(screen.settle());
    ASSERT_TRUE(until_kept(screen, "BCABCA"));
    EXPECT_TRUE(kept().left().empty()) << "this window holds it";
    screen.run("set-prompt CCCABA");  // and closed before it is written
    id = own(screen);
  }
  const auto left = kept().left();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, id);
  EXPECT_TRUE(left[0].mark.closed);
  EXPECT_EQ(left[0].document->prompt, "CCCABA");
  Screen next;
  EXPECT_FALSE(next.window().begin_keeping(true)) << "it was closed, so it is offered and not opened";
  next.open("fable");
  EXPECT_FALSE(strip(next)->isHidden());
  EXPECT_TRUE(has(screen_text(*strip(next)), "Your last session: sort-nano · “CCCABA”")) << screen_text(*strip(next));
  click(next, "recover_go_on");
  ASSERT_TRUE(next.until([&] { return next.lab().document().prompt == "CCCABA" && next.lab().up_to_date(); }));
  EXPECT_TRUE(strip(next)->isHidden());
  EXPECT_EQ(own(next), id) << "it goes on in its own file";
}

TEST_F(Keeper, the_offer_of_a_closed_session_goes_when_something_else_begins) {
  leave("CBA", "sort-nano", {.closed = true});
  Screen screen;
  screen.window().begin_keeping(true);
  screen.open("fable");
  EXPECT_FALSE(strip(screen)->isHidden());
  screen.run("present on");
  EXPECT_TRUE(strip(screen)->isHidden()) << "not in a talk";
  screen.run("present off");
  EXPECT_FALSE(strip(screen)->isHidden());
  screen.run("set-prompt \"Once upon a time\"");
  EXPECT_TRUE(strip(screen)->isHidden());
  EXPECT_EQ(kept().left().size(), 1U) << "it stays in the list";
}

TEST_F(Keeper, what_a_crash_left_comes_back_at_a_plain_start) {
  const std::string id = leave("CBACBA");
  Screen screen;
  ASSERT_TRUE(screen.window().begin_keeping(true));
  EXPECT_EQ(prompt_in(path_of(id)), "CBACBA") << "its file stands while it is opened";
  EXPECT_TRUE(kept().read(id)->mark.on_trial);
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().prompt, "CBACBA");
  EXPECT_EQ(screen.window().last_message().toStdString(), "Your last session is back");
  EXPECT_TRUE(strip(screen)->isHidden());
  ASSERT_TRUE(screen.until([&] { return !kept().read(id)->mark.on_trial; })) << "it has run";
}

TEST_F(Keeper, a_session_that_crashed_again_is_offered_and_not_opened) {
  const std::string id = leave("CBACBA", "sort-nano", {.closed = false, .on_trial = true});
  Screen screen;
  EXPECT_FALSE(screen.window().begin_keeping(true));
  EXPECT_TRUE(has(screen_text(*strip(screen)), "A session was left by a crash: sort-nano · “CBACBA”")) << screen_text(*strip(screen));
  EXPECT_EQ(prompt_in(path_of(id)), "CBACBA");
}

TEST_F(Keeper, a_start_with_a_model_overwrites_nothing_and_offers_what_a_crash_left) {
  const std::string first = leave("CBA"), second = leave("BCA");
  Screen screen;
  EXPECT_FALSE(screen.window().begin_keeping(false));
  screen.open("sort-nano", "AAABBB");
  screen.run("cut-head 0.0");
  ASSERT_TRUE(screen.settle());
  ASSERT_TRUE(until_kept(screen, "AAABBB"));
  EXPECT_FALSE(strip(screen)->isHidden()) << "until it is answered";
  EXPECT_TRUE(has(screen_text(*strip(screen)), "2 sessions were left by crashes")) << screen_text(*strip(screen));
  EXPECT_EQ(prompt_in(path_of(first)), "CBA");
  EXPECT_EQ(prompt_in(path_of(second)), "BCA");
  click(screen, "recover_all");
  auto* list = screen.window().findChild<QListWidget*>("recover_list");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->count(), 2);
  click(screen, "recover_delete");
  EXPECT_EQ(list->count(), 1);
  EXPECT_TRUE(has(screen_text(*strip(screen)), "A session was left by a crash")) << screen_text(*strip(screen));
  EXPECT_EQ(kept().left().size(), 1U);
  const std::string before = own(screen);
  click(screen, "recover_open");
  ASSERT_TRUE(screen.until([&] { return own(screen) != before && screen.lab().up_to_date(); }));
  EXPECT_TRUE(strip(screen)->isHidden()) << "no crash has left another";
  ASSERT_EQ(kept().left().size(), 1U) << "the session that was open";
  EXPECT_EQ(kept().left()[0].document->prompt, "AAABBB");
  EXPECT_EQ(kept().left()[0].document->recipe.edits.size(), 1U);
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(own(screen), before) << "undo goes back to its file too";
  EXPECT_EQ(screen.lab().document().prompt, "AAABBB");
}

TEST_F(Keeper, a_session_is_kept_without_its_model) {
  const std::string id = leave("CBACBA", "/media/stick/gpt2");
  {
    Screen screen;
    ASSERT_TRUE(screen.window().begin_keeping(true));
    ASSERT_TRUE(screen.until([&] { return screen.lab().error().has_value(); }));
    EXPECT_EQ(screen.lab().document().prompt, "CBACBA");
    screen.run("set-prompt \"written without a model\"");
    ASSERT_TRUE(until_kept(screen, "written without a model"));
    EXPECT_EQ(own(screen), id);
    // Another model in its place begins another session.
    screen.run("open sort-nano");
    ASSERT_TRUE(screen.until([&] { return screen.lab().model() != nullptr; }));
    EXPECT_EQ(screen.lab().document().prompt, "written without a model") << "it stands, with the reason why it does not run";
    EXPECT_NE(own(screen), id);
    screen.run("set-prompt ABCABC");
    ASSERT_TRUE(until_kept(screen, "ABCABC"));
  }
  EXPECT_EQ(prompt_in(path_of(id)), "written without a model");
  EXPECT_EQ(kept().read(id)->document->model, "/media/stick/gpt2");
  EXPECT_EQ(kept().left().size(), 2U);
}

TEST_F(Keeper, a_model_that_is_away_harms_neither_session) {
  const std::string id = leave("CBACBA", "/media/stick/gpt2", {.closed = true});
  Screen screen;
  screen.window().begin_keeping(true);
  screen.open("sort-nano", "ABAB");
  screen.run("cut-head 0.0");
  ASSERT_TRUE(screen.settle());
  const std::string before = own(screen);
  EXPECT_EQ(screen.run("recover " + id), "");
  ASSERT_TRUE(screen.until([&] { return screen.lab().error().has_value() && screen.lab().up_to_date(); }));
  EXPECT_EQ(own(screen), before);
  EXPECT_EQ(screen.lab().document().prompt, "ABAB");
  EXPECT_EQ(kept().read(id)->document->prompt, "CBACBA");
}

TEST_F(Keeper, a_second_window_has_its_own_session_and_no_other_may_take_it) {
  Screen one;
  one.window().begin_keeping(true);
  one.open("sort-nano");
  one.run("set-prompt ABCABC");
  ASSERT_TRUE(until_kept(one, "ABCABC"));
  // Another process, as far as locks go: they belong to the open file.
  const auto other = kept();
  EXPECT_TRUE(other.left().empty());
  EXPECT_FALSE(other.take(own(one)));
  const auto second = other.begin(doc::new_kept_id());
  EXPECT_TRUE(second->write(one.lab().document(), {}, second->next_number()));
  EXPECT_EQ(one.run("recover " + second->id()), "Another window has this session open.");
}

TEST_F(Keeper, says_in_the_window_that_the_session_is_not_kept) {
  fs::create_directories(fs::path(kept_sessions_folder()).parent_path());
  std::ofstream(kept_sessions_folder()) << "a file where the folder should be";
  {
    Screen screen;
    screen.window().begin_keeping(true);
    screen.open("sort-nano");
    screen.run("set-prompt ABCABC");
    const auto* strip = screen.window().findChild<QWidget*>("error_strip");
    ASSERT_TRUE(screen.until([&] { return !strip->isHidden(); }));
    EXPECT_TRUE(has(screen_text(*strip), "A crash would lose this session. Cannot keep sessions in ")) << screen_text(*strip);
    screen.run("set-prompt CBACBA");
    EXPECT_FALSE(screen.window().close()) << "the first time it says so";
    EXPECT_TRUE(has(screen_text(*strip), "Closing would lose this session; close once more if you want that.")) << screen_text(*strip);
    EXPECT_TRUE(screen.window().close());
  }
  fs::remove(kept_sessions_folder());
}

TEST_F(Keeper, a_named_session_with_changes_asks_once) {
  const std::string file = (home() / "mine.json").string();
  fs::remove(file);
  Screen screen;
  screen.window().begin_keeping(true);
  screen.open("sort-nano");
  screen.run("set-prompt ABCABC");
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.run("save-session " + file), "");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
  screen.run("select-position 1");  // to look at something else is no change
  screen.run("set-prompt CBACBA");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(screen.window().close());
  ASSERT_TRUE(screen.window().findChild<QMessageBox*>("close_dialog"));
  EXPECT_TRUE(has(screen.window().findChild<QMessageBox*>("close_dialog")->text().toStdString(), "mine.json"));
  click(screen, "close_cancel");
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  EXPECT_TRUE(screen.window().isVisible());
  EXPECT_FALSE(screen.window().close());
  click(screen, "close_save");
  EXPECT_FALSE(screen.window().isVisible());
  EXPECT_EQ(prompt_in(file), "CBACBA");
}

TEST_F(Keeper, without_saving_the_changes_of_a_named_session_are_kept_and_its_file_is_as_it_was) {
  const std::string file = (home() / "mine.json").string();
  fs::remove(file);
  std::string id;
  {
    Screen screen;
    screen.window().begin_keeping(true);
    screen.open("sort-nano");
    screen.run("set-prompt ABCABC");
    ASSERT_TRUE(screen.settle());
    ASSERT_EQ(screen.run("save-session " + file), "");
    screen.run("set-prompt CBACBA");
    ASSERT_TRUE(screen.settle());
    EXPECT_FALSE(screen.window().close());
    click(screen, "close_discard");
    EXPECT_FALSE(screen.window().isVisible());
    id = own(screen);
  }
  EXPECT_EQ(prompt_in(file), "ABCABC");
  EXPECT_EQ(prompt_in(path_of(id)), "CBACBA");
  Screen next;
  next.window().begin_keeping(true);
  next.open("fable");
  ASSERT_EQ(next.run("recover " + id), "");
  ASSERT_TRUE(next.until([&] { return next.lab().document().prompt == "CBACBA" && next.lab().up_to_date(); }));
  EXPECT_EQ(next.lab().document().storage.file, file) << "its name comes back with it";
  EXPECT_FALSE(next.window().close());
  next.window().end();
}

TEST_F(Keeper, a_signal_closes_the_window_and_asks_nothing) {
  const std::string file = (home() / "mine.json").string();
  fs::remove(file);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    Screen screen;
    screen.window().begin_keeping(false);
    screen.open("sort-nano");
    screen.run("set-prompt ABCABC");
    ASSERT_TRUE(screen.settle());
    ASSERT_EQ(screen.run("save-session " + file), "");
    screen.run("set-prompt CBACBA");
    ASSERT_TRUE(screen.settle());
    std::signal(signal, SIG_DFL);  // nohup ignores one of them
    const EndSignals end_signals([&] { screen.window().end(); });
    ASSERT_EQ(kill(getpid(), signal), 0);
    ASSERT_TRUE(screen.until([&] { return !screen.window().isVisible(); }));
    EXPECT_EQ(prompt_in(path_of(own(screen))), "CBACBA");
    EXPECT_TRUE(kept().read(own(screen))->mark.closed);
  }
  EXPECT_EQ(prompt_in(file), "ABCABC");
}

TEST_F(Keeper, a_session_file_that_is_opened_is_another_session) {
  const std::string file = (home() / "other.json").string();
  doc::Document document;
  document.model = "sort-nano";
  document.prompt = "BBBAAA";
  ASSERT_TRUE(doc::save_document(document, file));
  Screen screen;
  screen.window().begin_keeping(true);
  screen.open("sort-nano");
  screen.run("set-prompt ABCABC");
  ASSERT_TRUE(screen.settle());
  const std::string before = own(screen);
  ASSERT_TRUE(until_kept(screen, "ABCABC"));
  ASSERT_EQ(screen.run("open-session " + file), "");
  ASSERT_TRUE(screen.settle());
  EXPECT_NE(own(screen), before);
  ASSERT_EQ(kept().left().size(), 1U);
  EXPECT_EQ(kept().left()[0].document->prompt, "ABCABC");
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(own(screen), before);
}

TEST_F(Keeper, ones_own_work_is_kept_during_a_lesson) {
  std::string id;
  {
    Screen screen;
    screen.window().begin_keeping(true);
    screen.open("fable", "Once upon a time");
    screen.run("cut-head 4.3");
    ASSERT_TRUE(screen.settle());
    ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
    ASSERT_EQ(screen.run("lesson " + screen.window().player().lessons().front()->name), "");
    ASSERT_TRUE(screen.settle());
    ASSERT_NE(screen.lab().document().prompt, "Once upon a time");
    id = own(screen);
  }
  EXPECT_EQ(prompt_in(path_of(id)), "Once upon a time");
}

}  // namespace
}  // namespace gf::ui
