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
};
constexpr std::array kAttributionSites{
    AttributionSite{"resid_pre", HookKind::ResidPre},
    AttributionSite{"attn_out", HookKind::AttnOut},
    AttributionSite{"mlp_out", HookKind::MlpOut},
    AttributionSite{"head_z", HookKind::Z, true},
};

#define GF_ATTRIBUTION_PART(site, across)                                                                                \
  PartInfo{.name = site,                                                                                                 \
           .axes = "layer," across,                                                                                      \
           .title = phrase("patching, by gradient"),                                                                     \
           .doc = phrase("how much of the clean prompt's answer comes back when this alone is copied, to first order"),  \
           .scale = PartInfo::Scale::Signed},                                                                            \
      PartInfo {                                                                                                         \
    .name = "delta." site, .axes = "layer," across, .unit = "logit", .title = phrase("change by patching, by gradient"), \
    .doc = phrase("change of {0} when this alone is copied, to first order"), .scale = PartInfo::Scale::Signed           \
  }
constexpr std::array kAttributionPatchingParts{
    kCleanPart,
    kCorruptPart,
    GF_ATTRIBUTION_PART("resid_pre", "position"),
    GF_ATTRIBUTION_PART("attn_out", "position"),
    GF_ATTRIBUTION_PART("mlp_out", "position"),
    GF_ATTRIBUTION_PART("head_z", "head,position"),
};
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
  std::vector<Grid> deltas;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const bool by_head = kAttributionSites[i].by_head;
    const auto grid = [&](const char* of) {
      return by_head ? Grid::of({"layer", "head", "position"}, {c.n_layer, c.n_head, pair.length()}, of)
                     : Grid::of({"layer", "position"}, {c.n_layer, pair.length()}, of);
    };
    Grid effect = grid(""), delta = grid(unit);
    for (std::size_t k = 0; k < sums[i].size(); ++k) {
      const double change = sums[i][k] / points + 0.0;  // + 0: a place that changes nothing has 0, not -0
      delta.values[k] = static_cast<float>(change);
      effect.values[k] = static_cast<float>(change / (pair.m_clean - pair.m_corrupt) + 0.0);
    }
    if (pair.differs()) answer.add(kAttributionSites[i].name, std::move(effect));
    else answer.add(kAttributionSites[i].name, alike);
    deltas.push_back(std::move(delta));
  }
  for (std::size_t i = 0; i < deltas.size(); ++i) answer.add(std::string("delta.") + kAttributionSites[i].name, std::move(deltas[i]));
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
