// What a device must do for a model. CPU and CUDA fill this.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/hooks.h"
#include "model/weights.h"

namespace gf {

class Trace;
class CompiledEdits;

/// One step: rows [first_position, first_position + ids.size()) through blocks [first_block, n_layer) and the head.
/// The backend calls edits->begin_step itself.
struct ForwardStep {
  std::span<const TokenId> ids;  ///< of the rows to compute
  int first_position = 0;        ///< == trace.length()
  int first_block = 0;           ///< > 0: resid_pre of this block is already in the trace for these rows
                                 ///< (a trace from Trace::fork_at)
  int end_block = -1;            ///< >= 0: stop before this block and leave the head out (replay of a block)
  int n_prompt = 0;
  CompiledEdits* edits = nullptr;  ///< collects receipts; nullptr: none
  std::stop_token stop;
  std::function<void(int block)> progress;
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Keeps a reference; may convert or upload.
  virtual Result<void> load(std::shared_ptr<const Weights> weights) = 0;
  /// Appends to (or, with first_block > 0, completes) the trace. Synchronous. On error or cancellation the
  /// trace's published length is what it was. Errors: Cancelled, OutOfMemory, Device, Io (mapped file cut short).
  virtual Result<void> forward(Trace& trace, const ForwardStep& step) = 0;
};

/// The CPU backend: oneDNN for matrices, own vectorised kernels for one token; best instruction set at run time.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(int threads);
/// The naive twin: plain loops in double, every hook, for tests.
[[nodiscard]] std::unique_ptr<Backend> make_naive_backend();

}  // namespace gf
