#include "app/document/lab_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/recent.h"
#include "app/document/request.h"
#include "model/io/loaders.h"

namespace gf::doc {
namespace {

/// The request of the base run.
RunRequest unedited(RunRequest request) {
  request.recipe = {};
  return request;
}

}  // namespace

void Lab::State::notify(const Changes& changes) {
  // By index: an observer may add another.
  for (std::size_t i = 0; i < observers.size(); ++i) observers[i](changes);
}

void Lab::State::report(Error what) {
  error = std::move(what);
  notify({.error = true});
}

void Lab::State::execute(const Command& command) {
  if (!history.execute(command)) return;
  notify({.document = true});
  sync();
}

void Lab::State::sync() {
  if (follow_model()) follow_run();
}

// ---- the model ------------------------------------------------------------------------------------------------

bool Lab::State::follow_model() {
  const std::string& name = history.now().model;
  if (open && open->name == name) return true;
  if (previous && previous->name == name) {
    adopt(Open(*previous));
    return true;
  }
  if (loading != name && failed_model != name) start_loading(name);
  return false;
}

void Lab::State::start_loading(const std::string& name) {
  if (load_cancelled) load_cancelled->store(true);
  load_cancelled = std::make_shared<std::atomic<bool>>(false);
  loading = name;
  load_job = Job{"opening " + (name.empty() ? std::string("the bundled model") : name), 0, true};
  notify({.job = true});
  worker.add([weak = weak_from_this(), post_to = post, name, cancelled = load_cancelled] {
    LoadOptions options;
    int shown = -1;
    options.progress = [&](double fraction) {
      if (const int percent = static_cast<int>(fraction * 100); percent != shown) {
        shown = percent;
        post_to([weak, name, fraction] {
          const auto state = weak.lock();
          if (!state || state->loading != name || !state->load_job) return;
          state->load_job->fraction = fraction;
          state->notify({.job = true});
        });
      }
      return !cancelled->load();
    };
    auto opened = [&]() -> Result<Open> {
      GF_TRY_ASSIGN(const std::string path, resolve_model(name));
      GF_TRY_ASSIGN(auto model, gf::open_model(path, options));
      GF_TRY_ASSIGN(auto session, Session::create(model, {}));
      if (cancelled->load()) return fail(ErrorCode::Cancelled, "Opening was cancelled.");
      return Open{name, std::move(model), std::shared_ptr<Session>(std::move(session))};
    }();
    auto shared = std::make_shared<Result<Open>>(std::move(opened));
    post_to([weak, name, shared] {
      if (const auto state = weak.lock()) state->loaded(name, std::move(*shared));
    });
  });
}

void Lab::State::loaded(const std::string& name, Result<Open> opened) {
  if (loading != name) return;  // another was asked for meanwhile
  loading.reset();
  load_job.reset();
  if (!opened) {
    failed_model = name;
    // The document goes back to what is there; the failed step leaves no trace in the history.
    if (open && history.now().model == name) {
      history.forget();
      if (history.now().model == name) history.transient().model = open->name;
    }
    if (opened.error().code != ErrorCode::Cancelled) error = std::move(opened).error();
    notify({.document = true, .job = true, .error = true});
    sync();
    return;
  }
  error.reset();
  recent = add_recent(name.empty() ? opened->model->weights->name : name);
  adopt(std::move(*opened));
  notify({.job = true, .error = true, .recent = true});
  follow_run();
}

void Lab::State::adopt(Open opened) {
  drop_scores();
  drop_readings();
  base_reading = edited_reading = nullptr;
  read_base = read_edited = nullptr;
  if (open) open->session->cancel();
  // Ending a session joins its thread: that wait belongs on the worker.
  if (previous && previous->name != opened.name)
    worker.add([old = std::make_shared<Open>(std::move(*previous))]() mutable { old.reset(); });
  previous = std::move(open);
  open = std::move(opened);
  open->session->set_timed(timing);
  pass_times.reset();
  run.reset();
  wanted.reset();
  running = false;
  run_job.reset();
  ++ticket;
  Document& document = history.transient();
  document.prompt = prompt_for(*open->model, document.prompt);
  notify({.document = true, .model = true, .run = true, .job = true});
}

// ---- the run --------------------------------------------------------------------------------------------------

void Lab::State::follow_run() {
  auto request = request_of(history.now(), *open->model);
  if (!request) {
    report(std::move(request).error());
    return;
  }
  if (wanted && *wanted == *request) {
    follow_targets();
    follow_readings();
    follow_scores();
    return;
  }
  submit(std::move(*request), 0);
}

void Lab::State::submit(RunRequest request, int n_generate) {
  // What a cut would do to the base run does not change with the edits.
  const bool same_base = wanted && scored_colour == HeadColour::Effect && unedited(*wanted) == unedited(request);
  if (scoring || !same_base || n_generate > 0) drop_scores();
  drop_readings();
  wanted = request;
  running = true;
  request.n_generate = n_generate;
  const unsigned long long mine = ++ticket;
  const auto positions = request.prompt.size() + request.forced.size() + static_cast<std::size_t>(n_generate);
  run_job = Job{"running " + std::to_string(positions) + " tokens", 0, true};
  notify({.job = true});
  open->session->submit(
      std::move(request),
      [weak = weak_from_this(), post_to = post, mine, n_generate](Result<Run> result) {
        auto shared = std::make_shared<Result<Run>>(std::move(result));
        post_to([weak, mine, shared, n_generate] {
          if (const auto state = weak.lock()) state->finished(mine, std::move(*shared), n_generate);
        });
      },
      [weak = weak_from_this(), post_to = post, mine](const RunProgress& p) {
        const double total = std::max(1, p.positions_total) * static_cast<double>(std::max(1, p.n_layer));
        const double done = (p.positions_done * static_cast<double>(std::max(1, p.n_layer)) + p.block) / total;
        post_to([weak, mine, done] {
          const auto state = weak.lock();
          if (!state || state->ticket != mine || !state->run_job) return;
          state->run_job->fraction = std::min(1.0, done);
          state->notify({.job = true});
        });
      });
}

void Lab::State::finished(unsigned long long of, Result<Run> result, int generated) {
  if (of != ticket) return;
  running = false;
  run_job.reset();
  if (!result) {
    // What is shown stays; asking for the same again must run again.
    wanted.reset();
    if (result.error().code != ErrorCode::Cancelled) error = std::move(result).error();
    notify({.job = true, .error = true});
    return;
  }
  error.reset();
  auto fresh = std::make_shared<Run>(std::move(*result));
  if (generated > 0) {
    const auto ids = fresh->edited->ids();
    const std::size_t n_prompt = fresh->request.prompt.size();
    std::vector<TokenId> continuation(ids.begin() + static_cast<std::ptrdiff_t>(n_prompt), ids.end());
    const std::size_t made = continuation.size() - fresh->request.forced.size();
    // The run is now that of the document with its longer continuation.
    fresh->request.forced = continuation;
    fresh->request.n_generate = 0;
    wanted = fresh->request;
    history.execute({"generate " + std::to_string(made) + (made == 1 ? " token" : " tokens"),
                     [&](Document& d) {
                       d.continuation = continuation;
                       d.selected_position = -1;
                     },
                     {}});
  }
  run = std::move(fresh);
  follow_targets();
  if (timing) pass_times = open->session->newest_times();
  notify({.document = generated > 0, .run = true, .job = true, .error = true, .times = timing});
  if (timing) pass_times ? measure_machine() : time_again();
  follow_readings();
  follow_scores();
}

void Lab::State::follow_targets() {
  target.reset();
  rival.reset();
  if (!run || run->base->length() == 0) return;
  const Document& document = history.now();
  for (const auto& [text, to] : {std::pair{&document.target, &target}, std::pair{&document.rival, &rival}}) {
    auto id = token_of(*text, *open->model);
    if (!id) error = std::move(id).error();
    else *to = *id;
  }
  const auto& top = run->base->stats(run->base->length() - 1).top;
  if (!target && !top.empty()) target = top.front().id;
  if (!rival && document.rival.empty())
    for (const auto& t : top)
      if (t.id != *target) {
        rival = t.id;
        break;
      }
}

// ---- scores for the head grid ---------------------------------------------------------------------------------

void Lab::State::drop_scores() {
  score_stop.request_stop();
  score_stop = std::stop_source();
  ++score_ticket;
  scoring = false;
  score_job.reset();
}

void Lab::State::follow_scores() {
  if (!run || !target) return;
  const HeadColour colour = history.now().head_colour;
  const bool same_run = scored_run && (colour == HeadColour::Effect ? scored_run->base == run->base : scored_run == run);
  if (same_run && scored_colour == colour && scored_target == target && scored_rival == rival && (scores || scoring)) return;
  drop_scores();
  scored_run = run;
  scored_colour = colour;
  scored_target = target;
  scored_rival = rival;
  sweep_scores();
}

void Lab::State::sweep_scores() {
  scoring = true;
  const unsigned long long mine = score_ticket;
  score_job = Job{scored_colour == HeadColour::Effect ? "cutting each head in turn" : "scoring heads", 0, true};
  notify({.job = true});
  const auto answer = [weak = weak_from_this(), post_to = post, mine](Result<HeadGrid> grid) {
    auto shared = std::make_shared<Result<HeadGrid>>(std::move(grid));
    post_to([weak, mine, shared] {
      const auto state = weak.lock();
      if (!state || state->score_ticket != mine) return;
      state->scoring = false;
      state->score_job.reset();
      if (*shared) state->scores = std::make_shared<HeadGrid>(std::move(**shared));
      else if (shared->error().code != ErrorCode::Cancelled) state->error = shared->error();
      state->notify({.scores = true, .job = true, .error = !*shared});
    });
  };
  const auto progress = [weak = weak_from_this(), post_to = post, mine](double fraction) {
    post_to([weak, mine, fraction] {
      const auto state = weak.lock();
      if (!state || state->score_ticket != mine || !state->score_job) return;
      state->score_job->fraction = fraction;
      state->notify({.job = true});
    });
  };
  open->session->submit_job("head scores", [run_now = run, model = open->model, colour = scored_colour, a = *target, b = rival, answer,
                                            progress, source = score_stop](Session& session, const std::stop_token& stop) {
    const std::stop_callback both(stop, [source]() mutable { source.request_stop(); });
    if (source.stop_requested()) return;
    const auto grid = [&]() -> Result<HeadGrid> {
      if (colour == HeadColour::Effect) {
        GF_TRY_ASSIGN(AblationSweep sweep, ablate_sweep(session, unedited(run_now->request), a, b, source.get_token(), progress));
        return std::move(sweep.delta);
      }
      if (colour == HeadColour::Attribution) return head_attribution(*model, *run_now->edited, a, b);
      HeadScores s = gf::head_scores(*run_now->edited);
      switch (colour) {
        case HeadColour::Previous: return std::move(s.previous);
        case HeadColour::Induction: return std::move(s.induction);
        case HeadColour::Duplicate: return std::move(s.duplicate);
        default: return std::move(s.sink);
      }
    };
    answer(grid());
  });
}

}  // namespace gf::doc
