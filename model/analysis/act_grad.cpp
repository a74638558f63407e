// Activation times gradient: what cutting each head, MLP and neuron would change, to first order, from one backward pass.
#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/gradient_runs.h"
#include "model/analysis/ranked.h"
#include "model/analysis/sweeping.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kActGradParams{
    kObjectiveParam,
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("neurons that are listed"), .fallback = "5", .low = 1, .high = 1000},
};
constexpr std::array kActGradParts{
    PartInfo{.name = "heads",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("cut, by gradient"),
             .doc = phrase("change of {0} when this head alone is cut, to first order"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "mlp",
             .axes = "layer",
             .unit = "logit",
             .title = phrase("MLP cut, by gradient"),
             .doc = phrase("change of {0} when this MLP alone is cut, to first order"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "heads_by_position",
             .axes = "layer,head,position",
             .unit = "logit",
             .title = phrase("cut at a position, by gradient"),
             .doc = phrase("change of {0} when this head is cut at this position alone, to first order"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "mlp_by_position",
             .axes = "layer,position",
             .unit = "logit",
             .title = phrase("MLP cut at a position, by gradient"),
             .doc = phrase("change of {0} when this MLP is cut at this position alone, to first order"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "neurons",
             .title = phrase("strongest neurons, by gradient"),
             .doc = phrase("the neurons whose cut at all positions would change {0} most, to first order, and their activation at the "
                           "explained position"),
             .kind = PartInfo::Kind::Table,
             .scale = PartInfo::Scale::Signed},
};

/// The neurons of all blocks by the magnitude of their attribution.
Answer::Table neurons_by_gradient(const Trace& run, const Trace& gradients, int position, int count, const char* unit) {
  const ModelConfig& c = run.config();
  struct Neuron {
    int layer, index;
    float attribution;
  };
  std::vector<Neuron> all;
  for (int layer = 0; layer < c.n_layer; ++layer) {
    const HookId hook{HookKind::MlpPost, layer};
    std::vector<double> sums(static_cast<std::size_t>(c.d_mlp));
    for (int p = 0; p < run.length(); ++p) {
      const auto a = run.row(hook, p), g = gradients.row(hook, p);
      for (std::size_t i = 0; i < a.size(); ++i) sums[i] -= static_cast<double>(a[i]) * static_cast<double>(g[i]);
    }
    for (int i = 0; i < c.d_mlp; ++i) all.push_back({layer, i, static_cast<float>(sums[static_cast<std::size_t>(i)])});
  }
  const auto kept = std::min(all.size(), static_cast<std::size_t>(count));
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), [](const Neuron& x, const Neuron& y) {
    const float p = std::abs(x.attribution), q = std::abs(y.attribution);
    if (ranks_before(p, q) || ranks_before(q, p)) return ranks_before(p, q);
    return x.layer != y.layer ? x.layer < y.layer : x.index < y.index;
  });
  std::vector<int> layers, indices;
  std::vector<float> activations, attributions;
  for (const Neuron& n : std::span(all).first(kept)) {
    layers.push_back(n.layer);
    indices.push_back(n.index);
    activations.push_back(run.row({HookKind::MlpPost, n.layer}, position)[static_cast<std::size_t>(n.index)]);
    attributions.push_back(n.attribution);
  }
  return Answer::Table{{{"layer", "", std::move(layers)},
                        {"neuron", "", std::move(indices)},
                        {"activation", "", std::move(activations)},
                        {"attribution", unit, std::move(attributions)}}};
}

Result<Answer> answer_act_grad(const Asking& asking) {
  const Trace& run = asking.trace();
  const ModelConfig& c = run.config();
  CapturePlan plan = CapturePlan::none();
  for (const HookKind kind : {HookKind::Z, HookKind::MlpOut, HookKind::MlpPost}) {
    plan.want(kind);
    if (!run.has({kind, 0}))
      return fail(ErrorCode::NotCaptured, text("act-grad needs {0}; capture the default plan", name_of(HookId{kind, 0})));
  }
  GF_TRY_ASSIGN(const Objective objective, objective_of(asking, run.length()));
  GF_TRY_ASSIGN(const auto logits, logits_at(asking.session, asking.run, objective.position, asking.stop));
  GF_TRY_ASSIGN(const auto edits, asking.session.edits_of(run, asking.request));
  const LogitSlope slope = objective.slope(logits);
  GF_TRY_ASSIGN(const Trace gradients, asking.session.gradients(run, {&slope, 1}, plan, edits.get(), asking.stop));
  const int T = run.length();
  Grid heads = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, objective.unit());
  Grid mlp = Grid::of({"layer"}, {c.n_layer}, objective.unit());
  Grid heads_at = Grid::of({"layer", "head", "position"}, {c.n_layer, c.n_head, T}, objective.unit());
  Grid mlp_at = Grid::of({"layer", "position"}, {c.n_layer, T}, objective.unit());
  const auto d_head = static_cast<std::size_t>(c.d_head);
  for (int layer = 0; layer < c.n_layer; ++layer) {
    std::vector<double> sums(static_cast<std::size_t>(c.n_head));
    double mlp_sum = 0;
    for (int p = 0; p < T; ++p) {
      const HookId z{HookKind::Z, layer}, out{HookKind::MlpOut, layer};
      for (int h = 0; h < c.n_head; ++h) {
        const std::size_t at = static_cast<std::size_t>(h) * d_head;
        const double effect = -dot_rows(run.row(z, p).subspan(at, d_head), gradients.row(z, p).subspan(at, d_head));
        heads_at.at(layer, h, p) = static_cast<float>(effect);
        sums[static_cast<std::size_t>(h)] += effect;
      }
      const double effect = -dot_rows(run.row(out, p), gradients.row(out, p));
      mlp_at.at(layer, p) = static_cast<float>(effect);
      mlp_sum += effect;
    }
    for (int h = 0; h < c.n_head; ++h) heads.at(layer, h) = static_cast<float>(sums[static_cast<std::size_t>(h)]);
    mlp.at(layer) = static_cast<float>(mlp_sum);
  }
  Answer answer;
  answer.add("heads", std::move(heads));
  answer.add("mlp", std::move(mlp));
  answer.add("heads_by_position", std::move(heads_at));
  answer.add("mlp_by_position", std::move(mlp_at));
  answer.add("neurons", neurons_by_gradient(run, gradients, objective.position, asking.params.whole("top"), objective.unit()));
  return answer;
}

}  // namespace

extern constinit const Question kActGradQuestion{.name = "act-grad",
                                                 .title = phrase("Activation times gradient"),
                                                 .doc = phrase("what cutting each head, MLP and neuron would change, by one gradient"),
                                                 .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                 .params = kActGradParams,
                                                 .parts = kActGradParts,
                                                 .answer = answer_act_grad};

}  // namespace gf
