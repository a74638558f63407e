// Leads a Subject to its Run: opens the model, keeps the one before for an instant undo, asks for the run, generates.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/document/request.h"
#include "app/document/work/jobs.h"
#include "model/session.h"

namespace gf::doc {

/// A model with what runs it, under the name that it was asked for by.
struct OpenModel {
  std::string name;
  std::shared_ptr<const Model> model;
  std::shared_ptr<Session> session;
};
/// Blocks. `progress`: 0..1; false from it gives up. Errors: those of loading and of the backend, Cancelled.
[[nodiscard]] Result<OpenModel> open_by_name(const std::string& name, const std::function<bool(double)>& progress = {});
/// The session's own thread, as a place for jobs. A job stops with the session, and with a newer one of the same name.
[[nodiscard]] JobPlace on_session(std::shared_ptr<Session> session, std::string name);

/// Never waits; lives on the thread of its Jobs, which outlive it. What is there stays until something newer is.
class Pipeline {
 public:
  /// What the owner hears. follow() may be called from any of them.
  struct Listener {
    std::function<void()> asked;  ///< a run has been asked for, and goes before all else on the session
    /// Another model is there, without a run; `opened`: it was not kept from before. follow() is to be called.
    std::function<void(bool opened)> model;
    std::function<void(const std::string& name, const Error& error)> not_opened;  ///< Cancelled too
    std::function<void(int generated)> run;
    std::function<void(const Error& error)> failed;  ///< the run asked for; Cancelled too
  };
  Pipeline(Jobs& jobs, Listener listener);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Makes model and run those of the subject. Errors: request_of()'s, and the run stays as it is.
  Result<void> follow(const Subject& subject, const RunSettings& settings);
  /// Samples at most n more tokens behind the subject's, as far as the context goes; run()->request.forced then holds
  /// all. Errors: request_of()'s, and InvalidArgument where the context is full. Nothing happens without a model.
  Result<void> generate(const Subject& subject, const RunSettings& settings, int n);
  /// Tries a model that did not open once more when it is next asked for.
  void retry() { failed_name_.reset(); }
  /// Gives up what goes on.
  void cancel();
  /// Whether runs are timed, see Session::set_timed().
  void set_timed(bool on);

  [[nodiscard]] const OpenModel* open() const { return open_ ? &*open_ : nullptr; }
  [[nodiscard]] std::shared_ptr<const Model> model() const { return open_ ? open_->model : nullptr; }
  [[nodiscard]] std::shared_ptr<Session> session() const { return open_ ? open_->session : nullptr; }
  [[nodiscard]] std::shared_ptr<const Run> run() const { return run_; }  ///< the newest; null before a model's first
  [[nodiscard]] bool running() const { return run_job_.running(); }
  /// The run is that of the newest subject.
  [[nodiscard]] bool settled() const { return run_ && !running() && !load_job_.running(); }

 private:
  void load(const std::string& name);
  void adopt(OpenModel model, bool opened);
  void submit(RunRequest request, int n_generate);
  void finished(Result<Run> result, int n_generate);
  void let_go(std::optional<OpenModel>& old);

  Jobs& jobs_;
  Listener listener_;
  std::optional<OpenModel> open_, previous_;
  std::string loading_;                     ///< while load_job_ runs
  std::optional<std::string> failed_name_;  ///< did not open: not tried again by itself
  std::shared_ptr<const Run> run_;
  std::optional<RunRequest> wanted_;  ///< what was last asked of the session
  bool timed_ = false;
  Job load_job_, run_job_;
};

}  // namespace gf::doc
