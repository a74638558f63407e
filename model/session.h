// prompt + recipe + sampler + seed -> Run. The one door to a model for everything above it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/base/files/input_files.h"
#include "model/base/ids.h"
#include "model/edits/recipe.h"
#include "model/sampling/sampler.h"
#include "model/tokenizer/tokenizer.h"
#include "model/trace.h"
#include "model/weights.h"

namespace gf {

class Backend;
class CompiledEdits;
struct LogitSlope;
struct PassTimes;

/// What is asked of a model.
struct RunRequest {
  std::vector<TokenId> prompt;  ///< at least one
  int n_generate = 0;
  /// Tokens that follow the prompt and are taken as given (generated earlier): toggling an edit keeps the tokens.
  std::vector<TokenId> forced;
  Recipe recipe;  ///< edits with enabled == false are left out (their receipts stay empty)
  SamplerOptions sampler;
  CapturePlan plan = CapturePlan::defaults();
  friend bool operator==(const RunRequest&, const RunRequest&) = default;
};

/// A row with a value that is not a number.
struct NanPlace {
  HookId hook;
  int position = 0;
};

/// What came out. base and edited have the same tokens; without an active edit they are the same Trace.
struct Run {
  RunRequest request;
  std::shared_ptr<const Trace> base;
  std::shared_ptr<const Trace> edited;
  std::vector<Receipt> receipts;  ///< one for each edit of the recipe
  std::optional<double> kl;       ///< KL(base || edited), nats, last position; none without a recipe
  bool stopped_at_n_ctx = false;
  std::optional<TokenId> beyond;            ///< the last generated token where n_ctx is full: chosen, but it has no row
  bool nothing_left = false;                ///< generation stopped because every token was cut
  bool stopped_at_nan = false;              ///< generation stopped because a logit was NaN
  bool stopped_at_eos = false;              ///< generation stopped behind the end-of-text token
  std::optional<std::string> stopped_at{};  ///< generation stopped because this text was complete
  std::optional<NanPlace> first_nan;        ///< of the edited run, in the order of a pass
  /// How each generated token was chosen; nullptr where none was asked for.
  std::shared_ptr<const std::vector<DecodingStep>> log;
  double prefill_ms = 0, decode_ms_per_token = 0;
  [[nodiscard]] bool has_edits() const { return edited != base; }
};

struct RunProgress {
  int positions_done = 0, positions_total = 0;
  int block = 0, n_layer = 0;
};

/// A loaded model with its tokenizer. One that is a structure (Weights::has_values()) can be looked at, and has no session.
struct Model {
  std::shared_ptr<const Weights> weights;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::vector<std::string> warnings;
  std::shared_ptr<const InputFiles> inputs{};  ///< its config and its tokenizer's files, which no export may overwrite
};
/// Weights and tokenizer of a path that resolve_model gave; a structure where the path has no weights, see is_structure().
/// Blocks; call it on a worker.
struct LoadOptions;
[[nodiscard]] Result<std::shared_ptr<const Model>> open_model(const std::string& path, const LoadOptions& options);
[[nodiscard]] Result<std::shared_ptr<const Model>> open_model(const std::string& path);

/// Makes the backend for a choice other than "cpu": the CPU backend where there is no device.
using BackendMaker = std::function<std::unique_ptr<Backend>(const std::string& choice, int threads)>;
/// For "auto" and "cuda" of all sessions; without one "auto" is the CPU. Called by main, before the first session.
void set_backend_maker(BackendMaker maker);

/// Runs requests against one model. Keeps recent Traces (LRU with a byte budget) and reuses what a new request
/// shares with them: a common prefix of tokens, the blocks before the first edited one.
class Session {
 public:
  struct Options {
    int threads = 0;  ///< 0: all
    std::size_t cache_bytes = std::size_t{2} << 30;
    std::string backend = "auto";  ///< "cpu", or what the backend maker knows
  };
  /// Errors: Unsupported for a structure; those of the backend.
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const Model> model, Options options);
  /// Cancels what goes on; a `done` that still waits gets Cancelled before the destructor returns.
  virtual ~Session() = default;

  [[nodiscard]] virtual const Model& model() const = 0;
  [[nodiscard]] virtual std::string backend_name() const = 0;  ///< "cpu (AVX-512)"
  [[nodiscard]] virtual std::string device() const = 0;        ///< as Backend has it

  /// Whether passes of runs are timed from here on; not at first. Thread safe, at once.
  virtual void set_timed(bool on) = 0;
  /// The newest pass of a run that was timed; nullptr: none. Thread safe, at once.
  [[nodiscard]] virtual std::shared_ptr<const PassTimes> newest_times() const = 0;
  /// Computes the tokens of `run` once more, only for newest_times(). Short passes are repeated, because other work of the
  /// machine disturbs them; the times of the quickest pass stay. Uses no cached run, keeps no trace and applies no edit.
  /// Blocks the calling thread. Errors: as run().
  virtual Result<void> time_again(const Run& run, std::stop_token stop) = 0;

  /// Computes here and now on the calling thread. Errors: InvalidArgument (recipe, ids, length), Cancelled between
  /// blocks, OutOfMemory. Nothing runs when the recipe has an error.
  virtual Result<Run> run(const RunRequest& request, std::stop_token stop = {},
                          const std::function<void(const RunProgress&)>& progress = {}) = 0;

  /// Forgets the runs that it keeps. What follows depends on no earlier call, to the last bit: where a run shares rows with an
  /// earlier one it multiplies fewer of them at once, and a processor's kernels may add up in another order then.
  virtual void forget_runs() = 0;

  /// Computes on the session's worker thread; `done` and `progress` are called there. A newer request cancels the
  /// older one between blocks (its done gets Cancelled), and so does `stop`.
  virtual void submit(RunRequest request, std::function<void(Result<Run>)> done, std::function<void(const RunProgress&)> progress = {},
                      std::stop_token stop = {}) = 0;
  /// Any other work that needs the model, on the worker, after what is queued; cancelled by newer jobs of the same
  /// name only. Used by analyses.
  virtual void submit_job(std::string name, std::function<void(Session&, std::stop_token)> job) = 0;
  virtual void cancel() = 0;
  /// True while the worker has something to do.
  [[nodiscard]] virtual bool busy() const = 0;

  /// For sweeps: many variants of `run`, each of which differs from it in one thing. A variant gives the logits of one
  /// position, and its trace is not kept. The session does not compute again what a variant shares with `run`: earlier
  /// blocks, earlier rows, or everything where the cut changes nothing. `each` gets the logits of the variants in order, on
  /// the calling thread, and must not call the session. A sweep is cancelled between blocks.
  using EachLogits = std::function<void(std::size_t variant, std::span<const float> logits)>;
  /// A variant for each cut: the recipe of `run` with this edit after it. Quick where neighbours in `cuts` act at the same
  /// hook. `position`: whose logits `each` gets; -1: the last. Returns the multiply-adds of all matrix products.
  /// Errors: as run().
  virtual Result<std::uint64_t> sweep(const Run& run, std::span<const Edit> cuts, const EachLogits& each, std::stop_token stop = {},
                                      int position = -1) = 0;
  /// A variant for each prompt, without a recipe: the logits of its last position. It shares the tokens with which it and the
  /// base run begin. Returns and errors: as sweep().
  virtual Result<std::uint64_t> sweep_prompts(const Run& run, std::span<const std::vector<TokenId>> prompts, const EachLogits& each,
                                              std::stop_token stop = {}) = 0;

  /// A hook that the plan left out, replayed from resid_pre at one block's cost: the whole trace's rows of it.
  /// The reply holds that hook (and what comes before it), but no statistics. For an edited trace pass the
  /// request's recipe, so that the edits act again; for a base trace a request without one.
  virtual Result<std::shared_ptr<const Trace>> replay(const Trace& trace, HookId hook, const RunRequest& request) = 0;

  // For analyses by gradients and by paths, whose passes no recipe can say. Each pass computes everything anew.
  /// The recipe that made an edited trace, bound to it; nullptr where no edit acts. `request` as for replay().
  virtual Result<std::unique_ptr<CompiledEdits>> edits_of(const Trace& trace, const RunRequest& request) = 0;
  /// One pass over these tokens. `n_prompt`: of them, or more; `edits`: may be nullptr, and may be code of the caller's own.
  virtual Result<Trace> pass(std::span<const TokenId> ids, int n_prompt, const CapturePlan& plan, CompiledEdits* edits,
                             std::stop_token stop = {}) = 0;
  /// Gradients of a number m of which dm/dlogits is known, at the hooks of `plan`, as Backend::backward() has them.
  /// `edits`: those that made the trace.
  virtual Result<Trace> gradients(const Trace& trace, std::span<const LogitSlope> slopes, const CapturePlan& plan, CompiledEdits* edits,
                                  std::stop_token stop = {}) = 0;
};

}  // namespace gf
