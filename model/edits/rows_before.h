// Edits that also keep what they found: a gradient goes back through an edit at the values before it.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/edits/compiled.h"

namespace gf {

/// Not thread safe, as CompiledEdits.
class RowsBefore final : public CompiledEdits {
 public:
  /// `but_at`: a hook where the edits have acted already, and do not act again. Lifetime: that of `edits`.
  RowsBefore(const ModelConfig& config, CompiledEdits& edits, std::optional<HookId> but_at = {})
      : config_(config), edits_(edits), but_at_(but_at) {}

  /// The row of a position (query) as the edits found it. Expects that they act at the hook and that the row was computed.
  [[nodiscard]] std::span<const float> row(HookId hook, int position) const;

  [[nodiscard]] bool touches(HookId hook) const override { return hook != but_at_ && edits_.touches(hook); }
  [[nodiscard]] int first_block() const override { return edits_.first_block(); }
  void begin_step(int first_position, int rows, int length) override { edits_.begin_step(first_position, rows, length); }
  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override;
  void apply_causal(HookId hook, int query, float* row) override;
  [[nodiscard]] std::vector<Receipt> receipts() const override { return edits_.receipts(); }

 private:
  void keep(HookId hook, int position, const float* row);
  const ModelConfig& config_;
  CompiledEdits& edits_;
  std::optional<HookId> but_at_;
  std::map<std::pair<HookId, int>, std::vector<float>> rows_;
};

}  // namespace gf
