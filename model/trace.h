// A captured run: for each hook and block a list of shared chunks, 64 positions each.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/config.h"
#include "model/hooks.h"

namespace gf {

inline constexpr int kChunkRows = 64;

/// 64 consecutive rows of one hook of one block. Rows of a Causal hook grow with the position and are packed.
/// Filled by one writer beyond the length that readers know; what a reader may see never changes.
class Chunk {
 public:
  [[nodiscard]] const float* data() const { return data_; }
  [[nodiscard]] float* data() { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Memory comes from the capture arena (model/arena.h) and returns there; 64-byte aligned, not initialised.
  /// nullptr when there is none left.
  static std::shared_ptr<Chunk> make(std::size_t floats);
  explicit Chunk(float* arena_memory, std::size_t floats) : data_(arena_memory), size_(floats) {}
  ~Chunk();
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

 private:
  friend class TraceWriter;
  float* data_ = nullptr;
  std::size_t size_ = 0;
  std::atomic<int> claimed_{0};  ///< rows that a writer writes or has written; a continuation claims the next ones
};

/// What is known of the prediction made at one position, and of the position's own token.
struct TokenStats {
  float logprob = 0;  ///< nats, of this position's token given what stands before it; NaN at position 0,
                      ///< and where a logit of the row before is NaN
  int rank = -1;      ///< tokens with a strictly larger logit; -1 at position 0, and where its logit is NaN
  float entropy = 0;  ///< nats, of the prediction made at this position
  struct Top {
    TokenId id;
    float logit, logprob;
  };
  std::vector<Top> top;  ///< the 20 likeliest next tokens, likeliest first; ties by lower id; NaN is not among them
};

/// A handle on a run. Copying is cheap (pointers to chunks); a handle never sees rows at or past its length.
/// Only the backend that extends it changes it (through TraceWriter, model/trace_writer.h). Thread safe to read.
class Trace {
 public:
  Trace() = default;
  Trace(const ModelConfig& config, CapturePlan plan);

  [[nodiscard]] const ModelConfig& config() const { return config_; }
  [[nodiscard]] const CapturePlan& plan() const { return plan_; }
  /// T: positions that have been computed.
  [[nodiscard]] int length() const { return static_cast<int>(ids_.size()); }
  [[nodiscard]] int n_prompt() const { return n_prompt_; }
  [[nodiscard]] std::span<const TokenId> ids() const { return ids_; }

  /// Whether rows of this hook are here. Logits: for the last row use last_logits().
  [[nodiscard]] bool has(HookId hook) const;
  /// Row of `position`: row_size(shape) floats. Causal hooks: n_head x (position+1), head-major.
  /// Precondition: has(hook) and 0 <= position < length(). Lifetime: that of this handle's chunks.
  [[nodiscard]] std::span<const float> row(HookId hook, int position) const;
  /// Causal hooks: the position+1 values of one head's query row.
  [[nodiscard]] std::span<const float> causal_row(HookId hook, int head, int query) const;
  /// Logits of the last position, n_vocab floats. There when length() > 0, but for a prefix() that cut them off.
  [[nodiscard]] std::span<const float> last_logits() const;
  /// Statistics of each position, length() entries.
  [[nodiscard]] const TokenStats& stats(int position) const;

  /// Chunks of a hook, for tests of sharing. nullptr entries never occur.
  [[nodiscard]] std::span<const std::shared_ptr<Chunk>> chunks(HookId hook) const;
  [[nodiscard]] std::size_t bytes() const;

  /// The first `positions` rows as a trace of their own, sharing all chunks. The last row's logits are only
  /// there when plan().all_logits or positions == length(); otherwise the next forward recomputes what it needs.
  [[nodiscard]] Trace prefix(int positions) const;

  /// The start of another run of the same tokens that differs from `block` on: a trace of length 0 that shares, by
  /// pointer, all chunks of what comes before `block` (embeddings, earlier blocks, resid_pre of `block`) for
  /// seeded_rows() == length() rows. Complete it with Backend::forward, whose ForwardStep has
  /// first_block == seeded_block() and first_position == length(): the prompt as one step, then row by row. Once
  /// length() == seeded_rows() it is a trace like any other and goes on with first_block == 0.
  /// `block` == 0 gives an empty trace. `block` == n_layer (only ln_final or logits differ) becomes n_layer - 1 where resid_post was not
  /// kept.
  [[nodiscard]] Trace fork_at(int block) const { return fork_at(block, plan_); }
  /// The same under another plan: with ForwardStep::end_block == block + 1 this is the replay of one block.
  /// `first_row`, a multiple of kChunkRows: where the other run differs from that position on alone, the rows before it
  /// are there in all blocks, length() is first_row, and the rest is to be computed (of all blocks where `block` is 0).
  [[nodiscard]] Trace fork_at(int block, const CapturePlan& plan, int first_row = 0) const;
  [[nodiscard]] int seeded_block() const { return seeded_block_; }
  [[nodiscard]] int seeded_rows() const { return seeded_rows_; }
  /// Whether fork_at left the log-probability and rank of the token at length(), which the rows before it give.
  [[nodiscard]] bool knows_next_token() const { return next_token_ != nullptr; }

 private:
  friend class TraceWriter;
  ModelConfig config_;
  CapturePlan plan_;
  std::vector<TokenId> ids_;
  int n_prompt_ = 0;
  std::vector<std::vector<std::shared_ptr<Chunk>>> lists_;  ///< by slot(hook)
  std::vector<std::shared_ptr<const TokenStats>> stats_;
  std::shared_ptr<const std::vector<float>> last_logits_;
  int seeded_block_ = 0, seeded_rows_ = 0;
  std::shared_ptr<const TokenStats> next_token_;
  [[nodiscard]] static std::size_t slot(HookId hook);
};

/// Whether one of the first `count` logits of the last row is NaN. Cheap: the row's entropy is NaN then too, so rows of
/// numbers are not searched.
[[nodiscard]] bool last_logits_have_nan(const Trace& trace, std::size_t count);
/// fork_at() `block`, or at an earlier block where an edit acts on the resid_pre that the fork would start from: the
/// trace holds that row after the edit, which must not act twice.
[[nodiscard]] Trace fork_before_edits(const Trace& trace, int block, const CapturePlan& plan, const std::function<bool(HookId)>& acts_at);
/// Whether a run under this plan keeps the hook: what it names, and resid_pre, k and v always.
[[nodiscard]] bool keeps(const CapturePlan& plan, HookKind kind);
/// Whether a run under this plan keeps the statistics of every position: any plan that keeps more than every run
/// does, unless it asks for those of the last one alone, which every run has.
[[nodiscard]] bool keeps_all_stats(const CapturePlan& plan);
/// Floats in chunk `index` of a hook; where row `position` begins in its chunk.
[[nodiscard]] std::size_t chunk_floats(RowShape shape, const ModelConfig& config, int index);
[[nodiscard]] std::size_t chunk_offset(RowShape shape, const ModelConfig& config, int position);

/// Bytes that a run of T positions will hold, before it is run. Source of `info`'s forecast.
[[nodiscard]] std::size_t forecast_bytes(const ModelConfig& config, const CapturePlan& plan, int positions);

}  // namespace gf
