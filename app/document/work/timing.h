// Where the time of a pass goes, and what the machine can at most: asked for only while somebody looks.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "app/document/work/jobs.h"
#include "model/pass_times.h"
#include "model/session.h"

namespace gf::doc {

class Timing {
 public:
  /// `changed`: on or off, the times, or what the machine can. The Jobs outlive it.
  Timing(Jobs& jobs, std::function<void()> changed) : jobs_(jobs), changed_(std::move(changed)) {}

  [[nodiscard]] bool on() const { return on_; }
  /// Turned on, the present run is computed once more for its times.
  void set(bool on, const std::shared_ptr<Session>& session, const std::shared_ptr<const Run>& run);
  /// Another run, or none yet, of a session that is timed while on().
  void follow(const std::shared_ptr<Session>& session, std::shared_ptr<const Run> run);

  /// Of the newest pass; null: none yet.
  [[nodiscard]] std::shared_ptr<const PassTimes> times() const { return times_; }
  /// Of a device as its maker says, else as measured; nullopt while that goes on.
  [[nodiscard]] std::optional<Rates> limits() const;

 private:
  void run_again(const std::shared_ptr<Session>& session, std::shared_ptr<const Run> run);
  void measure();

  Jobs& jobs_;
  std::function<void()> changed_;
  bool on_ = false;
  std::shared_ptr<const PassTimes> times_;
  std::optional<Rates> machine_;
  Job again_, meter_;
};

}  // namespace gf::doc
