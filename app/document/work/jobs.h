// Work in the background: what it is called, how far it is, how it is stopped, and its answer on the owner's thread.
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

/// Runs a function later on the owner's thread. Called from any thread.
using Post = std::function<void(std::function<void()>)>;
using JobId = unsigned long long;

/// A running job, for the status bar.
struct JobInfo {
  JobId id = 0;
  std::string title;     ///< "opening fable"; empty: not listed
  double fraction = -1;  ///< 0..1; < 0: unknown
};

class Jobs;
struct JobsCore;

/// A job as its work sees it, from any thread. The job ends with the last of its copies, unanswered if need be.
class JobWork {
 public:
  JobWork(std::weak_ptr<JobsCore> core, Post post, JobId id, const std::stop_source& stop);
  [[nodiscard]] std::stop_token stop() const;
  /// 0..1. The owner hears of whole hundredths, and of no more at a time than it has taken in.
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

/// Takes a job's result, once, on any thread; its owner hears of it on its own.
template <class T>
class JobAnswer {
 public:
  explicit JobAnswer(JobWork work) : work_(std::move(work)) {}
  [[nodiscard]] const JobWork& work() const { return work_; }
  void operator()(Result<T> result) const { work_.end(std::make_shared<Result<T>>(std::move(result))); }

 private:
  JobWork work_;
};

/// The hold on a job. Gone, or put in another's place, it cancels the job, whose answer is then never heard.
class Job {
 public:
  Job() = default;
  Job(std::weak_ptr<JobsCore> core, JobId id) : core_(std::move(core)), id_(id) {}
  ~Job() { drop(); }
  Job(Job&& other) noexcept : core_(std::exchange(other.core_, {})), id_(other.id_) {}
  Job& operator=(Job&& other) noexcept;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Until its answer has been heard.
  [[nodiscard]] bool running() const;
  /// As JobInfo has it; < 0 too where it does not run.
  [[nodiscard]] double fraction() const;
  /// Asks the work to stop; what it answers is heard.
  void cancel() const;
  void drop();
  /// Goes on without a holder, as long as its Jobs are there.
  void detach() { core_.reset(); }

 private:
  std::weak_ptr<JobsCore> core_;
  JobId id_ = 0;
};

/// Where work runs: takes a task to another thread. The task gets a token that stops with that place, or none.
using JobPlace = std::function<void(std::function<void(const std::stop_token&)>)>;

/// The background work of one owner, and the one place that tells a late answer: by the id of its job. Lives on its
/// owner's thread and calls it back there alone. Its end stops all work, waits for what runs on threads of its own, and
/// nothing is heard any more.
class Jobs {
 public:
  explicit Jobs(Post post);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Runs `work` at a place; `done` hears its result, or Cancelled where the place ended before it came to it.
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
  /// The same for what answers by a call of its own.
  template <class T>
  [[nodiscard]] std::pair<Job, JobAnswer<T>> open(std::string title, std::function<void(Result<T>)> done) {
    auto [job, work] = add(std::move(title), [done = std::move(done)](const std::shared_ptr<void>& result) {
      if (!done) return;
      if (result) done(std::move(*std::static_pointer_cast<Result<T>>(result)));
      else done(tl::unexpected(never_begun()));
    });
    return {std::move(job), JobAnswer<T>(std::move(work))};
  }

  /// A thread for the job alone.
  [[nodiscard]] JobPlace own_thread();
  /// One thread, where things are done one after the other.
  [[nodiscard]] JobPlace in_order();
  /// Runs something later on the owner's thread, unless the Jobs are gone by then. From any thread.
  [[nodiscard]] Post poster() const;

  /// Those with a title, the oldest first.
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
