#include "model/analysis/patch_sweep.h"

#include <algorithm>
#include <array>
#include <cmath>

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

Selector only(int index) { return {.kind = Selector::Kind::List, .list = {index}, .begin = {}, .end = {}}; }

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
                               const std::function<void(double)>& progress) {
  const ModelConfig& c = session.model().weights->config;
  for (const TokenId id : {a, b})
    if (id.v < 0 || id.v >= c.n_vocab)
      return fail(ErrorCode::InvalidArgument,
                  "token id " + std::to_string(id.v) + " is not in the vocabulary, whose ids are 0 to " + std::to_string(c.n_vocab - 1));
  if (clean.size() != corrupt.prompt.size())
    return fail(ErrorCode::InvalidArgument, "the clean prompt has " + std::to_string(clean.size()) + " tokens and the corrupt one " +
                                                std::to_string(corrupt.prompt.size()) + "; patching needs as many");
  const int T = static_cast<int>(clean.size());
  std::vector<patching::SiteKind> kinds;
  int places = 0, done = 0;
  for (const std::string& name : sites) {
    const auto at = std::ranges::find_if(patching::kSites, [&](const patching::SiteKind& s) { return name == s.name; });
    if (at == patching::kSites.end()) {
      std::string list;
      for (const std::string& s : patch_sites()) list += (list.empty() ? "" : ", ") + s;
      return fail(ErrorCode::InvalidArgument, "there is no site '" + name + "' to patch; the sites are " + list);
    }
    kinds.push_back(*at);
    places += c.n_layer * (patching::by_head(at->hook) ? c.n_head : T);
  }
  const auto difference = [&](std::span<const float> logits) {
    return static_cast<double>(logits[a.index()]) - static_cast<double>(logits[b.index()]);
  };
  RunRequest unedited = corrupt;
  unedited.prompt = clean;
  unedited.recipe = {};
  GF_TRY_ASSIGN(const Run clean_run, session.run(unedited, stop));
  GF_TRY_ASSIGN(const Run run, session.run(corrupt, stop));
  PatchSweep out;
  out.clean = difference(clean_run.base->last_logits());
  out.corrupt = difference(run.edited->last_logits());
  out.has_effect = std::abs(out.clean - out.corrupt) >= 1e-3;
  for (const patching::SiteKind& site : kinds) {
    const bool heads = patching::by_head(site.hook);
    const int n = heads ? c.n_head : T;
    PatchSweep::Site grid{site.name, Grid::of({"layer", heads ? "head" : "position"}, {c.n_layer, n}, "logit"),
                          Grid::of({"layer", heads ? "head" : "position"}, {c.n_layer, n}, "")};
    for (int layer = 0; layer < c.n_layer; ++layer)
      for (int i = 0; i < n; ++i) {
        Edit patch;
        patch.hook = name_of(HookId{site.hook, layer});
        patch.op = EditOp::Patch;
        (heads ? patch.heads : patch.positions) = patching::only(i);
        patch.source = RunSource{.prompt = {}, .ids = clean, .hook = {}, .positions = {}};
        GF_TRY_ASSIGN(const auto logits, session.probe(run, patch, stop));
        const double delta = difference(logits) - out.corrupt;
        grid.delta.at(layer, i) = static_cast<float>(delta);
        if (out.has_effect) grid.effect.at(layer, i) = static_cast<float>(delta / (out.clean - out.corrupt));
        if (progress) progress(static_cast<double>(++done) / places);
      }
    out.sites.push_back(std::move(grid));
  }
  return out;
}

}  // namespace gf
