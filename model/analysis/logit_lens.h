// The residual stream of every depth, read as if it were the last (nostalgebraist 2020).
#pragma once

#include <vector>

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

struct LensFile;

/// Depth runs 0..n_layer: the stream entering block d, and what leaves the last block at n_layer. Each is put through
/// ln_final and the unembedding.
struct LogitLens {
  struct Token {
    TokenId id;
    float logprob;  ///< nats
  };
  int k = 0;
  std::vector<Token> top;  ///< [depth, position, k], likeliest first; ties by lower id
  Grid entropy;            ///< [depth, position], nats
  Grid logprob_of_next;    ///< [depth, T-1], nats: entry i of the token that really stands at i+1
  Grid rank_of_next;       ///< [depth, T-1]: tokens with a strictly larger logit
  Grid logprob_of_target;  ///< [depth] at `position`; no values without a target
  Grid kl_to_final;        ///< [depth, position], nats: KL(last depth || this one); no values unless it is asked for
};

struct LensOptions {
  int k = 5;
  std::optional<TokenId> target{};
  int position = -1;               ///< of the target; -1: the last
  const LensFile* lens = nullptr;  ///< what is done to each depth's stream before it is read; nullptr: nothing
  bool kl = false;                 ///< whether kl_to_final is wanted
};
/// Errors: NotCaptured (needs resid_post of the last block), InvalidArgument (the target), Cancelled.
[[nodiscard]] Result<LogitLens> logit_lens(const Model& model, const Trace& trace, const LensOptions& options = {},
                                           std::stop_token stop = {});

}  // namespace gf
