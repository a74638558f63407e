#include "model/analysis/attribution.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace gf {

namespace attribution {

double dot(std::span<const float> x, const std::vector<double>& g) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(x[i]) * g[i];
  return sum;
}

double dot(const TensorView& x, const std::vector<double>& g) {
  double sum = 0;
  if (!x.empty())
    for (std::size_t i = 0; i < g.size(); ++i) sum += static_cast<double>(x.at(static_cast<std::int64_t>(i))) * g[i];
  return sum;
}

/// What both questions start from.
struct Start {
  int position = 0;
  std::vector<double> g;
};

Result<Start> start(const Weights& w, const Trace& trace, TokenId a, std::optional<TokenId> b, int position) {
  for (const TokenId id : {a, b.value_or(a)})
    if (id.v < 0 || id.v >= w.config.n_vocab)
      return fail(ErrorCode::InvalidArgument, "token id " + std::to_string(id.v) + " is not in the vocabulary, whose ids are 0 to " +
                                                  std::to_string(w.config.n_vocab - 1));
  for (const HookId hook :
       {HookId{HookKind::LnFinalScale, -1}, HookId{HookKind::Embed, -1}, HookId{HookKind::Z, 0}, HookId{HookKind::AttnOut, 0},
        HookId{HookKind::MlpPost, 0}, HookId{HookKind::MlpOut, 0}, HookId{HookKind::ResidMid, 0}, HookId{HookKind::ResidPost, 0}})
    if (trace.length() == 0 || !trace.has(hook))
      return fail(ErrorCode::NotCaptured, "direct attribution needs " + name_of(hook) + "; capture the default plan");
  const int at = position < 0 ? trace.length() - 1 : position;
  EXPECTS(at < trace.length(), "a position of the run");
  return Start{at, direction(w, static_cast<double>(trace.row({HookKind::LnFinalScale, -1}, at)[0]), a, b)};
}

/// Whether an edit here is a part of its own: what is edited is a sum of other parts.
bool is_a_sum(HookKind kind) {
  return kind == HookKind::AttnOut || kind == HookKind::ResidPre || kind == HookKind::ResidMid || kind == HookKind::ResidPost;
}

/// Where the recipe's enabled edits stand; none for those that are disabled.
std::vector<std::optional<HookId>> places(const Recipe& recipe, int n_layer) {
  std::vector<std::optional<HookId>> out;
  for (const Edit& e : recipe.edits) {
    auto hook = parse_hook(e.hook, n_layer);
    if (!e.enabled) hook.reset();
    out.push_back(hook);
  }
  return out;
}

/// What a place gave before the edits there from `first` on.
Result<double> before_edits(Session& session, const Trace& trace, const RunRequest& request, std::span<const std::optional<HookId>> at,
                            std::size_t first, const Start& from, const std::stop_token& stop) {
  RunRequest fewer = request;
  fewer.prompt.assign(trace.ids().begin(), trace.ids().begin() + trace.n_prompt());
  fewer.forced.assign(trace.ids().begin() + trace.n_prompt(), trace.ids().end());
  fewer.n_generate = 0;
  fewer.plan = CapturePlan::none();
  fewer.plan.want(at[first]->kind);
  for (std::size_t i = first; i < at.size(); ++i)
    if (at[i] == at[first]) fewer.recipe.edits[i].enabled = false;
  GF_TRY_ASSIGN(const Run run, session.run(fewer, stop));
  return dot(run.edited->row(*at[first], from.position), from.g);
}

}  // namespace attribution

Result<DirectAttribution> direct_attribution(Session& session, const Trace& trace, const RunRequest& request, TokenId a,
                                             std::optional<TokenId> b, int position, std::stop_token stop) {
  const Weights& w = *session.model().weights;
  const ModelConfig& c = w.config;
  GF_TRY_ASSIGN(const auto from, attribution::start(w, trace, a, b, position));
  const auto value = [&](HookKind kind, int layer) { return attribution::dot(trace.row({kind, layer}, from.position), from.g); };
  const auto places = attribution::places(request.recipe, c.n_layer);
  DirectAttribution out;
  out.heads = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, "logit");
  out.attn_bias = Grid::of({"layer"}, {c.n_layer}, "logit");
  out.mlp = Grid::of({"layer"}, {c.n_layer}, "logit");
  out.embed = value(HookKind::Embed, -1);
  out.pos_embed = value(HookKind::PosEmbed, -1);
  for (int i = 0; i < c.d_model && !w.ln_f.beta.empty(); ++i) {
    const double u = static_cast<double>(w.unembed.at(i, a.v)) - (b ? static_cast<double>(w.unembed.at(i, b->v)) : 0.0);
    out.constant += static_cast<double>(w.ln_f.beta.at(i)) * u;
  }
  out.total = out.embed + out.pos_embed + out.constant;
  std::vector<double> attention(static_cast<std::size_t>(c.n_layer));  // the heads and b_O
  for (int layer = 0; layer < c.n_layer; ++layer) {
    const BlockWeights& block = w.blocks[static_cast<std::size_t>(layer)];
    const HookId result{HookKind::Result, layer};
    const bool edited = std::ranges::find(places, result) != places.end();  // then z no longer says what a head writes
    std::shared_ptr<const Trace> replayed;
    if (edited) {
      GF_TRY_ASSIGN(replayed, session.replay(trace, result, request));
    }
    const auto per_z = attribution::through_output(block.o, from.g);
    const auto z = trace.row({HookKind::Z, layer}, from.position);
    double sum = attribution::dot(block.b_o, from.g);
    out.attn_bias.at(layer) = static_cast<float>(sum);
    for (int head = 0; head < c.n_head; ++head) {
      const auto h = static_cast<std::size_t>(head);
      double part = 0;
      if (edited) part = attribution::dot(replayed->row(result, from.position).subspan(h * from.g.size(), from.g.size()), from.g);
      for (int i = head * c.d_head; !edited && i < (head + 1) * c.d_head; ++i)
        part += static_cast<double>(z[static_cast<std::size_t>(i)]) * per_z[static_cast<std::size_t>(i)];
      out.heads.at(layer, head) = static_cast<float>(part);
      sum += part;
    }
    attention[static_cast<std::size_t>(layer)] = sum;
    const double mlp = value(HookKind::MlpOut, layer);
    out.mlp.at(layer) = static_cast<float>(mlp);
    out.total += sum + mlp;
  }

  /// What the value at this hook has more than the sum that it is made of.
  const auto added = [&](HookId hook) {
    const int l = hook.layer;
    switch (hook.kind) {
      case HookKind::AttnOut: return value(HookKind::AttnOut, l) - attention[static_cast<std::size_t>(l)];
      case HookKind::ResidPre:
        return value(HookKind::ResidPre, l) - (l > 0 ? value(HookKind::ResidPost, l - 1) : out.embed + out.pos_embed);
      case HookKind::ResidMid: return value(HookKind::ResidMid, l) - value(HookKind::ResidPre, l) - value(HookKind::AttnOut, l);
      case HookKind::ResidPost: return value(HookKind::ResidPost, l) - value(HookKind::ResidMid, l) - value(HookKind::MlpOut, l);
      default: return 0.0;
    }
  };
  out.edits.assign(places.size(), 0.0);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i] || !attribution::is_a_sum(places[i]->kind) ||
        std::ranges::find(places, places[i]) != places.begin() + static_cast<std::ptrdiff_t>(i))
      continue;  // the first at each place speaks for all there
    const double more = added(*places[i]);
    out.total += more;
    double left = value(places[i]->kind, places[i]->layer);
    const double parts = left - more;
    for (std::size_t k = places.size(); k-- > i + 1;) {
      if (places[k] != places[i]) continue;
      GF_TRY_ASSIGN(const double found, attribution::before_edits(session, trace, request, places, k, from, stop));
      out.edits[k] = left - found;
      left = found;
    }
    out.edits[i] = left - parts;
  }
  return out;
}

Result<std::vector<NeuronAttribution>> neuron_attribution(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b,
                                                          int count, int position) {
  const Weights& w = *model.weights;
  GF_TRY_ASSIGN(const auto from, attribution::start(w, trace, a, b, position));
  std::vector<NeuronAttribution> all;
  for (int layer = 0; layer < w.config.n_layer; ++layer) {
    const auto per_unit = attribution::through_output(w.blocks[static_cast<std::size_t>(layer)].out, from.g);
    const auto activation = trace.row({HookKind::MlpPost, layer}, from.position);
    for (std::size_t n = 0; n < per_unit.size(); ++n)
      all.push_back({layer, static_cast<int>(n), activation[n], static_cast<float>(static_cast<double>(activation[n]) * per_unit[n])});
  }
  const auto kept = std::min(all.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept),
                            [](const NeuronAttribution& x, const NeuronAttribution& y) {
                              const float p = std::abs(x.contribution), q = std::abs(y.contribution);
                              return p != q ? p > q : x.layer != y.layer ? x.layer < y.layer : x.neuron < y.neuron;
                            });
  all.resize(kept);
  return all;
}

}  // namespace gf
