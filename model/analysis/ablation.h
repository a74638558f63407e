// Cuts each head and each MLP in turn, and tells how much of a cut the later blocks make up for.
#pragma once

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

struct Ablation {
  Grid delta, kl;          ///< [layer, head]: logit (difference) ablated minus base, and KL(base || ablated) in nats
  Grid mlp_delta, mlp_kl;  ///< [layer]: the same with hook_mlp_out cut
  Grid direct, repair;     ///< [layer, head], only for zero: minus the head's direct attribution; delta - direct
  double work_share = 0;   ///< multiply-adds of its matrix products over those of as many whole passes
};
enum class AblateWith { Zero, Mean };
struct AblateOptions {
  AblateWith with = AblateWith::Zero;
  bool mlps = true, direct = true;  ///< false: those parts stay NaN and cost nothing
  int position = -1;                ///< of the logits; -1: the last
};
/// The cuts act after the edits of the request's own recipe. Errors: InvalidArgument, and those of Session::run().
[[nodiscard]] Result<Ablation> ablate_everything(Session& session, const RunRequest& request, TokenId a, std::optional<TokenId> b,
                                                 const AblateOptions& options = {}, std::stop_token stop = {},
                                                 const std::function<void(double)>& progress = {});

}  // namespace gf
