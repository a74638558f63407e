// Turns a request into forward passes; it shares with earlier runs what it can, and computes the rest. Synchronous.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>

#include "model/backend.h"
#include "model/edits/compiled.h"
#include "model/run/trace_cache.h"
#include "model/session.h"

namespace gf {

/// Not thread safe unless a function says so: the session's lock guards it.
class RunEngine {
 public:
  RunEngine(std::shared_ptr<const Model> model, std::unique_ptr<Backend> backend, std::size_t cache_bytes)
      : model_(std::move(model)), backend_(std::move(backend)), cache_(cache_bytes) {}

  struct Control {
    std::stop_token stop;
    const std::function<void(const RunProgress&)>* progress = nullptr;
  };

  Result<Run> run(const RunRequest& request, const Control& control);
  /// As Session has it. Differences of vectors stay: no run that is kept takes part in them.
  void forget_runs() { cache_.clear(); }
  /// As Session has them; all cuts of a call stand at one hook. (model/run/run_engine_sweep.cpp)
  Result<std::uint64_t> sweep(const Run& run, std::span<const Edit> cuts, const Session::EachLogits& each, std::stop_token stop,
                              int position);
  Result<std::uint64_t> sweep_prompts(const Run& run, std::span<const std::vector<TokenId>> prompts, const Session::EachLogits& each,
                                      std::stop_token stop);
  /// How many of the first cuts may go into one call of sweep().
  [[nodiscard]] static std::size_t together(std::span<const Edit> cuts);
  Result<std::shared_ptr<const Trace>> replay(const Trace& trace, HookId hook, const RunRequest& request);
  /// As Session has them. (model/run/run_engine_gradients.cpp)
  Result<std::unique_ptr<CompiledEdits>> edits_of(const Trace& trace, const RunRequest& request);
  Result<Trace> pass(std::span<const TokenId> ids, int n_prompt, const CapturePlan& plan, CompiledEdits* edits, std::stop_token stop);
  Result<Trace> gradients(const Trace& trace, std::span<const LogitSlope> slopes, const CapturePlan& plan, CompiledEdits* edits,
                          std::stop_token stop);

  /// Thread safe.
  void set_timed(bool on) { timed_ = on; }
  /// Thread safe.
  [[nodiscard]] std::shared_ptr<const PassTimes> newest_times() const {
    const std::scoped_lock lock(times_mutex_);
    return newest_times_;
  }
  Result<void> time_again(const Run& run, std::stop_token stop);

  [[nodiscard]] const Model& model() const { return *model_; }
  [[nodiscard]] const Backend& backend() const { return *backend_; }

 private:
  using TracePointer = std::shared_ptr<const Trace>;
  struct Edited {
    TracePointer trace;
    std::vector<Receipt> receipts;  ///< one for each active edit
  };
  /// What the parts of one run share.
  struct Job {
    const RunRequest& request;
    const Control& control;
    std::vector<TokenId> known;  ///< prompt and forced
    Recipe recipe;               ///< the request's, with files and prompts in their place
    Recipe active;               ///< its enabled edits
    CapturePlan plan;            ///< the request's, and what its edits need of the base
    int n_prompt = 0, n_total = 0;
  };

  [[nodiscard]] const ModelConfig& config() const { return model_->weights->config; }
  /// Ids below this number have text; the others are padding of the vocabulary.
  [[nodiscard]] int n_text() const { return std::min(model_->tokenizer->n_vocab(), config().n_vocab); }
  [[nodiscard]] Result<Job> check(const RunRequest& request, const Control& control) const;
  /// Compiles the job's edits. First runs the prompts that edits take values from, where the cache does not have those runs.
  Result<std::unique_ptr<CompiledEdits>> compile_for(const Job& job, const Trace* base);
  /// All differences that are known, among them that of every vector of two lists of runs at each hook of its edit. Runs what
  /// is not known yet. Lifetime: until the next call. (model/run/run_engine_vectors.cpp)
  Result<std::span<const RunDifference>> differences_for(const Job& job);
  /// Adds the vector's differences at these hooks, unless all are known.
  Result<void> find_differences(const Job& job, const VectorSource& vector, std::span<const HookId> hooks);
  /// Takes the unedited run to these tokens, which end with one that is new, and gives it to the edits.
  Result<void> follow(Trace& unedited, std::span<const TokenId> ids, const Job& job, CompiledEdits& edits);
  Result<void> forward(Trace& trace, std::span<const TokenId> ids, const Job& job, CompiledEdits* edits);
  Result<TracePointer> base_run(const Job& job, std::span<const TokenId> ids);
  Result<Edited> edited_run(const Job& job, const TracePointer& base, CompiledEdits& edits);
  Result<Edited> continue_run(const Job& job, const Edited& start, CompiledEdits* edits, Run& run);
  /// The base run with which a run with generated tokens is compared.
  Result<TracePointer> base_of(const Job& job, const Edited& edited, Run& run);
  [[nodiscard]] const CachedRun* find_generated(const Job& job) const;
  Result<void> finish(const Job& job, Edited edited, Run& run);
  /// Fills run.first_nan; almost free where there is no NaN. (model/run/run_engine_nan.cpp)
  Result<void> find_nan(const Job& job, Run& run);
  /// The request that has the trace's tokens as its own.
  [[nodiscard]] static RunRequest request_for(const Trace& trace, const RunRequest& request);
  /// The job's edits, with the base run that they take from; nullptr where none acts.
  Result<std::unique_ptr<CompiledEdits>> active_edits(const Job& job);
  /// Runs the pass that made the trace again with another plan, from the start of the block of `hook` (or the embedding) to
  /// its end.
  Result<TracePointer> pass_again(const Trace& trace, HookId hook, const Job& job, const CapturePlan& plan);

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Backend> cpu_;  ///< for gradients, where the backend has none; nullptr until they are asked for
  TraceCache cache_;
  std::vector<RunDifference> differences_;  ///< that are known
  std::atomic<bool> timed_ = false;
  mutable std::mutex times_mutex_;
  std::shared_ptr<const PassTimes> newest_times_;
};

}  // namespace gf
