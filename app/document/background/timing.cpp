#include "app/document/background/timing.h"

#include "app/document/background/pipeline.h"
#include "model/base/text.h"
#include "model/bench/bench.h"

namespace gf::doc {

std::optional<Rates> Timing::limits() const { return times_ && times_->limits.known() ? times_->limits : machine_; }

void Timing::set(bool on, const std::shared_ptr<Session>& session, const std::shared_ptr<const Run>& run) {
  if (on_ == on) return;
  on_ = on;
  if (!on) times_.reset();
  changed_();
  if (on && session && run) run_again(session, run);
}

void Timing::follow(const std::shared_ptr<Session>& session, std::shared_ptr<const Run> run) {
  again_.drop();
  times_ = on_ && run ? session->newest_times() : nullptr;
  if (!on_ || !run) return;
  if (times_) measure();
  else run_again(session, std::move(run));
}

void Timing::run_again(const std::shared_ptr<Session>& session, std::shared_ptr<const Run> run) {
  using Times = std::shared_ptr<const PassTimes>;
  again_ = jobs_.start<Times>(
      {}, on_session(session, "times"),
      // The session's own thread runs this, so the session is there.
      [session = session.get(), run = std::move(run)](const JobWork& work) -> Result<Times> {
        GF_TRY(session->time_again(*run, work.stop()));
        return session->newest_times();
      },
      [this](const Result<Times>& times) {
        // Where the run cannot be computed again (no memory), the next run brings the times.
        if (times && on_) {
          times_ = *times;
          changed_();
        }
        if (on_) measure();  // after the run, so that the two do not disturb each other
      });
}

void Timing::measure() {
  if (machine_ || meter_.running() || (times_ && times_->limits.known())) return;
  meter_ = jobs_.start<Rates>(
      {}, jobs_.own_thread(),
      [](const JobWork& work) -> Result<Rates> {
        if (const auto rates = bench::measure_rates(work.stop())) return *rates;
        return fail(ErrorCode::Cancelled, text("Measuring was cancelled."));
      },
      [this](const Result<Rates>& rates) {
        if (!rates) return;
        machine_ = *rates;
        changed_();
      });
}

}  // namespace gf::doc
