// One forward step on the CPU, in the order of hooks.def. Hooks that the plan keeps are computed where the trace holds them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "model/backend.h"
#include "model/base/parallel.h"
#include "model/cpu/kernels.h"
#include "model/cpu/matrix.h"
#include "model/cpu/pass_clock.h"
#include "model/trace_writer.h"

namespace gf::cpu {

/// The numbers of a bias; nullptr where the model has none.
[[nodiscard]] inline const float* or_null(const std::vector<float>& v) { return v.empty() ? nullptr : v.data(); }

/// Vectors widened to float32, matrices as PreparedMatrix.
struct PreparedNorm {
  std::vector<float> gamma, beta;  ///< beta empty: none
  [[nodiscard]] const float* beta_or_null() const { return or_null(beta); }
};
struct PreparedBlock {
  PreparedNorm ln1, ln2;
  PreparedMatrix qkv, o, in, out;
  std::vector<float> b_qkv, b_o, b_in, b_out;  ///< empty: none
};
struct PreparedModel {
  std::shared_ptr<const Weights> weights;
  std::vector<PreparedBlock> blocks;
  PreparedNorm ln_f;
  PreparedMatrix unembed;
  std::vector<std::vector<float>> widened;  ///< float32 copies of small 16-bit models

  explicit PreparedModel(std::shared_ptr<const Weights> source);
  [[nodiscard]] const ModelConfig& config() const { return weights->config; }
};

/// Memory for rows that a step needs and the trace does not keep; reused from block to block and step to step.
class ScratchRows {
 public:
  /// Rows of `width` floats for all segments. A later call with the same key gets the same memory.
  StepRows rows(int key, std::span<const Segment> segments, std::size_t width);
  /// Packed causal rows, each segment as in its chunk.
  StepRows causal(HookKind kind, const ModelConfig& config, std::span<const Segment> segments);
  /// A row that a trace will keep. It returns here when the last trace that holds it is destroyed: the system would take
  /// back the pages of a row as long as GPT-2's vocabulary each time, and clear them for the next row.
  std::shared_ptr<std::vector<float>> logits(std::size_t n_vocab);

 private:
  struct IdleRows {
    std::mutex mutex;
    std::vector<std::unique_ptr<std::vector<float>>> rows;
  };
  std::shared_ptr<IdleRows> idle_logits_ = std::make_shared<IdleRows>();
  std::map<int, std::shared_ptr<Chunk>> memory_;
  std::map<int, std::vector<std::shared_ptr<Chunk>>> causal_;
};

/// What attention needs of one block.
struct AttentionStep {
  const ModelConfig& config;
  const Kernels& kernels;
  std::span<const Segment> segments;
  float scale = 1;
  StepRows q, z;
  std::span<const std::shared_ptr<Chunk>> k, v;
  StepRows scores, pattern;  ///< packed causal rows; empty where neither the trace nor an edit wants them
  StepRows entropy;          ///< [T, n_head], nats, of the pattern as it is used; empty where the trace does not keep it
  CompiledEdits* edits = nullptr;
  int block = 0;
  PassClock* clock = nullptr;
};
void attend(ThreadPool& pool, AttentionStep& step);

/// The first float of a query's packed row in a segment's memory.
[[nodiscard]] float* causal_row_of(const StepRows& rows, std::span<const Segment> segments, const ModelConfig& config, std::size_t segment,
                                   int query);

class ForwardPass {
 public:
  ForwardPass(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, ScratchRows& scratch, TraceWriter& writer,
              const ForwardStep& step, PassClock* clock);
  Result<void> run();

 private:
  void embed();
  void block(int b);
  void attention(int b, const StepRows& resid_pre);
  void mlp(int b);
  void unembed();
  /// Captures and edits the copies of the stream that the heads read. Where an edit changes a head's copy, the pass normalises
  /// that copy alone and computes the head's q, k or v from it. `made`: the hook of q, k or v; `rows`: what the pass has computed for it
  /// from the stream itself. Overwrites `norm_out_`.
  void split_input(HookId made, const StepRows& stream, const StepRows& rows);
  /// What the MLP reads: the stream, or the copy of it that is kept or edited.
  StepRows mlp_input(int b, const StepRows& stream);
  void layer_norm(const StepRows& x, const PreparedNorm& norm, HookId scale, HookId normalized);
  void add_rows(const StepRows& a, const StepRows& b, const StepRows& out);
  void add_to_stream(const StepRows& stream, const StepRows& branch, const StepRows& out);
  void results(int b, const StepRows& z, const StepRows& attn_out);
  void logits_of(std::size_t segment, bool last_only, const StepRows& logits, std::span<const float> before);
  /// The logits at the position before the step; empty where the trace does not have them.
  std::span<const float> logits_before(std::vector<float>& memory);

  [[nodiscard]] StepRows rows_of(HookId hook);
  [[nodiscard]] bool touches(HookId hook) const;
  void edit(HookId hook, const StepRows& rows);
  /// Calls body(segment, row within it) for every row, in fixed groups on the pool.
  template <class Body>
  void each_row(Body body);

  const PreparedModel& model_;
  const ModelConfig& config_;
  ThreadPool& pool_;
  const Kernels& kernels_;
  ScratchRows& scratch_;
  TraceWriter& writer_;
  const ForwardStep& step_;
  PassClock* clock_;  ///< null: the pass is not timed
  int end_block_;
  std::size_t d_model_;
  std::span<const Segment> segments_;
  StepRows resid_, norm_out_;  ///< the stream as it enters the next operation; gamma x + beta
  std::vector<TokenStats> stats_;
  std::shared_ptr<std::vector<float>> last_logits_;
};

}  // namespace gf::cpu
