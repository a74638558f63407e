// How a backend extends a Trace: places to write rows to, published all at once or not at all.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/base/error.h"
#include "model/trace.h"

namespace gf {

class CompiledEdits;
struct ForwardStep;

/// Rows of one step that lie in one chunk.
struct Segment {
  int position = 0;  ///< of the first row
  int rows = 0;
  int offset = 0;  ///< index of the first row within the step
};

/// Where one hook's rows of the step go. `stride` floats from row to row within a segment; 0 for Causal hooks,
/// whose rows are packed: see causal().
struct StepRows {
  std::vector<float*> segments;  ///< first row of each; empty: nowhere
  std::size_t stride = 0;
  [[nodiscard]] bool empty() const { return segments.empty(); }
};

/// Claims the rows [first_position, first_position + rows) of every hook that the plan keeps. What readers of other
/// handles see does not change: rows go beyond their length, or into a copy of the last chunk where another
/// continuation has claimed those rows first. Without commit() the trace stays what it was, and the claims are
/// given back. One writer for a Trace at a time.
class TraceWriter {
 public:
  struct Step {
    int first_position = 0, rows = 0;
    int first_block = 0, end_block = 0;  ///< blocks to compute; final LayerNorm and logits too when end_block == n_layer
    const CompiledEdits* edits = nullptr;
    bool with_head = true;  ///< false: final LayerNorm and logits are left out even where end_block == n_layer
  };
  /// Errors: OutOfMemory.
  static Result<std::unique_ptr<TraceWriter>> open(Trace& trace, const Step& step);
  /// For all rows and blocks of a forward step.
  static Result<std::unique_ptr<TraceWriter>> open_for(Trace& trace, const ForwardStep& step);
  ~TraceWriter();
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }
  /// Where the rows of `hook` go; empty() when the trace doesn't keep them.
  [[nodiscard]] StepRows rows(HookId hook) const;
  /// Where one position's row goes; nullptr when the trace doesn't keep it.
  [[nodiscard]] float* row(HookId hook, int position) const;
  /// All rows of k and v, older ones and this step's: chunk i holds positions 64 i and on.
  [[nodiscard]] std::span<const std::shared_ptr<Chunk>> chunks(HookId hook) const;

  [[nodiscard]] const Trace& trace() const { return trace_; }

  /// Publishes the step. `stats` has one entry for each row; logits are those of the last row. A step without the
  /// head gives neither.
  void commit(std::span<const TokenId> ids, int n_prompt, std::vector<std::shared_ptr<const TokenStats>> stats,
              std::shared_ptr<const std::vector<float>> last_logits);

 private:
  struct Claim {
    std::shared_ptr<Chunk> chunk;
    int before = 0, after = 0;
  };
  TraceWriter(Trace& trace, const Step& step) : trace_(trace), step_(step) {}
  Result<void> claim_hook(HookId hook);
  /// resid_pre that shares its chunks with the resid_post before it.
  [[nodiscard]] bool is_alias(HookId hook) const;
  /// The rows that fork_at left for the first block to read.
  [[nodiscard]] bool is_seeded_input(HookId hook) const;
  /// The chunk to write rows to where the list has a chunk already.
  std::shared_ptr<Chunk> tail_for_writing(HookId hook, const std::shared_ptr<Chunk>& tail, const Segment& segment);

  using List = std::vector<std::shared_ptr<Chunk>>;
  [[nodiscard]] const List& list_of(std::size_t slot) const { return changed_[slot] ? lists_[slot] : trace_.lists_[slot]; }
  List& list_to_change(std::size_t slot);

  Trace& trace_;
  Step step_;
  std::vector<Segment> segments_;
  std::vector<List> lists_;    ///< the trace's lists as they will be, where they change: one token seldom begins a chunk
  std::vector<bool> changed_;  ///< by slot
  std::vector<bool> open_;     ///< by slot: rows of this step are written
  std::vector<Claim> claims_;
  bool committed_ = false;
};

}  // namespace gf
