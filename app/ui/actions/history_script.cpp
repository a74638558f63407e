#include "app/ui/actions/history_script.h"

#include <algorithm>

#include "app/document/cell_edits.h"
#include "app/scene/views.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/hooks.h"

namespace gf::ui {
namespace {

using doc::Document;

/// The head that an edit cuts as `cut-head` does: "4.3". Empty: it is another edit.
std::string head_that_is_cut(const Edit& edit) {
  constexpr int kAnyLayer = 1 << 16;  // the recipe has been checked against its model
  const auto hook = parse_hook(edit.hook, kAnyLayer);
  if (!hook || !edit.heads || edit.heads->list.size() != 1) return {};
  const int head = edit.heads->list.front();
  return edit == edit_of_head(hook->layer, head) ? std::to_string(hook->layer) + "." + std::to_string(head) : std::string();
}

/// True: one of the calls switches the edits on.
bool add_recipe_calls(std::vector<ActionCall>& calls, const Recipe& from, const Recipe& to) {
  const std::vector<Edit>& a = from.edits;
  const std::vector<Edit>& b = to.edits;
  if (a == b) return false;
  for (std::size_t i = 0; i < a.size() && a.size() == b.size() + 1; ++i) {
    std::vector<Edit> less = a;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    if (less != b) continue;
    calls.push_back({"remove-edit", {std::to_string(i)}});
    return false;
  }
  const bool goes_on = a.size() < b.size() && std::equal(a.begin(), a.end(), b.begin());
  if (!goes_on && !a.empty()) calls.push_back({"remove-edits", {}});
  for (std::size_t i = goes_on ? a.size() : 0; i < b.size(); ++i) {
    const std::string head = head_that_is_cut(b[i]);
    const bool alone =
        std::none_of(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(i), [&](const Edit& e) { return e.hook == b[i].hook; });
    if (!head.empty() && alone) calls.push_back({"cut-head", {head}});
    else calls.push_back({"add-edits", {to_json(Recipe{{b[i]}, {}}, -1)}});
  }
  return !b.empty();
}

void add_sampler_calls(HistoryScript& script, const SamplerOptions& from, const SamplerOptions& to) {
  bool greedy = from.greedy;
  const auto add = [&](const char* id, const std::string& value) {
    script.calls.push_back({id, {value}});
    greedy = false;  // each of these actions turns it off
  };
  if (from.temperature != to.temperature) add("temperature", numbers::exact(to.temperature));
  if (from.top_k != to.top_k) add("top-k", std::to_string(to.top_k));
  if (from.top_p != to.top_p) add("top-p", numbers::exact(to.top_p));
  if (from.seed != to.seed) add("seed", std::to_string(to.seed));
  if (greedy != to.greedy) script.calls.push_back({"greedy", {to.greedy ? "on" : "off"}});
  SamplerOptions rest = to;
  rest.ban = from.ban, rest.force = from.force, rest.no_repeat_ngram = from.no_repeat_ngram, rest.beams = from.beams;
  if (rest != to) script.left_out.push_back(gf::text("Tokens that are banned or forced, n-grams and beams"));
}

/// What the prompt's actions leave as they go: `set-prompt` lets go of the selection and of what was generated.
void add_prompt_calls(HistoryScript& script, Document& now, const Document& to) {
  const bool goes_on = now.prompt == to.prompt && to.continuation.size() >= now.continuation.size() &&
                       std::equal(now.continuation.begin(), now.continuation.end(), to.continuation.begin());
  if (!goes_on) {
    script.calls.push_back({"set-prompt", {to.prompt}});
    now.prompt = to.prompt;
    now.continuation.clear();
    now.selection.reset();
    now.selected_position = -1;
  }
  if (const std::size_t more = to.continuation.size() - now.continuation.size(); more > 0)
    script.calls.push_back({"generate", {std::to_string(more)}});
}

void add_view_calls(HistoryScript& script, const Document& from, const Document& to) {
  const auto add = [&](const char* id, std::string word) { script.calls.push_back({id, {std::move(word)}}); };
  if (from.view != to.view) add("view", scene::info_of(to.view).name);
  if (from.ribbons != to.ribbons) add("ribbons", scene::spelled(to.ribbons));
  if (from.compare != to.compare) add("compare", scene::spelled(to.compare));
  if (from.theme != to.theme) add("theme", scene::spelled(to.theme));
  if (from.follow != to.follow) add("follow", to.follow ? "on" : "off");
  if (from.unit != to.unit) script.calls.push_back({std::string("step-by-") + scene::spelled(to.unit), {}});
  if (from.speed != to.speed) add("speed", numbers::significant(to.speed, 9));
  if (from.head_colour != to.head_colour) add("head-colour", to.head_colour);
  if (from.selected_position != to.selected_position && to.selected_position >= 0)
    add("select-position", std::to_string(to.selected_position));
  if (from.selection == to.selection) return;
  if (!to.selection) {
    script.calls.push_back({"select-nothing", {}});
    return;
  }
  if (to.selection->tensor.is_weight()) {
    script.left_out.push_back(gf::text("The selection of a cell of {0}", to.selection->tensor.name()));
    return;
  }
  ActionCall call{"select", {to.selection->tensor.name()}};
  for (const int index : to.selection->index)
    if (index >= 0) call.arguments.push_back(std::to_string(index));
  script.calls.push_back(std::move(call));
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@:#%+=,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

void add_calls(HistoryScript& script, const Document& from, const Document& to) {
  Document now = from;
  if (now.model != to.model) script.calls.push_back({"open", {to.model}});
  if (now.bos != to.bos) script.calls.push_back({"bos", {to.bos ? "on" : "off"}});
  add_sampler_calls(script, now.sampler, to.sampler);
  add_prompt_calls(script, now, to);
  if (now.target != to.target) script.calls.push_back({"target", {to.target}});
  if (now.rival != to.rival) script.calls.push_back({"rival", {to.rival}});
  if (doc::other_prompt(now) != doc::other_prompt(to)) script.calls.push_back({"other-prompt", {doc::other_prompt(to)}});
  if (add_recipe_calls(script.calls, now.recipe, to.recipe)) now.mode = doc::Mode::Intervene;
  if (now.mode != to.mode) script.calls.push_back({to.mode == doc::Mode::Observe ? "observe" : "intervene", {}});
  add_view_calls(script, now, to);
}

HistoryScript script_of(const std::vector<Document>& documents) {
  HistoryScript script;
  Document before;
  for (const Document& document : documents) {
    add_calls(script, before, document);
    before = document;
  }
  return script;
}

std::string shell_command(const HistoryScript& script) {
  std::string all;
  for (const std::string& sentence : script.left_out) all += "# " + gf::text("not in the script: {0}", sentence) + "\n";
  all += "glassformer";
  for (const ActionCall& call : script.calls) {
    all += " \\\n  --do " + call.id;
    for (const std::string& word : call.arguments) all += " " + shell_word(word);
  }
  return all + "\n";
}

}  // namespace gf::ui
