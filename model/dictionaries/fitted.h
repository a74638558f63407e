// A dictionary at a hook of the open model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/dictionaries/dictionary.h"
#include "model/hooks.h"

namespace gf {

/// A dictionary whose sizes and hooks fit a model. Immutable. Thread safe to read.
struct FittedDictionary {
  std::shared_ptr<const Dictionary> dictionary;
  HookId in, out;  ///< where it reads and writes; the same hook but for transcoders
  /// [d_in]: what folding took off the rows that it was trained on, or minus the beta of mlp.hook_in; empty: nothing.
  std::vector<float> offset = {};
  /// [d_in]: what a row is multiplied by before the offset is taken off: gamma of a dictionary of mlp.hook_in, which stands at
  /// ln2.hook_normalized; empty: nothing.
  std::vector<float> factor = {};
  int head = -1, head_out = -1;  ///< of rows of all heads the head that it reads, and writes; -1: the whole row

  [[nodiscard]] bool transcodes() const { return in != out || head != head_out; }
  /// Of a row of the hook `in` what the dictionary reads, and of one of `out` what it writes.
  [[nodiscard]] std::span<const float> part_read(std::span<const float> row) const { return part(row, head, dictionary->d_in()); }
  [[nodiscard]] std::span<const float> part_written(std::span<const float> row) const { return part(row, head_out, dictionary->d_out()); }
  [[nodiscard]] std::span<float> part_written(std::span<float> row) const {
    return head_out < 0 ? row : row.subspan(static_cast<std::size_t>(head_out) * width_out(), width_out());
  }
  /// What one unit of a feature's activation adds to a row of `out`, as long as that row.
  [[nodiscard]] std::vector<float> written_row(int feature, const ModelConfig& config) const;

 private:
  [[nodiscard]] std::size_t width_out() const { return static_cast<std::size_t>(dictionary->d_out()); }
  [[nodiscard]] static std::span<const float> part(std::span<const float> row, int head, int width) {
    return head < 0 ? row : row.subspan(static_cast<std::size_t>(head) * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
  }
};

/// The hook at which a dictionary that a file calls one of `name` stands: that hook, or for "blocks.3.mlp.hook_in", the MLP's input
/// behind LayerNorm's gamma and beta, the hook_normalized before these. nullopt: this program has none.
[[nodiscard]] std::optional<HookId> hook_of_name(std::string_view name, int n_layer);

/// `at`: the hook where it reads, in place of the file's; needed where the file says none.
/// Errors: InvalidArgument, saying what does not fit.
[[nodiscard]] Result<std::shared_ptr<const FittedDictionary>> fit_dictionary(std::shared_ptr<const Dictionary> dictionary,
                                                                             const Weights& weights, std::optional<HookId> at = {});

/// The same hook, or the stream between two blocks by its other name: hook_resid_post of one is hook_resid_pre of the next.
[[nodiscard]] bool same_place(HookId a, HookId b);

/// What a vector of the hook's rows adds to the residual stream: itself, or what W_O or W_out makes of it. Empty: nothing
/// that is linear (q, k, v, what stands before the activation function). d_model numbers.
[[nodiscard]] std::vector<double> written_to_stream(const Weights& weights, HookId hook, std::span<const float> vector);

}  // namespace gf
