#include "app/document/lab.h"

#include <filesystem>
#include <utility>

#include "app/document/comparison.h"
#include "app/document/kept_sessions.h"
#include "app/document/recent.h"
#include "app/document/request.h"
#include "model/base/text.h"
#include "model/edits/head_cuts.h"

namespace gf::doc {
namespace {

constexpr std::size_t kOwnSubject = 0;
using Cause = Errors::Cause;

/// The same file, wherever the program goes.
std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

}  // namespace

Lab::Lab(Post post)
    : recent_(read_recent()),
      jobs_(std::move(post)),
      pipeline_(jobs_, {.asked = [this] { studies_.hold(kOwnSubject); },
                        .model = [this](bool opened) { model_is_there(opened); },
                        .not_opened = [this](const std::string& name, const Error& error) { not_opened(name, error); },
                        .run = [this](int generated) { run_is_there(generated); },
                        .failed = [this](const Error& error) { run_failed(error); },
                        .renewed = [this] { model_is_renewed(); }}),
      studies_(jobs_,
               [this] {
                 (void)follow_readings();  // the run beside the document's may be there
                 note_reading_errors();
                 notify({.studies = true});
               }),
      timing_(jobs_, [this] { notify({.times = true}); }),
      parity_(jobs_, [this] { notify({.parity = true}); }),
      head_series_(jobs_, [this] { notify({.training = true}); }),
      training_(jobs_, {.changed = [this] { notify({.training = true}); },
                        .begun = [this](const std::string& folder, const std::vector<std::string>& said,
                                        const std::string& prompt) { open_named(folder, text("train {0}", folder), said, prompt); },
                        .looked = [this](TrainingLook look) { training_looked(std::move(look)); }}) {
  second_ = std::make_unique<SecondSubject>(jobs_, studies_, [this] {
    (void)follow_readings();
    notify({.studies = true});
  });
  jobs_.on_change([this] { notify({.jobs = true}); });
}

Lab::~Lab() {
  observers_.clear();
  jobs_.cancel_all();
}

void Lab::notify(const Changes& changes) {
  // By index, because an observer may add another.
  for (std::size_t i = 0; i < observers_.size(); ++i) observers_[i](changes);
}

void Lab::dismiss() {
  if (!errors_.newest() && errors_.notices().empty()) return;
  errors_.dismiss();
  notify({.error = true});
}

std::string Lab::backend_name() const { return session() ? session()->backend_name() : std::string(); }
std::string Lab::device() const { return session() ? session()->device() : std::string(); }

void Lab::set_timing(bool on) {
  pipeline_.set_timed(on);
  timing_.set(on, session(), run());
}

void Lab::check_parity() {
  if (has_gradient() || !up_to_date()) return;
  parity_.follow(session());
  parity_.check();
}

// ---- the document ---------------------------------------------------------------------------------------------

void Lab::changed_document() {
  follow_second();
  notify({.document = true});
  sync();
}

void Lab::watch_second(bool on) {
  second_watchers_ += on ? 1 : -1;
  follow_second();
}

void Lab::follow_second() {
  const bool wanted = second_watchers_ > 0 || document().scene_of_both;
  second_->follow(wanted ? compared_subject(document()) : std::nullopt, pipeline_.open());
}

void Lab::execute(const Command& command) {
  if (!history_.execute(command)) return;
  if (!pipeline_.open()) history_.begin_here();
  changed_document();
}

void Lab::undo() {
  if (history_.undo()) changed_document();
}

void Lab::redo() {
  if (history_.redo()) changed_document();
}

void Lab::go_to(std::size_t done) {
  bool moved = false;
  while (history_.done() > done && history_.undo()) moved = true;
  while (history_.done() < done && history_.redo()) moved = true;
  if (moved) changed_document();
}

void Lab::stage(Document document) {
  pipeline_.retry();
  history_.begin_aside(std::move(document));
  changed_document();
}

void Lab::leave_stage(const std::function<void(Document&, const Document&)>& keep) {
  if (!history_.aside()) return;
  const Document staged = document();
  history_.end_aside();
  if (keep) keep(history_.transient(), staged);
  changed_document();
}

void Lab::adjust_view(const std::function<void(scene::ViewState&)>& change) {
  scene::ViewState view = document();
  change(view);
  if (view == static_cast<const scene::ViewState&>(document())) return;
  static_cast<scene::ViewState&>(history_.transient()) = std::move(view);
  changed_document();
}

void Lab::hold_base(bool on) {
  if (on == before_hold_.has_value()) return;
  const auto show = [this](scene::Compare compare) { adjust_view([&](scene::ViewState& view) { view.compare = compare; }); };
  if (on) {
    before_hold_ = document().compare;
    show(scene::Compare::Base);
    return;
  }
  const auto before = *std::exchange(before_hold_, std::nullopt);
  if (document().compare == scene::Compare::Base) show(before);  // else something else was chosen meanwhile
}

void Lab::set_time(double time) {
  if (document().time == time) return;
  history_.transient().time = time;
  notify({.moment = true});
}

void Lab::set_cube_time(double time) {
  if (!document().cube || document().cube->time == time) return;
  history_.transient().cube->time = time;
  notify({.moment = true});
}

void Lab::set_camera(const std::optional<render::Camera>& camera) {
  if (document().camera == camera) return;
  history_.transient().camera = camera;
  notify({.moment = true});
}

bool Lab::is_cut(const BlockPart& part) const { return model() && doc::is_cut(document().recipe, part, model()->weights->config); }

void Lab::set_cut(const BlockPart& part, bool cut, std::string merge_key) {
  if (model()) execute(set_part_cut(part, model()->weights->config, cut, std::move(merge_key)));
}

void Lab::set_edit_of(const BlockPart& part, EditOp op, float factor) {
  if (model()) execute(set_part_edit(part, model()->weights->config, op, factor));
}

Result<void> Lab::save(const std::string& path) {
  GF_TRY(save_document(document(), path));
  if (!history_.aside()) history_.own_storage().file = absolute_path(path);
  return {};
}

Result<void> Lab::load(const std::string& path) {
  GF_TRY_ASSIGN(Document document, read_document(path));
  document.storage = {.file = absolute_path(path), .kept = new_kept_id()};
  open_document(std::move(document));
  return {};
}

void Lab::open_document(Document document) {
  pipeline_.retry();
  other_model_ = false;
  document.hide_prediction = false;  // a question of a lesson hid it; there is none to answer here
  execute({text("open a session"), [&document](Document& d) { d = document; }, {}});
}

// ---- the model and its run ------------------------------------------------------------------------------------

void Lab::sync() {
  const auto before = model();
  const auto followed = pipeline_.run_for(document(), settings_of(document()));
  if (model() != before) return;  // model_is_there() has done the rest
  const auto sentence = [this] {
    const auto error = errors_.newest();
    return error ? error->message : std::string();
  };
  const std::string told = sentence();
  errors_.put(Cause::Prompt, followed);
  const bool changed = followed && pipeline_.open() && pipeline_.open()->name == document().model && follow_run();
  const bool error = sentence() != told;
  if (changed || error) notify({.studies = changed, .error = error});
}

void Lab::open_model(const std::string& model) { open_named(model, text("open {0}", model), {}); }

void Lab::open_named(const std::string& model, std::string command, std::vector<std::string> training, std::string prompt) {
  pipeline_.retry();
  other_model_ = pipeline_.open() != nullptr;
  if (document().model == model) return sync();  // the first model, or another attempt
  const bool first = !pipeline_.open();
  execute({std::move(command),
           [model, first, training = std::move(training), prompt = std::move(prompt)](Document& d) {
             // The first model could not be opened. The kept session still names it, and this document becomes a new session, so that
             // the old one is not written over: no undo leads back to it.
             if (first) d.storage = {};
             if (d.other && d.other->model == d.model) {
               d.other->model = model;
               d.other->recipe = {};
             }
             d.model = model;
             d.training = training;
             if (is_suggestion(d.prompt)) d.prompt = prompt.empty() ? kDefaultPrompt : prompt;  // it was for the old model
             d.continuation.clear();
             d.recipe = {};  // its blocks and heads belong to the old model
             d.selection.reset();
             d.highlights.clear();
             d.circuit.reset();
             d.selected_position = -1;
             d.camera.reset();
             d.target.clear();
             d.rival.clear();
             d.time = 1e18;
           },
           {}});
}

void Lab::model_is_there(bool opened) {
  errors_.clear(Cause::Model);
  errors_.clear(Cause::Run);
  errors_.put(Errors::Notice::NotANumber, {});
  errors_.put(Errors::Notice::ModelChanged, {});
  if (opened) {
    const std::string& name = pipeline_.open()->name;
    recent_ = add_recent(name.empty() ? model()->weights->name : name);
  }
  Document& document = history_.transient();
  // A prompt that the user gave for this model stands, and where the model cannot read it, sync() says why.
  if (other_model_ || document.prompt == kDefaultPrompt) document.prompt = prompt_for(*model(), document.prompt);
  other_model_ = false;
  notice_special_token();
  timing_.follow(session(), nullptr);
  parity_.follow(session());
  follow_second();
  const bool studies = studies_.update(kOwnSubject, {session(), nullptr, {}, {}, -1});
  notify({.document = true, .model = true, .run = true, .studies = studies, .error = true, .recent = opened});
  sync();
}

void Lab::model_is_renewed() {
  renewed_ = true;
  if (!pipeline_.running() && !up_to_date()) sync();  // there was no run, so that none comes by itself
}

void Lab::show_weights(WeightsShown which) {
  if (weights_shown_ == which) return;
  weights_shown_ = which;
  notify({.studies = true, .training = true});
}

void Lab::training_looked(TrainingLook look) {
  if (look.heads) head_series_.add(look.model.name, look.step, std::move(*look.heads));
  pipeline_.renew(std::move(look.model));
}

void Lab::not_opened(const std::string& name, const Error& error) {
  other_model_ = false;
  // The document goes back to the model before, and the history forgets the failed command.
  if (pipeline_.open() && document().model == name && !history_.forget_model(name)) history_.transient().model = pipeline_.open()->name;
  if (error.code != ErrorCode::Cancelled) errors_.set(Cause::Model, error);
  notify({.document = true, .error = true});
  sync();
}

void Lab::generate(int n) {
  const auto asked = [&]() -> Result<void> {
    if (document().hide_prediction)
      return fail(ErrorCode::InvalidArgument, text("The lesson asks which token comes next: answer first, then generate it."));
    return pipeline_.generate(document(), settings_of(document()), n);
  }();
  if (!asked) {
    errors_.set(Cause::Prompt, asked.error());
    notify({.error = true});
  }
}

void Lab::run_is_there(int generated) {
  errors_.clear(Cause::Model);
  errors_.clear(Cause::Run);
  errors_.clear(Cause::Study);
  if (generated > 0) {
    history_.execute({counted(generated, "generate {0} token", "generate {0} tokens"),
                      [&](Document& d) {
                        d.continuation = run()->request.forced;
                        d.selected_position = -1;
                      },
                      {}});
  }
  follow_notices();
  timing_.follow(session(), run());
  parity_.follow(has_gradient() ? nullptr : session());
  const bool studies = follow_run();
  const bool renewed = std::exchange(renewed_, false);
  notify({.document = generated > 0, .model = renewed, .run = true, .studies = studies, .error = true, .times = timing_.on()});
}

void Lab::run_failed(const Error& error) {
  if (error.code != ErrorCode::Cancelled) errors_.set(Cause::Run, error);
  const bool studies = follow_run();
  notify({.studies = studies, .error = true});
}

std::optional<Error> Lab::refusal() const {
  if (pipeline_.running() || pipeline_.loading()) return std::nullopt;
  for (const Cause cause : {Cause::Model, Cause::Prompt, Cause::Run})
    if (auto error = errors_.of(cause)) return error;
  return std::nullopt;
}

bool Lab::follow_targets() {
  const std::pair before(target_, rival_);
  target_.reset();
  rival_.reset();
  if (!run() || run()->base->length() == 0) return before != std::pair(target_, rival_);
  // A and B are tokens of the prediction at the selected position, which is what gets explained.
  const int position = scene::selected_position_in(document(), run()->base->length());
  const TokensAsked asked = tokens_asked(document().target, document().rival, *run(), position, *model());
  errors_.put(Cause::Tokens, asked.named);
  target_ = asked.a;
  rival_ = asked.b;
  return before != std::pair(target_, rival_);
}

bool Lab::follow_run() {
  const bool targets = follow_targets(), readings = follow_readings();
  if (pipeline_.running()) return targets || readings;  // the studies wait for it
  const int position = run() && document().selected_position < run()->base->length() ? document().selected_position : -1;
  const bool studies = studies_.update(kOwnSubject, {session(), run(), target_, rival_, position});
  note_reading_errors();
  return targets || readings || studies;
}

}  // namespace gf::doc
