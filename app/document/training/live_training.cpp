#include "app/document/training/live_training.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>

#include "app/document/training/head_series.h"
#include "model/base/text.h"
#include "model/training/training_texts.h"

namespace gf::doc {
namespace {

namespace fs = std::filesystem;
using training::TrainingRun;

constexpr std::int64_t kLooks = 40;
constexpr std::size_t kMostSamples = 200;
constexpr auto kBetweenReports = std::chrono::milliseconds(100);  // a window shows no more

tl::unexpected<Error> refused(std::string why) { return fail(ErrorCode::InvalidArgument, std::move(why), "training"); }

std::string absolute_folder(const std::string& folder) {
  std::error_code error;
  const fs::path path = fs::absolute(folder, error).lexically_normal();
  const std::string whole = error ? folder : path.string();
  return whole.size() > 1 && whole.back() == '/' ? whole.substr(0, whole.size() - 1) : whole;
}

/// A copy of the present parameters as a model like the one that stands in the folder.
Result<std::shared_ptr<const Model>> model_now(const training::Parameters& parameters, const Model& in_folder) {
  GF_TRY_ASSIGN(const auto values, parameters.snapshot());
  auto weights = std::make_shared<Weights>(*values);
  weights->name = in_folder.weights->name;
  weights->path = in_folder.weights->path;
  auto model = std::make_shared<Model>(in_folder);
  model->weights = std::move(weights);
  return std::shared_ptr<const Model>(std::move(model));
}

/// The first tokens of the held-out part, or of a batch.
std::vector<TokenId> sample_prompt(const training::Trainer& trainer) {
  constexpr int kMost = 64;
  training::Batch batch;
  if (!trainer.data().held_out_batch(0, 1, batch)) trainer.data().batch(0, 1, training::Order::Sequential, 0, batch);
  const int n = std::clamp(trainer.options().context / 2, 1, kMost);
  return {batch.inputs.begin(), batch.inputs.begin() + n};
}

/// What a model that learns this text is watched with: the text's first words.
std::string prompt_of(const TrainingRun& run, const Tokenizer& tokenizer) {
  if (const training::TrainingText* text = training::find_training_text(run.call().data)) return text->prompt;
  constexpr std::size_t kMost = 32;
  training::Batch batch;
  run.trainer().data().batch(0, 1, training::Order::Sequential, 0, batch);
  const std::size_t n = std::min(kMost, batch.inputs.size() / 2);
  std::string words = tokenizer.decode({batch.inputs.begin(), batch.inputs.begin() + static_cast<std::ptrdiff_t>(n)});
  words.resize(std::min(words.size(), words.find('\n')));
  return valid_utf8(words);
}

Result<TrainingSample> sample_of(Session& session, const std::vector<TokenId>& prompt, std::int64_t step, const std::stop_token& stop) {
  constexpr int kMost = 64;
  RunRequest request;
  request.prompt = prompt;
  request.n_generate = std::min(kMost, session.model().weights->config.n_ctx - static_cast<int>(prompt.size()));
  request.sampler.greedy = false;
  request.sampler.temperature = 0.8F;
  request.plan = {};
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  const auto ids = run.edited->ids();
  const std::vector<TokenId> made(ids.begin() + static_cast<std::ptrdiff_t>(prompt.size()), ids.end());
  const Tokenizer& tokenizer = *session.model().tokenizer;
  return TrainingSample{step, valid_utf8(tokenizer.decode(prompt)), valid_utf8(tokenizer.decode(made))};
}

}  // namespace

/// What the steps' thread and the owner share.
struct LiveTraining::Shared {
  TrainingPlan plan;
  bool resumes = false;
  std::optional<std::int64_t> steps_in_all;
  std::atomic<std::int64_t> look_every{-1};

  // The steps' thread alone uses these while the job runs.
  std::optional<TrainingRun> run;
  std::shared_ptr<const Model> in_folder;
  std::chrono::steady_clock::time_point reported{};
  std::vector<float> before;  ///< the parameters before the newest step, if a look follows it

  std::atomic<bool> looked_at{true};  ///< the owner has taken the newest look
  std::atomic<bool> waits{false};     ///< a report waits for the owner
  mutable std::mutex mutex;
  TrainingState news;  ///< guarded by mutex: what the owner takes over

  Result<void> prepare() {
    if (resumes) {
      GF_TRY_ASSIGN(auto notes, training::TrainingNotes::read(plan.folder));
      if (steps_in_all) notes.call.steps = *steps_in_all;
      GF_TRY_ASSIGN(run, TrainingRun::resume(std::move(notes), plan.folder));
    } else {
      GF_TRY_ASSIGN(run, TrainingRun::begin(plan.source, plan.folder));
    }
    std::int64_t unsaid = -1;
    look_every.compare_exchange_strong(unsaid, std::max<std::int64_t>(1, run->call().steps / kLooks));
    return {};
  }

  void note(TrainingPhase phase) {
    const std::lock_guard lock(mutex);
    news.phase = phase;
    news.call = run->call();
    news.steps = run->steps();
    news.kept = run->curve().empty() ? -1 : run->curve().back().step;
    news.steps_per_s = run->steps_per_s();
    news.tokens_per_s = run->tokens_per_s();
    news.losses = run->losses();
  }
  void note_held_out(std::int64_t step, std::optional<double> loss) {
    if (!loss) return;
    const std::lock_guard lock(mutex);
    if (!news.held_out.empty() && news.held_out.back().step >= step) return;
    news.held_out.push_back({step, std::nullopt, loss});
  }

  Result<void> keep() {
    GF_TRY(run->keep());
    note_held_out(run->steps(), run->curve().back().held_out);
    return {};
  }

  [[nodiscard]] bool look_is_due(std::int64_t step) const {
    return step % std::max<std::int64_t>(1, look_every) == 0 || step == run->call().steps || step % run->call().every == 0;
  }
  void remember() {
    const auto values = run->trainer().parameters().values();
    if (look_is_due(run->steps() + 1)) before.assign(values.begin(), values.end());
    else before.clear();
  }

  /// look(), or the reason against it among the news: the steps go on without.
  std::optional<TrainingLook> try_look(const std::stop_token& stop) {
    auto seen = look(stop);
    const std::lock_guard lock(mutex);
    news.error.reset();
    if (seen) return std::move(*seen);
    news.error = std::move(seen).error();
    looked_at = true;
    return std::nullopt;
  }

 private:
  /// Gradient and change of the newest step. Errors: OutOfMemory.
  Result<void> add_motion(OpenModel& to) const {
    const training::Parameters& parameters = run->trainer().parameters();
    if (before.size() != parameters.values().size()) return {};  // no step was made yet
    GF_TRY_ASSIGN(to.gradient, parameters.weights_of(run->trainer().gradients()));
    std::vector<float> change(before.size());
    std::ranges::transform(parameters.values(), before, change.begin(), std::minus<>());
    GF_TRY_ASSIGN(to.update, parameters.weights_of(change));
    return {};
  }

  /// The model as it is, what it writes and where its heads look. Errors: OutOfMemory, Session::create()'s.
  Result<TrainingLook> look(const std::stop_token& stop) {
    note_held_out(run->steps(), run->kept() ? run->curve().back().held_out : run->trainer().held_out_loss());
    GF_TRY_ASSIGN(auto model, model_now(run->trainer().parameters(), *in_folder));
    GF_TRY_ASSIGN(auto session, Session::create(model, {}));
    TrainingLook look{run->steps(), {plan.folder, model, std::move(session)}, std::nullopt};
    GF_TRY(add_motion(look.model));
    if (auto sample = sample_of(*look.model.session, sample_prompt(run->trainer()), look.step, stop)) {
      const std::lock_guard lock(mutex);
      if (news.samples.size() == kMostSamples) news.samples.erase(news.samples.begin());
      news.samples.push_back(std::move(*sample));
    }
    if (auto heads = head_scores_of(*look.model.session, stop)) look.heads = std::move(*heads);
    return look;
  }
};

LiveTraining::LiveTraining(Jobs& jobs, Listener listener) : jobs_(jobs), listener_(std::move(listener)) {}
LiveTraining::~LiveTraining() = default;

Result<void> LiveTraining::check_idle() const {
  if (!state_.running()) return {};
  return refused(gf::text("A training goes on in {0}; pause or stop it first.", state_.folder));
}

Result<void> LiveTraining::start(TrainingPlan plan) {
  GF_TRY(check_idle());
  if (plan.folder.empty()) return refused(gf::text("A training needs a folder for its model and checkpoints; choose a new or empty one."));
  auto shared = std::make_shared<Shared>();
  plan.folder = absolute_folder(plan.folder);
  state_ = {};
  state_.folder = plan.folder;
  state_.call = plan.source.call;
  shared->look_every = plan.look_every > 0 ? plan.look_every : -1;
  shared->plan = std::move(plan);
  begin_work(std::move(shared));
  return {};
}

Result<void> LiveTraining::resume(const std::string& folder, std::optional<std::int64_t> steps) {
  GF_TRY(check_idle());
  auto shared = std::make_shared<Shared>();
  shared->plan.folder = absolute_folder(folder);
  shared->plan.said = {"train-resume", shared->plan.folder};
  if (steps) shared->plan.said.push_back(std::to_string(*steps));
  shared->resumes = true;
  shared->steps_in_all = steps;
  const bool same = state_.folder == shared->plan.folder;
  std::vector<TrainingSample> samples = same ? std::move(state_.samples) : std::vector<TrainingSample>();
  if (same) shared->look_every = state_.look_every;
  state_ = {};
  state_.folder = shared->plan.folder;
  state_.samples = samples;
  shared->news.samples = std::move(samples);
  begin_work(std::move(shared));
  return {};
}

Result<void> LiveTraining::go_on() {
  GF_TRY(check_idle());
  if (state_.phase == TrainingPhase::Paused && shared_) {
    begin_work(shared_);
    return {};
  }
  if (state_.phase == TrainingPhase::Stopped && state_.kept >= 0) return resume(state_.folder);
  return refused(
      state_.phase == TrainingPhase::Done
          ? gf::text("The training in {0} has made its {1} steps; Train on in the Train dock makes more.", state_.folder, state_.steps)
          : gf::text("There is no training that could go on; start one, or open the folder of one."));
}

void LiveTraining::pause() {
  lets_go_ = false;
  job_.cancel();
}

void LiveTraining::stop() {
  lets_go_ = true;
  if (state_.running()) return job_.cancel();
  if (state_.phase != TrainingPhase::Paused) return;
  shared_.reset();
  state_.phase = TrainingPhase::Stopped;
  listener_.changed();
}

void LiveTraining::set_look_every(std::int64_t steps) {
  state_.look_every = std::max<std::int64_t>(1, steps);
  if (shared_) shared_->look_every = state_.look_every;
  listener_.changed();
}

void LiveTraining::begin_work(std::shared_ptr<Shared> shared) {
  shared_ = std::move(shared);
  lets_go_ = false;
  state_.phase = TrainingPhase::Preparing;
  state_.error.reset();
  const std::string name = fs::path(state_.folder).filename().string();
  const auto post = jobs_.poster();
  // Called on the steps' thread; the owner may have another training by the time it is read.
  const auto tell = [this, post, weak = std::weak_ptr(shared_)](std::function<void()> act) {
    post([this, weak, act = std::move(act)] {
      if (const auto of = weak.lock(); of && of == shared_) act();
    });
  };
  const auto tell_state = [this, tell, shared = shared_.get()](bool always) {
    const auto now = std::chrono::steady_clock::now();
    if (!always && (now - shared->reported < kBetweenReports || shared->waits)) return;
    shared->reported = now;
    shared->waits = true;
    tell([this, shared] { report(*shared); });
  };
  const auto tell_look = [this, tell](TrainingLook look) {
    tell([this, look = std::make_shared<TrainingLook>(std::move(look))] {
      shared_->looked_at = true;
      listener_.looked(std::move(*look));
    });
  };
  job_ = jobs_.start<bool>(
      gf::text("training {0}", name), jobs_.own_thread(),
      [this, s = shared_, tell, tell_state, tell_look](const JobWork& work) -> Result<bool> {
        const std::stop_token stop = work.stop();
        if (!s->run) {
          GF_TRY(s->prepare());
          for (const training::CurvePoint& point : s->run->curve()) s->note_held_out(point.step, point.held_out);
        }
        if (s->run->due()) {
          GF_TRY(s->keep());
        }
        s->note(TrainingPhase::Learning);
        if (!s->in_folder) {
          GF_TRY_ASSIGN(s->in_folder, open_model(s->plan.folder));
          tell([this, s = s.get(), prompt = prompt_of(*s->run, *s->in_folder->tokenizer)] {
            listener_.begun(s->plan.folder, s->plan.said, prompt);
          });
        }
        tell_state(true);
        if (!stop.stop_requested()) {
          if (auto look = s->try_look(stop)) tell_look(std::move(*look));
        }
        while (!s->run->done()) {
          s->remember();
          GF_TRY(s->run->step());
          const bool stopping = stop.stop_requested();
          if (s->run->due() || (stopping && !s->run->kept())) {
            GF_TRY(s->keep());
          }
          work.progress(static_cast<double>(s->run->steps()) / static_cast<double>(s->run->call().steps));
          s->note(TrainingPhase::Learning);
          // A look that the owner has not taken yet makes the next one wait, but not the last.
          if (!stopping && s->look_is_due(s->run->steps()) && (s->run->done() || s->looked_at)) {
            s->looked_at = false;
            if (auto look = s->try_look(stop)) tell_look(std::move(*look));
          }
          tell_state(false);
          if (stopping) break;
        }
        return s->run->done();
      },
      [this, s = shared_](const Result<bool>& done) { ended(s, done ? Result<void>() : Result<void>(tl::unexpected(done.error()))); });
  listener_.changed();
}

void LiveTraining::report(const Shared& from) {
  const TrainingPhase phase = state_.phase;
  std::string folder = state_.folder;
  {
    const std::lock_guard lock(from.mutex);
    state_ = from.news;
  }
  shared_->waits = false;
  state_.folder = std::move(folder);
  // A report that was on its way when the training ended says nothing of that.
  if (phase != TrainingPhase::Preparing && phase != TrainingPhase::Learning) state_.phase = phase;
  state_.look_every = std::max<std::int64_t>(1, from.look_every);
  listener_.changed();
}

void LiveTraining::ended(const std::shared_ptr<Shared>& from, const Result<void>& result) {
  if (from != shared_) return;
  if (from->run) {
    from->note(TrainingPhase::Learning);
    report(*from);
  }
  const bool failed = !result && result.error().code != ErrorCode::Cancelled;
  if (failed) state_.error = result.error();
  const bool done = !failed && from->run && from->run->done();
  state_.phase = done ? TrainingPhase::Done : !from->run || failed || lets_go_ ? TrainingPhase::Stopped : TrainingPhase::Paused;
  if (state_.phase != TrainingPhase::Paused) shared_.reset();
  listener_.changed();
}

}  // namespace gf::doc
