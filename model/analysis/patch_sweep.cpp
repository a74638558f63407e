#include "model/analysis/patch_sweep.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/prompt_pair.h"
#include "model/analysis/question.h"
#include "model/analysis/sweeping.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf {

namespace {

struct PatchSite {
  const char* name;
  HookKind hook;
};
constexpr std::array kPatchSites{
    PatchSite{"resid_pre", HookKind::ResidPre}, PatchSite{"attn_out", HookKind::AttnOut},
    PatchSite{"mlp_out", HookKind::MlpOut},     PatchSite{"head_z", HookKind::Z},
    PatchSite{"resid_mid", HookKind::ResidMid}, PatchSite{"resid_post", HookKind::ResidPost},
    PatchSite{"head_q", HookKind::Q},           PatchSite{"head_k", HookKind::K},
    PatchSite{"head_v", HookKind::V},           PatchSite{"head_pattern", HookKind::Pattern},
};

bool patched_by_head(HookKind kind) { return info_of(kind).shape == RowShape::Heads || info_of(kind).shape == RowShape::Causal; }

}  // namespace

const std::vector<std::string>& patch_sites() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& site : kPatchSites) list.emplace_back(site.name);
    return list;
  }();
  return names;
}

Result<PatchSweep> patch_sweep(Session& session, const RunRequest& corrupt, const std::vector<TokenId>& clean,
                               const std::vector<std::string>& sites, TokenId a, TokenId b, std::stop_token stop,
                               const std::function<void(double)>& progress, int position) {
  const ModelConfig& c = session.model().weights->config;
  GF_TRY(check_tokens(c, a, b));
  if (clean.size() != corrupt.prompt.size())
    return fail(ErrorCode::InvalidArgument, text("the clean prompt has {0} tokens and the corrupt one {1}; patching needs as many",
                                                 clean.size(), corrupt.prompt.size()));
  const int T = static_cast<int>(clean.size());
  std::vector<PatchSite> kinds;
  std::vector<Edit> cuts;
  for (const std::string& name : sites) {
    const auto at = std::ranges::find_if(kPatchSites, [&](const PatchSite& s) { return name == s.name; });
    if (at == kPatchSites.end())
      return fail(ErrorCode::InvalidArgument, text("there is no site '{0}' to patch; the sites are {1}", name, listed(patch_sites())));
    kinds.push_back(*at);
    const bool heads = patched_by_head(at->hook);
    for (int layer = 0; layer < c.n_layer; ++layer)
      for (int i = 0; i < (heads ? c.n_head : T); ++i) {
        Edit& patch = cuts.emplace_back();
        patch.hook = name_of(HookId{at->hook, layer});
        patch.op = EditOp::Patch;
        (heads ? patch.heads : patch.positions) = Selector::only(i);
        patch.source = RunSource{.prompt = {}, .ids = clean, .hook = {}, .positions = {}};
      }
  }
  RunRequest unedited = corrupt;
  unedited.prompt = clean;
  unedited.recipe = {};
  GF_TRY_ASSIGN(const Run clean_run, session.run(unedited, stop));
  GF_TRY_ASSIGN(const Run run, session.run(corrupt, stop));
  PatchSweep out;
  GF_TRY_ASSIGN(const auto clean_logits, logits_at(session, clean_run, position, stop));
  GF_TRY_ASSIGN(const auto corrupt_logits, logits_at(session, run, position, stop));
  out.clean = logit_difference(clean_logits, a, b);
  out.corrupt = logit_difference(corrupt_logits, a, b);
  out.has_effect = !(std::abs(out.clean - out.corrupt) < 1e-3);  // NaN: then the effects are NaN
  std::vector<double> deltas;
  const auto note = [&](std::size_t i, std::span<const float> logits) {
    deltas.push_back(logit_difference(logits, a, b) - out.corrupt);
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(cuts.size()));
  };
  GF_TRY(session.sweep(run, cuts, note, stop, position));
  std::size_t at = 0;
  for (const PatchSite& site : kinds) {
    const bool heads = patched_by_head(site.hook);
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

namespace {

constexpr auto kSiteNames = [] {
  std::array<std::string_view, kPatchSites.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPatchSites[i].name;
  return names;
}();
constexpr std::array kPatchParams{
    kCleanParam,
    kCorruptParam,
    Param{.name = "site",
          .kind = Param::Kind::Choices,
          .doc = phrase("places to copy"),
          .fallback = "resid_pre,attn_out,mlp_out,head_z",
          .choices = kSiteNames},
};

#define GF_PATCH_PART(site, across, effect_title, delta_title)                                                                   \
  PartInfo{.name = site,                                                                                                         \
           .axes = "layer," across,                                                                                              \
           .title = effect_title,                                                                                                \
           .doc = phrase("how much of the clean prompt's answer comes back when this alone is copied"),                          \
           .scale = PartInfo::Scale::Signed,                                                                                     \
           .only = PartInfo::Only::ByParams},                                                                                    \
      PartInfo {                                                                                                                 \
    .name = "delta." site, .axes = "layer," across, .unit = "logit", .title = delta_title,                                       \
    .doc = phrase("change of {0} when this alone is copied"), .scale = PartInfo::Scale::Signed, .only = PartInfo::Only::ByParams \
  }
constexpr std::array kPatchParts{
    kCleanPart,
    kCorruptPart,
    GF_PATCH_PART("resid_pre", "position", phrase("stream before the block: effect of patching"),
                  phrase("stream before the block: change by patching")),
    GF_PATCH_PART("attn_out", "position", phrase("attention out: effect of patching"), phrase("attention out: change by patching")),
    GF_PATCH_PART("mlp_out", "position", phrase("MLP out: effect of patching"), phrase("MLP out: change by patching")),
    GF_PATCH_PART("head_z", "head", phrase("head z: effect of patching"), phrase("head z: change by patching")),
    GF_PATCH_PART("resid_mid", "position", phrase("stream after attention: effect of patching"),
                  phrase("stream after attention: change by patching")),
    GF_PATCH_PART("resid_post", "position", phrase("stream after the block: effect of patching"),
                  phrase("stream after the block: change by patching")),
    GF_PATCH_PART("head_q", "head", phrase("head q: effect of patching"), phrase("head q: change by patching")),
    GF_PATCH_PART("head_k", "head", phrase("head k: effect of patching"), phrase("head k: change by patching")),
    GF_PATCH_PART("head_v", "head", phrase("head v: effect of patching"), phrase("head v: change by patching")),
    GF_PATCH_PART("head_pattern", "head", phrase("head pattern: effect of patching"), phrase("head pattern: change by patching")),
};
#undef GF_PATCH_PART

/// The sites that the wanted parts are of; without wanted parts those of the parameter.
std::vector<std::string> wanted_sites(const Asking& asking) {
  if (asking.wanted.empty()) return asking.params.choices("site");
  std::vector<std::string> sites;
  for (const std::string_view site : kSiteNames)
    if (asking.wants(site) || asking.wants("delta." + std::string(site))) sites.emplace_back(site);
  return sites;
}

Result<Answer> answer_patch_sweep(const Asking& asking) {
  RunRequest corrupt = asking.request;
  if (asking.params.given("corrupt")) corrupt.prompt = asking.params.prompt("corrupt"), corrupt.forced.clear();
  const auto T = static_cast<int>(corrupt.prompt.size());
  if (asking.position >= T || asking.position < -T)
    return fail(ErrorCode::InvalidArgument,
                text("position {0} is not in the corrupt prompt, whose positions are 0 to {1}", asking.position, T - 1));
  GF_TRY_ASSIGN(auto s, patch_sweep(asking.session, corrupt, asking.params.prompt("clean"), wanted_sites(asking), *asking.a, *asking.b,
                                    asking.stop, asking.progress, asking.at(T)));
  Answer answer;
  answer.add("clean", Answer::Number{s.clean, "logit"});
  answer.add("corrupt", Answer::Number{s.corrupt, "logit"});
  const Answer::Undefined alike = no_effect_to_measure();
  if (!s.has_effect) answer.add("effect", alike);
  for (auto& site : s.sites) {
    if (s.has_effect) answer.add(site.name, std::move(site.effect));
    else answer.add(site.name, alike);
  }
  for (auto& site : s.sites) answer.add("delta." + site.name, std::move(site.delta));
  return answer;
}

}  // namespace

extern constinit const Question kPatchSweepQuestion{
    .name = "patch-sweep",
    .title = phrase("Patching"),
    .doc = phrase("which place of a clean prompt, copied into this one, brings its answer back"),
    .needs = {.a = TokenNeed::Required, .b = TokenNeed::Required, .position = true, .sweeps = true, .instead = "corrupt"},
    .params = kPatchParams,
    .parts = kPatchParts,
    .answer = answer_patch_sweep};

}  // namespace gf
