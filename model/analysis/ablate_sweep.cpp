#include "model/analysis/analysis.h"
#include "model/run_engine.h"

namespace gf {

Result<AblationSweep> ablate_sweep(Session& session, const RunRequest& request, TokenId a, std::optional<TokenId> b, std::stop_token stop,
                                   const std::function<void(double)>& progress) {
  const ModelConfig& c = session.model().weights->config;
  for (const TokenId id : {a, b.value_or(a)})
    if (id.v < 0 || id.v >= c.n_vocab)
      return fail(ErrorCode::InvalidArgument,
                  "token id " + std::to_string(id.v) + " is not in the vocabulary, whose ids are 0 to " + std::to_string(c.n_vocab - 1));
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  const auto base = run.edited->last_logits();
  const auto difference = [&](std::span<const float> logits) {
    return static_cast<double>(logits[a.index()]) - (b ? static_cast<double>(logits[b->index()]) : 0.0);
  };
  AblationSweep sweep{{c.n_layer, c.n_head, {}}, {c.n_layer, c.n_head, {}}};
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      Edit cut;
      cut.hook = name_of(HookId{HookKind::Z, layer});
      cut.heads = Selector{.kind = Selector::Kind::List, .list = {head}, .begin = {}, .end = {}};
      GF_TRY_ASSIGN(const auto logits, session.probe(run, cut, stop));
      sweep.delta.values.push_back(static_cast<float>(difference(logits) - difference(base)));
      sweep.kl.values.push_back(static_cast<float>(kl_divergence(base, logits)));
      if (progress) progress(static_cast<double>(layer * c.n_head + head + 1) / (c.n_layer * c.n_head));
    }
  return sweep;
}

}  // namespace gf
