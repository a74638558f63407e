// Attribution patching: the patch sweep of a pair of prompts to first order, every place from one backward pass.
// Source: Nanda 2023, Attribution patching; with steps: Hanna et al. 2024, Have faith in faithfulness (EAP-IG inputs).
#include <array>

#include "model/analysis/gradient_runs.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kAttributionPatchingParams{kCleanParam, kCorruptParam, kObjectiveParam, kPairStepsParam};

struct AttributionSite {
  const char* name;
  HookKind hook;
  bool by_head = false;
  const char* summed = nullptr;  ///< the part with its sums over the positions
};
constexpr std::array kAttributionSites{
    AttributionSite{"resid_pre", HookKind::ResidPre},
    AttributionSite{"attn_out", HookKind::AttnOut, false, "attn_by_layer"},
    AttributionSite{"mlp_out", HookKind::MlpOut, false, "mlp_by_layer"},
    AttributionSite{"head_z", HookKind::Z, true, "heads"},
};

constexpr const char* kBackInSum = phrase(
    "how much of the clean prompt's answer comes back when this is copied at all positions, to first order: the sum over the positions");

#define GF_ATTRIBUTION_PART(site, across, effect_title, delta_title)                                                    \
  PartInfo{.name = site,                                                                                                \
           .axes = "layer" across,                                                                                      \
           .title = effect_title,                                                                                       \
           .doc = phrase("how much of the clean prompt's answer comes back when this alone is copied, to first order"), \
           .scale = PartInfo::Scale::Signed},                                                                           \
      PartInfo {                                                                                                        \
    .name = "delta." site, .axes = "layer" across, .unit = "logit", .title = delta_title,                               \
    .doc = phrase("change of {0} when this alone is copied, to first order"), .scale = PartInfo::Scale::Signed          \
  }
// Sums do not depend on the prompt's length, so that a set has means of them.
#define GF_ATTRIBUTION_SUM(sum, across, effect_title, delta_title)                                                                      \
  PartInfo{.name = sum, .axes = "layer" across, .title = effect_title, .doc = kBackInSum, .scale = PartInfo::Scale::Signed}, PartInfo { \
    .name = "delta." sum, .axes = "layer" across, .unit = "logit", .title = delta_title,                                                \
    .doc = phrase("change of {0} when this is copied at all positions, to first order: the sum over the positions"),                    \
    .scale = PartInfo::Scale::Signed                                                                                                    \
  }
constexpr std::array kAttributionPatchingParts{
    kCleanPart,
    kCorruptPart,
    GF_ATTRIBUTION_PART("resid_pre", ",position", phrase("stream before the block: effect, by gradient"),
                        phrase("stream before the block: change, by gradient")),
    GF_ATTRIBUTION_PART("attn_out", ",position", phrase("attention out: effect, by gradient"),
                        phrase("attention out: change, by gradient")),
    GF_ATTRIBUTION_PART("mlp_out", ",position", phrase("MLP out: effect, by gradient"), phrase("MLP out: change, by gradient")),
    GF_ATTRIBUTION_PART("head_z", ",head,position", phrase("head z at a position: effect, by gradient"),
                        phrase("head z at a position: change, by gradient")),
    GF_ATTRIBUTION_SUM("heads", ",head", phrase("head z: effect, by gradient"), phrase("head z: change, by gradient")),
    GF_ATTRIBUTION_SUM("attn_by_layer", "", phrase("attention out, all positions: effect, by gradient"),
                       phrase("attention out, all positions: change, by gradient")),
    GF_ATTRIBUTION_SUM("mlp_by_layer", "", phrase("MLP out, all positions: effect, by gradient"),
                       phrase("MLP out, all positions: change, by gradient")),
};
#undef GF_ATTRIBUTION_SUM
#undef GF_ATTRIBUTION_PART

/// Adds (clean - corrupt) . gradient at each place of the site.
void add_site(const AttributionSite& site, const Trace& clean, const Trace& corrupt, const Trace& gradients, std::vector<double>& sums) {
  const ModelConfig& c = clean.config();
  const int T = clean.length(), heads = site.by_head ? c.n_head : 1;
  const auto width = static_cast<std::size_t>(c.d_model / heads);
  sums.resize(static_cast<std::size_t>(c.n_layer * heads * T));
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int p = 0; p < T; ++p) {
      const HookId hook{site.hook, layer};
      const auto a = clean.row(hook, p), b = corrupt.row(hook, p), g = gradients.row(hook, p);
      for (int h = 0; h < heads; ++h) {
        double& sum = sums[static_cast<std::size_t>((layer * heads + h) * T + p)];
        for (std::size_t i = static_cast<std::size_t>(h) * width; i < static_cast<std::size_t>(h + 1) * width; ++i)
          sum += (static_cast<double>(a[i]) - static_cast<double>(b[i])) * static_cast<double>(g[i]);
      }
    }
}

Result<Answer> answer_attribution_patching(const Asking& asking) {
  GF_TRY_ASSIGN(const PromptPair pair, prompt_pair(asking, CapturePlan::defaults()));
  CapturePlan plan = CapturePlan::none();
  for (const AttributionSite& site : kAttributionSites) plan.want(site.hook);
  std::array<std::vector<double>, kAttributionSites.size()> sums;
  int points = 0;
  GF_TRY(each_gradient(asking, pair, asking.params.whole("steps"), plan, [&](const Trace&, const Trace& gradients) {
    ++points;
    for (std::size_t i = 0; i < sums.size(); ++i)
      add_site(kAttributionSites[i], *pair.clean.base, *pair.corrupt.edited, gradients, sums[i]);
  }));
  const ModelConfig& c = pair.clean.base->config();
  const char* unit = pair.objective.unit();
  Answer answer;
  answer.add("clean", Answer::Number{pair.m_clean, unit});
  answer.add("corrupt", Answer::Number{pair.m_corrupt, unit});
  const Answer::Undefined alike = no_effect_to_measure();
  std::vector<std::pair<std::string, Grid>> deltas;
  const auto add = [&](const char* name, Grid effect, const std::vector<double>& changes) {
    Grid delta = effect;
    delta.unit = unit;
    for (std::size_t k = 0; k < changes.size(); ++k) {
      const double change = changes[k] / points + 0.0;  // + 0: a place that changes nothing has 0, not -0
      delta.values[k] = static_cast<float>(change);
      effect.values[k] = static_cast<float>(change / (pair.m_clean - pair.m_corrupt) + 0.0);
    }
    if (pair.differs()) answer.add(name, std::move(effect));
    else answer.add(name, alike);
    deltas.emplace_back(std::string("delta.") + name, std::move(delta));
  };
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const AttributionSite& site = kAttributionSites[i];
    const int T = pair.length();
    add(site.name,
        site.by_head ? Grid::of({"layer", "head", "position"}, {c.n_layer, c.n_head, T}, "")
                     : Grid::of({"layer", "position"}, {c.n_layer, T}, ""),
        sums[i]);
    if (site.summed == nullptr) continue;
    std::vector<double> over_positions(sums[i].size() / static_cast<std::size_t>(T));
    for (std::size_t k = 0; k < sums[i].size(); ++k) over_positions[k / static_cast<std::size_t>(T)] += sums[i][k];
    add(site.summed, site.by_head ? Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, "") : Grid::of({"layer"}, {c.n_layer}, ""),
        over_positions);
  }
  for (auto& [name, delta] : deltas) answer.add(name, std::move(delta));
  return answer;
}

}  // namespace

extern constinit const Question kAttributionPatchingQuestion{
    .name = "attribution",
    .title = phrase("Attribution patching"),
    .doc = phrase("which place of a clean prompt, copied into this one, would bring its answer back, by gradients"),
    .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true, .instead = "corrupt"},
    .params = kAttributionPatchingParams,
    .parts = kAttributionPatchingParts,
    .answer = answer_attribution_patching};

}  // namespace gf
