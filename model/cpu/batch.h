// Many variants of one run side by side. Their rows go through the matrices in one stack; each attends to its own rows.
#pragma once

#include <vector>

#include "model/backend.h"
#include "model/cpu/forward.h"

namespace gf::cpu {

/// A variant starts at the hook of its cut with the trace's own values, at the first row that the cut changes. Earlier values
/// are read from the trace, and a cut that changes nothing costs nothing. In the last block only the position whose logits
/// are wanted is computed further than k and v. Memory is bounded by kRows rows, or by those of one variant. How the work is divided
/// depends on the sweep alone, so the numbers don't depend on the number of threads.
class SweepBatches {
 public:
  SweepBatches(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, const Sweep& sweep);

  /// Whether cuts at this hook can start from what the trace has, and the edits after it act on rows alone.
  [[nodiscard]] static bool can(const Sweep& sweep);
  /// Precondition: can(sweep). Gives the multiply-adds of all matrix products. Errors: Cancelled, OutOfMemory, Io.
  Result<std::uint64_t> run();

 private:
  static constexpr int kRows = 768, kLanes = 64;
  /// Where a block is entered: this step and all that follow it are computed.
  enum class From { Stream, Attention, Output, JoinAttention, Mlp, JoinMlp, Next };
  /// Rows [first, first + rows) of one variant, at row `at` of the buffers.
  struct Lane {
    int first = 0, rows = 0, at = 0;
  };
  struct Place {
    From from;
    std::vector<HookKind> needs;  ///< what the trace must have captured
  };
  /// nullopt: cuts at this hook are computed one by one.
  [[nodiscard]] static std::optional<Place> place_of(HookKind kind);
  /// Whether compute() applies a recipe's edits at this hook. can() refuses a recipe with edits at other hooks after the cut.
  [[nodiscard]] static bool edits_again(HookKind kind);
  /// Of a hook without edits_again(): a block that is entered later does not make it again.
  [[nodiscard]] static From latest_start(HookKind kind);

  Result<void> reserve();
  void read_base();
  [[nodiscard]] int rows_of(std::size_t variant) const;
  void add_prompt(const std::vector<TokenId>& ids);
  /// False where the cut changes nothing.
  bool add_cut(CompiledEdits& cut);
  /// The first row that the cut changes, -1: none. The changed values are in `to` then, from row total_ on.
  int cut_rows(CompiledEdits& cut, int first, float* to);
  int cut_pattern(CompiledEdits& cut, int first);
  void load(HookKind kind, const Lane& lane, float* to) const;
  Result<void> answer(std::size_t end);

  Result<void> compute();
  void block(int b, From from);
  void queries_keys_values(int b);
  void keep_last_rows(std::initializer_list<float*> buffers);
  void attend(int b);
  void mlp(int b);
  void unembed();
  void layer_norm(const PreparedNorm& norm, HookId scale, HookId normalized);
  void multiply_rows(const Product& product, const float* x, std::size_t x_width, float* y, std::size_t y_width);
  void add_to_stream(const float* x);
  void edit(HookId hook, float* rows, std::size_t width);
  template <class Body>
  void each_row(Body body);

  const PreparedModel& model_;
  const ModelConfig& config_;
  ThreadPool& pool_;
  const Kernels& kernels_;
  const Sweep& sweep_;
  const Trace& trace_;
  From from_;
  std::size_t d_model_, d_mlp_, n_vocab_;
  int T_;                           ///< positions up to the one whose logits are wanted
  std::vector<float> base_logits_;  ///< of that position; empty where they are the trace's last
  int capacity_ = 0, total_ = 0;    ///< rows that there is room for, and that are taken
  std::vector<Lane> lanes_, keys_;  ///< rows that are still computed; rows of k and v, more of them in the last block
  std::vector<bool> computed_;      ///< by variant: whether it has a lane
  std::size_t next_ = 0;            ///< the first variant that has no answer yet
  std::shared_ptr<Chunk> memory_;
  float *stream_ = nullptr, *norm_ = nullptr, *q_ = nullptr, *k_ = nullptr, *v_ = nullptr, *z_ = nullptr, *out_ = nullptr;
  float *mlp_ = nullptr, *scale_ = nullptr, *mean_ = nullptr, *logits_ = nullptr;
  std::uint64_t work_ = 0;
};

}  // namespace gf::cpu
