// Which part of the final residual stream speaks for token A (minus B): direct logit attribution (Elhage et al. 2021).
#pragma once

#include <optional>
#include <vector>

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

/// For a component c of the final stream: (c - mean c) / ln_final.scale * gamma . u, u = W_U[:, A] (minus W_U[:, B]).
struct DirectAttribution {
  double embed = 0, pos_embed = 0;
  Grid heads;           ///< [layer, head]
  Grid attn_bias, mlp;  ///< [layer]: of b_O, of mlp_out
  double constant = 0;  ///< beta . u
  /// What each edit of the stream or of attn_out itself added; 0 for edits elsewhere, whose effect is in the parts above.
  std::vector<double> edits;
  double total = 0;  ///< the sum of all; the logit (difference) where neither ln_final nor the logits were edited
};
/// `request`: with the recipe that made the trace, or without one for a base run. What the trace lacks is computed anew:
/// edited results, and the state between two edits of one place. position -1: the last.
/// Errors: NotCaptured (needs the default plan), InvalidArgument (a token that isn't in the vocabulary), those of Session::run().
[[nodiscard]] Result<DirectAttribution> direct_attribution(Session& session, const Trace& trace, const RunRequest& request, TokenId a,
                                                           std::optional<TokenId> b, int position = -1, std::stop_token stop = {});
/// DirectAttribution::heads split by the token that is looked at: [layer, head, key], keys up to the position. Of a head whose z is
/// the sum of its pattern times v, which an edit of z changes, the keys add up to its part.
/// Errors: NotCaptured, InvalidArgument (a token that isn't in the vocabulary).
[[nodiscard]] Result<Grid> direct_by_source(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b, int position = -1);

}  // namespace gf
