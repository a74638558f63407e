// A monkey at the window: seeded random actions with random arguments. Nothing fails, and all of it can be undone.
// GLASSFORMER_MONKEY sets how many actions (120 where it is not set; 1000 is the whole test), GLASSFORMER_MONKEY_SEED the seed, and
// GLASSFORMER_MONKEY_SAYS prints each action before it is done.
#include <QApplication>
#include <QDialog>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "app/document/bookmarks.h"
#include "app/document/head_colour.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// They end the window, ask where to write or read, reach out to the network, or act on what is not of the document.
const std::set<std::string> kLeftAlone = {
    "quit",        "open-folder",  "open-file",   "get-model",     "open-session",     "save-session",  "recover",
    "delete-kept", "save-picture", "save-figure", "save-film",     "save-handout",     "save-notebook", "open-recipe",
    "save-recipe", "shortcuts",    "set-keys",    "palette",       "this-machine",     "train-start",   "train-resume",
    "train-pause", "train-go-on",  "train-stop",  "set-bookmarks", "train-look-every", "train-weights"};

class Monkey {
 public:
  Monkey(Screen& screen, unsigned seed) : screen_(screen), engine_(seed) {
    for (const Action& action : actions())
      if (!kLeftAlone.contains(action.id)) actions_.push_back(&action);
  }

  /// A whole call with arguments that mostly make sense at present.
  ActionCall next() {
    const Action& action = *actions_[below(actions_.size())];
    if (const auto makes = arguments().find(action.id); makes != arguments().end() && !(action.bare() && below(3) == 0))
      return {action.id, (this->*makes->second)()};
    const auto choices = screen_.window().runner().choices(action);
    if (!choices.empty() && (!action.bare() || below(2) == 0)) return {action.id, choices[below(choices.size())].arguments};
    return {action.id, {}};
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }

 private:
  using Makes = ActionArguments (Monkey::*)();

  std::string number(std::size_t below_this) { return std::to_string(below(below_this)); }
  std::string share() { return std::to_string(static_cast<double>(below(101)) / 100); }
  std::string pick(std::initializer_list<const char*> words) { return *(words.begin() + below(words.size())); }
  const ModelConfig& config() const { return screen_.lab().model()->weights->config; }
  int length() const { return screen_.lab().run() ? screen_.lab().run()->base->length() : 1; }
  std::string position() { return number(static_cast<std::size_t>(length())); }
  std::string block() { return number(static_cast<std::size_t>(config().n_layer)); }
  std::string head() { return block() + "." + number(static_cast<std::size_t>(config().n_head)); }
  std::string prompt() {
    return pick({"The capital of France is", "When Mary and John went to the garden, John gave a ring to", "Once upon a time", "ABCABC",
                 "\xF0\x9F\x98\x80 and \xE7\x8C\xAB", "kQ7mZx2WkQ7mZx2WkQ7m", "", "a"});
  }
  ActionArguments cell() {
    const std::string of = "blocks." + block() + ".";
    switch (below(4)) {
      case 0: return {of + "attn.hook_z", position(), number(static_cast<std::size_t>(config().n_head)), "0"};
      case 1: return {of + "hook_resid_post", position(), "3"};
      case 2:
        return {of + "attn.hook_pattern", number(static_cast<std::size_t>(config().n_head)), std::to_string(length() - 1), position()};
      default: return {of + "mlp.hook_post", position(), "5"};
    }
  }
  std::string edit() {
    return R"({"version": 1, "edits": [{"hook": "blocks.)" + block() +
           pick({R"(.hook_mlp_out", "op": "zero"}]})", R"(.attn.hook_z", "op": "scale", "factor": 0.5, "heads": [0]}]})",
                 R"(.hook_resid_post", "op": "noise", "factor": 0.1, "positions": [1]}]})"});
  }
  std::string index_of(std::size_t n) { return n == 0 ? "0" : number(n); }
  const doc::Document& document() const { return screen_.lab().document(); }

  ActionArguments any_cell() { return cell(); }
  ActionArguments a_prompt() { return {prompt()}; }
  ActionArguments a_position() { return {position()}; }
  ActionArguments a_head() { return {head()}; }
  ActionArguments a_scaled_head() { return {head(), share()}; }
  ActionArguments a_share() { return {share()}; }
  ActionArguments a_model() { return {pick({"fable", "fable", "sort-nano", "induction-nano", "sort-nano@300"})}; }
  ActionArguments a_step() { return {pick({"end", "300", "50"})}; }
  ActionArguments a_past() { return {number(screen_.lab().history().done() + screen_.lab().history().undone() + 1)}; }
  ActionArguments a_moment() { return {pick({"start", "end"})}; }
  ActionArguments a_speed() { return {pick({"0.5", "1", "4"})}; }
  ActionArguments a_pace() { return {pick({"term", "operation", "token", "pass"})}; }
  ActionArguments few_tokens() { return {pick({"1", "2", "3"})}; }
  ActionArguments a_temperature() { return {pick({"0", "0.7", "1.5"})}; }
  ActionArguments a_k() { return {number(20)}; }
  ActionArguments a_penalty() { return {pick({"1", "1.2", "2"})}; }
  ActionArguments a_token() { return {pick({" Paris", "#3", "#1", " Rome", "no such token at all"})}; }
  ActionArguments another_recipe() { return {pick({"none", "present"})}; }
  ActionArguments a_patch() {
    return {pick({"resid_pre", "mlp_out"}), block() + "," + position(), block() + "," + position(), pick({"add", "alone"})};
  }
  ActionArguments a_try() { return {index_of(document().tries.size())}; }
  ActionArguments a_named_try() { return {index_of(document().tries.size()), prompt()}; }
  ActionArguments a_bookmark() { return {std::to_string(1 + below(document().bookmarks.size() + 1))}; }
  ActionArguments a_named_bookmark() { return {a_bookmark()[0], prompt()}; }
  ActionArguments two_bookmarks() { return {a_bookmark()[0], a_bookmark()[0]}; }
  ActionArguments a_recipe() { return {edit()}; }
  ActionArguments a_direction() {
    return {pick({"up", "down"}),
            R"({"version": 1, "edits": [{"hook": "blocks.1.hook_resid_post", "op": "add", "vector": {"tokens": " Mary"}}]})"};
  }
  ActionArguments a_name() { return {pick({"up", "down"})}; }
  ActionArguments a_push() { return {pick({"up", "down"}), pick({"0", "2", "-3"})}; }
  ActionArguments a_colour() { return {pick({"heads.induction", "ablate-sweep.delta", "heads.previous", "entropy.entropy"})}; }
  ActionArguments two_edits() { return {an_edit()[0], an_edit()[0]}; }
  ActionArguments an_edit() { return {index_of(document().recipe.edits.size())}; }
  ActionArguments a_dictionary() { return {"fable"}; }
  ActionArguments a_number() { return {number(4)}; }
  ActionArguments an_edited_feature() { return {number(50), pick({"none", "cut"})}; }
  ActionArguments a_seed() { return {number(1000)}; }
  ActionArguments a_stop() { return {pick({"the", "."})}; }

  static const std::map<std::string, Makes>& arguments() {
    static const std::map<std::string, Makes> kMakes = {{"open", &Monkey::a_model},
                                                        {"training-step", &Monkey::a_step},
                                                        {"history", &Monkey::a_past},
                                                        {"set-prompt", &Monkey::a_prompt},
                                                        {"select", &Monkey::any_cell},
                                                        {"look-at", &Monkey::any_cell},
                                                        {"select-position", &Monkey::a_position},
                                                        {"pin-card", &Monkey::any_cell},
                                                        {"product-time", &Monkey::a_share},
                                                        {"split", &Monkey::a_share},
                                                        {"time", &Monkey::a_moment},
                                                        {"speed", &Monkey::a_speed},
                                                        {"pace", &Monkey::a_pace},
                                                        {"generate", &Monkey::few_tokens},
                                                        {"temperature", &Monkey::a_temperature},
                                                        {"top-k", &Monkey::a_k},
                                                        {"top-p", &Monkey::a_share},
                                                        {"min-p", &Monkey::a_share},
                                                        {"typical-p", &Monkey::a_share},
                                                        {"repetition-penalty", &Monkey::a_penalty},
                                                        {"presence-penalty", &Monkey::a_share},
                                                        {"stop-text", &Monkey::a_stop},
                                                        {"seed", &Monkey::a_seed},
                                                        {"target", &Monkey::a_token},
                                                        {"rival", &Monkey::a_token},
                                                        {"other-prompt", &Monkey::a_prompt},
                                                        {"other-model", &Monkey::a_model},
                                                        {"other-recipe", &Monkey::another_recipe},
                                                        {"patch", &Monkey::a_patch},
                                                        {"name-try", &Monkey::a_named_try},
                                                        {"note-try", &Monkey::a_named_try},
                                                        {"go-to-try", &Monkey::a_try},
                                                        {"remove-try", &Monkey::a_try},
                                                        {"go-to-bookmark", &Monkey::a_bookmark},
                                                        {"name-bookmark", &Monkey::a_named_bookmark},
                                                        {"note-bookmark", &Monkey::a_named_bookmark},
                                                        {"move-bookmark", &Monkey::two_bookmarks},
                                                        {"renew-bookmark", &Monkey::a_bookmark},
                                                        {"remove-bookmark", &Monkey::a_bookmark},
                                                        {"cut-head", &Monkey::a_head},
                                                        {"restore-head", &Monkey::a_head},
                                                        {"mean-head", &Monkey::a_head},
                                                        {"scale-head", &Monkey::a_scaled_head},
                                                        {"add-edits", &Monkey::a_recipe},
                                                        {"keep-direction", &Monkey::a_direction},
                                                        {"forget-direction", &Monkey::a_name},
                                                        {"steer", &Monkey::a_push},
                                                        {"head-colour", &Monkey::a_colour},
                                                        {"remove-edit", &Monkey::an_edit},
                                                        {"move-edit", &Monkey::two_edits},
                                                        {"open-dictionary", &Monkey::a_dictionary},
                                                        {"show-dictionary", &Monkey::a_number},
                                                        {"close-dictionary", &Monkey::a_number},
                                                        {"select-feature", &Monkey::a_number},
                                                        {"edit-feature", &Monkey::an_edited_feature}};
    return kMakes;
  }

  Screen& screen_;
  std::mt19937 engine_;
  std::vector<const Action*> actions_;
};

std::string line_of(const ActionCall& call) {
  std::string line = call.id;
  for (const std::string& argument : call.arguments) line += " \"" + argument + "\"";
  return line;
}

int number_of_environment(const char* name, int otherwise) {
  const char* said = std::getenv(name);
  return said ? std::atoi(said) : otherwise;
}

/// A user's mistake, which the window says in a sentence: an argument that does not fit, a prompt that a model cannot read.
bool is_users(ErrorCode code) {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::NotFound || code == ErrorCode::Cancelled ||
         code == ErrorCode::Unsupported;
}

/// The document but for where its animation and its camera are, which are no decisions.
std::string decisions(doc::Document document, const doc::Document& moment) {
  document.time = moment.time;
  document.camera = moment.camera;
  return doc::to_json(document);
}

/// What the window shows with the docks of the start alone.
std::string shown(Screen& screen) {
  for (const DockInfo& info : docks()) screen.window().docks().show(info.id, false);
  for (const char* id : {"probe", "logits"}) screen.window().docks().show(id, true);
  screen.window().resize(1500, 950);  // Present leaves the size of its screen, and a narrow window shows less
  screen.lab().set_time(0);
  EXPECT_TRUE(screen.rest());
  screen.lab().set_time(1e18);
  EXPECT_TRUE(screen.rest());
  std::string all;
  for (const char* part : {"prompt_bar", "view_bar", "transport"})
    all += screen_text(*screen.window().findChild<QWidget*>(QLatin1String(part)));
  for (const char* id : {"probe", "logits"}) all += screen.dock(id);
  return all;
}

TEST(Monkey, does_no_harm_and_all_of_it_can_be_undone) {
  const int n = number_of_environment("GLASSFORMER_MONKEY", 120);
  const auto seed = static_cast<unsigned>(number_of_environment("GLASSFORMER_MONKEY_SEED", 1));
  const bool says = std::getenv("GLASSFORMER_MONKEY_SAYS") != nullptr;
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  doc::Lab& lab = screen.lab();
  const std::string text_before = shown(screen);
  const doc::Document before = lab.document();
  const std::vector<float> logits_before(lab.run()->edited->last_logits().begin(), lab.run()->edited->last_logits().end());

  Monkey monkey(screen, seed);
  int done = 0;
  std::string trace;
  for (int i = 0; i < n; ++i) {
    const ActionCall call = monkey.next();
    trace = std::to_string(i) + ": " + line_of(call);
    if (says) std::cerr << trace << '\n';
    const auto result = screen.window().runner().run(call);
    done += result ? 1 : 0;
    EXPECT_TRUE(result || is_users(result.error().code)) << trace << ": " << (result ? "" : result.error().message);
    if (monkey.below(3) == 0) {
      ASSERT_TRUE(screen.settle()) << trace;
    } else {
      QCoreApplication::processEvents();
    }
    const auto error = lab.error();
    EXPECT_TRUE(!error || is_users(error->code)) << trace << ": " << (error ? error->message : "");
    for (QWidget* open : QApplication::topLevelWidgets())
      if (open != &screen.window() && qobject_cast<QDialog*>(open)) open->close();
    ASSERT_TRUE(screen.window().isVisible()) << trace;
    if (HasFailure()) break;
  }
  EXPECT_GT(done, n / 2) << "most of what it does makes sense";

  screen.window().story().leave();
  screen.window().player().leave();
  (void)screen.run("present off");
  screen.window().transport().pause();
  screen.window().go_in_history(0);
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(lab.history().done(), 0U);
  EXPECT_EQ(decisions(lab.document(), before), decisions(before, before)) << "seed " << seed << ", after " << trace;
  ASSERT_TRUE(lab.run());
  const auto logits = lab.run()->edited->last_logits();
  // Rows that were computed one by one may differ in their last digits from those of a whole pass.
  EXPECT_TRUE(std::equal(logits.begin(), logits.end(), logits_before.begin(), logits_before.end(),
                         [](float a, float b) { return std::abs(a - b) < 1e-3F; }));
  EXPECT_EQ(shown(screen), text_before);
}

TEST(Undo, leaves_tokens_to_the_model_that_generates_them) {
  Screen screen;
  screen.open("fable");
  for (const char* model : {"sort-nano", "induction-nano"}) {
    screen.run(std::string("open ") + model);
    ASSERT_TRUE(screen.settle()) << model;
  }
  ASSERT_EQ(screen.run("generate 5"), "");
  screen.window().go_in_history(0);  // fable has to be loaded again, and the tokens come meanwhile
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().model()->weights->name, "fable");
  EXPECT_EQ(screen.lab().history().done(), 0U);
  EXPECT_TRUE(screen.lab().document().continuation.empty());
}

}  // namespace
}  // namespace gf::ui
