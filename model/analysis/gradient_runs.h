// Runs that questions by gradients share: embeddings between two runs, and a pair of prompts with what differs.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/analysis/objective.h"
#include "model/analysis/prompt_pair.h"
#include "model/edits/compiled.h"

namespace gf {

/// Numbers for whole rows of some hooks, after a recipe's own edits. They do not depend on the values before, so nothing
/// flows back through them. Not for Causal hooks.
class FixedRows final : public CompiledEdits {
 public:
  using Rows = std::vector<std::vector<float>>;  ///< by position; an empty one stays as it is
  /// `recipe`: may be nullptr. Lifetime: that of `recipe`.
  explicit FixedRows(CompiledEdits* recipe = nullptr) : recipe_(recipe) {}
  void set(HookId hook, Rows rows);

  [[nodiscard]] bool touches(HookId hook) const override;
  [[nodiscard]] int first_block() const override { return 0; }
  void begin_step(int first_position, int rows, int length) override;
  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override;
  void apply_causal(HookId hook, int query, float* row) override;
  void apply_slope(HookId hook, int position, std::span<const float> before, std::span<float> slope) override;
  [[nodiscard]] std::vector<Receipt> receipts() const override { return {}; }

 private:
  [[nodiscard]] const Rows* rows_at(HookId hook) const;
  CompiledEdits* recipe_;
  std::vector<std::pair<HookId, Rows>> rows_;
};

/// All rows of a hook, as many as the trace has.
[[nodiscard]] FixedRows::Rows rows_of(const Trace& trace, HookId hook);
/// from + share (to - from)
[[nodiscard]] FixedRows::Rows rows_between(const FixedRows::Rows& from, const FixedRows::Rows& to, double share);

/// Sum of the products, in double.
[[nodiscard]] double dot_rows(std::span<const float> a, std::span<const float> b);

/// Two prompts of one length: the run that is explained (corrupt, with the recipe), and the clean one, without edits.
struct PromptPair {
  Run clean, corrupt;
  Objective objective;
  double m_clean = 0, m_corrupt = 0;
  double p_clean = 0;                    ///< probability of A after the clean prompt
  LogitSlope slope;                      ///< of the corrupt run
  std::unique_ptr<CompiledEdits> edits;  ///< of the corrupt run; nullptr: none
  [[nodiscard]] int length() const { return corrupt.edited->length(); }
  /// Whether the two differ enough for effects as shares of the difference.
  [[nodiscard]] bool differs() const;
};
/// Of the parameters "clean" and "corrupt"; without the latter the main prompt is the corrupt one. `plan`: of both runs.
/// Errors: InvalidArgument (lengths, tokens, position), and those of Session::run().
[[nodiscard]] Result<PromptPair> prompt_pair(const Asking& asking, const CapturePlan& plan);

/// Calls body(run, gradients) for each point at which the gradient is taken: the corrupt run alone, or with `steps` N > 0 the
/// N runs whose embeddings are those of corrupt + k/N (clean - corrupt), k from 1 to N. `plan`: of the gradients.
[[nodiscard]] Result<void> each_gradient(const Asking& asking, const PromptPair& pair, int steps, const CapturePlan& plan,
                                         const std::function<void(const Trace& run, const Trace& gradients)>& body);

inline constexpr Param kPairStepsParam{.name = "steps",
                                       .kind = Param::Kind::Whole,
                                       .doc = phrase("average the gradient over so many points between the two runs' embeddings"),
                                       .low = 1,
                                       .high = 1000};

}  // namespace gf
