#include "app/document/background/jobs.h"

#include <algorithm>
#include <list>
#include <map>
#include <thread>

#include "app/document/background/worker.h"
#include "model/base/text.h"

namespace gf::doc {

struct JobsCore {
  struct Entry {
    JobInfo info;
    std::stop_source stop;
    std::function<void(const std::shared_ptr<void>&)> done;
  };
  struct Thread {
    std::shared_ptr<std::atomic<bool>> over;
    std::jthread thread;
  };

  // Only the owner's thread uses these.
  Post post;
  std::map<JobId, Entry> entries;  ///< running; the oldest first
  JobId newest = 0;
  std::function<void()> observer;
  std::list<Thread> threads;
  std::unique_ptr<Worker> worker;

  void tell(const JobInfo& changed) const {
    if (!changed.title.empty() && observer) observer();
  }
  [[nodiscard]] Entry* find(JobId id) {
    const auto at = entries.find(id);
    return at == entries.end() ? nullptr : &at->second;
  }
  /// Does nothing for a job that was dropped before its answer arrived.
  void end(JobId id, const std::shared_ptr<void>& result) {
    const auto node = entries.extract(id);
    if (node.empty()) return;
    node.mapped().done(result);
    tell(node.mapped().info);
  }
  void drop(JobId id) {
    const auto node = entries.extract(id);
    if (node.empty()) return;
    node.mapped().stop.request_stop();
    tell(node.mapped().info);
  }
  void cancel(JobId id) {
    if (Entry* entry = find(id)) entry->stop.request_stop();
  }
};

// ---- on the work's thread -------------------------------------------------------------------------------------

struct JobWork::Shared {
  std::weak_ptr<JobsCore> core;
  Post post;
  JobId id;
  std::stop_source stop;
  std::atomic<bool> answered{false}, underway{false};
  std::atomic<int> hundredths{-1};
  std::atomic<double> fraction{-1};

  Shared(std::weak_ptr<JobsCore> of, Post to, JobId number, std::stop_source source)
      : core(std::move(of)), post(std::move(to)), id(number), stop(std::move(source)) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { end(nullptr); }
  void end(std::shared_ptr<void> result) {
    if (answered.exchange(true)) return;
    post([of = core, number = id, result = std::move(result)] {
      if (const auto jobs = of.lock()) jobs->end(number, result);
    });
  }
};

JobWork::JobWork(std::weak_ptr<JobsCore> core, Post post, JobId id, const std::stop_source& stop)
    : shared_(std::make_shared<Shared>(std::move(core), std::move(post), id, stop)) {}

std::stop_token JobWork::stop() const { return shared_->stop.get_token(); }

void JobWork::request_stop() const { shared_->stop.request_stop(); }

void JobWork::end(std::shared_ptr<void> result) const { shared_->end(std::move(result)); }

void JobWork::progress(double fraction) const {
  fraction = std::clamp(fraction, 0.0, 1.0);
  shared_->fraction = fraction;
  if (const int now = static_cast<int>(100 * fraction); shared_->hundredths.exchange(now) == now) return;
  if (shared_->underway.exchange(true)) return;
  // Weak: a notice that is still posted must not keep the job alive.
  shared_->post([weak = std::weak_ptr(shared_)] {
    const auto shared = weak.lock();
    const auto core = shared ? shared->core.lock() : nullptr;
    if (!core) return;
    shared->underway = false;
    JobsCore::Entry* entry = core->find(shared->id);
    if (!entry) return;
    entry->info.fraction = shared->fraction;
    core->tell(entry->info);
  });
}

// ---- on the owner's thread ------------------------------------------------------------------------------------

Job& Job::operator=(Job&& other) noexcept {
  if (this == &other) return *this;
  drop();
  core_ = std::exchange(other.core_, {});
  id_ = other.id_;
  return *this;
}

bool Job::running() const {
  const auto core = core_.lock();
  return core && core->find(id_);
}

double Job::fraction() const {
  const auto core = core_.lock();
  const JobsCore::Entry* entry = core ? core->find(id_) : nullptr;
  return entry ? entry->info.fraction : -1;
}

void Job::cancel() const {
  if (const auto core = core_.lock()) core->cancel(id_);
}

void Job::drop() {
  if (const auto core = std::exchange(core_, {}).lock()) core->drop(id_);
}

Jobs::Jobs(Post post) : core_(std::make_shared<JobsCore>()) { core_->post = std::move(post); }

Jobs::~Jobs() {
  core_->observer = {};
  cancel_all();
  core_->entries.clear();
  core_->worker.reset();
  core_->threads.clear();
}

Error Jobs::never_begun() { return {ErrorCode::Cancelled, text("The work was given up before it began."), "jobs"}; }

std::pair<Job, JobWork> Jobs::add(std::string title, std::function<void(const std::shared_ptr<void>&)> done) {
  const JobId id = ++core_->newest;
  const auto& entry = core_->entries[id] = {{id, std::move(title), -1}, {}, std::move(done)};
  std::pair<Job, JobWork> both{Job(core_, id), JobWork(core_, core_->post, id, entry.stop)};
  core_->tell(JobInfo(entry.info));
  return both;
}

JobPlace Jobs::own_thread() {
  return [weak = std::weak_ptr(core_)](std::function<void(const std::stop_token&)> task) {
    const auto core = weak.lock();
    if (!core) return;
    std::erase_if(core->threads, [](const JobsCore::Thread& t) { return t.over->load(); });
    auto over = std::make_shared<std::atomic<bool>>(false);
    core->threads.push_back({over, std::jthread([over, task = std::move(task)](const std::stop_token& stop) mutable {
                               task(stop);
                               task = {};
                               over->store(true);
                             })});
  };
}

JobPlace Jobs::in_order() {
  return [weak = std::weak_ptr(core_)](std::function<void(const std::stop_token&)> task) {
    const auto core = weak.lock();
    if (!core) return;
    if (!core->worker) core->worker = std::make_unique<Worker>();
    core->worker->add([task = std::move(task)] { task({}); });
  };
}

Post Jobs::poster() const {
  return [post = core_->post, weak = std::weak_ptr(core_)](std::function<void()> act) {
    post([weak, act = std::move(act)] {
      if (weak.lock()) act();
    });
  };
}

std::vector<JobInfo> Jobs::listed() const {
  std::vector<JobInfo> all;
  for (const auto& [id, entry] : core_->entries)
    if (!entry.info.title.empty()) all.push_back(entry.info);
  return all;
}

void Jobs::cancel(JobId id) { core_->cancel(id); }

void Jobs::cancel_all() {
  for (auto& [id, entry] : core_->entries) entry.stop.request_stop();
}

void Jobs::on_change(std::function<void()> observer) { core_->observer = std::move(observer); }

}  // namespace gf::doc
