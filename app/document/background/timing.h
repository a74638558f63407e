// Where the time of a pass goes, and the limits of the machine. Measured only while the panel shows.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "app/document/background/jobs.h"
#include "model/pass_times.h"
#include "model/session.h"

namespace gf::doc {

class Timing {
 public:
  /// `changed` is called when on(), times() or limits() has changed. The Jobs outlive it.
  Timing(Jobs& jobs, std::function<void()> changed) : jobs_(jobs), changed_(std::move(changed)) {}

  [[nodiscard]] bool on() const { return on_; }
  /// When it is turned on, the present run is computed once more for its times.
  void set(bool on, const std::shared_ptr<Session>& session, const std::shared_ptr<const Run>& run);
  /// Takes the times of another run; null: there is none yet. While on(), the session times its runs.
  void follow(const std::shared_ptr<Session>& session, std::shared_ptr<const Run> run);

  /// Those of the newest pass; null: none yet.
  [[nodiscard]] std::shared_ptr<const PassTimes> times() const { return times_; }
  /// What the data sheet of a device says, else what was measured; nullopt while that is measured.
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
