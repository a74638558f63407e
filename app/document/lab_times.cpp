// Where the time of a pass goes: asked for only while somebody looks.
#include "app/document/lab_state.h"
#include "model/bench/bench.h"

namespace gf::doc {

void Lab::State::set_timing(bool on) {
  if (timing == on) return;
  timing = on;
  if (!on) pass_times.reset();
  if (open) open->session->set_timed(on);
  notify({.times = true});
  if (on && open && run) time_again();
}

void Lab::State::time_again() {
  open->session->submit_job("times",
                            [weak = weak_from_this(), post_to = post, run_now = run](Session& session, const std::stop_token& stop) {
                              // A run that is not to be had again (no memory) leaves the times to the next one.
                              const bool done = session.time_again(*run_now, stop).has_value();
                              post_to([weak, done, times = done ? session.newest_times() : nullptr, run_now] {
                                const auto state = weak.lock();
                                if (!state || !state->timing) return;
                                if (times && state->run == run_now) {
                                  state->pass_times = times;
                                  state->notify({.times = true});
                                }
                                state->measure_machine();
                              });
                            });
}

void Lab::State::measure_machine() {
  if (machine_rates || meter.joinable() || (pass_times && pass_times->limits.known())) return;
  meter = std::jthread([weak = weak_from_this(), post_to = post](const std::stop_token& stop) {
    const auto rates = bench::measure_rates(stop);
    post_to([weak, rates] {
      const auto state = weak.lock();
      if (!state || !rates) return;
      state->machine_rates = rates;
      state->notify({.times = true});
    });
  });
}

}  // namespace gf::doc
