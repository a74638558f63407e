// Every action of the list has a name of its own, stands in at most one menu, and can be run by its id.
#include <QAction>
#include <QApplication>
#include <QKeySequence>
#include <QMenuBar>
#include <QTemporaryDir>
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "app/ui/actions/menus.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "tests/app/ui/screen.h"
#include "tests/model/dictionaries/random_dictionary.h"

namespace gf::ui {
namespace {

TEST(Actions, have_ids_titles_and_keys_of_their_own) {
  std::set<std::string> ids, titles, keys;
  for (const Action& action : actions()) {
    EXPECT_TRUE(ids.insert(action.id).second) << action.id << " stands in the list twice";
    EXPECT_TRUE(titles.insert(action.title).second) << action.title << " names two actions";
    EXPECT_NE(std::string(action.tip), "") << action.id;
    if (*action.keys == '\0') continue;
    EXPECT_TRUE(action.bare()) << action.id << " has keys and wants arguments";
    const QKeySequence sequence(QString::fromLatin1(action.keys));
    EXPECT_EQ(sequence.toString().toStdString(), action.keys) << action.id;
    EXPECT_TRUE(keys.insert(sequence.toString().toStdString()).second) << action.keys << " leads to two actions";
  }
}

TEST(Menus, name_actions_once_and_hold_whatever_has_keys) {
  std::map<std::string, int> rows;
  std::set<char> letters;
  for (const MenuInfo& menu : menus()) {
    const std::string title = menu.title;
    EXPECT_TRUE(letters.insert(static_cast<char>(std::tolower(title.at(title.find('&') + 1)))).second) << title;
    for (const MenuRow& row : menu.rows) {
      if (!row.id) continue;
      ASSERT_NE(find_action(row.id), nullptr) << row.id;
      EXPECT_EQ(find_action(row.id)->choices != nullptr || !row.choices, true) << row.id << " has no choices";
      if (!row.choices) {
        EXPECT_EQ(++rows[row.id], 1) << row.id << " stands in the menus twice";
      }
    }
  }
  for (const Action& action : actions())
    if (*action.keys) {
      EXPECT_EQ(rows[action.id], 1) << action.id << " has keys and is in no menu";
    }
}

/// Entries of a menu, a line each; those of a menu in it are indented.
std::string lines_of(const QMenu& menu, const std::string& indent = {}) {
  std::string shown;
  for (const QAction* action : menu.actions()) {
    shown += indent + (action->isSeparator() ? "--" : (action->isChecked() ? "x " : "  ") + action->text().toStdString()) + "\n";
    if (action->menu()) shown += lines_of(*action->menu(), indent + "  ");
  }
  return shown;
}

TEST(Menus, read_like_the_list) {
  Screen screen;
  screen.open("fable");
  screen.run("show-dock model on");  // the offscreen platform's screen is so small that it is hidden at first
  QMenu* view = screen.window().menuBar()->actions().at(2)->menu();
  emit view->aboutToShow();
  const std::string shown = lines_of(*view);
  EXPECT_TRUE(has(shown, "  Home\n")) << shown;
  EXPECT_TRUE(has(shown, "  Base and edited\n  x Edited\n    Base\n    Difference\n    Split\n    Both\n  --\n")) << shown;
  EXPECT_TRUE(has(shown, "  Docks\n  x Model\n    Lessons\n  x Probe\n")) << shown;
}

TEST(Menus, stand_in_one_column_on_a_low_screen) {
  Screen screen;
  screen.open("fable");
  constexpr int kLow = 720;
  for (const QAction* title : screen.window().menuBar()->actions()) {
    emit title->menu()->aboutToShow();
    EXPECT_LT(title->menu()->sizeHint().height(), kLow) << lines_of(*title->menu());
  }
}

TEST(Actions, are_done_by_their_ids) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  QTemporaryDir folder;
  const std::string in = folder.path().toStdString() + "/";
  testing::save_random_dictionary(in + "sae", 256, 32, "blocks.3.hook_resid_post");
  // The arguments of actions that take some, and the actions that have to come before.
  const std::string push =
      R"(up "{\"version\": 1, \"edits\": [{\"hook\": \"blocks.1.hook_resid_post\", \"op\": \"add\", \"vector\": {\"tokens\": \" Mary\"}}]}")";
  const std::string heads =
      R"(two "{\"version\": 1, \"edits\": [{\"hook\": \"blocks.1.attn.hook_z\", \"op\": \"add\", \"heads\": [3], \"value\": 0.5}]}")";
  const std::map<std::string, std::vector<std::string>> before = {
      {"forget-direction", {"keep-direction " + push}},
      {"steer", {"keep-direction " + push}},
      {"forget-heads", {"keep-heads " + heads}},
      {"use-heads", {"keep-heads " + heads}},
      {"fly-to-selection", {"select blocks.3.attn.hook_z 3 1 0"}},
      {"select-nothing", {"select blocks.3.attn.hook_z 3 1 0"}},
      {"cut-head", {"select blocks.3.attn.hook_z 3 1 0"}},
      {"redo", {"cut-head 2.2", "undo"}},
      {"undo", {"cut-head 2.1"}},
      {"remove-edits", {"cut-head 4.3"}},
      {"remove-edit", {"cut-head 4.3"}},
      {"move-edit", {"cut-head 4.3 4.2"}},
      {"ribbons", {"view stream"}},
      {"open-product", {"select blocks.3.attn.hook_z 3 1 0"}},
      {"product-order", {"open-product blocks.3.attn.hook_z.1"}},
      {"product-time", {"open-product blocks.3.attn.hook_z.1"}},
      {"close-product", {"open-product blocks.3.attn.hook_z.1"}},
      {"open-session", {"save-session " + in + "s.json"}},
      {"open-recipe", {"save-recipe " + in + "r.json"}},
      {"show-dictionary", {"open-dictionary " + in + "sae"}},
      {"edit-feature", {"open-dictionary " + in + "sae"}},
      {"next-step", {"lesson first-look"}},
      {"previous-step", {"lesson first-look"}},
      {"leave-lesson", {"lesson first-look"}},
      {"stop-comparing", {"other-prompt \"The capital of Italy is\""}},
      {"show-both", {"other-prompt \"The capital of Italy is\""}},
      {"patch", {"other-prompt \"The capital of Italy is\""}},
      {"name-try", {"keep-try"}},
      {"note-try", {"keep-try"}},
      {"go-to-try", {"keep-try"}},
      {"remove-try", {"keep-try"}},
      {"go-to-bookmark", {"add-bookmark here"}},
      {"name-bookmark", {"add-bookmark here"}},
      {"note-bookmark", {"add-bookmark here"}},
      {"move-bookmark", {"add-bookmark here"}},
      {"renew-bookmark", {"add-bookmark here"}},
      {"remove-bookmark", {"add-bookmark here"}},
      {"layout", {"present off"}},  // which has no docks: back into the window
      {"rename-layout", {"save-layout mine"}},
      {"delete-layout", {"save-layout mine"}},
  };
  std::string many_bookmarks = "[{}";
  for (int n = 2; n <= 9; ++n) many_bookmarks += ",{}";
  many_bookmarks += "]";
  const std::map<std::string, std::string> arguments = {
      {"open", "fable"},
      {"open-session", in + "s.json"},
      {"save-session", in + "t.json"},
      {"open-recipe", in + "r.json"},
      {"save-recipe", in + "q.json"},
      {"save-figure", "\"pattern 4.7\" " + in + "f.pdf"},
      {"set-prompt", "\"The capital of France is\""},
      {"select", "blocks.3.attn.hook_z 3 1 0"},
      {"look-at", "blocks.2.attn.hook_pattern 1 4 2"},
      {"select-position", "3"},
      {"camera", "\"block 2\""},
      {"compare", "base"},
      {"show-dock", "lessons on"},
      {"layout", "probe"},
      {"language", "en"},
      {"rename-layout", "mine yours"},
      {"delete-layout", "mine"},
      {"time", "3 blocks.0.attn.hook_z"},
      {"speed", "2"},
      {"pace", "operation"},
      {"product-time", "0.5"},
      {"set-keys", "legend Ctrl+Alt+7"},
      {"temperature", "0.7"},
      {"top-k", "5"},
      {"top-p", "0.9"},
      {"seed", "7"},
      {"min-p", "0.05"},
      {"typical-p", "0.9"},
      {"repetition-penalty", "1.2"},
      {"presence-penalty", "0.5"},
      {"restore-head", "4.3"},
      {"other-recipe", "present"},
      {"patch", "resid_pre 2,1"},
      {"name-try", "0 one"},
      {"note-try", "0 \"what for\""},
      {"go-to-try", "0"},
      {"remove-try", "0"},
      {"go-to-bookmark", "1"},
      {"name-bookmark", "1 \"the pass\""},
      {"note-bookmark", "1 \"say hello\""},
      {"move-bookmark", "1 2"},
      {"renew-bookmark", "1"},
      {"remove-bookmark", "1"},
      {"set-bookmarks", many_bookmarks},
      {"mean-head", "1.2"},
      {"scale-head", "1.2 0.5"},
      {"remove-edit", "0"},
      {"move-edit", "0 1"},
      {"open-dictionary", in + "sae"},
      {"show-dictionary", "0"},
      {"close-dictionary", "0"},
      {"select-feature", "3"},
      {"edit-feature", "3 cut"},
      {"lesson", "first-look"},
      {"generate", "2"},
      {"training-step", "end"},
      {"train-weights", "value"},
      {"show-circuit",
       R"("{\"edges\": [{\"from\": \"0.1\", \"to\": \"1.2.v\", \"effect\": 0.5}], \"in_all\": 9, \"unit\": \"logit\", \"about\": \"A\"}")"},
      {"delete-kept", "kept-by-this-test"},
      {"history", "0"},
      {"head-colour", "heads.induction"},
      {"keep-direction", push},
      {"forget-direction", "up"},
      {"steer", "up 2"},
      {"keep-heads", heads},
      {"forget-heads", "two"},
      {"use-heads", "two 0.5"},
      {"add-edits", R"("{\"version\": 1, \"edits\": [{\"hook\": \"blocks.1.hook_mlp_out\", \"op\": \"zero\"}]}")"},
  };
  {
    const auto kept = doc::KeptSessions(kept_sessions_folder()).begin("kept-by-this-test");
    ASSERT_TRUE(kept->write({}, {}, kept->next_number()));
  }
  // Fable has no such token; the training's have a test of their own, because they act on one that goes on.
  const std::set<std::string> elsewhere = {"bos",         "train-start", "train-resume",    "train-pause",
                                           "train-go-on", "train-stop",  "train-look-every"};
  for (const Action& action : actions()) {
    if (std::string(action.id) == "quit" || elsewhere.contains(action.id)) continue;
    const auto first = before.find(action.id);
    if (first != before.end()) {
      for (const std::string& line : first->second) EXPECT_EQ(screen.run(line), "") << line << ", before " << action.id;
    }
    const auto with = arguments.find(action.id);
    ASSERT_TRUE(action.bare() || with != arguments.end()) << action.id << ": this test knows no arguments for it";
    EXPECT_EQ(screen.run(std::string(action.id) + (with == arguments.end() ? "" : " " + with->second)), "") << action.id;
    ASSERT_TRUE(screen.settle()) << action.id;
    if (std::string(action.id) == "tell") {  // a story begins once it has been made, and puts one's own work aside
      EXPECT_TRUE(screen.until([&] { return screen.window().story().active(); }));
      screen.window().story().leave();
    }
    for (QWidget* open : QApplication::topLevelWidgets())
      if (open != &screen.window()) open->close();
  }
  EXPECT_TRUE(screen.window().isVisible());
  EXPECT_EQ(screen.run("save-session " + in + "t.json"), "") << "a session with a file and changes would ask";
  EXPECT_EQ(screen.run("quit"), "");
  EXPECT_FALSE(screen.window().isVisible());
}

TEST(Actions, say_what_is_wrong_with_their_arguments) {
  Screen screen;
  EXPECT_EQ(screen.run("select blocks.0.attn.hook_z"), "No model is open yet.");
  screen.open("fable");
  EXPECT_EQ(screen.run("cut-haed 4.3"), "There is no action \"cut-haed\"; near to it: cut-head, one-head.");
  EXPECT_EQ(screen.run("cut-head 9.3"), "There is no head \"9.3\"; write BLOCK.HEAD, with blocks 0 to 5 and heads 0 to 7.");
  EXPECT_EQ(screen.run("select blocks.9.attn.hook_z"), "There is no hook \"blocks.9.attn.hook_z\" in this model, whose blocks are 0 to 5.");
  EXPECT_EQ(screen.run("select blocks.0.attn.hook_pattern 0 2 5"), "A query looks at no key behind it: key 5 stands after query 2.");
  EXPECT_EQ(screen.run("select blocks.0.attn.hook_z 99"), "\"99\" is not a whole number from 0 to 13.");
  EXPECT_EQ(screen.run("temperature warm"), "\"warm\" is not a number from 0 to 100.");
  EXPECT_EQ(screen.run("theme blue"), "\"blue\" is not one of dark, light.");
  EXPECT_EQ(screen.run("show-dock kitchen").substr(0, 62), "There is no dock \"kitchen\"; there are model, lessons, probe, w");
  EXPECT_EQ(screen.run("lesson sleeping").substr(0, 34), "There is no lesson \"sleeping\"; the");
  EXPECT_EQ(screen.run("head-colour red").substr(0, 51), "No question has a part \"red\" by layer and head; hea");
  EXPECT_EQ(screen.run("temperature"), "An argument is missing: temperature T.");
  EXPECT_EQ(screen.run("fit twice"), "\"fit\" takes no arguments.");
  EXPECT_EQ(screen.run("next-step"), "\"Next step\" cannot be done now.");
  EXPECT_EQ(screen.run("set-prompt \"open"), "A quotation mark is opened and not closed: set-prompt \"open");
}

TEST(Actions, do_what_they_say) {
  Screen screen;
  screen.open("fable");
  doc::Lab& lab = screen.lab();
  screen.run("cut-head 4.3 0.5");
  EXPECT_TRUE(lab.is_cut({4, 3}) && lab.is_cut({0, 5}));
  screen.run("restore-head 4.3");
  EXPECT_FALSE(lab.is_cut({4, 3}));
  screen.run("select blocks.3.attn.hook_z 5 1");
  EXPECT_EQ(lab.document().selection->tensor.name(), "blocks.3.attn.hook_z");
  EXPECT_EQ(lab.document().selection->index, (std::array<int, 3>{5, 1, 0}));
  screen.run("set-prompt \"The capital of \\\"France\\\" is\"");
  EXPECT_EQ(lab.document().prompt, "The capital of \"France\" is");
  screen.run("view stream");
  screen.run("theme light");
  EXPECT_TRUE(lab.document().view == scene::View::Stream && lab.document().theme == render::Theme::Light);
  screen.run("temperature 0.5");
  EXPECT_FALSE(lab.document().sampler.greedy);
  screen.run("temperature 0");
  EXPECT_TRUE(lab.document().sampler.greedy);
  ASSERT_TRUE(screen.settle());
  screen.run("time end");
  EXPECT_EQ(screen.window().transport().now(), screen.window().transport().timeline()->end());
}

TEST(Script, waits_for_the_run_before_it_goes_on) {
  Screen screen;
  std::vector<ActionCall> calls;
  for (const char* line : {"set-prompt \"The capital of France is\"", "generate 2", "cut-head 4.3", "select-position 6"})
    calls.push_back(*parse_call(line));
  screen.window().do_calls(calls);
  EXPECT_TRUE(screen.lab().document().continuation.empty());
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().selected_position == 6; }));
  EXPECT_EQ(screen.lab().document().continuation.size(), 2U);
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
}

TEST(Script, ends_at_what_fails) {
  Screen screen;
  screen.window().do_calls({*parse_call("cut-head 9.9"), *parse_call("cut-head 4.3")});
  screen.open("fable");
  EXPECT_FALSE(screen.lab().is_cut({4, 3}));
  EXPECT_TRUE(has(screen_text(screen.window()), "There is no head \"9.9\""));
}

TEST(Script, ends_with_the_reason_where_the_prompt_is_refused) {
  Screen screen;
  screen.open("sort-nano");
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.run("set-prompt \"no letters of its alphabet: 1234\""), "");
  ASSERT_TRUE(screen.lab().refusal());
  screen.window().do_calls({*parse_call("cut-head 0.0")});
  EXPECT_FALSE(screen.lab().is_cut({0, 0}));
  EXPECT_TRUE(has(screen_text(screen.window()), screen.lab().refusal()->message)) << screen_text(screen.window());
}

}  // namespace
}  // namespace gf::ui
