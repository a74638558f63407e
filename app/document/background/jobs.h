// Work in the background. Each job has a title, a progress, a way to stop it, and a result that its owner's thread receives.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "model/base/error.h"

namespace gf::doc {

/// Runs a function later on the owner's thread. Any thread may call it.
using Post = std::function<void(std::function<void()>)>;
using JobId = unsigned long long;

/// A running job, for the status bar.
struct JobInfo {
  JobId id = 0;
  std::string title;     ///< "opening fable"; empty: listed() leaves the job out
  double fraction = -1;  ///< 0..1; < 0: unknown
};

class Jobs;
struct JobsCore;

/// What the work of a job can do. Any thread may call it. When the last copy is destroyed and no result was given, the job
/// ends with Cancelled.
class JobWork {
 public:
  JobWork(std::weak_ptr<JobsCore> core, Post post, JobId id, const std::stop_source& stop);
  [[nodiscard]] std::stop_token stop() const;
  /// 0..1. Posts a notice to the owner at each new hundredth, but never a second one before the owner has read the first.
  void progress(double fraction) const;

 private:
  friend class Jobs;
  template <class T>
  friend class JobAnswer;
  struct Shared;
  void request_stop() const;
  void end(std::shared_ptr<void> result) const;
  std::shared_ptr<Shared> shared_;
};

/// Takes the result of a job. Any thread may call it; only the first call counts. The owner receives it on its own thread.
template <class T>
class JobAnswer {
 public:
  explicit JobAnswer(JobWork work) : work_(std::move(work)) {}
  [[nodiscard]] const JobWork& work() const { return work_; }
  void operator()(Result<T> result) const { work_.end(std::make_shared<Result<T>>(std::move(result))); }

 private:
  JobWork work_;
};

/// Owns a job. Its destructor, and the assignment of another job, cancel the job; its result is then dropped.
class Job {
 public:
  Job() = default;
  Job(std::weak_ptr<JobsCore> core, JobId id) : core_(std::move(core)), id_(id) {}
  ~Job() { drop(); }
  Job(Job&& other) noexcept : core_(std::exchange(other.core_, {})), id_(other.id_) {}
  Job& operator=(Job&& other) noexcept;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// True until the owner has received the result.
  [[nodiscard]] bool running() const;
  /// 0..1; < 0: unknown, or the job does not run.
  [[nodiscard]] double fraction() const;
  /// Asks the work to stop. The owner still receives a result.
  void cancel() const;
  void drop();
  /// Lets the job run without an owner of its own; it ends with its Jobs at the latest.
  void detach() { core_.reset(); }

 private:
  std::weak_ptr<JobsCore> core_;
  JobId id_ = 0;
};

/// Runs a task on another thread. The task gets a token that asks it to stop when that thread shuts down; some places
/// pass a token that never does.
using JobPlace = std::function<void(std::function<void(const std::stop_token&)>)>;

/// The background work of one owner. Its functions are called on the owner's thread, and results and notices are delivered
/// there. A result whose job was dropped is ignored. The destructor stops all jobs and waits for the
/// threads that this object started; afterwards nothing is delivered.
class Jobs {
 public:
  explicit Jobs(Post post);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Runs `work` at a place; `done` receives its result, or Cancelled where the place ended before the work began.
  template <class T>
  [[nodiscard]] Job start(std::string title, const JobPlace& place, std::function<Result<T>(const JobWork&)> work,
                          std::function<void(Result<T>)> done) {
    auto [job, answer] = open<T>(std::move(title), std::move(done));
    place([answer = std::move(answer), work = std::move(work)](const std::stop_token& ended) {
      const std::stop_callback both(ended, [&] { answer.work().request_stop(); });
      answer(work(answer.work()));
    });
    return std::move(job);
  }
  /// For work that runs elsewhere and calls the JobAnswer when it is done.
  template <class T>
  [[nodiscard]] std::pair<Job, JobAnswer<T>> open(std::string title, std::function<void(Result<T>)> done) {
    auto [job, work] = add(std::move(title), [done = std::move(done)](const std::shared_ptr<void>& result) {
      if (!done) return;
      if (result) done(std::move(*std::static_pointer_cast<Result<T>>(result)));
      else done(tl::unexpected(never_begun()));
    });
    return {std::move(job), JobAnswer<T>(std::move(work))};
  }

  /// Starts a thread for each job.
  [[nodiscard]] JobPlace own_thread();
  /// Runs jobs one after the other on one thread.
  [[nodiscard]] JobPlace in_order();
  /// Runs a function later on the owner's thread, unless the Jobs are destroyed by then. Any thread may call the result.
  [[nodiscard]] Post poster() const;

  /// The running jobs that have a title, the oldest first.
  [[nodiscard]] std::vector<JobInfo> listed() const;
  void cancel(JobId id);
  void cancel_all();
  /// Called when listed() has changed.
  void on_change(std::function<void()> observer);

 private:
  [[nodiscard]] static Error never_begun();
  [[nodiscard]] std::pair<Job, JobWork> add(std::string title, std::function<void(const std::shared_ptr<void>&)> done);
  std::shared_ptr<JobsCore> core_;
};

}  // namespace gf::doc
