// What a device must do for a model. CPU and CUDA fill this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/hooks.h"
#include "model/weights.h"

namespace gf {

class Trace;
class CompiledEdits;
struct PassTimes;

/// One step: rows [first_position, first_position + ids.size()) through blocks [first_block, n_layer), then final LayerNorm
/// and logits.
/// The backend calls edits->begin_step itself.
struct ForwardStep {
  std::span<const TokenId> ids;  ///< of the rows to compute
  int first_position = 0;        ///< == trace.length()
  int first_block = 0;           ///< > 0: resid_pre of this block is already in the trace for these rows
                                 ///< (a trace from Trace::fork_at)
  int end_block = -1;            ///< >= 0: stop before this block, and leave final LayerNorm and logits out (replay of a block)
  int n_prompt = 0;
  CompiledEdits* edits = nullptr;  ///< collects receipts; nullptr: none
  std::stop_token stop;
  std::function<void(int block)> progress;
  /// Gets the times of the step's operations (model/pass_times.h), if the step succeeds and the backend can measure them.
  /// nullptr: nothing is measured, and the step takes no longer.
  PassTimes* times = nullptr;
};

/// Many short runs beside one: each differs from `trace` by one cut, or has another prompt, and only the logits of one
/// position are wanted. What a variant does not change (earlier blocks, earlier rows) is read from the trace.
struct Sweep {
  const Trace* trace = nullptr;
  CompiledEdits* edits = nullptr;  ///< what made the trace: acts again on each variant after the cut; nullptr: none
  HookId hook;                     ///< where the cuts act
  /// Each acts at `hook` alone, after `edits`.
  std::span<const std::unique_ptr<CompiledEdits>> cuts;
  int position = -1;  ///< whose logits are wanted; -1: the last. Of prompts always the last
  /// Instead of cuts (and without edits): other prompts, whose common beginning with the trace's tokens is shared.
  std::span<const std::vector<TokenId>> prompts;
  std::stop_token stop;
  /// Called on the calling thread, in the order of the variants, as soon as one is computed.
  std::function<void(std::size_t variant, std::span<const float> logits)> done;
  [[nodiscard]] std::size_t count() const { return cuts.size() + prompts.size(); }
};

/// dm/dlogits at one position, n_vocab numbers.
struct LogitSlope {
  int position = 0;
  std::vector<float> values;
};

/// The gradients of one number m, which the logits of a run give, with respect to the run's hooks. The gradient at a hook
/// is dm/dx of the value x that the trace has there, after the edits of that hook.
struct BackwardStep {
  const Trace* run = nullptr;
  /// Those that made the run; nullptr: none. Blocks in which they act are computed again, and receipts count that too.
  CompiledEdits* edits = nullptr;
  std::span<const LogitSlope> slopes;  ///< at least one; m does not depend on the logits of other positions
  std::stop_token stop;
  std::function<void(int block)> progress;
};
/// The hooks that backward() reads. Of a run that lacks some of them, it computes each block again from resid_pre.
[[nodiscard]] CapturePlan backward_plan();

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// What it computes on, in a line: a GPU's name, memory, compute capability and driver, or why it is not used. Empty
  /// where the name says it all. Thread safe, as name().
  [[nodiscard]] virtual std::string device() const { return {}; }
  /// Keeps a reference; may convert or upload.
  virtual Result<void> load(std::shared_ptr<const Weights> weights) = 0;
  /// Appends to (or, with first_block > 0, completes) the trace. Synchronous. On error or cancellation the
  /// trace's published length is what it was. Errors: Cancelled, OutOfMemory, Device, Io (mapped file cut short).
  virtual Result<void> forward(Trace& trace, const ForwardStep& step) = 0;
  /// The variants of a sweep in batches; gives the multiply-adds of its matrix products. Cancelled between blocks.
  /// Errors: Unsupported (nothing was done, and sweep_one_by_one() of model/sweep.h does it), and those of forward().
  virtual Result<std::uint64_t> sweep(const Sweep& /*sweep*/) { return fail(ErrorCode::Unsupported, {}); }
  /// Fills an empty trace with gradients, as many rows as the run has; its plan says of which hooks. Synchronous. Errors:
  /// Unsupported (nothing was done, and the CPU backend does it from the same run), and those of forward().
  virtual Result<void> backward(Trace& /*gradients*/, const BackwardStep& /*step*/) { return fail(ErrorCode::Unsupported, {}); }
};

/// The CPU backend: oneDNN for matrices, own vectorised kernels for one token; best instruction set at run time.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(int threads);
/// The naive twin: plain loops in double, every hook, for tests.
[[nodiscard]] std::unique_ptr<Backend> make_naive_backend();

}  // namespace gf
