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
  HookId in, out;             ///< where it reads and writes; the same hook but for transcoders
  std::vector<float> offset;  ///< [d_in]: what folding took off the rows that it was trained on; empty: nothing

  [[nodiscard]] bool transcodes() const { return in != out; }
};

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
