#include "app/document/lab.h"

#include <utility>

#include "app/document/lab_state.h"
#include "app/document/recent.h"
#include "app/document/request.h"
#include "model/edits/head_cuts.h"

namespace gf::doc {

Lab::Lab(Post post) : state_(std::make_shared<State>(std::move(post))) { state_->recent = read_recent(); }

Lab::~Lab() {
  state_->score_stop.request_stop();
  state_->reading_stop.request_stop();
  if (state_->load_cancelled) state_->load_cancelled->store(true);
  if (state_->open) state_->open->session->cancel();
  state_->observers.clear();
}

void Lab::on_change(std::function<void(const Changes&)> observer) { state_->observers.push_back(std::move(observer)); }

const Document& Lab::document() const { return state_->history.now(); }
std::shared_ptr<const Model> Lab::model() const { return state_->open ? state_->open->model : nullptr; }
std::shared_ptr<const Run> Lab::run() const { return state_->run; }
bool Lab::up_to_date() const { return state_->run && !state_->running && !state_->loading; }
scene::SceneInput Lab::scene_input() const { return state_->scene_input(); }

std::optional<Job> Lab::job() const {
  if (state_->load_job) return state_->load_job;
  if (state_->run_job) return state_->run_job;
  if (state_->reading_job) return state_->reading_job;
  return state_->score_job;
}

std::optional<Error> Lab::error() const { return state_->error; }

void Lab::dismiss_error() {
  if (!state_->error) return;
  state_->error.reset();
  state_->notify({.error = true});
}

std::shared_ptr<const HeadGrid> Lab::head_scores() const { return state_->scores; }
std::optional<TokenId> Lab::target() const { return state_->target; }
std::optional<TokenId> Lab::rival() const { return state_->rival; }
std::string Lab::backend_name() const { return state_->open ? state_->open->session->backend_name() : std::string(); }
std::string Lab::device() const { return state_->open ? state_->open->session->device() : std::string(); }
void Lab::set_timing(bool on) { state_->set_timing(on); }
bool Lab::timing() const { return state_->timing; }
std::shared_ptr<const PassTimes> Lab::pass_times() const { return state_->pass_times; }
std::optional<Rates> Lab::limits() const {
  if (state_->pass_times && state_->pass_times->limits.known()) return state_->pass_times->limits;
  return state_->machine_rates;
}
std::vector<std::string> Lab::recent_models() const { return state_->recent; }

void Lab::execute(const Command& command) { state_->execute(command); }

bool Lab::is_cut(int layer, int head) const {
  return state_->open && gf::is_cut(document().recipe, layer, head, state_->open->model->weights->config.n_head);
}

void Lab::cut_head(int layer, int head, bool cut, std::string merge_key) {
  if (state_->open) execute(doc::cut_head(layer, head, state_->open->model->weights->config.n_head, cut, std::move(merge_key)));
}

void Lab::set_head_edit(int layer, int head, EditOp op, float factor) {
  if (state_->open) execute(doc::set_head_edit(layer, head, state_->open->model->weights->config.n_head, op, factor));
}

void Lab::undo() {
  if (!state_->history.undo()) return;
  state_->notify({.document = true});
  state_->sync();
}

void Lab::redo() {
  if (!state_->history.redo()) return;
  state_->notify({.document = true});
  state_->sync();
}

const History& Lab::history() const { return state_->history; }

void Lab::stage(Document document) {
  state_->failed_model.reset();
  state_->history.begin_aside(std::move(document));
  state_->notify({.document = true});
  state_->sync();
}

void Lab::leave_stage(const std::function<void(Document&, const Document&)>& keep) {
  if (!state_->history.aside()) return;
  const Document staged = document();
  state_->history.end_aside();
  if (keep) keep(state_->history.transient(), staged);
  state_->notify({.document = true});
  state_->sync();
}

void Lab::ask(std::string name, std::function<Reply(Session&, const std::stop_token&)> work) {
  if (!state_->open) return;
  state_->open->session->submit_job(std::move(name), [weak = state_->weak_from_this(), post_to = state_->post, work = std::move(work)](
                                                         Session& session, const std::stop_token& stop) {
    Reply reply = work(session, stop);
    if (!reply || stop.stop_requested()) return;
    post_to([weak, reply = std::move(reply)] {
      if (weak.lock()) reply();
    });
  });
}

void Lab::fetch(std::function<Reply()> work) {
  state_->worker.add([weak = state_->weak_from_this(), post_to = state_->post, work = std::move(work)] {
    post_to([weak, reply = work()] {
      if (weak.lock() && reply) reply();
    });
  });
}

void Lab::set_time(double time) {
  if (document().time == time) return;
  state_->history.transient().time = time;
  state_->notify({.document = true});
}

void Lab::set_camera(const render::Camera& camera) {
  if (document().camera == camera) return;
  state_->history.transient().camera = camera;
  state_->notify({.document = true});
}

void Lab::open_model(const std::string& model) {
  state_->failed_model.reset();
  const std::string& now = document().model;
  if (now == model && state_->open && state_->open->name == model) return;
  if (now == model) {  // the first start, or another try
    state_->sync();
    return;
  }
  state_->execute({"open " + model,
                   [model](Document& d) {
                     d.model = model;
                     d.continuation.clear();
                     d.recipe = {};  // its blocks and heads are another model's
                     d.selection.reset();
                     d.highlights.clear();
                     d.selected_position = -1;
                     d.camera.reset();
                     d.target.clear();
                     d.rival.clear();
                     d.time = 1e18;
                   },
                   {}});
}

void Lab::generate(int n) {
  if (n < 1 || !state_->open) return;
  auto request = request_of(document(), *state_->open->model);
  if (!request) {
    state_->report(std::move(request).error());
    return;
  }
  const int n_ctx = state_->open->model->weights->config.n_ctx;
  const int room = n_ctx - static_cast<int>(request->prompt.size() + request->forced.size());
  if (room < 1) {
    state_->report({ErrorCode::InvalidArgument,
                    "The context of " + std::to_string(n_ctx) + " tokens is full; shorten the prompt to generate more.", "generate"});
    return;
  }
  state_->submit(std::move(*request), std::min(n, room));
}

void Lab::cancel() {
  if (state_->load_cancelled) state_->load_cancelled->store(true);
  state_->score_stop.request_stop();
  if (state_->open) state_->open->session->cancel();
}

bool Lab::busy() const { return job().has_value(); }

Result<void> Lab::save(const std::string& path) const { return save_document(document(), path); }

Result<void> Lab::load(const std::string& path) {
  GF_TRY_ASSIGN(Document document, read_document(path));
  state_->failed_model.reset();
  state_->execute({"open a session", [&document](Document& d) { d = document; }, {}});
  return {};
}

}  // namespace gf::doc
