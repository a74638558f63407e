// The Stream's readings: made on the session's worker while the Stream is shown, dropped when a newer run is asked for.
#include "app/document/lab_state.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::doc {

scene::SceneInput Lab::State::scene_input() const {
  scene::SceneInput input{open ? open->model : nullptr, run};
  if (!run) return input;
  if (run->base == read_base) input.base_reading = base_reading;
  if (run->edited == read_edited) input.edited_reading = edited_reading;
  else if (run->edited == read_base) input.edited_reading = base_reading;
  return input;
}

void Lab::State::drop_readings() {
  reading_stop.request_stop();
  reading_stop = std::stop_source();
  ++reading_ticket;
  reading_run.reset();
  reading_job.reset();
}

void Lab::State::follow_readings() {
  if (history.now().view != scene::View::Stream || !run || running || reading_run == run) return;
  const scene::SceneInput input = scene_input();
  if (input.base_reading && input.edited_reading) return;
  // What is in view goes before the head grid's sweep, which starts anew behind it.
  if (scoring) {
    drop_scores();
    scored_run.reset();
  }
  drop_readings();
  reading_run = run;
  reading_job = Job{"reading the stream", -1, true};
  notify({.job = true});
  open->session->submit_job("stream", [weak = weak_from_this(), post_to = post, mine = reading_ticket, input, source = reading_stop](
                                          Session&, const std::stop_token& stop) {
    const std::stop_callback both(stop, [source]() mutable { source.request_stop(); });
    auto shared = std::make_shared<Result<scene::SceneInput>>(scene::with_readings(input, source.get_token()));
    post_to([weak, mine, shared] {
      const auto state = weak.lock();
      if (!state || state->reading_ticket != mine) return;
      state->reading_job.reset();
      // A plan that lacks what it takes is no error: the tiles stand without words.
      const bool told = !*shared && shared->error().code != ErrorCode::Cancelled && shared->error().code != ErrorCode::NotCaptured;
      if (told) state->error = shared->error();
      if (*shared) {
        state->reading_run.reset();
        state->base_reading = (*shared)->base_reading;
        state->edited_reading = (*shared)->edited_reading;
        state->read_base = (*shared)->run->base;
        state->read_edited = (*shared)->run->edited;
      }
      state->notify({.job = true, .error = told, .readings = true});
    });
  });
}

}  // namespace gf::doc
