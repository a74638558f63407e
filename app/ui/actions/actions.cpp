#include "app/ui/actions/actions.h"

#include <algorithm>

#include "app/document/bookmarks.h"
#include "app/document/cell_edits.h"
#include "app/document/lab.h"
#include "app/scene/views.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/action_choices.h"
#include "app/ui/actions/acts.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/layout_desk.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/talk.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

using acts::A;
using acts::C;
using Unit = scene::Timeline::Unit;

/// For actions that take no arguments and cannot fail.
template <auto act>
Result<void> plain(C c, A) {
  act(c);
  return {};
}
/// "[on|off]"; without an argument it switches to the other.
template <auto is_on, auto set>
Result<void> switched(C c, A a) {
  GF_TRY_ASSIGN(const bool on, on_or_off(a, 0, is_on(c)));
  set(c, on);
  return {};
}

/// Takes a file as its argument; without one it opens a dialog.
template <auto with_path, auto choose>
Result<void> with_file(C c, A a) {
  if (!a.empty()) return (c.window.files().*with_path)(a[0]);
  (c.window.files().*choose)();
  return {};
}

bool has_model(C c) { return c.lab.model() != nullptr; }
bool has_run(C c) { return c.lab.run() != nullptr; }
bool in_lesson(C c) { return c.window.player().active(); }
bool has_one_head(C c) { return c.lab.document().one_head.has_value(); }
bool has_cube(C c) { return c.lab.document().cube.has_value(); }
bool has_bookmarks(C c) { return !c.lab.document().bookmarks.empty(); }
bool gives_talk(C c) { return c.window.presenting() && has_bookmarks(c); }
bool has_steps(C c) { return in_lesson(c) || c.window.story().showing() || gives_talk(c); }
/// Of the story that is shown, else of the lesson, else of the talk.
void go_on(C c, int direction) {
  if (c.window.story().showing()) return c.window.transport().step(direction);
  if (!in_lesson(c)) return c.window.talk().go_on(direction);
  direction > 0 ? c.window.player().next() : c.window.player().back();
}
bool has_edits(C c) { return !c.lab.document().recipe.edits.empty(); }
bool has_ribbons(C c) { return scene::info_of(c.lab.document().view).ribbons; }
bool has_circuit(C c) { return c.lab.document().circuit.has_value(); }
constexpr double kSplitStep = 0.02;  ///< of the picture's width
bool is_split(C c) { return c.lab.document().compare == scene::Compare::Split; }
bool is_side(C c) { return c.lab.document().compare == scene::Compare::Side; }
bool is_difference(C c) { return c.lab.document().compare == scene::Compare::Difference; }
bool is_light(C c) { return c.lab.document().theme == render::Theme::Light; }
bool ribbons_moved(C c) { return c.lab.document().ribbons == scene::RibbonWidth::Moved; }
bool has_bos(C c) { return c.lab.document().bos; }
bool has_map(C c) { return c.lab.document().map; }
bool shows_both(C c) { return c.lab.document().scene_of_both; }
bool has_follow(C c) { return c.lab.document().follow; }
bool has_legend(C c) { return c.window.legend(); }
bool has_large_cards(C c) { return c.window.viewport().large_cards(); }
bool has_times(C c) { return c.lab.timing(); }
bool has_docks(C c) { return !c.window.presenting(); }
bool is_presenting(C c) { return c.window.presenting(); }
bool trains(C c) { return c.lab.training().state().running(); }
bool rests(C c) {
  const auto phase = c.lab.training().state().phase;
  return phase == doc::TrainingPhase::Paused || phase == doc::TrainingPhase::Stopped;
}
bool is_greedy(C c) { return c.lab.document().sampler.greedy; }
void set_greedy(C c, bool on) {
  c.lab.execute(
      {on ? gf::text("sample without chance") : gf::text("sample with chance"), [on](doc::Document& d) { d.sampler.greedy = on; }, {}});
}
bool stops_at_eos(C c) { return c.lab.document().sampler.stop_at_eos; }
void set_stop_at_eos(C c, bool on) {
  c.lab.execute({on ? gf::text("stop at the end of text") : gf::text("go on behind the end of text"),
                 [on](doc::Document& d) { d.sampler.stop_at_eos = on; },
                 {}});
}
template <Unit unit>
bool steps_by(C c) {
  return c.lab.document().unit == unit;
}
template <Unit unit>
Result<void> step_by(C c, A) {
  c.lab.execute(doc::set_unit(unit));
  return {};
}

bool has_notes(C c) { return c.window.talk().notes_shown(); }
template <int n>
Result<void> go_to_nth(C c, A) {
  return c.window.talk().go_to(n - 1);
}
template <int n>
bool has_nth(C c) {
  return c.lab.document().bookmarks.size() >= n;
}
template <int n>
std::string label_of_nth(C c) {
  const auto& all = c.lab.document().bookmarks;
  return all.size() < n ? gf::text("Bookmark {0}", n) : gf::text("Bookmark {0}: {1}", n, doc::title_of(all[n - 1]));
}

template <int n>
Action nth_bookmark(const char* id, const char* title, const char* key) {
  return {id, title, phrase("Show it, with its camera and edits"), key, "", go_to_nth<n>, has_nth<n>, nullptr, nullptr, label_of_nth<n>};
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
       acts::open, nullptr, nullptr, model_choices},
      {"training-step", phrase("Show a training step"), phrase("Of a model that has checkpoints; end: as it was trained"), "", "STEP|end",
       acts::training_step},
      {"open-folder", phrase("Open model folder …"), phrase("A Hugging Face directory, with safetensors or PyTorch weights"), "Ctrl+O", "",
       plain<[](C c) { c.window.files().choose_model_folder(); }>},
      {"open-file", phrase("Open model file …"), phrase("A checkpoint in a single file: safetensors, GGUF, PyTorch"), "Ctrl+Shift+O", "",
       plain<[](C c) { c.window.files().choose_model_file(); }>},
      {"get-model", phrase("Get a model …"), phrase("From Hugging Face; first its size and licence"), "", "[NAME]",
       [](C c, A a) -> Result<void> {
         c.window.files().get_model(a.empty() ? std::string() : a.front());
         return {};
       }},
      {"open-session", phrase("Open session …"), phrase("Prompt, edits and view as they were saved"), "Ctrl+Alt+O", "[FILE]",
       with_file<&FileDesk::open_session, &FileDesk::choose_session>},
      {"save-session", phrase("Save session …"), phrase("Prompt, edits and view as one file"), "Ctrl+S", "[FILE]",
       with_file<&FileDesk::save_session, &FileDesk::choose_session_to_save>},
      {"recover", phrase("Recover a session …"), phrase("Sessions that a crash left, and those that were closed last"), "", "[ID]",
       with_file<&FileDesk::recover, &FileDesk::choose_kept>},
      {"delete-kept", phrase("Delete a kept session"), phrase("For good; the list of Recover a session has their ids"), "", "ID",
       acts::delete_kept},
      {"save-picture", phrase("Save picture …"), phrase("A PNG, SVG or PDF of any size, with a file that reproduces it"), "Ctrl+P",
       "[FILE]", with_file<&FileDesk::save_picture, &FileDesk::choose_picture>},
      {"save-figure", phrase("Save a figure"), phrase("One head or tensor, flat on white, with names on both axes"), "", "FIGURE FILE",
       acts::save_figure, has_run},
      {"save-film", phrase("Save film …"), phrase("The run as an MP4, a GIF or PNG frames, with a file that reproduces it"), "Ctrl+Shift+P",
       "", plain<[](C c) { c.window.files().choose_film(); }>},
      {"save-handout", phrase("Save hand-out …"),
       phrase("Stream, attention and tokens as one page for any browser, with the numbers under the pointer"), "", "[FILE]",
       with_file<&FileDesk::save_handout, &FileDesk::choose_handout>, has_run},
      {"save-notebook", phrase("Save notebook …"),
       phrase("A notebook that redoes the run with TransformerLens, edits as hooks, and checks these numbers"), "", "[FILE]",
       with_file<&FileDesk::save_notebook, &FileDesk::choose_notebook>, has_run},
      {"quit", phrase("Quit"), phrase("Close the window"), "Ctrl+Q", "", plain<[](C c) { c.window.close(); }>},

      // --- edit
      {"undo", phrase("Undo"), phrase("Take back the last decision"), "Ctrl+Z", "", plain<[](C c) { c.window.undo(false); }>,
       [](C c) { return c.lab.history().can_undo(); }, nullptr, nullptr, undo_label},
      {"redo", phrase("Redo"), phrase("Do again what was taken back"), "Ctrl+Shift+Z", "", plain<[](C c) { c.window.undo(true); }>,
       [](C c) { return c.lab.history().can_redo(); }, nullptr, nullptr, redo_label},
      {"history", phrase("Go to a step of the history"), phrase("So many of the decisions stay done; 0: the start"), "", "N",
       acts::history},
      {"edit-prompt", phrase("Edit the prompt"), phrase("The keyboard goes to the prompt, until {0}"), "Ctrl+L", "",
       plain<[](C c) { c.window.prompt().focus_prompt(); }>},
      {"set-prompt", phrase("Set the prompt"), phrase("Another text to run"), "", "TEXT", acts::set_prompt},
      {"bos", phrase("Begin with BOS"), phrase("Begin with the model's beginning-of-sequence token"), "", "[on|off]",
       switched<has_bos, [](C c, bool on) { c.lab.execute(doc::set_bos(on)); }>,
       [](C c) { return has_model(c) && c.lab.model()->weights->config.bos_token_id >= 0; }, has_bos},
      {"up", phrase("Select nothing, or up a level"),
       phrase("Out of a text field; else from a cell to its block, to the whole, and out of Present"), "Esc", "",
       plain<[](C c) { c.window.level_up(); }>},
      {"select", phrase("Select a cell"), phrase("A hook and its indices"), "", "HOOK [INDEX ...]", acts::select},
      {"look-at", phrase("Look at a cell"), phrase("Select a hook's cell and fly there"), "", "HOOK [INDEX ...]", acts::look_at, nullptr,
       nullptr, hook_choices},
      {"select-position", phrase("Select a position"), phrase("A token of the run"), "", "POSITION", acts::select_position, nullptr,
       nullptr, position_choices},
      {"select-nothing", phrase("Select nothing"), phrase("Let go of the selected cell"), "", "",
       plain<[](C c) { c.lab.execute(doc::select_cell(std::nullopt)); }>, [](C c) { return c.lab.document().selection.has_value(); }},
      {"palette", phrase("Commands …"), phrase("Find any command, head, block, token or lesson by its name"), "Ctrl+K", "",
       plain<[](C c) { c.window.show_palette(); }>},
      {"shortcuts", phrase("Change keys …"), phrase("See the keys of all commands, and choose others"), "", "",
       plain<[](C c) { c.window.show_shortcuts(); }>},
      {"set-keys", phrase("Set the keys of a command"), phrase("By its id; own: those that it came with"), "", "ID KEYS|none|own",
       acts::set_keys},

      // --- view
      {"view", phrase("Switch between Machine and Stream"), phrase("Every tensor as a block, or tokens by depth"), "V", "[machine|stream]",
       acts::view, nullptr, nullptr, view_choices},
      {"ribbons", phrase("Ribbons as wide as what is moved"),
       phrase("In the Stream: the norm of what attention moves, instead of its weight"), "W", "[weight|norm]", acts::ribbons, has_ribbons,
       ribbons_moved},
      {"show-circuit", phrase("Take the circuit away"), phrase("The arcs over the Stream; Edges in the Sweep dock shows them again"), "",
       "[CIRCUIT]", acts::show_circuit, has_circuit},
      {"fit", phrase("Fit everything"), phrase("The whole model in the view, from the present direction"), "F", "",
       plain<[](C c) { c.window.viewport().fit(); }>},
      {"home", phrase("Home"), phrase("Back to the first view"), "H", "", plain<[](C c) { c.window.viewport().home(); }>},
      {"fly-to-selection", phrase("Fly to the selection"), phrase("The selected cell fills the view"), "G", "",
       plain<[](C c) { c.window.viewport().fly_to_cell(*c.lab.document().selection); }>,
       [](C c) { return c.lab.document().selection.has_value(); }},
      {"camera", phrase("Fly to a part"),
       phrase("whole, front, embedding, logits, a block, its attention or MLP, a head, which is selected as well"), "", "PART",
       acts::camera, has_model, nullptr, part_choices},
      {"open-product", phrase("Open a product as a cube"),
       phrase("Its factors and its sums in 3D, term by term; of the cell under the pointer or the selected one (Enter in the scene)"), "",
       "[HOOK|HOOK.HEAD]", acts::open_product, has_run},
      {"product-order", phrase("Order of the open product"), phrase("Dot products, row by row, column by column, or outer products"), "O",
       "[dots|rows|columns|outer]", acts::product_order, has_cube},
      {"product-time", phrase("Moment of the open product"), phrase("A share of its animation, from 0 to 1"), "", "SHARE",
       acts::product_time, has_cube},
      {"close-product", phrase("Close the open product"), phrase("Back to the page and to the camera before ({0})"), "", "",
       plain<[](C c) { c.lab.execute(doc::close_cube()); }>, has_cube},
      {"one-head", phrase("See a head alone"), phrase("Its q, k, scores, pattern, v and z side by side; without a head the selected one"),
       "", "[HEAD]", acts::one_head, has_run, nullptr, head_choices},
      {"whole-machine", phrase("See the whole Machine"), phrase("Back from a head alone ({0})"), "", "",
       plain<[](C c) { c.lab.execute(doc::close_one_head()); }>, has_one_head},
      {"closer", phrase("Closer"), phrase("A step towards the model"), "+", "", plain<[](C c) { c.window.viewport().zoom(1); }>},
      {"farther", phrase("Farther"), phrase("A step away from the model"), "-", "", plain<[](C c) { c.window.viewport().zoom(-1); }>},
      {"compare", phrase("Show edited, base or the difference"), phrase("Hold B to see base for a moment"), "",
       "edited|base|difference|split|side", acts::compare, nullptr, nullptr, compare_choices},
      {"difference", phrase("Switch the difference on or off"), phrase("Edited minus base"), "D", "",
       [](C c, A) { return acts::compare(c, {is_difference(c) ? "edited" : "difference"}); }, nullptr, is_difference},
      {"split", phrase("Split: base left, edited right"),
       phrase("A line through the scene, which can be dragged; its place as a share of the width"), "S", "[SHARE]", acts::split, nullptr,
       is_split},
      {"split-left", phrase("Split line to the left"), phrase("More of the edited run"), "[", "",
       plain<[](C c) { (void)acts::move_split(c, -kSplitStep); }>},
      {"split-right", phrase("Split line to the right"), phrase("More of the base run"), "]", "",
       plain<[](C c) { (void)acts::move_split(c, kSplitStep); }>},
      {"side", phrase("Side by side"), phrase("Two whole scenes with one camera: base or the other run left, this run right"), "Shift+S",
       "", [](C c, A) { return acts::compare(c, {is_side(c) ? "edited" : "side"}); }, nullptr, is_side},
      {"theme", phrase("Light theme"), phrase("Dark or light"), "Ctrl+T", "[dark|light]", acts::theme, nullptr, is_light},
      {"language", phrase("Language of the window"), phrase("English or 中文; what one works on stays as it is"), "", "en|zh",
       acts::language, nullptr, nullptr, language_choices},
      {"legend", phrase("Legend"), phrase("What the colours mean"), "L", "[on|off]",
       switched<has_legend, [](C c, bool on) { c.window.set_legend(on); }>, nullptr, has_legend},
      {"map", phrase("Map and path"), phrase("While only a part is in the view: where it is on the page, and the way back"), "M",
       "[on|off]", switched<has_map, [](C c, bool on) { c.lab.execute(doc::set_map(on)); }>, nullptr, has_map},
      {"times", phrase("Where the time goes"),
       phrase("What the newest pass spent its time on, and how near it came to this machine's limits"), "T", "[on|off]",
       switched<has_times, [](C c, bool on) { c.window.set_times(on); }>, nullptr, has_times},
      {"pin-card", phrase("Pin or unpin a card"), phrase("The card of the cell under the pointer, or of the selected one, stays"), "P",
       "[HOOK INDEX ...]", acts::pin_card, has_model},
      {"large-cards", phrase("Large cards"), phrase("Larger letters and more terms of a sum"), "Shift+P", "[on|off]",
       switched<has_large_cards, [](C c, bool on) { c.window.set_large_cards(on); }>, nullptr, has_large_cards},
      {"card-depth", phrase("Cards go deeper"), phrase("In turn: the story, the numbers, the formula, the code"), "Q",
       "[story|numbers|formula|code]", acts::card_depth, nullptr, nullptr, card_depth_choices},
      {"copy-code", phrase("Copy the code"),
       phrase("Lines of PyTorch that give the selected number, or that of the cell under the pointer"), "Shift+Q", "[HOOK INDEX ...]",
       acts::copy_code, has_model},
      {"close-cards", phrase("Close all cards"), phrase("Those that are pinned"), "Ctrl+Alt+P", "",
       plain<[](C c) { c.window.viewport().close_cards(); }>},
      {"present", phrase("Present"), phrase("Full screen, large text, no docks"), "F11", "[on|off]",
       switched<is_presenting, [](C c, bool on) { c.window.present(on); }>, nullptr, is_presenting},
      {"show-dock", phrase("Show a dock"), phrase("Or hide it, where it shows"), "", "DOCK [on|off]", acts::show_dock, nullptr, nullptr,
       dock_choices},
      {"layout", phrase("Layout of the docks"), phrase("explore, probe, compare, teach, or one of your own"), "", "NAME", acts::layout,
       nullptr, nullptr, layout_choices},
      {"save-layout", phrase("Save this layout …"), phrase("The docks as they stand, under a name; to rename and delete layouts, too"), "",
       "[NAME]", acts::save_layout, has_docks},
      {"reset-layout", phrase("Reset the layout"), phrase("The docks of the layout that was chosen last, as they were in it"), "", "",
       [](C c, A) { return c.window.layout_desk().reset(); }, has_docks},
      {"rename-layout", phrase("Rename a layout"), phrase("One of your own"), "", "NAME NEW_NAME", acts::rename_layout},
      {"delete-layout", phrase("Delete a layout"), phrase("One of your own; the docks stay as they are"), "", "NAME", acts::delete_layout,
       nullptr, nullptr, own_layout_choices},

      // --- play
      {"play", phrase("Play or pause"), phrase("The pass, from the present moment"), "Space", "", plain<[](C c) { c.window.play(); }>,
       has_run},
      {"tell", phrase("Tell this pass"), phrase("What mattered in it, step by step, in about a minute; {0} ends it"), "Shift+Space", "",
       plain<[](C c) { c.window.tell_story(); }>, has_run},
      {"follow", phrase("Camera follows"), phrase("The camera goes where the work of the pass is"), "Ctrl+Space", "[on|off]",
       switched<has_follow, [](C c, bool on) { c.lab.execute(doc::set_follow(on)); }>, nullptr, has_follow},
      {"step-forward", phrase("Step forward"), phrase("By an operation, a block or a token"), "Right", "",
       plain<[](C c) { c.window.transport().step(1); }>, has_run},
      {"step-back", phrase("Step back"), phrase("By an operation, a block or a token"), "Left", "",
       plain<[](C c) { c.window.transport().step(-1); }>, has_run},
      {"to-start", phrase("To the start"), phrase("Nothing computed yet"), "Home", "", plain<[](C c) { c.window.transport().first(); }>,
       has_run},
      {"to-end", phrase("To the end"), phrase("All computed"), "End", "", plain<[](C c) { c.window.transport().last(); }>, has_run},
      {"time", phrase("To a moment"), phrase("start, end, a position, or the moment when that position has computed a hook"), "",
       "start|end|POSITION [HOOK]", acts::time},
      {"step-by-operation", phrase("Step by operation"), phrase("A step is one operation of one token"), "Alt+1", "",
       step_by<Unit::Operation>, nullptr, steps_by<Unit::Operation>},
      {"step-by-block", phrase("Step by block"), phrase("A step is one block of one token"), "Alt+2", "", step_by<Unit::Block>, nullptr,
       steps_by<Unit::Block>},
      {"step-by-token", phrase("Step by token"), phrase("A step is one token"), "Alt+3", "", step_by<Unit::Token>, nullptr,
       steps_by<Unit::Token>},
      {"speed", phrase("Playing speed"), phrase("1 is the usual one"), "", "FACTOR", acts::speed},
      {"pace", phrase("Tempo of playing"),
       phrase("So that every term can be read, or each operation followed; token after token; or the whole pass in 5 s"), "",
       "term|operation|token|pass", acts::pace},
      {"generate-token", phrase("Generate a token"), phrase("Let the model go on by one token"), "Ctrl+Right", "",
       plain<[](C c) { c.lab.generate(1); }>, has_run},
      {"generate", phrase("Generate tokens"), phrase("Let the model go on"), "Ctrl+G", "[N]", acts::generate, has_run},
      {"greedy", phrase("Always the likeliest token"), phrase("Generate without chance"), "", "[on|off]", switched<is_greedy, set_greedy>,
       nullptr, is_greedy},
      {"temperature", phrase("Temperature"), phrase("Below 1 the likely becomes likelier; 0 is greedy"), "", "T", acts::temperature},
      {"top-k", phrase("Top k"), phrase("Choose among the k likeliest; 0: among all"), "", "K", acts::top_k},
      {"top-p", phrase("Top p"), phrase("Choose among the likeliest that hold this share; 1: among all"), "", "P", acts::top_p},
      {"min-p", phrase("Min p"), phrase("Choose among tokens at least this share as likely as the likeliest; 0: among all"), "", "P",
       acts::min_p},
      {"typical-p", phrase("Typical p"), phrase("Choose among the tokens of typical surprisal that hold this share; 1: among all"), "", "P",
       acts::typical_p},
      {"repetition-penalty", phrase("Repetition penalty"), phrase("Above 1 tokens of the text become less likely; 1: off"), "", "X",
       acts::repetition_penalty},
      {"presence-penalty", phrase("Presence penalty"), phrase("Taken from the logit of each token that was generated; 0: off"), "", "X",
       acts::presence_penalty},
      {"stop-at-eos", phrase("Stop at the end of text"), phrase("Generation ends with the model's end-of-text token"), "", "[on|off]",
       switched<stops_at_eos, set_stop_at_eos>, nullptr, stops_at_eos},
      {"stop-text", phrase("Stop at a text"), phrase("Generation ends where one of these texts is complete; nothing: at none"), "",
       "[TEXT ...]", acts::stop_text},
      {"seed", phrase("Seed"), phrase("The same seed draws the same tokens"), "", "N", acts::seed},
      {"target", phrase("Token A"), phrase("The token that is asked about; nothing: the likeliest"), "", "[TOKEN]", acts::target},
      {"rival", phrase("Token B"), phrase("The token that A is compared with; nothing: the second"), "", "[TOKEN]", acts::rival},
      {"other-prompt", phrase("Second prompt"), phrase("The prompt that patches copy from; nothing: none"), "", "[TEXT]",
       acts::other_prompt},
      {"other-model", phrase("Compare with a model"), phrase("Another one, or NAME@STEP; nothing: the same model"), "", "[MODEL]",
       acts::other_model},
      {"other-recipe", phrase("Edits of the other"), phrase("None, a copy of the present edits, or those of a file"), "",
       "none|present|FILE", acts::other_recipe},
      {"stop-comparing", phrase("Stop comparing"), phrase("There is no second prompt, model or recipe any more"), "", "",
       plain<[](C c) { c.lab.execute(doc::stop_comparing()); }>, [](C c) { return c.lab.document().other.has_value(); }},
      {"show-both", phrase("Show both in the scene"), phrase("The other run in place of base: B shows it, D the difference to it"), "",
       "[on|off]", switched<shows_both, [](C c, bool on) { c.lab.execute(doc::show_both(on)); }>,
       [](C c) { return c.lab.document().other.has_value(); }, shows_both},
      {"patch", phrase("Copy from the second prompt"),
       phrase("A site, and LAYER,POSITION or BLOCK.HEAD from where and to where; add: to earlier patches; the position that is explained"),
       "", "SITE FROM [TO [add|alone [POSITION|last]]]", acts::patch},
      {"keep-try", phrase("Keep the present edits as a try"), phrase("In the list of the dock Two prompts"), "", "[NAME]", acts::keep_try,
       has_run},
      {"name-try", phrase("Name a try"), phrase("By its number, from 0"), "", "N [NAME]", acts::name_try},
      {"note-try", phrase("Write a note on a try"), phrase("By its number, from 0"), "", "N [TEXT]", acts::note_try},
      {"go-to-try", phrase("Go back to a try"), phrase("Prompts and edits as they were"), "", "N", acts::go_to_try, nullptr, nullptr,
       try_choices},
      {"remove-try", phrase("Remove a try"), phrase("By its number, from 0"), "", "N", acts::remove_try},

      // --- bookmarks
      {"add-bookmark", phrase("Add a bookmark"), phrase("What the window shows, with camera and edits, to come back to and for a talk"),
       "Ctrl+B", "[NAME]", acts::add_bookmark, has_run},
      {"go-to-bookmark", phrase("Go to a bookmark"), phrase("By its number, from 1"), "", "N", acts::go_to_bookmark, nullptr, nullptr,
       bookmark_choices},
      {"name-bookmark", phrase("Name a bookmark"), phrase("By its number, from 1"), "", "N [NAME]", acts::name_bookmark},
      {"note-bookmark", phrase("Write a note on a bookmark"), phrase("By its number, from 1; the speaker reads it"), "", "N [TEXT]",
       acts::note_bookmark},
      {"move-bookmark", phrase("Move a bookmark"), phrase("From a number to another, from 1"), "", "FROM TO", acts::move_bookmark},
      {"renew-bookmark", phrase("Renew a bookmark"), phrase("It shows from now on what the window shows"), "", "N", acts::renew_bookmark,
       has_run},
      {"remove-bookmark", phrase("Remove a bookmark"), phrase("By its number, from 1"), "", "N", acts::remove_bookmark},
      {"set-bookmarks", phrase("Set all bookmarks"), phrase("A JSON list, as a session has it"), "", "LIST", acts::set_bookmarks},
      {"speaker-notes", phrase("Speaker's notes"),
       phrase("The present bookmark's note and the next bookmark, in a window of their own; in Present on the second screen"), "",
       "[on|off]", switched<has_notes, [](C c, bool on) { c.window.talk().show_notes(on); }>, nullptr, has_notes},
      nth_bookmark<1>("bookmark-1", phrase("Bookmark 1"), "1"),
      nth_bookmark<2>("bookmark-2", phrase("Bookmark 2"), "2"),
      nth_bookmark<3>("bookmark-3", phrase("Bookmark 3"), "3"),
      nth_bookmark<4>("bookmark-4", phrase("Bookmark 4"), "4"),
      nth_bookmark<5>("bookmark-5", phrase("Bookmark 5"), "5"),
      nth_bookmark<6>("bookmark-6", phrase("Bookmark 6"), "6"),
      nth_bookmark<7>("bookmark-7", phrase("Bookmark 7"), "7"),
      nth_bookmark<8>("bookmark-8", phrase("Bookmark 8"), "8"),
      nth_bookmark<9>("bookmark-9", phrase("Bookmark 9"), "9"),

      // --- probe
      {"cut-head", phrase("Cut or restore the selected head"), phrase("Set what a head writes to zero"), "X", "[HEAD ...]", acts::cut_head,
       has_model, nullptr, cut_choices},
      {"restore-head", phrase("Restore a head"), phrase("Take the edit of a head away"), "", "HEAD", acts::restore_head, nullptr, nullptr,
       restore_choices},
      {"mean-head", phrase("Replace a head by its mean"), phrase("Its mean over the prompt, at each position"), "", "HEAD",
       acts::mean_head},
      {"scale-head", phrase("Scale a head"), phrase("Multiply what a head writes"), "", "HEAD FACTOR", acts::scale_head},
      {"add-edits", phrase("Add edits"), phrase("Those of a recipe, given as its JSON"), "", "RECIPE", acts::add_edits},
      {"keep-direction", phrase("Keep a direction"), phrase("Under a name; a recipe of one edit that adds a vector, as JSON"), "",
       "NAME RECIPE", acts::keep_direction},
      {"forget-direction", phrase("Forget a direction"), phrase("And take its edit out of the recipe"), "", "NAME", acts::forget_direction},
      {"keep-heads", phrase("Keep a set of heads"), phrase("Under a name; a recipe that scales single heads' z and adds to it, as JSON"),
       "", "NAME RECIPE", acts::keep_head_set},
      {"forget-heads", phrase("Forget a set of heads"), phrase("And take its edits out of the recipe"), "", "NAME", acts::forget_head_set},
      {"use-heads", phrase("Use a set of heads"), phrase("In place of any other kept set; at a strength, 0 stops it"), "",
       "NAME [STRENGTH]", acts::use_head_set},
      {"read-lens", phrase("Read through a lens …"),
       phrase("A tuned or Jacobian lens for the Lens dock and the Stream; none: the stream as it is"), "", "[FILE|none]", acts::read_lens},
      {"steer", phrase("Steer along a direction"), phrase("By a strength; 0 stops it"), "", "NAME STRENGTH", acts::steer},
      {"head-colour", phrase("Colour the heads"), phrase("By a part of a question with the axes layer and head"), "", "QUESTION.PART",
       acts::head_colour},
      {"remove-edit", phrase("Remove an edit"), phrase("By its number, from 0"), "", "N", acts::remove_edit},
      {"move-edit", phrase("Move an edit"), phrase("From a number to another, from 0: edits of the same values act in this order"), "",
       "FROM TO", acts::move_edit},
      {"remove-edits", phrase("Remove all edits"), phrase("The model as it is"), "Ctrl+Shift+X", "",
       plain<[](C c) { c.lab.execute(doc::clear_edits()); }>, has_edits},
      {"observe", phrase("Observe: edits kept but off"), phrase("See the model as it is"), "Ctrl+1", "",
       plain<[](C c) { c.lab.execute(doc::set_mode(doc::Mode::Observe)); }>, nullptr,
       [](C c) { return c.lab.document().mode == doc::Mode::Observe; }},
      {"intervene", phrase("Intervene: edits on"), phrase("See what the edits do"), "Ctrl+2", "",
       plain<[](C c) { c.lab.execute(doc::set_mode(doc::Mode::Intervene)); }>, nullptr,
       [](C c) { return c.lab.document().mode == doc::Mode::Intervene; }},
      {"what-if", phrase("What if: go on with and without the edits"),
       phrase("Writes on from the prompt twice with the same noise, side by side in the Probe dock"), "Ctrl+3", "", acts::what_if, nullptr,
       [](C c) { return c.lab.document().mode == doc::Mode::WhatIf; }},
      {"open-dictionary", phrase("Open dictionary of features …"),
       phrase("A sparse autoencoder or a transcoder: SAELens, OpenAI, circuit-tracer"), "", "[FILE [HOOK]]", acts::open_dictionary},
      {"show-dictionary", phrase("Show another dictionary"), phrase("By its number, from 0"), "", "N", acts::show_dictionary},
      {"close-dictionary", phrase("Close a dictionary"), phrase("By its number, from 0; edits on its features stay"), "", "N",
       acts::close_dictionary},
      {"select-feature", phrase("Look at a feature"), phrase("By its number in the dictionary that is shown"), "", "N",
       acts::select_feature},
      {"edit-feature", phrase("Edit a feature"), phrase("none, cut, clamp or steer, at a hook and with a value"), "",
       "N EDIT [VALUE [HOOK]]", acts::edit_feature},
      {"open-recipe", phrase("Open recipe …"), phrase("Edits from a file"), "Ctrl+R", "[FILE]",
       with_file<&FileDesk::open_recipe, &FileDesk::choose_recipe>},
      {"save-recipe", phrase("Save recipe …"), phrase("The edits as a file"), "Ctrl+Shift+R", "[FILE]",
       with_file<&FileDesk::save_recipe, &FileDesk::choose_recipe_to_save>},

      // --- train
      {"train-start", phrase("Begin a training"),
       phrase("A new folder, a text or its file, and settings: size=tiny steps=1000 batch=8 lr=0.001"), "",
       "FOLDER TEXT [SETTING=VALUE ...]", acts::train_start},
      {"train-resume", phrase("Go on with the training in a folder"), phrase("From its newest checkpoint; STEPS: how many in all"), "",
       "FOLDER [STEPS]", acts::train_resume},
      {"train-pause", phrase("Pause the training"), phrase("The present step is kept"), "", "",
       plain<[](C c) { c.lab.training().pause(); }>, trains},
      {"train-go-on", phrase("Go on with the training"), phrase("Where it was paused or stopped"), "", "", acts::train_go_on, rests},
      {"train-stop", phrase("Stop the training"), phrase("The present step is kept in its folder, from which it can go on"), "", "",
       plain<[](C c) { c.lab.training().stop(); }>, [](C c) { return trains(c) || rests(c); }},
      {"train-look-every", phrase("Look at the model that is trained"), phrase("Every so many steps the scene shows it as it is"), "",
       "STEPS", acts::train_look_every},
      {"train-weights", phrase("Show weights, their gradient or their last change"), phrase("In the scene, of a model that is trained"), "",
       "value|gradient|update", acts::train_weights, nullptr, nullptr, weights_choices},

      {"look-at-weights", phrase("Go to the shelf of weights"),
       phrase("Behind q, k and v of the selected block: its weights, or what is shown in place of them"), "", "", acts::look_at_weights,
       has_model},

      // --- lessons, help
      {"lesson", phrase("Start a lesson"), phrase("Your own work is put aside and comes back"), "", "NAME", acts::lesson, nullptr, nullptr,
       lesson_choices},
      {"next-step", phrase("Next step"), phrase("The next step of the lesson or story; in Present the next bookmark"), "PgDown", "",
       plain<[](C c) { go_on(c, 1); }>, has_steps},
      {"previous-step", phrase("The step before"), phrase("Back in the lesson or story; in Present to the bookmark before"), "PgUp", "",
       plain<[](C c) { go_on(c, -1); }>, has_steps},
      {"leave-lesson", phrase("Leave the lesson"), phrase("Back to your own work"), "Ctrl+Shift+L", "",
       plain<[](C c) { c.window.player().leave(); }>, in_lesson},
      {"help", phrase("Keys and pointer"), phrase("What the keys and the pointer do"), "F1", "", plain<[](C c) { c.window.show_help(); }>},
      {"this-machine", phrase("This machine"), phrase("What it has, what is used, and what to do about the rest"), "", "",
       plain<[](C c) { c.window.show_machine(); }>},
      {"about", phrase("About Glassformer"), phrase("Version and licence"), "", "", plain<[](C c) {
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
