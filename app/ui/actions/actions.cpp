#include "app/ui/actions/actions.h"

#include <algorithm>
#include <numeric>

#include "app/document/lab.h"
#include "app/document/training.h"
#include "app/scene/views.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/action_choices.h"
#include "app/ui/docks/docks.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

using C = const ActionContext&;
using A = const ActionArguments&;
using Unit = scene::Timeline::Unit;

/// For what needs no arguments and cannot fail.
template <auto act>
Result<void> plain(C c, A) {
  act(c);
  return {};
}
/// A change of the document under the action's name in the undo menu.
Result<void> change(C c, std::string name, std::function<void(doc::Document&)> apply, std::string merge_key = {}) {
  c.lab.execute({std::move(name), std::move(apply), std::move(merge_key)});
  return {};
}

/// A file given as the first argument, or chosen in a dialog.
template <auto with_path, auto choose>
Result<void> with_file(C c, A a) {
  if (!a.empty()) return (c.window.files().*with_path)(a[0]);
  (c.window.files().*choose)();
  return {};
}

bool has_model(C c) { return c.lab.model() != nullptr; }
bool has_run(C c) { return c.lab.run() != nullptr; }
bool in_lesson(C c) { return c.window.player().active(); }
bool has_edits(C c) { return !c.lab.document().recipe.edits.empty(); }
bool has_ribbons(C c) { return scene::info_of(c.lab.document().view).ribbons; }
bool is_difference(C c) { return c.lab.document().compare == scene::Compare::Difference; }
bool is_light(C c) { return c.lab.document().theme == render::Theme::Light; }
bool ribbons_moved(C c) { return c.lab.document().ribbons == scene::RibbonWidth::Moved; }

Result<void> view(C c, A a) {
  scene::View which = scene::next_view(c.lab.document().view);
  if (!a.empty()) {
    std::vector<const char*> names;
    for (const scene::ViewInfo& v : scene::views()) names.push_back(v.name);
    GF_TRY_ASSIGN(const std::size_t index, one_of(a[0], names));
    which = scene::views()[index].value;
  }
  c.lab.execute(doc::show_view(which));
  return {};
}

Result<void> compare_runs(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("edited, base or difference")));
  GF_TRY_ASSIGN(const std::size_t which, one_of(word, {"edited", "base", "difference"}));
  constexpr const char* kNames[] = {phrase("show the edited run"), phrase("show the base run"), phrase("show the difference")};
  return change(c, gf::text(kNames[which]), [which](doc::Document& d) { d.compare = static_cast<scene::Compare>(which); });
}

Result<void> theme(C c, A a) {
  std::size_t which = is_light(c) ? 0 : 1;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, one_of(a[0], {"dark", "light"}));
  }
  return change(c, gf::text("change the theme"),
                [which](doc::Document& d) { d.theme = which == 1 ? render::Theme::Light : render::Theme::Dark; });
}

Result<void> ribbons(C c, A a) {
  std::size_t which = ribbons_moved(c) ? 0 : 1;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, one_of(a[0], {"weight", "moved"}));
  }
  c.lab.execute(doc::set_ribbons(which == 1 ? scene::RibbonWidth::Moved : scene::RibbonWidth::Weight));
  return {};
}

Result<void> show_dock(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a dock")));
  if (!find_dock(id))
    return fail(ErrorCode::InvalidArgument, gf::text("There is no dock \"{0}\"; there are {1}.", id, dock_ids()), "action");
  GF_TRY_ASSIGN(const bool on, on_or_off(a, 1, c.window.docks().shown(id)));
  c.window.docks().show(id, on);
  return {};
}

Result<void> training_step(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A training step")));
  const std::vector<int> steps = doc::training_steps_of(c.lab.document().model);
  std::optional<int> step;
  if (word != "end") {
    GF_TRY_ASSIGN(const long long asked, whole_number(word, 0, 1LL << 30));
    step = static_cast<int>(asked);
    if (std::ranges::find(steps, *step) == steps.end()) {
      std::string known;
      for (const int s : steps) known += (known.empty() ? "" : ", ") + std::to_string(s);
      return fail(
          ErrorCode::NotFound,
          steps.empty() ? gf::text("This model has no training steps.") : gf::text("This model has no step {0}; it has {1}.", word, known),
          "action");
    }
  }
  c.lab.execute(doc::show_training_step(step));
  return {};
}

Result<void> time(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("start, end or a position")));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const auto model, model_of(c));
  const scene::Timeline timeline(model->weights->config, run->base->length());
  lessons::Moment moment{word == "start" ? lessons::Moment::Kind::Start : lessons::Moment::Kind::End, 0, {}};
  if (word != "start" && word != "end") {
    moment.kind = lessons::Moment::Kind::At;
    GF_TRY_ASSIGN(const long long position, whole_number(word, 0, run->base->length() - 1));
    moment.position = static_cast<int>(position);
    if (a.size() > 1) {
      moment.hook = parse_hook(a[1], model->weights->config.n_layer);
      if (!moment.hook) return fail(ErrorCode::InvalidArgument, gf::text("There is no hook \"{0}\" in this model.", a[1]), "action");
    }
  }
  c.window.transport().pause();
  GF_TRY_ASSIGN(const double time, lessons::time_of(moment, timeline));
  c.lab.set_time(time);
  return {};
}

Result<void> generate(C c, A a) {
  long long n = c.window.prompt().generate_count();
  if (!a.empty()) {
    GF_TRY_ASSIGN(n, whole_number(a[0], 1, 100000));
  }
  c.lab.generate(static_cast<int>(n));
  return {};
}

template <Unit unit>
Result<void> step_by(C c, A) {
  return change(c, gf::text("change the step"), [](doc::Document& d) { d.unit = unit; });
}

Result<void> select(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const scene::CellRef cell, cell_named(a, 0, model->weights->config, run->base->length()));
  c.lab.execute(doc::select_cell(cell));
  return {};
}

Result<void> look_at(C c, A a) {
  GF_TRY(select(c, a));
  c.window.viewport().fly_to_cell(*c.lab.document().selection);
  return {};
}

Result<void> select_position(C c, A a) {
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A position")));
  GF_TRY_ASSIGN(const long long position, whole_number(word, 0, run->base->length() - 1));
  c.lab.execute(doc::select_position(static_cast<int>(position)));
  return {};
}

Result<void> cut_head(C c, A a) {
  if (a.empty()) return c.window.cut_selected_head();
  GF_TRY_ASSIGN(const auto model, model_of(c));
  std::vector<HeadName> heads;
  for (const std::string& word : a) {
    GF_TRY_ASSIGN(const HeadName head, head_named(word, model->weights->config));
    heads.push_back(head);
  }
  for (const HeadName& h : heads) c.lab.cut_head(h.layer, h.head, true);
  return {};
}

template <EditOp op>
Result<void> edit_head(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A head, as BLOCK.HEAD,")));
  GF_TRY_ASSIGN(const HeadName h, head_named(word, model->weights->config));
  double factor = 1;
  if (op == EditOp::Scale) {
    GF_TRY_ASSIGN(const std::string by, word_at(a, 1, gf::text("A factor")));
    GF_TRY_ASSIGN(factor, number(by, -1000, 1000));
  }
  c.lab.set_head_edit(h.layer, h.head, op, static_cast<float>(factor));
  return {};
}

Result<void> restore_head(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A head, as BLOCK.HEAD,")));
  GF_TRY_ASSIGN(const HeadName h, head_named(word, model->weights->config));
  c.lab.cut_head(h.layer, h.head, false);
  return {};
}

template <auto make>
Result<void> for_edit(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("The number of an edit")));
  const auto n = static_cast<long long>(c.lab.document().recipe.edits.size());
  if (n == 0) return fail(ErrorCode::InvalidArgument, gf::text("There are no edits."), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 0, n - 1));
  c.lab.execute(make(static_cast<std::size_t>(at)));
  return {};
}

Result<void> lesson(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a lesson")));
  std::string names;
  for (const auto& known : c.window.player().lessons()) {
    if (known->name == name) {
      c.window.player().start(known);
      return {};
    }
    names += (names.empty() ? "" : ", ") + known->name;
  }
  return fail(ErrorCode::NotFound, gf::text("There is no lesson \"{0}\"; there are {1}.", name, names), "action");
}

template <std::string doc::Document::* token>
Result<void> choose_token(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, a.empty() ? Result<std::string>(std::string()) : Result<std::string>(a[0]));
  return change(c, token == &doc::Document::target ? gf::text("choose token A") : gf::text("choose token B"),
                [word](doc::Document& d) { d.*token = word; });
}

Result<void> set_sampler(C c, A a, const char* what, double low, double high, void (*set)(SamplerOptions&, double)) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number")));
  GF_TRY_ASSIGN(const double value, number(word, low, high));
  const auto apply = [value, set](doc::Document& d) {
    d.sampler.greedy = false;  // what is set is to be seen
    set(d.sampler, value);
  };
  return change(c, gf::text("change {0}", gf::text(what)), apply, what);
}

std::string undo_label(C c) {
  const doc::History& history = c.lab.history();
  return history.can_undo() ? gf::text("Undo {0}", history.undo_name()) : gf::text("Undo");
}
std::string redo_label(C c) {
  const doc::History& history = c.lab.history();
  return history.can_redo() ? gf::text("Redo {0}", history.redo_name()) : gf::text("Redo");
}

}  // namespace

std::span<const Action> actions() {
  // id, title, tip, keys, arguments, run, enabled, checked, choices, label
  static const Action kActions[] = {
      // --- file
      {"open", phrase("Open model"), phrase("A bundled model, a folder, a file, or NAME@STEP for a training checkpoint"), "", "MODEL",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a model")));
         c.window.open_model(name);
         return {};
       },
       nullptr, nullptr, model_choices},
      {"training-step", phrase("Show a training step"), phrase("Of a model that has checkpoints; end: as it was trained"), "", "STEP|end",
       training_step},
      {"open-folder", phrase("Open model folder …"), phrase("A Hugging Face directory"), "Ctrl+O", "",
       plain<[](C c) { c.window.files().choose_model_folder(); }>},
      {"open-file", phrase("Open model file …"), phrase("A checkpoint in a single file"), "Ctrl+Shift+O", "",
       plain<[](C c) { c.window.files().choose_model_file(); }>},
      {"open-session", phrase("Open session …"), phrase("Prompt, edits and view as they were saved"), "Ctrl+Alt+O", "[FILE]",
       with_file<&FileDesk::open_session, &FileDesk::choose_session>},
      {"save-session", phrase("Save session …"), phrase("Prompt, edits and view as one file"), "Ctrl+S", "[FILE]",
       with_file<&FileDesk::save_session, &FileDesk::choose_session_to_save>},
      {"save-picture", phrase("Save picture …"), phrase("A PNG or SVG of any size, with a file that reproduces it"), "Ctrl+P", "[FILE]",
       with_file<&FileDesk::save_picture, &FileDesk::choose_picture>},
      {"save-film", phrase("Save film …"), phrase("The run as an MP4, a GIF or PNG frames, with a file that reproduces it"), "Ctrl+Shift+P",
       "", plain<[](C c) { c.window.files().choose_film(); }>},
      {"quit", phrase("Quit"), phrase("Close the window"), "Ctrl+Q", "", plain<[](C c) { c.window.close(); }>},

      // --- edit
      {"undo", phrase("Undo"), phrase("Take back the last decision"), "Ctrl+Z", "", plain<[](C c) { c.window.undo(false); }>,
       [](C c) { return c.lab.history().can_undo(); }, nullptr, nullptr, undo_label},
      {"redo", phrase("Redo"), phrase("Do again what was taken back"), "Ctrl+Shift+Z", "", plain<[](C c) { c.window.undo(true); }>,
       [](C c) { return c.lab.history().can_redo(); }, nullptr, nullptr, redo_label},
      {"edit-prompt", phrase("Edit the prompt"), phrase("The keyboard goes to the prompt, until Esc"), "Ctrl+L", "",
       plain<[](C c) { c.window.prompt().focus_prompt(); }>},
      {"set-prompt", phrase("Set the prompt"), phrase("Another text to run"), "", "TEXT",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(std::string prompt, word_at(a, 0, gf::text("The prompt")));
         c.lab.execute(doc::set_prompt(std::move(prompt)));
         return {};
       }},
      {"bos", phrase("Begin with BOS"), phrase("Begin with the model's beginning-of-sequence token"), "", "[on|off]",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, c.lab.document().bos));
         return change(c, on ? gf::text("begin with BOS") : gf::text("begin without BOS"), [on](doc::Document& d) { d.bos = on; });
       },
       [](C c) { return has_model(c) && c.lab.model()->weights->config.bos_token_id >= 0; }, [](C c) { return c.lab.document().bos; }},
      {"up", phrase("Select nothing, or up a level"), phrase("Out of a text field; else from a cell to its block and to the whole"), "Esc", "",
       plain<[](C c) { c.window.level_up(); }>},
      {"select", phrase("Select a cell"), phrase("A hook and its indices"), "", "HOOK [INDEX ...]", select},
      {"look-at", phrase("Look at a cell"), phrase("Select a hook's cell and fly there"), "", "HOOK [INDEX ...]", look_at, nullptr, nullptr,
       hook_choices},
      {"select-position", phrase("Select a position"), phrase("A token of the run"), "", "POSITION", select_position, nullptr, nullptr,
       position_choices},
      {"select-nothing", phrase("Select nothing"), phrase("Let go of the selected cell"), "", "",
       plain<[](C c) { c.lab.execute(doc::select_cell(std::nullopt)); }>, [](C c) { return c.lab.document().selection.has_value(); }},
      {"palette", phrase("Commands …"), phrase("Find any command, head, block, token or lesson by its name"), "Ctrl+K", "",
       plain<[](C c) { c.window.show_palette(); }>},

      // --- view
      {"view", phrase("Switch between Machine and Stream"), phrase("Every tensor as a block, or tokens by depth"), "V", "[machine|stream]",
       view, nullptr, nullptr, view_choices},
      {"ribbons", phrase("Ribbons as wide as what is moved"), phrase("In the Stream: the norm of what attention moves, instead of its weight"),
       "W", "[weight|moved]", ribbons, has_ribbons, ribbons_moved},
      {"fit", phrase("Fit everything"), phrase("The whole in the view, from where one looks"), "F", "",
       plain<[](C c) { c.window.viewport().fit(); }>},
      {"home", phrase("Home"), phrase("Back to the first view"), "H", "", plain<[](C c) { c.window.viewport().home(); }>},
      {"fly-to-selection", phrase("Fly to the selection"), phrase("The selected cell fills the view"), "G", "",
       plain<[](C c) { c.window.viewport().fly_to_cell(*c.lab.document().selection); }>,
       [](C c) { return c.lab.document().selection.has_value(); }},
      {"camera", phrase("Fly to a part"), phrase("whole, front, embedding, logits, a block, its attention or MLP, a head"), "", "PART",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("A part of the model, such as \"block 4\",")));
         c.window.viewport().fly_to(name);
         return {};
       },
       has_model, nullptr, part_choices},
      {"closer", phrase("Closer"), phrase("A step towards the model"), "+", "", plain<[](C c) { c.window.viewport().zoom(1); }>},
      {"farther", phrase("Farther"), phrase("A step away from the model"), "-", "", plain<[](C c) { c.window.viewport().zoom(-1); }>},
      {"compare", phrase("Show edited, base or the difference"), phrase("Hold B to see base for a moment"), "", "edited|base|difference",
       compare_runs, nullptr, nullptr, compare_choices},
      {"difference", phrase("Switch the difference on or off"), phrase("Edited minus base"), "D", "",
       [](C c, A) { return compare_runs(c, {is_difference(c) ? "edited" : "difference"}); }, nullptr, is_difference},
      {"theme", phrase("Light theme"), phrase("Dark or light"), "Ctrl+T", "[dark|light]", theme, nullptr, is_light},
      {"legend", phrase("Legend"), phrase("What the colours mean"), "L", "[on|off]",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, c.window.legend()));
         c.window.set_legend(on);
         return {};
       },
       nullptr, [](C c) { return c.window.legend(); }},
      {"times", phrase("Where the time goes"), phrase("What the newest pass spent its time on, and how near it came to this machine's limits"),
       "T", "[on|off]",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, c.lab.timing()));
         c.window.set_times(on);
         return {};
       },
       nullptr, [](C c) { return c.lab.timing(); }},
      {"present", phrase("Present"), phrase("Full screen, large text, no docks"), "F11", "[on|off]",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, c.window.presenting()));
         c.window.present(on);
         return {};
       },
       nullptr, [](C c) { return c.window.presenting(); }},
      {"show-dock", phrase("Show a dock"), phrase("Or hide it, where it shows"), "", "DOCK [on|off]", show_dock, nullptr, nullptr, dock_choices},

      // --- play
      {"play", phrase("Play or pause"), phrase("The pass, from where it stands"), "Space", "",
       plain<[](C c) { c.window.transport().toggle(); }>, has_run},
      {"step-forward", phrase("Step forward"), phrase("By an operation, a block or a token"), "Right", "",
       plain<[](C c) { c.window.transport().step(1); }>, has_run},
      {"step-back", phrase("Step back"), phrase("By an operation, a block or a token"), "Left", "",
       plain<[](C c) { c.window.transport().step(-1); }>, has_run},
      {"to-start", phrase("To the start"), phrase("Nothing computed yet"), "Home", "", plain<[](C c) { c.window.transport().first(); }>, has_run},
      {"to-end", phrase("To the end"), phrase("All computed"), "End", "", plain<[](C c) { c.window.transport().last(); }>, has_run},
      {"time", phrase("To a moment"), phrase("start, end, or where a position begins or has computed a hook"), "",
       "start|end|POSITION [HOOK]", time},
      {"step-by-operation", phrase("Step by operation"), phrase("A step is one operation of one token"), "1", "", step_by<Unit::Operation>,
       nullptr, [](C c) { return c.lab.document().unit == Unit::Operation; }},
      {"step-by-block", phrase("Step by block"), phrase("A step is one block of one token"), "2", "", step_by<Unit::Block>, nullptr,
       [](C c) { return c.lab.document().unit == Unit::Block; }},
      {"step-by-token", phrase("Step by token"), phrase("A step is one token"), "3", "", step_by<Unit::Token>, nullptr,
       [](C c) { return c.lab.document().unit == Unit::Token; }},
      {"speed", phrase("Playing speed"), phrase("1 is the usual one"), "", "FACTOR",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A factor")));
         GF_TRY_ASSIGN(const double factor, number(word, 0.01, 100));
         return change(c, gf::text("change the speed"), [factor](doc::Document& d) { d.speed = factor; });
       }},
      {"generate-token", phrase("Generate a token"), phrase("Let the model go on by one token"), "Ctrl+Right", "",
       plain<[](C c) { c.lab.generate(1); }>, has_run},
      {"generate", phrase("Generate tokens"), phrase("Let the model go on"), "Ctrl+G", "[N]", generate, has_run},
      {"greedy", phrase("Always the likeliest token"), phrase("Generate without chance"), "", "[on|off]",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, c.lab.document().sampler.greedy));
         return change(c, on ? gf::text("sample without chance") : gf::text("sample with chance"),
                       [on](doc::Document& d) { d.sampler.greedy = on; });
       },
       nullptr, [](C c) { return c.lab.document().sampler.greedy; }},
      {"temperature", phrase("Temperature"), phrase("Below 1 the likely becomes likelier; 0 is greedy"), "", "T",
       [](C c, A a) {
         return set_sampler(c, a, phrase("the temperature"), 0, 100, [](SamplerOptions& s, double t) {
           s.greedy = t == 0;
           if (t > 0) s.temperature = static_cast<float>(t);
         });
       }},
      {"top-k", phrase("Top k"), phrase("Choose among the k likeliest; 0: among all"), "", "K",
       [](C c, A a) {
         return set_sampler(c, a, phrase("top k"), 0, 1e6, [](SamplerOptions& s, double k) { s.top_k = static_cast<int>(k); });
       }},
      {"top-p", phrase("Top p"), phrase("Choose among the likeliest that hold this share; 1: among all"), "", "P",
       [](C c, A a) {
         return set_sampler(c, a, phrase("top p"), 1e-6, 1, [](SamplerOptions& s, double p) { s.top_p = static_cast<float>(p); });
       }},
      {"seed", phrase("Seed"), phrase("The same seed draws the same tokens"), "", "N",
       [](C c, A a) -> Result<void> {
         GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A seed")));
         GF_TRY_ASSIGN(const long long seed, whole_number(word, 0, (1LL << 53)));
         return change(
             c, gf::text("change the seed"), [seed](doc::Document& d) {
               d.sampler.greedy = false;
               d.sampler.seed = static_cast<std::uint64_t>(seed);
             },
             "seed");
       }},
      {"target", phrase("Token A"), phrase("The token that is asked about; nothing: the likeliest"), "", "[TOKEN]",
       choose_token<&doc::Document::target>},
      {"rival", phrase("Token B"), phrase("The token that A is compared with; nothing: the second"), "", "[TOKEN]",
       choose_token<&doc::Document::rival>},

      // --- probe
      {"cut-head", phrase("Cut or restore the selected head"), phrase("Set what a head writes to zero"), "X", "[HEAD ...]", cut_head,
       [](C c) { return c.window.selected_head().has_value(); }},
      {"restore-head", phrase("Restore a head"), phrase("Take the edit of a head away"), "", "HEAD", restore_head},
      {"mean-head", phrase("Replace a head by its mean"), phrase("Its mean over the prompt, at each position"), "", "HEAD",
       edit_head<EditOp::Mean>},
      {"scale-head", phrase("Scale a head"), phrase("Multiply what a head writes"), "", "HEAD FACTOR", edit_head<EditOp::Scale>},
      {"remove-edit", phrase("Remove an edit"), phrase("By its number, from 0"), "", "N", for_edit<doc::remove_edit>},
      {"remove-edits", phrase("Remove all edits"), phrase("The model as it is"), "Ctrl+Shift+X", "",
       plain<[](C c) { c.lab.execute(doc::clear_edits()); }>, has_edits},
      {"observe", phrase("Observe: edits kept but off"), phrase("See the model as it is"), "Ctrl+1", "",
       plain<[](C c) { c.lab.execute(doc::set_mode(doc::Mode::Observe)); }>, nullptr,
       [](C c) { return c.lab.document().mode == doc::Mode::Observe; }},
      {"intervene", phrase("Intervene: edits on"), phrase("See what the edits do"), "Ctrl+2", "",
       plain<[](C c) { c.lab.execute(doc::set_mode(doc::Mode::Intervene)); }>, nullptr,
       [](C c) { return c.lab.document().mode == doc::Mode::Intervene; }},
      {"open-recipe", phrase("Open recipe …"), phrase("Edits from a file"), "Ctrl+R", "[FILE]",
       with_file<&FileDesk::open_recipe, &FileDesk::choose_recipe>},
      {"save-recipe", phrase("Save recipe …"), phrase("The edits as a file"), "Ctrl+Shift+R", "[FILE]",
       with_file<&FileDesk::save_recipe, &FileDesk::choose_recipe_to_save>},

      // --- lessons, help
      {"lesson", phrase("Start a lesson"), phrase("Your own work is put aside and comes back"), "", "NAME", lesson, nullptr, nullptr,
       lesson_choices},
      {"next-step", phrase("Next step"), phrase("The next step of the lesson"), "PgDown", "", plain<[](C c) { c.window.player().next(); }>,
       in_lesson},
      {"previous-step", phrase("The step before"), phrase("Back in the lesson"), "PgUp", "", plain<[](C c) { c.window.player().back(); }>,
       in_lesson},
      {"leave-lesson", phrase("Leave the lesson"), phrase("Back to your own work"), "Ctrl+Shift+L", "",
       plain<[](C c) { c.window.player().leave(); }>, in_lesson},
      {"help", phrase("Keys and pointer"), phrase("What the keys and the pointer do"), "F1", "", plain<[](C c) { c.window.show_help(); }>},
      {"about", phrase("About Glassformer"), phrase("Version and licence"), "", "",
       plain<[](C c) {
         c.window.say(QString::fromStdString(
             gf::text("Glassformer {0} · GPL-3.0-or-later · every cell is a value of the running model", GLASSFORMER_VERSION)));
       }>},
  };
  return kActions;
}

const Action* find_action(std::string_view id) {
  const auto all = actions();
  const auto found = std::ranges::find_if(all, [&](const Action& action) { return id == action.id; });
  return found == all.end() ? nullptr : &*found;
}

std::string usage(const Action& action) { return *action.arguments ? std::string(action.id) + " " + action.arguments : action.id; }

}  // namespace gf::ui
