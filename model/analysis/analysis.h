// Questions about a run: each in a file of its own, all listed in analysis.cpp. Results are plain structs.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "model/base/error.h"
#include "model/session.h"

namespace gf {

/// A score for each head. values[layer * n_head + head]; NaN where undefined.
struct HeadGrid {
  int n_layer = 0, n_head = 0;
  std::vector<float> values;
  [[nodiscard]] float at(int layer, int head) const { return values[static_cast<std::size_t>(layer * n_head + head)]; }
};

/// Attention-pattern scores (Elhage et al. 2021; Olsson et al. 2022); definitions: previous = mean over t >= 1 of
/// a[t, t-1]; sink = mean over t >= 1 of a[t, 0]; duplicate and induction over queries whose token stood before.
struct HeadScores {
  HeadGrid previous, sink, duplicate, induction;
};
/// Queries before `first_query` are left out (those of the first half, for tokens said twice).
[[nodiscard]] HeadScores head_scores(const Trace& trace, int first_query = 1);

/// Direct logit attribution of each head at the last position for A minus B (B optional): its `heads` part.
[[nodiscard]] Result<HeadGrid> head_attribution(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b);

/// Every head's hook_z set to zero in turn, on top of the request's own recipe.
struct AblationSweep {
  HeadGrid delta;         ///< logit (difference) ablated minus not ablated, at the last position
  HeadGrid kl;            ///< nats, KL(base || ablated) at the last position
  double work_share = 0;  ///< multiply-adds of its matrix products over those of as many whole passes
};
[[nodiscard]] Result<AblationSweep> ablate_sweep(Session& session, const RunRequest& request, TokenId a, std::optional<TokenId> b,
                                                 std::stop_token stop = {}, const std::function<void(double)>& progress = {});

}  // namespace gf
