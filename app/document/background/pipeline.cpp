#include "app/document/background/pipeline.h"

#include <algorithm>
#include <utility>

#include "app/document/edit_changes.h"
#include "model/base/text.h"
#include "model/io/loaders.h"

namespace gf::doc {
namespace {

bool differ_in_strengths_alone(RunRequest one, RunRequest other) {
  for (RunRequest* request : {&one, &other})
    for (Edit& edit : request->recipe.edits) edit = with_strength(std::move(edit), 0);
  return one == other;
}

}  // namespace

Result<OpenModel> open_by_name(const std::string& name, const std::function<bool(double)>& progress) {
  LoadOptions options;
  options.progress = progress;
  GF_TRY_ASSIGN(const std::string path, resolve_model(name));
  GF_TRY_ASSIGN(auto model, open_model(path, options));
  if (!model->weights->has_values()) return OpenModel{name, std::move(model), nullptr};
  GF_TRY_ASSIGN(auto session, Session::create(model, {}));
  return OpenModel{name, std::move(model), std::shared_ptr<Session>(std::move(session))};
}

JobPlace on_session(std::shared_ptr<Session> session, std::string name) {
  return [session = std::move(session), name = std::move(name)](std::function<void(const std::stop_token&)> task) {
    session->submit_job(name, [task = std::move(task)](Session&, const std::stop_token& ended) { task(ended); });
  };
}

Pipeline::Pipeline(Jobs& jobs, Listener listener) : jobs_(jobs), listener_(std::move(listener)) {}

Pipeline::~Pipeline() { cancel(); }

void Pipeline::cancel() {
  waiting_.reset();
  load_job_.cancel();
  run_job_.cancel();
}

void Pipeline::close() {
  load_job_.drop();
  run_job_.drop();
  run_.reset();
  wanted_.reset();
  waiting_.reset();
  failed_name_.reset();
  for (auto* held : {&open_, &previous_}) {
    if (!*held) continue;
    if ((*held)->session) (*held)->session->cancel();
    let_go(*held);
  }
}

void Pipeline::set_timed(bool on) {
  timed_ = on;
  if (session()) session()->set_timed(on);
}

Result<void> Pipeline::run_for(const Subject& subject, const RunSettings& settings) {
  if (!open_ || open_->name != subject.model) {
    if (previous_ && previous_->name == subject.model) adopt(OpenModel(*previous_), false);
    else if (failed_name_ != subject.model && !(load_job_.running() && loading_ == subject.model)) load(subject.model);
    return {};
  }
  load_job_.drop();  // it opens a model that is no longer wanted
  GF_TRY_ASSIGN(RunRequest request, request_of(subject, settings, *open_->model));
  if (open_->session && wanted_ != request) submit(std::move(request), 0);
  return {};
}

Result<void> Pipeline::generate(const Subject& subject, const RunSettings& settings, int n) {
  if (n < 1 || !open_) return {};
  if (!open_->session) return tl::unexpected(open_->model->weights->no_values_error());
  GF_TRY_ASSIGN(RunRequest request, request_of(subject, settings, *open_->model));
  const int n_ctx = open_->model->weights->config.n_ctx;
  const int room = n_ctx - static_cast<int>(request.prompt.size() + request.forced.size());
  if (room < 1)
    return fail(ErrorCode::InvalidArgument, text("The context of {0} tokens is full; shorten the prompt to generate more.", n_ctx),
                "generate");
  submit(std::move(request), std::min(n, room));
  return {};
}

// ---- the model ------------------------------------------------------------------------------------------------

void Pipeline::load(const std::string& name) {
  loading_ = name;
  const std::string title = name.empty() ? text("opening the bundled model") : text("opening {0}", name);
  load_job_ = jobs_.start<OpenModel>(
      title, jobs_.in_order(),
      [name](const JobWork& work) -> Result<OpenModel> {
        GF_TRY_ASSIGN(OpenModel opened, open_by_name(name, [&](double fraction) {
                        work.progress(fraction);
                        return !work.stop().stop_requested();
                      }));
        if (work.stop().stop_requested()) return fail(ErrorCode::Cancelled, text("Opening was cancelled."));
        return opened;
      },
      [this, name](Result<OpenModel> opened) {
        if (opened) {
          adopt(std::move(*opened), true);
          return;
        }
        failed_name_ = name;
        listener_.not_opened(name, opened.error());
      });
}

void Pipeline::renew(OpenModel model) {
  if (!open_ || open_->name != model.name) {
    // The one of before is what undo shows, and it should not be an old state.
    if (!previous_ || previous_->name != model.name) return;
    let_go(previous_);
    previous_ = std::move(model);
    return;
  }
  if (next_) {
    if (later_) let_go(later_);
    later_ = std::move(model);
    return;
  }
  next_ = std::move(model);
  next_->session->set_timed(timed_);
  if (auto request = std::exchange(wanted_, std::nullopt)) return submit(std::move(*request), 0);
  take_next();
  listener_.renewed();
}

void Pipeline::forget_newer() {
  if (next_) let_go(next_);
  if (later_) let_go(later_);
}

void Pipeline::take_next() {
  open_->session->cancel();
  let_go(open_);
  open_ = std::move(next_);
  next_.reset();
}

void Pipeline::adopt(OpenModel model, bool opened) {
  load_job_.drop();
  run_job_.drop();
  forget_newer();
  if (session()) session()->cancel();
  if (previous_ && previous_->name != model.name) let_go(previous_);
  previous_ = std::move(open_);
  open_ = std::move(model);
  if (session()) session()->set_timed(timed_);
  run_.reset();
  wanted_.reset();
  waiting_.reset();
  listener_.model(opened);
}

void Pipeline::let_go(std::optional<OpenModel>& old) {
  // The destructor of a session joins its thread, so another thread does it.
  jobs_.in_order()([gone = std::make_shared<OpenModel>(std::move(*old))](const std::stop_token&) mutable { gone.reset(); });
  old.reset();
}

// ---- the run --------------------------------------------------------------------------------------------------

void Pipeline::submit(RunRequest request, int n_generate) {
  wanted_ = request;
  if (n_generate == 0 && !next_ && run_job_.running() && running_ && differ_in_strengths_alone(*running_, request)) {
    waiting_ = std::move(request);
    return;
  }
  waiting_.reset();
  listener_.asked();  // before observers of the jobs are told: they might start a study of the old run
  request.n_generate = n_generate;
  running_ = request;
  const auto positions = static_cast<long long>(request.prompt.size() + request.forced.size()) + n_generate;
  auto [job, answer] = jobs_.open<Run>(counted(positions, "running {0} token", "running {0} tokens"),
                                       [this, n_generate](Result<Run> result) { finished(std::move(result), n_generate); });
  run_job_ = std::move(job);
  const auto progress = [work = answer.work()](const RunProgress& p) {
    const double n_layer = std::max(1, p.n_layer);
    work.progress((p.positions_done * n_layer + p.block) / (std::max(1, p.positions_total) * n_layer));
  };
  newest().session->submit(std::move(request), answer, progress, answer.work().stop());
}

void Pipeline::finished(Result<Run> result, int n_generate) {
  running_.reset();
  if (!result) {
    waiting_.reset();
    wanted_.reset();  // so that the same request can be made again
    forget_newer();
    listener_.failed(result.error());
    return;
  }
  if (n_generate > 0 && load_job_.running()) {
    // The document has gone on to another model (by undo, say), whose text these tokens do not continue.
    wanted_.reset();
    return;
  }
  auto fresh = std::make_shared<Run>(std::move(*result));
  int made = 0;
  if (n_generate > 0) {
    // The run is now that of a subject with a longer continuation.
    const auto ids = fresh->edited->ids();
    std::vector<TokenId> continuation(ids.begin() + static_cast<std::ptrdiff_t>(fresh->request.prompt.size()), ids.end());
    made = static_cast<int>(continuation.size() - fresh->request.forced.size());
    fresh->request.forced = std::move(continuation);
    fresh->request.n_generate = 0;
    wanted_ = fresh->request;
  }
  run_ = std::move(fresh);
  if (next_) {
    take_next();
    listener_.renewed();
  }
  listener_.run(made);
  if (auto waiting = std::exchange(waiting_, std::nullopt)) submit(std::move(*waiting), 0);
  if (later_) {
    OpenModel later = std::move(*later_);
    later_.reset();
    renew(std::move(later));
  }
}

}  // namespace gf::doc
