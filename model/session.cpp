#include "model/session.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/io/structure.h"
#include "model/run/run_engine.h"

namespace gf {

Result<std::shared_ptr<const Model>> open_model(const std::string& path) { return open_model(path, LoadOptions{}); }

Result<std::shared_ptr<const Model>> open_model(const std::string& path, const LoadOptions& options) {
  auto model = std::make_shared<Model>();
  const auto inputs = std::make_shared<InputFiles>();
  const InputFiles::Scope protect(*inputs);
  model->inputs = inputs;
  std::string warning;
  if (is_structure(path)) {
    GF_TRY_ASSIGN(model->weights, load_structure(path, options));
    const std::string& file = model->weights->path;
    GF_TRY_ASSIGN(model->tokenizer, file.empty() ? gpt2_tokenizer() : load_tokenizer(file, model->weights->config.n_vocab, &warning));
  } else {
    GF_TRY_ASSIGN(model->weights, load_weights(path, options));
    for (const std::string& file : weights_beside(path)) note_input(file);
    GF_TRY_ASSIGN(model->tokenizer, load_tokenizer(path, model->weights->config.n_vocab, &warning));
  }
  model->warnings = model->weights->warnings;
  if (!warning.empty()) model->warnings.push_back(std::move(warning));
  return model;
}

namespace {

class WorkerSession final : public Session {
 public:
  WorkerSession(std::shared_ptr<const Model> model, std::unique_ptr<Backend> backend, std::size_t cache_bytes)
      : engine_(std::move(model), std::move(backend), cache_bytes), worker_([this](std::stop_token stop) { work(stop); }) {}

  ~WorkerSession() override {
    cancel();
    worker_.request_stop();
    worker_.join();
  }
  WorkerSession(const WorkerSession&) = delete;
  WorkerSession& operator=(const WorkerSession&) = delete;

  const Model& model() const override { return engine_.model(); }
  std::string backend_name() const override { return engine_.backend().name(); }
  std::string device() const override { return engine_.backend().device(); }

  void forget_runs() override {
    const std::scoped_lock lock(engine_mutex_);
    engine_.forget_runs();
  }

  void set_timed(bool on) override { engine_.set_timed(on); }
  std::shared_ptr<const PassTimes> newest_times() const override { return engine_.newest_times(); }
  Result<void> time_again(const Run& run, std::stop_token stop) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.time_again(run, std::move(stop));
  }

  Result<Run> run(const RunRequest& request, std::stop_token stop, const std::function<void(const RunProgress&)>& progress) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.run(request, {std::move(stop), &progress});
  }

  Result<std::uint64_t> sweep(const Run& run, std::span<const Edit> cuts, const EachLogits& each, std::stop_token stop,
                              int position) override {
    std::uint64_t work = 0;
    for (std::size_t at = 0; at < cuts.size();) {
      const std::size_t count = RunEngine::together(cuts.subspan(at));
      const std::scoped_lock lock(engine_mutex_);
      GF_TRY_ASSIGN(
          const std::uint64_t part,
          engine_.sweep(
              run, cuts.subspan(at, count), [&](std::size_t i, std::span<const float> logits) { each(at + i, logits); }, stop, position));
      work += part;
      at += count;
    }
    return work;
  }

  Result<std::uint64_t> sweep_prompts(const Run& run, std::span<const std::vector<TokenId>> prompts, const EachLogits& each,
                                      std::stop_token stop) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.sweep_prompts(run, prompts, each, std::move(stop));
  }

  Result<std::shared_ptr<const Trace>> replay(const Trace& trace, HookId hook, const RunRequest& request) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.replay(trace, hook, request);
  }

  Result<std::unique_ptr<CompiledEdits>> edits_of(const Trace& trace, const RunRequest& request) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.edits_of(trace, request);
  }

  Result<Trace> pass(std::span<const TokenId> ids, int n_prompt, const CapturePlan& plan, CompiledEdits* edits,
                     std::stop_token stop) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.pass(ids, n_prompt, plan, edits, std::move(stop));
  }

  Result<Trace> gradients(const Trace& trace, std::span<const LogitSlope> slopes, const CapturePlan& plan, CompiledEdits* edits,
                          std::stop_token stop) override {
    const std::scoped_lock lock(engine_mutex_);
    return engine_.gradients(trace, slopes, plan, edits, std::move(stop));
  }

  void submit(RunRequest request, std::function<void(Result<Run>)> done, std::function<void(const RunProgress&)> progress,
              std::stop_token asker) override {
    Task task;
    task.is_run = true;
    task.body = [this, request = std::move(request), done = std::move(done), progress = std::move(progress),
                 asker = std::move(asker)](const std::stop_token& stop) {
      std::stop_source either;
      const auto give_up = [&] { either.request_stop(); };
      const std::stop_callback newer(stop, give_up), given_up(asker, give_up);
      if (either.stop_requested()) done(fail(ErrorCode::Cancelled, text("a newer request took the place of this one")));
      else done(run(request, either.get_token(), progress));
    };
    push(std::move(task));
  }

  void submit_job(std::string name, std::function<void(Session&, std::stop_token)> job) override {
    Task task;
    task.name = std::move(name);
    task.body = [this, job = std::move(job)](const std::stop_token& stop) {
      if (!stop.stop_requested()) job(*this, stop);
    };
    push(std::move(task));
  }

  void cancel() override {
    const std::scoped_lock lock(queue_mutex_);
    for (Task& t : queue_) t.source.request_stop();
    running_.source.request_stop();
  }

  bool busy() const override {
    const std::scoped_lock lock(queue_mutex_);
    return is_working_ || !queue_.empty();
  }

 private:
  struct Task {
    bool is_run = false;
    std::string name;
    std::function<void(const std::stop_token&)> body;
    std::stop_source source;
    [[nodiscard]] bool replaces(const Task& old) const { return is_run == old.is_run && name == old.name; }
  };

  void push(Task task) {
    {
      const std::scoped_lock lock(queue_mutex_);
      if (is_working_ && task.replaces(running_)) running_.source.request_stop();
      for (Task& old : queue_)
        if (task.replaces(old)) old.source.request_stop();
      // The user waits for runs: they go before jobs, but after older runs (whose `done` comes first).
      auto at = queue_.end();
      if (task.is_run) at = std::ranges::find_if(queue_, [](const Task& t) { return !t.is_run; });
      queue_.insert(at, std::move(task));
    }
    wake_.notify_one();
  }

  void work(const std::stop_token& stop) {
    for (;;) {
      std::function<void(const std::stop_token&)> body;
      std::stop_token token;
      {
        std::unique_lock lock(queue_mutex_);
        if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
        running_ = std::move(queue_.front());
        queue_.pop_front();
        is_working_ = true;
        body = std::move(running_.body);
        token = running_.source.get_token();
      }
      body(token);
      body = nullptr;  // destroys what it captured, before busy() says that all is done
      const std::scoped_lock lock(queue_mutex_);
      is_working_ = false;
    }
  }

  RunEngine engine_;
  std::mutex engine_mutex_;  ///< held while the backend computes
  mutable std::mutex queue_mutex_;
  std::condition_variable_any wake_;
  std::deque<Task> queue_;
  Task running_;
  bool is_working_ = false;
  std::jthread worker_;  ///< last: it uses everything above
};

BackendMaker& backend_maker() {
  static BackendMaker maker;
  return maker;
}

}  // namespace

void set_backend_maker(BackendMaker maker) { backend_maker() = std::move(maker); }

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const Model> model, Options options) {
  EXPECTS(model != nullptr && model->weights != nullptr && model->tokenizer != nullptr, "a loaded model");
  if (!model->weights->has_values()) return tl::unexpected(model->weights->no_values_error());
  const BackendMaker& maker = backend_maker();
  if (!maker && options.backend != "auto" && options.backend != "cpu")
    return fail(ErrorCode::Unsupported, text("the backend '{0}' is not part of this program; use auto or cpu", options.backend));
  auto backend = maker && options.backend != "cpu" ? maker(options.backend, options.threads) : make_cpu_backend(options.threads);
  GF_TRY(backend->load(model->weights));
  return std::make_unique<WorkerSession>(std::move(model), std::move(backend), options.cache_bytes);
}

}  // namespace gf
