#include "app/ui/actions/history_script.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/document/bookmarks.h"
#include "app/document/cell_edits.h"
#include "app/document/command.h"
#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "app/document/kept.h"
#include "app/document/view_json.h"
#include "app/scene/views.h"
#include "model/base/numbers.h"
#include "model/base/printable.h"
#include "model/base/shell_word.h"
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

/// The places between which one edit moved; nullopt: something else changed.
std::optional<std::pair<std::size_t, std::size_t>> one_move(const std::vector<Edit>& from, const std::vector<Edit>& to) {
  if (from.size() != to.size()) return std::nullopt;
  const auto first = static_cast<std::size_t>(std::ranges::mismatch(from, to).in1 - from.begin());
  std::size_t last = from.size() - 1;
  while (last > first && from[last] == to[last]) --last;
  for (const auto& [at, onto] : {std::pair{first, last}, std::pair{last, first}}) {
    Document moved;
    moved.recipe.edits = from;
    doc::move_edit(at, onto).apply(moved);
    if (moved.recipe.edits == to) return std::pair{at, onto};
  }
  return std::nullopt;
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
  if (const auto move = one_move(a, b)) {
    calls.push_back({"move-edit", {std::to_string(move->first), std::to_string(move->second)}});
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

/// Before the recipe's calls, as directions.
void add_head_set_calls(HistoryScript& script, Document& now, const Document& to) {
  for (const doc::HeadSet& set : std::vector<doc::HeadSet>(now.head_sets))
    if (doc::find_named(to.head_sets, set.name) == nullptr) {
      script.calls.push_back({"forget-heads", {set.name}});
      doc::forget_head_set(set.name).apply(now);
    }
  for (const doc::HeadSet& set : to.head_sets) {
    const doc::HeadSet* before = doc::find_named(now.head_sets, set.name);
    if (before != nullptr && *before == set) continue;
    script.calls.push_back({"keep-heads", {set.name, doc::recipe_text(set)}});
    doc::keep_head_set(set).apply(now);
  }
  for (const doc::HeadSet& set : to.head_sets) {
    const float was = doc::strength_of(now.recipe, set), strength = doc::strength_of(to.recipe, set);
    Document tried = now;
    doc::use_head_set(set, strength).apply(tried);
    if (strength == was || tried.recipe != to.recipe) continue;
    script.calls.push_back({"use-heads", {set.name, numbers::exact(strength)}});
    now = tried;
  }
}

/// Before the recipe's calls: a direction that goes takes its edit along.
void add_direction_calls(HistoryScript& script, Document& now, const Document& to) {
  for (const doc::Direction& direction : std::vector<doc::Direction>(now.directions))
    if (doc::find_named(to.directions, direction.name) == nullptr) {
      script.calls.push_back({"forget-direction", {direction.name}});
      doc::forget_direction(direction.name).apply(now);
    }
  for (const doc::Direction& direction : to.directions) {
    const doc::Direction* before = doc::find_named(now.directions, direction.name);
    if (before != nullptr && *before == direction) continue;
    script.calls.push_back({"keep-direction", {direction.name, doc::push_json(direction.push)}});
    doc::keep_direction(direction).apply(now);
  }
  // The slider's place is a call of its own, where nothing else of the recipe changes.
  for (const doc::Direction& direction : to.directions) {
    const float strength = doc::strength_of(to.recipe, direction);
    if (strength == doc::strength_of(now.recipe, direction) || doc::steered(now.recipe, direction, strength) != to.recipe) continue;
    script.calls.push_back({"steer", {direction.name, numbers::exact(strength)}});
    doc::steer(direction, strength).apply(now);
  }
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
  if (from.min_p != to.min_p) add("min-p", numbers::exact(to.min_p));
  if (from.typical_p != to.typical_p) add("typical-p", numbers::exact(to.typical_p));
  if (from.seed != to.seed) add("seed", std::to_string(to.seed));
  if (greedy != to.greedy) script.calls.push_back({"greedy", {to.greedy ? "on" : "off"}});
  if (from.repetition_penalty != to.repetition_penalty)
    script.calls.push_back({"repetition-penalty", {numbers::exact(to.repetition_penalty)}});
  if (from.presence_penalty != to.presence_penalty) script.calls.push_back({"presence-penalty", {numbers::exact(to.presence_penalty)}});
  if (from.stop_at_eos != to.stop_at_eos) script.calls.push_back({"stop-at-eos", {to.stop_at_eos ? "on" : "off"}});
  if (from.stop != to.stop) script.calls.push_back({"stop-text", to.stop});
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
    if (now.prompt != to.prompt) now.rival.clear();
    now.prompt = to.prompt;
    now.continuation.clear();
    now.selection.reset();
    now.circuit.reset();
    now.selected_position = -1;
  }
  if (const std::size_t more = to.continuation.size() - now.continuation.size(); more > 0)
    script.calls.push_back({"generate", {std::to_string(more)}});
}

void add_view_calls(HistoryScript& script, const Document& from, const Document& to) {
  const auto add = [&](const char* id, std::string word) { script.calls.push_back({id, {std::move(word)}}); };
  if (from.view != to.view) add("view", scene::info_of(to.view).name);
  const auto product = [](const Document& d) { return d.cube ? scene::cube_name(*d.cube) : std::string(); };
  if (product(from) != product(to)) {
    if (to.cube) add("open-product", product(to));
    else if (from.view == to.view) script.calls.push_back({"close-product", {}});
  }
  const auto head = [](const Document& d) { return d.one_head ? scene::one_head_name(*d.one_head) : std::string(); };
  if (head(from) != head(to) && !to.cube) {
    if (to.one_head) add("one-head", head(to));
    else if (from.view == to.view) script.calls.push_back({"whole-machine", {}});
  }
  if (to.cube && to.cube->order != (from.cube ? from.cube->order : scene::Cube().order))
    add("product-order", scene::spelled(to.cube->order));
  if (from.circuit != to.circuit) {
    script.calls.push_back({"show-circuit", to.circuit ? ActionArguments{doc::circuit_text(*to.circuit)} : ActionArguments{}});
    if (to.circuit && to.view != scene::View::Stream) add("view", scene::info_of(to.view).name);  // the action goes to the Stream
  }
  if (from.ribbons != to.ribbons) add("ribbons", scene::spelled(to.ribbons));
  if (from.compare != to.compare) add("compare", scene::spelled(to.compare));
  if (from.split != to.split && to.compare == scene::Compare::Split) add("split", numbers::significant(to.split, 17));
  if (from.theme != to.theme) add("theme", scene::spelled(to.theme));
  if (from.follow != to.follow) add("follow", to.follow ? "on" : "off");
  if (from.unit != to.unit) script.calls.push_back({std::string("step-by-") + scene::spelled(to.unit), {}});
  if (from.pace != to.pace) add("pace", scene::spelled(to.pace));
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

void add_feature_calls(std::vector<ActionCall>& calls, const doc::FeatureView& from, const doc::FeatureView& to) {
  doc::FeatureView now = from;
  for (int i = static_cast<int>(now.dictionaries.size()) - 1; i >= 0; --i)
    if (std::ranges::find(to.dictionaries, now.dictionaries[static_cast<std::size_t>(i)]) == to.dictionaries.end()) {
      calls.push_back({"close-dictionary", {std::to_string(i)}});
      now.dictionaries.erase(now.dictionaries.begin() + i);
      now.shown = -1;
    }
  for (const doc::DictionaryInUse& one : to.dictionaries) {
    if (std::ranges::find(now.dictionaries, one) != now.dictionaries.end()) continue;
    calls.push_back({"open-dictionary", {one.file}});
    if (!one.hook.empty()) calls.back().arguments.push_back(one.hook);
    now.dictionaries.push_back(one);
    now.shown = static_cast<int>(now.dictionaries.size()) - 1;
    now.feature = -1;
  }
  if (now.shown != to.shown && to.dictionary() != nullptr)
    calls.push_back({"show-dictionary", {std::to_string(to.shown)}}), now.feature = -1;
  if (now.feature != to.feature) calls.push_back({"select-feature", {std::to_string(to.feature)}});
}

void add_other_calls(HistoryScript& script, const Document& from, const Document& to) {
  if (from.other && !to.other) {
    script.calls.push_back({"stop-comparing", {}});
    return;
  }
  if (!to.other) return;
  const doc::Subject before = from.other ? *from.other : doc::Subject{.model = from.model, .prompt = {}, .continuation = {}, .recipe = {}};
  if (before.model != to.other->model) script.calls.push_back({"other-model", {to.other->model}});
  if (before.prompt != to.other->prompt) script.calls.push_back({"other-prompt", {to.other->prompt}});
  if (before.recipe != to.other->recipe) {
    if (to.other->recipe.empty()) script.calls.push_back({"other-recipe", {"none"}});
    else if (to.other->recipe == to.recipe) script.calls.push_back({"other-recipe", {"present"}});
    else script.left_out.push_back(gf::text("The edits of what is compared with"));
  }
  if (from.scene_of_both != to.scene_of_both) script.calls.push_back({"show-both", {to.scene_of_both ? "on" : "off"}});
}

/// Expects that all else is already as in `to`: keep-try keeps the present state.
void add_try_calls(HistoryScript& script, const Document& from, const Document& to) {
  const auto &a = from.tries, &b = to.tries;
  for (std::size_t i = 0; i < a.size() && a.size() == b.size() + 1; ++i) {
    auto less = a;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    if (less != b) continue;
    script.calls.push_back({"remove-try", {std::to_string(i)}});
    return;
  }
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].name != b[i].name) script.calls.push_back({"name-try", {std::to_string(i), b[i].name}});
    if (a[i].note != b[i].note) script.calls.push_back({"note-try", {std::to_string(i), b[i].note}});
  }
  for (std::size_t i = a.size(); i < b.size(); ++i) script.calls.push_back({"keep-try", {b[i].name}});
}

void add_bookmark_calls(std::vector<ActionCall>& calls, const Document& from, const Document& to) {
  std::vector<doc::Bookmark> now = from.bookmarks;
  const bool renamed = now.size() == to.bookmarks.size();
  for (std::size_t i = 0; renamed && i < now.size(); ++i) {
    const doc::Bookmark& one = to.bookmarks[i];
    const std::string number = std::to_string(i + 1);
    if (now[i].name != one.name) calls.push_back({"name-bookmark", {number, one.name}});
    if (now[i].note != one.note) calls.push_back({"note-bookmark", {number, one.note}});
    now[i].name = one.name;
    now[i].note = one.note;
  }
  // A bookmark keeps time and camera, which no other call of a script sets.
  if (now != to.bookmarks) calls.push_back({"set-bookmarks", {doc::bookmarks_text(to.bookmarks)}});
}

}  // namespace

void add_calls(HistoryScript& script, const Document& from, const Document& to) {
  Document now = from;
  if (now.training != to.training && !to.training.empty())
    script.calls.push_back({to.training.front(), {to.training.begin() + 1, to.training.end()}});
  else if (now.model != to.model) script.calls.push_back({"open", {to.model}});
  if (now.bos != to.bos) script.calls.push_back({"bos", {to.bos ? "on" : "off"}});
  add_sampler_calls(script, now.sampler, to.sampler);
  add_prompt_calls(script, now, to);
  if (now.target != to.target) script.calls.push_back({"target", {to.target}});
  if (now.rival != to.rival) script.calls.push_back({"rival", {to.rival}});
  add_other_calls(script, now, to);
  if (now.lens != to.lens) script.calls.push_back({"read-lens", to.lens.empty() ? ActionArguments{} : ActionArguments{to.lens}});
  add_feature_calls(script.calls, now.features, to.features);
  add_direction_calls(script, now, to);
  add_head_set_calls(script, now, to);
  if (add_recipe_calls(script.calls, now.recipe, to.recipe)) doc::let_edits_act(now);
  if (now.mode != to.mode) script.calls.push_back({doc::name_of(to.mode), {}});
  add_view_calls(script, now, to);
  add_try_calls(script, now, to);
  add_bookmark_calls(script.calls, now, to);
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
  for (const std::string& sentence : script.left_out) all += "# " + printable_line(gf::text("not in the script: {0}", sentence)) + "\n";
  all += "glassformer";
  for (const ActionCall& call : script.calls) {
    all += " \\\n  --do " + call.id;
    for (const std::string& word : call.arguments) all += " " + shell_word(word);
  }
  return all + "\n";
}

}  // namespace gf::ui
