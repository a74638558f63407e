#include "app/ui/actions/acts.h"

#include <algorithm>

#include "app/document/cell_edits.h"
#include "app/document/directions.h"
#include "app/document/head_colour.h"
#include "app/document/head_sets.h"
#include "app/document/lab.h"
#include "app/document/training.h"
#include "app/scene/legend.h"
#include "app/scene/views.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/action_choices.h"
#include "app/ui/docks/docks.h"
#include "app/ui/shell/cell_menu.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

/// Changes the document; `name` is shown in the undo menu.
Result<void> change(C c, std::string name, std::function<void(doc::Document&)> apply, std::string merge_key = {}) {
  c.lab.execute({std::move(name), std::move(apply), std::move(merge_key)});
  return {};
}

/// The value of an enumeration by its name in files and on the command line. Errors: InvalidArgument with all names.
template <class E>
Result<E> value_named(const std::string& word) {
  std::vector<const char*> names;
  for (const auto& row : scene::names_of(E{})) names.push_back(row.name);
  GF_TRY_ASSIGN(const std::size_t index, one_of(word, names));
  return std::data(scene::names_of(E{}))[index].value;
}

Result<HeadName> head_at(C c, A a, std::size_t at) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, at, gf::text("A head, as BLOCK.HEAD,")));
  return head_named(word, model->weights->config);
}

Result<scene::CellRef> cell_at(C c, A a, std::size_t at) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  return cell_named(a, at, model->weights->config, run->base->length());
}

/// `drawn`: it has no effect on the likeliest token, so that from here on tokens are drawn.
Result<void> set_sampler(C c, A a, const char* what, double low, double high, void (*set)(SamplerOptions&, double), bool drawn = true) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number")));
  GF_TRY_ASSIGN(const double value, number(word, low, high));
  const auto apply = [value, set, drawn](doc::Document& d) {
    if (drawn) d.sampler.greedy = false;
    set(d.sampler, value);
  };
  return change(c, gf::text("change {0}", gf::text(what)), apply, what);
}

/// The kept direction that the first argument names.
Result<doc::Direction> direction_at(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a direction")));
  const doc::Direction* found = doc::find_direction(c.lab.document(), name);
  if (found != nullptr) return *found;
  const auto& kept = c.lab.document().directions;
  return fail(ErrorCode::NotFound,
              kept.empty() ? gf::text("No direction is kept; the Directions dock finds one.")
                           : gf::text("No direction has the name \"{0}\"; there are {1}.", name, listed(kept, &doc::Direction::name)),
              "action");
}

/// The kept set of heads that the first argument names.
Result<doc::HeadSet> head_set_at(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a set of heads")));
  const doc::HeadSet* found = doc::find_head_set(c.lab.document(), name);
  if (found != nullptr) return *found;
  const auto& kept = c.lab.document().head_sets;
  return fail(ErrorCode::NotFound,
              kept.empty() ? gf::text("No set of heads is kept; the Directions dock fits one.")
                           : gf::text("No set of heads has the name \"{0}\"; there are {1}.", name, listed(kept, &doc::HeadSet::name)),
              "action");
}

}  // namespace

Result<void> open(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a model")));
  c.window.open_model(name);
  return {};
}

Result<void> delete_kept(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a kept session")));
  return c.window.files().delete_kept(id);
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

Result<void> save_figure(C c, A a) {
  GF_TRY_ASSIGN(const std::string figure, word_at(a, 0, gf::text("A figure, such as 'pattern 4.7'")));
  GF_TRY_ASSIGN(const std::string path, word_at(a, 1, gf::text("A file")));
  return c.window.files().save_figure(figure, path);
}

Result<void> set_prompt(C c, A a) {
  GF_TRY_ASSIGN(std::string prompt, word_at(a, 0, gf::text("The prompt")));
  c.lab.execute(doc::set_prompt(std::move(prompt)));
  return {};
}

Result<void> view(C c, A a) {
  scene::View which = scene::next_view(c.lab.document().view);
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<scene::View>(a[0]));
  }
  c.lab.execute(doc::show_view(which));
  return {};
}

Result<void> camera(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("A part of the model, such as \"block 4\",")));
  constexpr std::string_view kOfHead = "head ";
  if (c.lab.model() && name.starts_with(kOfHead))
    if (const auto head = head_named(name.substr(kOfHead.size()), c.lab.model()->weights->config))
      c.window.select_head(head->layer, head->head);  // so that X cuts what the camera shows
  c.window.viewport().fly_to(name);
  return {};
}

Result<void> compare(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("edited, base, difference or split")));
  GF_TRY_ASSIGN(const scene::Compare which, value_named<scene::Compare>(word));
  constexpr const char* kNames[] = {phrase("show the edited run"), phrase("show the base run"), phrase("show the difference"),
                                    phrase("show base and edited side by side")};
  return change(c, gf::text(kNames[static_cast<std::size_t>(which)]), [which](doc::Document& d) { d.compare = which; });
}

Result<void> split(C c, A a) {
  if (a.empty()) return compare(c, {c.lab.document().compare == scene::Compare::Split ? "edited" : "split"});
  GF_TRY_ASSIGN(const double share, number(a[0], 0, 1));
  c.lab.execute(doc::set_split(share));
  return {};
}

Result<void> move_split(C c, double by) {
  const doc::Document& now = c.lab.document();
  c.lab.execute(doc::set_split(now.compare == scene::Compare::Split ? now.split + by : now.split));
  return {};
}

Result<void> theme(C c, A a) {
  render::Theme which = c.lab.document().theme == render::Theme::Light ? render::Theme::Dark : render::Theme::Light;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<render::Theme>(a[0]));
  }
  return change(c, gf::text("change the theme"), [which](doc::Document& d) { d.theme = which; });
}

Result<void> ribbons(C c, A a) {
  using scene::RibbonWidth;
  RibbonWidth which = c.lab.document().ribbons == RibbonWidth::Moved ? RibbonWidth::Weight : RibbonWidth::Moved;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<RibbonWidth>(a[0]));
  }
  c.lab.execute(doc::set_ribbons(which));
  return {};
}

Result<void> open_product(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  const ModelConfig& config = model->weights->config;
  std::optional<scene::Cube> cube;
  if (!a.empty()) {
    GF_TRY_ASSIGN(cube, scene::cube_named(a[0], &config));
  } else if (const auto cell = c.window.viewport().cell_to_pin()) {
    cube = scene::cube_of(*cell, config);
    if (!cube) {
      c.window.say(QString::fromStdString(gf::text("{0} is not made by a product.", scene::plain_name(cell->tensor))));
      return {};
    }
  } else {
    c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to open the product that makes it.")));
    return {};
  }
  return c.window.open_product(*cube);
}

Result<void> product_order(C c, A a) {
  if (!c.lab.document().cube) return fail(ErrorCode::InvalidArgument, gf::text("No product is open."), "action");
  scene::CubeOrder order = scene::next_order(c.lab.document().cube->order);
  if (!a.empty()) {
    GF_TRY_ASSIGN(order, value_named<scene::CubeOrder>(a[0]));
  }
  c.lab.execute(doc::set_cube_order(order));
  c.window.transport().play_from(0);
  return {};
}

Result<void> product_time(C c, A a) {
  if (!c.lab.document().cube) return fail(ErrorCode::InvalidArgument, gf::text("No product is open."), "action");
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A share of the animation")));
  GF_TRY_ASSIGN(const double share, number(word, 0, 1));
  c.window.transport().pause();
  c.lab.set_cube_time(share);
  return {};
}

Result<void> show_dock(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a dock")));
  if (!find_dock(id))
    return fail(ErrorCode::InvalidArgument, gf::text("There is no dock \"{0}\"; there are {1}.", id, dock_ids()), "action");
  // One behind another tab comes to the front.
  GF_TRY_ASSIGN(const bool on, on_or_off(a, 1, c.window.docks().in_front(id)));
  c.window.docks().show(id, on);
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

Result<void> speed(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A factor")));
  GF_TRY_ASSIGN(const double factor, number(word, 0.01, 100));
  c.lab.execute(doc::set_speed(factor));
  return {};
}

Result<void> pace(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A tempo")));
  GF_TRY_ASSIGN(const auto which, value_named<scene::Pace>(word));
  c.lab.adjust_view([&](scene::ViewState& view) { view.pace = which; });
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

Result<void> temperature(C c, A a) {
  return set_sampler(c, a, phrase("the temperature"), 0, 100, [](SamplerOptions& s, double t) {
    s.greedy = t == 0;
    if (t > 0) s.temperature = static_cast<float>(t);
  });
}

Result<void> top_k(C c, A a) {
  return set_sampler(c, a, phrase("top k"), 0, 1e6, [](SamplerOptions& s, double k) { s.top_k = static_cast<int>(k); });
}

Result<void> top_p(C c, A a) {
  return set_sampler(c, a, phrase("top p"), 1e-6, 1, [](SamplerOptions& s, double p) { s.top_p = static_cast<float>(p); });
}

Result<void> min_p(C c, A a) {
  return set_sampler(c, a, phrase("min p"), 0, 1, [](SamplerOptions& s, double p) { s.min_p = static_cast<float>(p); });
}

Result<void> typical_p(C c, A a) {
  return set_sampler(c, a, phrase("typical p"), 1e-6, 1, [](SamplerOptions& s, double p) { s.typical_p = static_cast<float>(p); });
}

Result<void> repetition_penalty(C c, A a) {
  const auto set = [](SamplerOptions& s, double penalty) { s.repetition_penalty = static_cast<float>(penalty); };
  return set_sampler(c, a, phrase("the repetition penalty"), 0.01, 100, set, false);
}

Result<void> presence_penalty(C c, A a) {
  const auto set = [](SamplerOptions& s, double penalty) { s.presence_penalty = static_cast<float>(penalty); };
  return set_sampler(c, a, phrase("the presence penalty"), -100, 100, set, false);
}

Result<void> stop_text(C c, A a) {
  for (const std::string& stop : a)
    if (stop.empty()) return fail(ErrorCode::InvalidArgument, gf::text("a text to stop at is empty; leave it out"), "action");
  return change(c, gf::text("change where generation stops"), [a](doc::Document& d) { d.sampler.stop = a; });
}

Result<void> seed(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A seed")));
  GF_TRY_ASSIGN(const long long seed, whole_number(word, 0, (1LL << 53)));
  const auto apply = [seed](doc::Document& d) {
    d.sampler.greedy = false;
    d.sampler.seed = static_cast<std::uint64_t>(seed);
  };
  return change(c, gf::text("change the seed"), apply, "seed");
}

Result<void> target(C c, A a) {
  c.lab.execute(doc::set_target(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> rival(C c, A a) {
  c.lab.execute(doc::set_rival(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> other_prompt(C c, A a) {
  c.lab.execute(doc::set_other_prompt(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> select(C c, A a) {
  GF_TRY_ASSIGN(const scene::CellRef cell, cell_at(c, a, 0));
  c.lab.execute(doc::select_cell(cell));
  return {};
}

Result<void> look_at(C c, A a) {
  GF_TRY(select(c, a));
  c.window.viewport().fly_to_cell(*c.lab.document().selection);
  return {};
}

Result<void> pin_card(C c, A a) {
  if (a.empty()) {
    if (const auto cell = c.window.viewport().cell_to_pin()) c.window.viewport().pin_card(*cell);
    else c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to pin its card.")));
    return {};
  }
  GF_TRY_ASSIGN(const scene::CellRef cell, cell_at(c, a, 0));
  c.window.viewport().pin_card(cell);
  return {};
}

Result<void> card_depth(C c, A a) {
  const auto next = [](scene::CardDepth now) {
    return static_cast<scene::CardDepth>((static_cast<std::size_t>(now) + 1) % std::size(scene::kCardDepthNames));
  };
  scene::CardDepth depth = next(c.window.viewport().card_depth());
  if (!a.empty()) {
    GF_TRY_ASSIGN(depth, value_named<scene::CardDepth>(a[0]));
  }
  c.window.set_card_depth(depth);
  return {};
}

Result<void> copy_code(C c, A a) {
  std::optional<scene::CellRef> cell = c.window.viewport().cell_to_pin();
  if (!a.empty()) {
    GF_TRY_ASSIGN(cell, cell_at(c, a, 0));
  }
  if (cell) copy_code_of(c.window, c.lab, *cell);
  else c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to copy its code.")));
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
  std::vector<HeadName> heads;
  for (std::size_t i = 0; i < a.size(); ++i) {
    GF_TRY_ASSIGN(const HeadName head, head_at(c, a, i));
    heads.push_back(head);
  }
  for (const HeadName& h : heads) c.lab.set_head_cut(h.layer, h.head, true);
  return {};
}

Result<void> mean_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  c.lab.set_head_edit(h.layer, h.head, EditOp::Mean, 1);
  return {};
}

Result<void> scale_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  GF_TRY_ASSIGN(const std::string by, word_at(a, 1, gf::text("A factor")));
  GF_TRY_ASSIGN(const double factor, number(by, -1000, 1000));
  c.lab.set_head_edit(h.layer, h.head, EditOp::Scale, static_cast<float>(factor));
  return {};
}

Result<void> restore_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  c.lab.set_head_cut(h.layer, h.head, false);
  return {};
}

Result<void> history(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number of decisions")));
  const auto all = c.lab.history().done() + c.lab.history().undone();
  GF_TRY_ASSIGN(const long long done, whole_number(word, 0, static_cast<long long>(all)));
  c.window.go_in_history(static_cast<std::size_t>(done));
  return {};
}

Result<void> add_edits(C c, A a) {
  GF_TRY_ASSIGN(const std::string json, word_at(a, 0, gf::text("A recipe")));
  GF_TRY_ASSIGN(const Recipe recipe, parse_recipe(json, c.lab.document().recipe.folder));
  return change(c, recipe.edits.size() == 1 ? summary(recipe.edits.front()) : gf::text("add edits"), [recipe](doc::Document& d) {
    d.recipe.edits.insert(d.recipe.edits.end(), recipe.edits.begin(), recipe.edits.end());
    d.mode = doc::Mode::Intervene;
  });
}

Result<void> keep_direction(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a direction")));
  GF_TRY_ASSIGN(const std::string json, word_at(a, 1, gf::text("A recipe")));
  GF_TRY_ASSIGN(const Edit push, doc::push_of_json(json, c.lab.document().recipe.folder));
  c.lab.execute(doc::keep_direction({name, push}));
  return {};
}

Result<void> forget_direction(C c, A a) {
  GF_TRY_ASSIGN(const doc::Direction direction, direction_at(c, a));
  c.lab.execute(doc::forget_direction(direction.name));
  return {};
}

Result<void> keep_head_set(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a set of heads")));
  GF_TRY_ASSIGN(const std::string json, word_at(a, 1, gf::text("A recipe")));
  GF_TRY_ASSIGN(doc::HeadSet set, doc::head_set_of(name, json, c.lab.document().recipe.folder));
  c.lab.execute(doc::keep_head_set(std::move(set)));
  return {};
}

Result<void> forget_head_set(C c, A a) {
  GF_TRY_ASSIGN(const doc::HeadSet set, head_set_at(c, a));
  c.lab.execute(doc::forget_head_set(set.name));
  return {};
}

Result<void> use_head_set(C c, A a) {
  GF_TRY_ASSIGN(const doc::HeadSet set, head_set_at(c, a));
  double strength = 1;
  if (a.size() > 1) {
    GF_TRY_ASSIGN(strength, number(a[1], -1e6, 1e6));
  }
  c.lab.execute(doc::use_head_set(set, static_cast<float>(strength)));
  return {};
}

Result<void> read_lens(C c, A a) {
  c.lab.execute(doc::set_lens(a.empty() ? std::string() : a.front()));
  return {};
}

Result<void> steer(C c, A a) {
  GF_TRY_ASSIGN(const doc::Direction direction, direction_at(c, a));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 1, gf::text("A strength")));
  GF_TRY_ASSIGN(const double strength, number(word, -1e6, 1e6));
  c.lab.execute(doc::steer(direction, static_cast<float>(strength)));
  return {};
}

Result<void> head_colour(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("A part of a question, such as heads.induction,")));
  const auto part = doc::head_colour_named(name);
  if (!part)
    return fail(ErrorCode::InvalidArgument, gf::text("No question has a part \"{0}\" by layer and head; heads.induction is one.", name),
                "action");
  return change(c, gf::text("colour the heads by {0}", gf::text(part->part->title)),
                [part](doc::Document& d) { d.head_colour = part->name(); });
}

Result<void> remove_edit(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("The number of an edit")));
  const auto n = static_cast<long long>(c.lab.document().recipe.edits.size());
  if (n == 0) return fail(ErrorCode::InvalidArgument, gf::text("There are no edits."), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 0, n - 1));
  c.lab.execute(doc::remove_edit(static_cast<std::size_t>(at)));
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

}  // namespace gf::ui::acts
