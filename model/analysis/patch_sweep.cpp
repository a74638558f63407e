#include "model/analysis/patch_sweep.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/sweeping.h"

namespace gf {

namespace patching {

struct SiteKind {
  const char* name;
  HookKind hook;
};
constexpr std::array kSites{
    SiteKind{"resid_pre", HookKind::ResidPre}, SiteKind{"attn_out", HookKind::AttnOut},
    SiteKind{"mlp_out", HookKind::MlpOut},     SiteKind{"head_z", HookKind::Z},
    SiteKind{"resid_mid", HookKind::ResidMid}, SiteKind{"resid_post", HookKind::ResidPost},
    SiteKind{"head_q", HookKind::Q},           SiteKind{"head_k", HookKind::K},
    SiteKind{"head_v", HookKind::V},           SiteKind{"head_pattern", HookKind::Pattern},
};

bool by_head(HookKind kind) { return info_of(kind).shape == RowShape::Heads || info_of(kind).shape == RowShape::Causal; }

}  // namespace patching

const std::vector<std::string>& patch_sites() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& site : patching::kSites) list.emplace_back(site.name);
    return list;
  }();
  return names;
}

Result<PatchSweep> patch_sweep(Session& session, const RunRequest& corrupt, const std::vector<TokenId>& clean,
                               const std::vector<std::string>& sites, TokenId a, TokenId b, std::stop_token stop,
                               const std::function<void(double)>& progress, int position) {
  const ModelConfig& c = session.model().weights->config;
  GF_TRY(sweeping::check_tokens(session, a, b));
  if (clean.size() != corrupt.prompt.size())
    return fail(ErrorCode::InvalidArgument, "the clean prompt has " + std::to_string(clean.size()) + " tokens and the corrupt one " +
                                                std::to_string(corrupt.prompt.size()) + "; patching needs as many");
  const int T = static_cast<int>(clean.size());
  std::vector<patching::SiteKind> kinds;
  std::vector<Edit> cuts;
  for (const std::string& name : sites) {
    const auto at = std::ranges::find_if(patching::kSites, [&](const patching::SiteKind& s) { return name == s.name; });
    if (at == patching::kSites.end()) {
      std::string list;
      for (const std::string& s : patch_sites()) list += (list.empty() ? "" : ", ") + s;
      return fail(ErrorCode::InvalidArgument, "there is no site '" + name + "' to patch; the sites are " + list);
    }
    kinds.push_back(*at);
    const bool heads = patching::by_head(at->hook);
    for (int layer = 0; layer < c.n_layer; ++layer)
      for (int i = 0; i < (heads ? c.n_head : T); ++i) {
        Edit& patch = cuts.emplace_back();
        patch.hook = name_of(HookId{at->hook, layer});
        patch.op = EditOp::Patch;
        (heads ? patch.heads : patch.positions) = sweeping::only(i);
        patch.source = RunSource{.prompt = {}, .ids = clean, .hook = {}, .positions = {}};
      }
  }
  RunRequest unedited = corrupt;
  unedited.prompt = clean;
  unedited.recipe = {};
  GF_TRY_ASSIGN(const Run clean_run, session.run(unedited, stop));
  GF_TRY_ASSIGN(const Run run, session.run(corrupt, stop));
  PatchSweep out;
  GF_TRY_ASSIGN(const auto clean_logits, sweeping::logits_at(session, clean_run, position, stop));
  GF_TRY_ASSIGN(const auto corrupt_logits, sweeping::logits_at(session, run, position, stop));
  out.clean = sweeping::difference(clean_logits, a, b);
  out.corrupt = sweeping::difference(corrupt_logits, a, b);
  out.has_effect = std::abs(out.clean - out.corrupt) >= 1e-3;
  std::vector<double> deltas;
  const auto note = [&](std::size_t i, std::span<const float> logits) {
    deltas.push_back(sweeping::difference(logits, a, b) - out.corrupt);
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(cuts.size()));
  };
  GF_TRY(session.sweep(run, cuts, note, stop, position));
  std::size_t at = 0;
  for (const patching::SiteKind& site : kinds) {
    const bool heads = patching::by_head(site.hook);
    const std::vector<int> shape{c.n_layer, heads ? c.n_head : T};
    const std::vector<std::string> axes{"layer", heads ? "head" : "position"};
    PatchSweep::Site grid{site.name, Grid::of(axes, shape, "logit"), Grid::of(axes, shape, "")};
    for (std::size_t i = 0; i < grid.delta.values.size(); ++i, ++at) {
      grid.delta.values[i] = static_cast<float>(deltas[at]);
      // + 0: a place that changes nothing has the effect 0, not -0.
      if (out.has_effect) grid.effect.values[i] = static_cast<float>(deltas[at] / (out.clean - out.corrupt) + 0.0);
    }
    out.sites.push_back(std::move(grid));
  }
  return out;
}

}  // namespace gf
