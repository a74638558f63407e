// Activation patching: which place of the clean run, put into the corrupt one, brings its answer back.
#pragma once

#include <string>
#include <vector>

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

struct PatchSweep {
  double clean = 0, corrupt = 0;  ///< logit of A minus that of B at the position asked for
  bool has_effect = false;        ///< false where the two are closer than 1e-3: then only `delta` says something
  struct Site {
    std::string name;  ///< "resid_pre", "head_z", ...
    Grid delta;        ///< patched minus corrupt; [layer, position], or [layer, head] over all positions
    Grid effect;       ///< delta / (clean - corrupt); undefined unless has_effect
  };
  std::vector<Site> sites;
};

/// resid_pre, attn_out, mlp_out, resid_mid, resid_post; head_z, head_q, head_k, head_v, head_pattern.
[[nodiscard]] const std::vector<std::string>& patch_sites();

/// `corrupt` is the run that is patched, with its recipe if it has one; `clean` is run unedited and has as many tokens.
/// position -1: the last.
/// Errors: InvalidArgument (lengths, tokens, a site that isn't one of patch_sites()), and those of Session::run().
[[nodiscard]] Result<PatchSweep> patch_sweep(Session& session, const RunRequest& corrupt, const std::vector<TokenId>& clean,
                                             const std::vector<std::string>& sites, TokenId a, TokenId b, std::stop_token stop = {},
                                             const std::function<void(double)>& progress = {}, int position = -1);

}  // namespace gf
