#include "model/sweep.h"

#include <algorithm>

#include "model/edits/compiled.h"
#include "model/run/trace_cache.h"
#include "model/trace.h"

namespace gf {

namespace {

/// The edits that made the trace, then the cut.
class InTurn final : public CompiledEdits {
 public:
  InTurn(CompiledEdits* first, CompiledEdits& second) : first_(first), second_(second) {}
  bool touches(HookId hook) const override { return (first_ != nullptr && first_->touches(hook)) || second_.touches(hook); }
  int first_block() const override {
    return first_ == nullptr ? second_.first_block() : std::min(first_->first_block(), second_.first_block());
  }
  void begin_step(int first_position, int rows, int length) override {
    if (first_ != nullptr) first_->begin_step(first_position, rows, length);
    second_.begin_step(first_position, rows, length);
  }
  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override {
    if (first_ != nullptr) first_->apply(hook, first_position, rows, data, stride);
    second_.apply(hook, first_position, rows, data, stride);
  }
  void apply_causal(HookId hook, int query, float* row) override {
    if (first_ != nullptr) first_->apply_causal(hook, query, row);
    second_.apply_causal(hook, query, row);
  }
  std::vector<Receipt> receipts() const override { return second_.receipts(); }

 private:
  CompiledEdits* first_;
  CompiledEdits& second_;
};

Trace fork_for_sweep(const Sweep& sweep) {
  const int n_layer = sweep.trace->config().n_layer;
  const bool before_blocks = info_of(sweep.hook.kind).stage == HookStage::Before;
  const int block = sweep.hook.layer >= 0 ? sweep.hook.layer : before_blocks ? 0 : n_layer - 1;
  return fork_before_edits(*sweep.trace, block, CapturePlan::none(),
                           [&](HookId start) { return sweep.edits != nullptr && sweep.edits->touches(start); });
}

}  // namespace

Result<std::uint64_t> sweep_one_by_one(Backend& backend, const Sweep& sweep) {
  EXPECTS(sweep.trace != nullptr && sweep.done && (sweep.cuts.empty() || sweep.prompts.empty()), "cuts of a trace, or prompts");
  EXPECTS(sweep.prompts.empty() || sweep.edits == nullptr, "other prompts are run without edits");
  const Trace& base = *sweep.trace;
  const auto wanted = static_cast<std::size_t>(sweep.position < 0 ? base.length() : sweep.position + 1);
  std::uint64_t work = 0;
  const auto complete = [&](Trace& trace, std::size_t variant, std::span<const TokenId> ids, CompiledEdits* edits) -> Result<void> {
    ForwardStep step;
    step.ids = ids;
    step.first_position = trace.length();
    step.first_block = trace.length() < trace.seeded_rows() ? trace.seeded_block() : 0;
    step.n_prompt = base.n_prompt();
    step.edits = edits;
    step.stop = sweep.stop;
    work += full_pass_work(base.config(), static_cast<int>(ids.size()), step.first_block);
    GF_TRY(backend.forward(trace, step));
    sweep.done(variant, trace.last_logits());
    return {};
  };
  for (std::size_t i = 0; i < sweep.cuts.size(); ++i) {
    Trace trace = fork_for_sweep(sweep);
    InTurn edits(sweep.edits, *sweep.cuts[i]);
    GF_TRY(complete(trace, i, base.ids().first(wanted), &edits));
  }
  for (std::size_t i = 0; i < sweep.prompts.size(); ++i) {
    const std::vector<TokenId>& ids = sweep.prompts[i];
    EXPECTS(!ids.empty(), "a prompt has a token");
    const int shared = std::min(common_prefix(base.ids(), ids), static_cast<int>(ids.size()) - 1);
    Trace trace = shared > 0 ? base.prefix(shared) : Trace(base.config(), CapturePlan::none());
    GF_TRY(complete(trace, i, std::span(ids).subspan(static_cast<std::size_t>(shared)), nullptr));
  }
  return work;
}

std::uint64_t full_pass_work(const ModelConfig& config, int T, int first_block) {
  const auto wide = [](int x) { return static_cast<std::uint64_t>(x); };
  const std::uint64_t d = wide(config.d_model), weights = 4 * d * d + 2 * d * wide(config.d_mlp);
  const std::uint64_t blocks = wide(config.n_layer - first_block);
  return blocks * (wide(T) * weights + 2 * wide(T) * wide(T) * d) + d * wide(config.n_vocab);
}

}  // namespace gf
