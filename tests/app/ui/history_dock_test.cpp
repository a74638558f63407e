// The History dock: a list to go back in, and a script that does the same again.
#include <QApplication>
#include <QClipboard>
#include <QListWidget>
#include <QPushButton>
#include <gtest/gtest.h>

#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "app/ui/actions/history_script.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

QListWidget& history_list(Screen& screen) { return *screen.window().docks().dock("history").findChild<QListWidget*>("history_list"); }

constexpr const char* kKeepUp =
    R"(keep-direction up "{\"version\": 1, \"edits\": [{\"hook\": \"blocks.1.hook_resid_post\", \"op\": \"add\", \"vector\": {\"tokens\": \" Mary\"}}]}")";

constexpr const char* kKeepHeads =
    R"(keep-heads two "{\"version\": 1, \"edits\": [{\"hook\": \"blocks.1.attn.hook_z\", \"op\": \"scale\", \"heads\": [3], \"factor\": 1.5}, {\"hook\": \"blocks.1.attn.hook_z\", \"op\": \"add\", \"heads\": [3], \"value\": 0.5}]}")";

void do_some_work(Screen& screen) {
  screen.open("fable");
  for (const char* line : {"set-prompt \"The capital of France is\"",
                           "target \" Paris\"",
                           "cut-head 4.3",
                           "cut-head 4.2",
                           "scale-head 0.1 0.5",
                           "remove-edit 0",
                           "mean-head 3.1",
                           "move-edit 2 0",
                           "move-edit 0 1",
                           "select blocks.2.attn.hook_pattern 1 4 0",
                           "select-position 2",
                           "observe",
                           "temperature 0.7",
                           "view stream",
                           "compare base",
                           "pace operation",
                           "speed 2",
                           "head-colour heads.induction",
                           "other-prompt \"The capital of Italy is\"",
                           "patch resid_pre 2,3",
                           "keep-try again",
                           "name-try 0 first",
                           "note-try 0 \"a word\"",
                           "patch mlp_out 1,3 1,2 add",
                           "remove-try 1",
                           "other-recipe present",
                           "show-both on",
                           "compare side"}) {
    EXPECT_EQ(screen.run(line), "") << line;
    EXPECT_TRUE(screen.settle()) << line;
  }
}

TEST(HistoryDock, says_that_nothing_was_done) {
  Screen screen;
  EXPECT_TRUE(has(screen.dock("history"), "the start\nNothing was done yet.")) << screen.dock("history");
}

TEST(HistoryDock, goes_back_and_forward_by_a_click) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.3");
  screen.run("cut-head 0.0");
  (void)screen.dock("history");
  auto& list = history_list(screen);
  ASSERT_EQ(list.count(), 3);
  EXPECT_EQ(list.item(1)->text().toStdString(), "cut head 3 of block 4");
  EXPECT_EQ(list.currentRow(), 2);
  emit list.itemClicked(list.item(0));
  EXPECT_TRUE(screen.lab().document().recipe.empty());
  EXPECT_EQ(list.count(), 3) << "what was undone stays in the list";
  EXPECT_EQ(list.currentRow(), 0);
  emit list.itemActivated(list.item(1));
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
  EXPECT_FALSE(screen.lab().is_cut({0, 0}));
  EXPECT_NE(screen.run("history 9"), "");
}

TEST(HistoryScript, replays_to_the_same_document) {
  doc::Document first;
  std::vector<ActionCall> calls;
  {
    Screen screen;
    do_some_work(screen);
    first = screen.lab().document();
    const HistoryScript script = script_of(screen.lab().history().documents());
    EXPECT_TRUE(script.left_out.empty()) << script.left_out.front();
    calls = script.calls;
    (void)screen.dock("history");
    screen.window().docks().dock("history").findChild<QPushButton*>("history_copy")->click();
    const std::string copied = QApplication::clipboard()->text().toStdString();
    EXPECT_TRUE(has(copied, "glassformer")) << copied;
    EXPECT_TRUE(has(copied, " \\\n  --do set-prompt 'The capital of France is' \\\n  --do target ' Paris' \\\n  --do cut-head 4.3 \\\n"))
        << copied;
  }
  Screen again;
  again.open("fable");
  for (const ActionCall& call : calls) {
    const auto done = again.window().runner().run(call);
    EXPECT_TRUE(done) << call.id << ": " << (done ? "" : done.error().message);
    EXPECT_TRUE(again.settle()) << call.id;
  }
  doc::Document second = again.lab().document();
  EXPECT_TRUE(doc::same_work(second, first));
  EXPECT_EQ(second.selection, first.selection);
  EXPECT_EQ(second.selected_position, first.selected_position);
  EXPECT_EQ(second.view, first.view);
  EXPECT_EQ(second.compare, first.compare);
}

TEST(HistoryScript, keeps_directions_and_sets_of_heads_and_uses_them) {
  Screen screen;
  screen.open("fable");
  for (const char* line : {kKeepUp, "steer up 2", kKeepHeads, "use-heads two", "use-heads two 0.5"}) {
    EXPECT_EQ(screen.run(line), "") << line;
    EXPECT_TRUE(screen.settle()) << line;
  }
  const HistoryScript script = script_of(screen.lab().history().documents());
  std::vector<std::string> ids;
  for (const ActionCall& call : script.calls) ids.push_back(call.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"open", "keep-direction", "steer", "keep-heads", "use-heads"}))
      << "moves of the slider are one step";
  Screen again;
  again.open("fable");
  for (const ActionCall& call : script.calls) {
    EXPECT_TRUE(again.window().runner().run(call)) << call.id;
    EXPECT_TRUE(again.settle()) << call.id;
  }
  EXPECT_TRUE(doc::same_work(again.lab().document(), screen.lab().document()));
  const doc::Document& now = again.lab().document();
  EXPECT_EQ(doc::strength_of(now.recipe, now.head_sets.at(0)), 0.5F);
  EXPECT_NE(again.run("use-heads three"), "");
}

TEST(HistoryScript, quotes_words_for_a_shell) {
  HistoryScript script;
  script.calls = {{"set-prompt", {"it's"}}, {"observe", {}}};
  script.left_out = {"a thing"};
  EXPECT_EQ(shell_command(script), "# not in the script: a thing\nglassformer \\\n  --do set-prompt 'it'\\''s' \\\n  --do observe\n");
}

TEST(HistoryScript, writes_edits_that_have_no_action_of_their_own_as_a_recipe) {
  doc::Document from, to;
  Edit edit = edit_of_head(2, 1, EditOp::Mean);
  edit.positions = Selector::only(3);
  to.recipe.edits = {edit_of_head(4, 3), edit};
  HistoryScript script;
  add_calls(script, from, to);
  ASSERT_EQ(script.calls.size(), 2U);
  EXPECT_EQ(script.calls[0].id, "cut-head");
  EXPECT_EQ(script.calls[1].id, "add-edits");
  const auto recipe = parse_recipe(script.calls[1].arguments[0]);
  ASSERT_TRUE(recipe);
  EXPECT_EQ(recipe->edits, std::vector{edit});
}

TEST(HistoryScript, has_the_circuit_that_was_shown) {
  Screen screen;
  screen.open("fable");
  const scene::Circuit circuit{{{"0.1", "4.7.v", 1.25F}, {"mlp.0", "logits", -0.5F}}, 3628, "logit", "logit “·Mary”"};
  screen.lab().execute(doc::show_circuit(circuit));
  const HistoryScript script = script_of(screen.lab().history().documents());
  screen.lab().execute(doc::show_circuit(std::nullopt));
  for (const ActionCall& call : script.calls) EXPECT_TRUE(screen.window().runner().run(call)) << call.id;
  EXPECT_EQ(screen.lab().document().circuit, circuit);
  EXPECT_EQ(screen.run("show-circuit nonsense").substr(0, 14), "The session's ");
  EXPECT_EQ(screen.run("show-circuit"), "");
  EXPECT_FALSE(screen.lab().document().circuit);
  EXPECT_EQ(screen.run("show-circuit"), "\"Take the circuit away\" cannot be done now.");
}

}  // namespace
}  // namespace gf::ui
