// How likely the run found its own tokens, and how much each prompt token matters for the answer.
#pragma once

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

struct TokenReport {
  enum class Confidence { High, Medium, Low, Undefined };  ///< p > 0.95, between, p < 0.60, p is NaN
  Grid logprob, rank, surprisal;                           ///< [T-1], entry i of token i+1; nats, tokens, nats
  std::vector<Confidence> confidence;                      ///< [T-1]
  Grid entropy;                                            ///< [T], nats, of the prediction made at each position
  double mean_logprob = 0, perplexity = 0;                 ///< over the T-1 tokens; NaN for one token alone
};
/// Errors: NotCaptured (a run without the statistics of every position).
[[nodiscard]] Result<TokenReport> token_report(const Trace& trace);
[[nodiscard]] const char* name_of(TokenReport::Confidence c);  ///< "high", ...; empty for Undefined

/// [position + 1], nats. Entry i: log p(target) at `position` (-1: the last) with the whole prompt, minus the same without
/// token i. Later tokens have no entry, because they have no influence. Without a target: for the token that is likeliest with
/// the whole prompt. The request's recipe acts in every run. NaN where no token would be left. Errors: as Session::run().
[[nodiscard]] Result<Grid> token_importance(Session& session, const RunRequest& request, std::optional<TokenId> target,
                                            std::stop_token stop = {}, const std::function<void(double)>& progress = {}, int position = -1);

}  // namespace gf
