// From a Subject to its Run: opens the model, keeps the one before for an instant undo, asks for the run, generates.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/jobs.h"
#include "app/document/document.h"
#include "app/document/request.h"
#include "model/session.h"

namespace gf::doc {

/// A model and the session that runs it; null for a structure, which is a model without weights. `name`: what the user called it.
struct OpenModel {
  std::string name;
  std::shared_ptr<const Model> model;
  std::shared_ptr<Session> session;
  /// For each weight, the gradient of the loss and the last change, from the newest step of a training. null: it is not being trained.
  std::shared_ptr<const Weights> gradient = nullptr, update = nullptr;
};
/// Blocks the calling thread. `progress` gets 0..1 and returns false to cancel. Errors: those of loading and of the backend, Cancelled.
[[nodiscard]] Result<OpenModel> open_by_name(const std::string& name, const std::function<bool(double)>& progress = {});
/// Runs jobs on the session's own thread. A job stops when the session ends, or when a newer job has the same name.
[[nodiscard]] JobPlace on_session(std::shared_ptr<Session> session, std::string name);

/// Lives on the thread of its Jobs, which outlive it; no function waits. The old model and run stay until newer ones are ready.
class Pipeline {
 public:
  /// Callbacks to the owner. Each of them may call run_for().
  struct Listener {
    std::function<void()> asked;  ///< the pipeline asks for a run; the session runs it before its other jobs
    /// Another model is open and has no run yet; the owner calls run_for(). `opened`: it was loaded, not kept from before.
    std::function<void(bool opened)> model;
    std::function<void(const std::string& name, const Error& error)> not_opened;  ///< opening failed or was cancelled
    std::function<void(int generated)> run;          ///< a run is ready; `generated`: how many tokens it has added
    std::function<void(const Error& error)> failed;  ///< the run failed, or was cancelled
    /// A newer state of the open model has replaced it, and the run is that of the newer state; see renew().
    std::function<void()> renewed = [] {};
  };
  Pipeline(Jobs& jobs, Listener listener);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Opens the subject's model and asks for its run, where they are not there yet. A newer run interrupts the one that is on its way, but
  /// where only strengths of edits differ it waits for that one: else nothing would change while a slider is dragged faster than the model
  /// runs. Errors: as request_of(); the run then stays as it is.
  Result<void> run_for(const Subject& subject, const RunSettings& settings);
  /// Samples at most n tokens after the subject's, as many as the context has room for; run()->request.forced then holds
  /// all of them. Does nothing without a model. Errors: as request_of(); InvalidArgument where the context is full.
  Result<void> generate(const Subject& subject, const RunSettings& settings, int n);
  /// A training calls this with each newer state of its model; name, sizes and tokenizer are the same. If that model is open, the
  /// pipeline asks for its run again; the old model and run stay until the new run is ready, and both change together. At most one
  /// state waits while another one runs: a newer state replaces it.
  void renew(OpenModel model);
  /// Lets run_for() try again to open a model that did not open before.
  void retry() { failed_name_.reset(); }
  /// Cancels opening and running.
  void cancel();
  /// Cancels, and lets go of the models and the run.
  void close();
  /// Has runs timed, see Session::set_timed().
  void set_timed(bool on);

  [[nodiscard]] const OpenModel* open() const { return open_ ? &*open_ : nullptr; }
  [[nodiscard]] std::shared_ptr<const Model> model() const { return open_ ? open_->model : nullptr; }
  [[nodiscard]] std::shared_ptr<Session> session() const { return open_ ? open_->session : nullptr; }
  [[nodiscard]] std::shared_ptr<const Run> run() const { return run_; }  ///< the newest; null until the open model has run once
  [[nodiscard]] bool running() const { return run_job_.running() || waiting_; }
  [[nodiscard]] bool loading() const { return load_job_.running(); }
  /// run() is that of the newest subject; or a structure is open, which never has one.
  [[nodiscard]] bool settled() const { return (run_ || (open_ && !open_->session)) && !running() && !loading(); }

 private:
  void load(const std::string& name);
  void adopt(OpenModel model, bool opened);
  void submit(RunRequest request, int n_generate);
  void finished(Result<Run> result, int n_generate);
  /// The newest state of the open model. Runs are asked of this one.
  [[nodiscard]] const OpenModel& newest() const { return next_ ? *next_ : *open_; }
  void take_next();
  void forget_newer();
  void let_go(std::optional<OpenModel>& old);

  Jobs& jobs_;
  Listener listener_;
  std::optional<OpenModel> open_, previous_;
  std::optional<OpenModel> next_, later_;   ///< newer states of the open model: the one whose run is on its way, and one after it
  std::string loading_;                     ///< while load_job_ runs
  std::optional<std::string> failed_name_;  ///< did not open; run_for() does not try it again
  std::shared_ptr<const Run> run_;
  std::optional<RunRequest> wanted_;   ///< the newest request
  std::optional<RunRequest> running_;  ///< the one that the session has
  std::optional<RunRequest> waiting_;  ///< wanted_, while it waits for running_
  bool timed_ = false;
  Job load_job_, run_job_;
};

}  // namespace gf::doc
