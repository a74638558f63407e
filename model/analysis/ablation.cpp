#include "model/analysis/ablation.h"

#include "model/analysis/attribution.h"
#include "model/run_engine.h"

namespace gf {

Result<Ablation> ablate_everything(Session& session, const RunRequest& request, TokenId a, std::optional<TokenId> b, AblateWith with,
                                   std::stop_token stop, const std::function<void(double)>& progress) {
  const ModelConfig& c = session.model().weights->config;
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  GF_TRY_ASSIGN(const DirectAttribution dla, direct_attribution(session.model(), *run.edited, request.recipe, a, b));
  const auto base = run.edited->last_logits();
  const auto difference = [&](std::span<const float> logits) {
    return static_cast<double>(logits[a.index()]) - (b ? static_cast<double>(logits[b->index()]) : 0.0);
  };
  const auto heads = [&](const char* unit) { return Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, unit); };
  const auto layers = [&](const char* unit) { return Grid::of({"layer"}, {c.n_layer}, unit); };
  Ablation out{heads("logit"), heads("nats"), layers("logit"), layers("nats"), heads("logit"), heads("logit")};
  int done = 0;
  const auto cut = [&](HookId hook, int head, float& delta, float& kl) -> Result<void> {
    Edit edit;
    edit.hook = name_of(hook);
    edit.op = with == AblateWith::Zero ? EditOp::Zero : EditOp::Mean;
    if (head >= 0) edit.heads = Selector{.kind = Selector::Kind::List, .list = {head}, .begin = {}, .end = {}};
    GF_TRY_ASSIGN(const auto logits, session.probe(run, edit, stop));
    delta = static_cast<float>(difference(logits) - difference(base));
    kl = static_cast<float>(kl_divergence(base, logits));
    if (progress) progress(static_cast<double>(++done) / (c.n_layer * (c.n_head + 1)));
    return {};
  };
  for (int layer = 0; layer < c.n_layer; ++layer) {
    for (int head = 0; head < c.n_head; ++head) {
      GF_TRY(cut({HookKind::Z, layer}, head, out.delta.at(layer, head), out.kl.at(layer, head)));
      if (with != AblateWith::Zero) continue;
      out.direct.at(layer, head) = -dla.heads.at(layer, head);
      out.repair.at(layer, head) = out.delta.at(layer, head) - out.direct.at(layer, head);
    }
    GF_TRY(cut({HookKind::MlpOut, layer}, -1, out.mlp_delta.at(layer), out.mlp_kl.at(layer)));
  }
  return out;
}

}  // namespace gf
