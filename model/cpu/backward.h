// One backward step on the CPU: the forward pass of model/cpu/forward.h in reverse, with gradients captured as it goes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/cpu/forward.h"
#include "model/edits/rows_before.h"

namespace gf::cpu {

/// What the gradients of one block's attention need.
struct AttentionSlopes {
  const ModelConfig& config;
  const Kernels& kernels;
  std::span<const Segment> segments;
  float scale = 1;
  const Trace& values;
  CompiledEdits* edits = nullptr;      ///< that act in this block; nullptr: none
  const RowsBefore* before = nullptr;  ///< what they found there
  int block = 0;
  StepRows z;                              ///< dm/dz before the edits of z
  StepRows pattern, scores;                ///< gradients, packed causal rows; empty where neither the trace nor an edit wants them
  StepRows pattern_before, scores_before;  ///< the same before the edits; other memory where an edit acts
  StepRows qkv;                            ///< gets dm/dq, dm/dk, dm/dv: rows of 3 d_model
};
/// Splits heads among the threads: each sums over queries in their order.
void attend_backward(ThreadPool& pool, const AttentionSlopes& step);

class BackwardPass {
 public:
  /// `scratch` and `forward_scratch` are two, because blocks may be computed again in between.
  BackwardPass(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, ScratchRows& scratch, ScratchRows& forward_scratch,
               TraceWriter& writer, const BackwardStep& step);
  Result<void> run();

 private:
  /// Makes `values_` hold what block b reads, and `before_` what edits found in it.
  Result<void> read_block(int b);
  [[nodiscard]] bool edits_act_in(int b) const;
  [[nodiscard]] bool needs_resid_post(int b) const;

  // Each takes the gradient at its own end of the block and leaves that at its beginning in `stream_`.
  void head();
  void mlp(int b);
  void attention(int b);
  void embed();
  /// dm/dz, before the edits of z, of dm/dattn_out before the edits of attn_out.
  StepRows z_of(int b, const StepRows& attn_out);
  /// `normed`: dm/d(gamma normalized + beta), in the rows of `normalized`, where the gradient at that hook replaces it.
  /// out = stream + what comes back through the LayerNorm of x.
  void layer_norm(const StepRows& x, const PreparedNorm& norm, HookId scale, HookId normalized, const StepRows& stream,
                  const StepRows& out);
  void activation(int b, const StepRows& slope);
  /// Gradients at the heads' copies of the stream that q, k or v of block b is made of, where they are wanted. Those of edited
  /// copies are added to `beside`, and their q, k or v no longer reads the LayerNorm that all share.
  void split_input(HookId made, const StepRows& qkv, const StepRows& beside);
  /// The LayerNorm of one row, as its slope needs it.
  struct NormRow {
    float mean, scale, used, sum, of_scale;
  };
  [[nodiscard]] NormRow measure(const float* x, const float* slope, std::optional<float> used) const;
  /// out = stream + what comes back through it.
  void go_back(const NormRow& row, const float* x, const float* slope, const float* stream, float* out) const;

  /// Where the gradient at a hook goes: to the trace, or to scratch memory.
  [[nodiscard]] StepRows rows_of(HookId hook);
  /// The same, with `slope` copied there.
  StepRows capture(HookId hook, const StepRows& slope);
  /// The gradient before the edits of the hook; `rows` itself where none act.
  StepRows before_edits(HookId hook, const StepRows& rows);
  [[nodiscard]] StepRows values_of(HookId hook) const;
  [[nodiscard]] std::span<const float> value_before(HookId hook, int position) const;
  [[nodiscard]] bool touches(HookId hook) const { return step_.edits != nullptr && step_.edits->touches(hook); }
  void fill_rows(const StepRows& rows, float value) const;
  /// Rows that m does not depend on.
  void clear_later_rows() const;
  template <class Body>
  void each_row(Body body);

  const PreparedModel& model_;
  const ModelConfig& config_;
  ThreadPool& pool_;
  const Kernels& kernels_;
  ScratchRows &scratch_, &forward_scratch_;
  TraceWriter& writer_;
  const BackwardStep& step_;
  std::size_t d_model_;
  int rows_ = 0;                   ///< up to the last position whose logits m depends on
  std::vector<Segment> segments_;  ///< of these rows
  StepRows stream_;
  std::optional<Trace> replayed_;
  const Trace* values_ = nullptr;
  std::optional<RowsBefore> before_;
};

}  // namespace gf::cpu
