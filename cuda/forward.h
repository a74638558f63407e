// One forward step on the device: reads as the paper, captures as it goes. model/cpu/forward.h is its twin.
#pragma once

#include "cuda/captures.h"
#include "cuda/device_edits.h"
#include "cuda/device_model.h"
#include "cuda/kv_cache.h"
#include "cuda/step_memory.h"
#include "model/backend.h"
#include "model/trace_writer.h"

namespace gf::cuda {

/// The last row of logits that was computed, while it is still on the device.
struct LastLogits {
  std::shared_ptr<const std::vector<float>> on_host;
  DeviceBuffer on_device;
};

/// What lives as long as the model does.
struct DeviceState {
  Api& api;
  const DeviceModel& model;
  Queue& queue;
  Workspace& workspace;
  StepMemory& memory;
  Captures& captures;
  KvCache& cache;
  LastLogits& last_logits;
};

class ForwardPass {
 public:
  ForwardPass(const DeviceState& state, TraceWriter& writer, const ForwardStep& step);
  /// Synchronous.
  Result<void> run();

 private:
  /// Where a LayerNorm's results go.
  struct NormSite {
    const DeviceNorm* norm;
    HookId scale, normalized;
    int set;
  };
  void embed();
  void take_seeded_rows();
  void block(int b);
  void attention(int b, const float* resid);
  void materialised_attention(int b, const float* q, float* z, float* entropy);
  void results(int b, const float* z, float* attn_out);
  /// As in model/cpu/forward.h: `rows` is what q, k or v is of the stream itself.
  void split_input(HookId made, const float* stream, float* rows);
  void mlp(int b);
  void next_block(int b, float* mlp_out, const float* bias);
  void unembed();
  void rows_of_logits(int first, int count, int set, std::vector<RowStats>& stats);
  const float* previous_logits();

  /// x = a + (b + bias) and, where `next` is given and no edit stands between, its LayerNorm in the same kernel.
  /// Returns whether it did the LayerNorm.
  bool add_and_norm(const float* a, float* b, const float* bias, HookId branch, HookId sum_hook, float* sum, int set, const NormSite* next,
                    bool may_fuse);
  void norm(const float* x, const NormSite& site);
  void product(const float* x, const DeviceMatrix& w, float* y, int rows);
  /// y = x W^T with the rows [first_out, first_out + n_out) of W.
  void product_of_outputs(const float* x, const DeviceMatrix& w, int first_out, int n_out, float* y, int rows);
  void product_of_columns(const float* x, int ldx, const DeviceMatrix& w, int first_in, int n_in, float* y, int ldy, int rows);

  [[nodiscard]] float* rows_for(HookKind kind, int set);
  [[nodiscard]] float* causal_for(HookKind kind, int set);
  [[nodiscard]] float* scratch(int key, std::size_t floats);
  [[nodiscard]] std::size_t width_of(HookKind kind) const;
  [[nodiscard]] bool kept(HookId hook) const { return !writer_.rows(hook).empty(); }
  [[nodiscard]] bool wanted(HookId hook) const { return kept(hook) || edits_.touches(hook); }
  [[nodiscard]] NormSite ln1_of(int b) const;
  [[nodiscard]] NormSite ln_final() const;
  /// The edits at the hook, then its capture.
  void meet(HookId hook, float* rows, int set);
  void edit(HookId hook, float* rows);
  void keep(HookId hook, const float* rows, int set);
  [[nodiscard]] static int set_of(int b) { return b % Captures::kSets; }

  const DeviceState& s_;
  const DeviceModel& model_;
  const ModelConfig& c_;
  Queue& queue_;
  TraceWriter& writer_;
  const ForwardStep& step_;
  DeviceEdits edits_;
  int T_, first_, end_block_;
  float* resid_ = nullptr;
  float* norm_out_ = nullptr;
  bool norm_is_done_ = false;
  std::vector<std::shared_ptr<const TokenStats>> stats_;
  std::shared_ptr<std::vector<float>> last_logits_;
};

}  // namespace gf::cuda
