#include "model/analysis/attribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "model/analysis/logit_direction.h"
#include "model/analysis/neurons.h"
#include "model/analysis/question.h"
#include "model/base/text.h"

namespace gf {

namespace {

/// Where the recipe's enabled edits stand; none for those that are disabled.
std::vector<std::optional<HookId>> places_of_edits(const Recipe& recipe, int n_layer) {
  std::vector<std::optional<HookId>> out;
  for (const Edit& e : recipe.edits) {
    auto hook = parse_hook(e.hook, n_layer);
    if (!e.enabled) hook.reset();
    out.push_back(hook);
  }
  return out;
}

/// What the place of edit `first` gave before that edit and the later edits of the same place acted.
Result<double> before_edits(Session& session, const Trace& trace, const RunRequest& request, std::span<const std::optional<HookId>> at,
                            std::size_t first, const DirectionAt& from, const std::stop_token& stop) {
  RunRequest fewer = request;
  fewer.prompt.assign(trace.ids().begin(), trace.ids().begin() + trace.n_prompt());
  fewer.forced.assign(trace.ids().begin() + trace.n_prompt(), trace.ids().end());
  fewer.n_generate = 0;
  fewer.plan = CapturePlan::none();
  fewer.plan.want(at[first]->kind);
  for (std::size_t i = first; i < at.size(); ++i)
    if (at[i] == at[first]) fewer.recipe.edits[i].enabled = false;
  GF_TRY_ASSIGN(const Run run, session.run(fewer, stop));
  return dot_with(run.edited->row(*at[first], from.position), from.g);
}

}  // namespace

Result<DirectAttribution> direct_attribution(Session& session, const Trace& trace, const RunRequest& request, TokenId a,
                                             std::optional<TokenId> b, int position, std::stop_token stop) {
  const Weights& w = *session.model().weights;
  const ModelConfig& c = w.config;
  GF_TRY_ASSIGN(const auto from, direction_at(w, trace, a, b, position));
  const auto value = [&](HookKind kind, int layer) { return dot_with(trace.row({kind, layer}, from.position), from.g); };
  // An edit of every block has a part in each.
  RunRequest apart = request;
  apart.recipe.edits.clear();
  std::vector<std::size_t> numbers;  // in the request's recipe
  for (std::size_t i = 0; i < request.recipe.edits.size(); ++i)
    for (Edit& e : at_each_hook(request.recipe.edits[i], c.n_layer)) {
      apart.recipe.edits.push_back(std::move(e));
      numbers.push_back(i);
    }
  const auto places = places_of_edits(apart.recipe, c.n_layer);
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
    const auto per_z = through_output(block.o, from.g);
    const auto z = trace.row({HookKind::Z, layer}, from.position);
    double sum = dot_with(block.b_o, from.g);
    out.attn_bias.at(layer) = static_cast<float>(sum);
    for (int head = 0; head < c.n_head; ++head) {
      const auto h = static_cast<std::size_t>(head);
      double part = 0;
      if (edited) part = dot_with(replayed->row(result, from.position).subspan(h * from.g.size(), from.g.size()), from.g);
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

  // What edits added at a hook that is the sum of other parts. nullopt for other hooks: their own part has what edits do.
  const auto added = [&](HookId hook) -> std::optional<double> {
    const int l = hook.layer;
    switch (hook.kind) {
      case HookKind::AttnOut: return value(HookKind::AttnOut, l) - attention[static_cast<std::size_t>(l)];
      case HookKind::ResidPre:
        return value(HookKind::ResidPre, l) - (l > 0 ? value(HookKind::ResidPost, l - 1) : out.embed + out.pos_embed);
      case HookKind::ResidMid: return value(HookKind::ResidMid, l) - value(HookKind::ResidPre, l) - value(HookKind::AttnOut, l);
      case HookKind::ResidPost: return value(HookKind::ResidPost, l) - value(HookKind::ResidMid, l) - value(HookKind::MlpOut, l);
      default: return std::nullopt;
    }
  };
  out.edits.assign(request.recipe.edits.size(), 0.0);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i] || std::ranges::find(places, places[i]) != places.begin() + static_cast<std::ptrdiff_t>(i))
      continue;  // the first edit of a place stands for all edits there
    const auto more = added(*places[i]);
    if (!more) continue;
    out.total += *more;
    double left = value(places[i]->kind, places[i]->layer);
    const double parts = left - *more;
    for (std::size_t k = places.size(); k-- > i + 1;) {
      if (places[k] != places[i]) continue;
      GF_TRY_ASSIGN(const double found, before_edits(session, trace, apart, places, k, from, stop));
      out.edits[numbers[k]] += left - found;
      left = found;
    }
    out.edits[numbers[i]] += left - parts;
  }
  return out;
}

Result<Grid> direct_by_source(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b, int position) {
  const Weights& w = *model.weights;
  const ModelConfig& c = w.config;
  GF_TRY_ASSIGN(const auto from, direction_at(w, trace, a, b, position));
  Grid out = Grid::of({"layer", "head", "key"}, {c.n_layer, c.n_head, from.position + 1}, "logit");
  for (int layer = 0; layer < c.n_layer; ++layer) {
    const HookId pattern{HookKind::Pattern, layer}, values{HookKind::V, layer};
    for (const HookId hook : {pattern, values})
      if (!trace.has(hook)) return fail(ErrorCode::NotCaptured, text("dla.sources needs {0}; capture the default plan", name_of(hook)));
    const auto per_z = through_output(w.blocks[static_cast<std::size_t>(layer)].o, from.g);
    for (int head = 0; head < c.n_head; ++head) {
      const auto shares = trace.causal_row(pattern, head, from.position);
      for (int key = 0; key <= from.position; ++key) {
        const auto v = trace.row(values, key);
        double carried = 0;
        for (int i = head * c.d_head; i < (head + 1) * c.d_head; ++i)
          carried += static_cast<double>(v[static_cast<std::size_t>(i)]) * per_z[static_cast<std::size_t>(i)];
        out.at(layer, head, key) = static_cast<float>(static_cast<double>(shares[static_cast<std::size_t>(key)]) * carried);
      }
    }
  }
  return out;
}

namespace {

constexpr std::array kAttributionParts{
    PartInfo{.name = "embed",
             .unit = "logit",
             .title = phrase("token embedding"),
             .doc = phrase("what the token's embedding writes towards {0}"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "pos_embed",
             .unit = "logit",
             .title = phrase("position embedding"),
             .doc = phrase("what the position's embedding writes towards {0}"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "heads",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("direct attribution"),
             .doc = phrase("what the head writes towards {0}"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "attn_bias",
             .axes = "layer",
             .unit = "logit",
             .title = phrase("attention bias"),
             .doc = phrase("what the bias of the heads' output writes towards {0}"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "mlp",
             .axes = "layer",
             .unit = "logit",
             .title = phrase("direct attribution of MLPs"),
             .doc = phrase("what the MLP writes towards {0}"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "constant",
             .unit = "logit",
             .title = phrase("constant"),
             .doc = phrase("what the last LayerNorm's bias adds to {0}"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "total",
             .unit = "logit",
             .title = phrase("total"),
             .doc = phrase("the sum of all parts: {0}"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "edits",
             .axes = "edit",
             .unit = "logit",
             .title = phrase("edits"),
             .doc = phrase("what each edit of the stream itself adds to {0}"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::WithEdits},
    PartInfo{.name = "neurons",
             .axes = "layer,neuron",
             .unit = "logit",
             .title = phrase("direct attribution of neurons"),
             .doc = phrase("what the neuron writes towards {0}"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "sources",
             .axes = "layer,head,key",
             .unit = "logit",
             .title = phrase("direct attribution by source"),
             .doc = phrase("what the head carries over from each token that it looks at, towards {0}; edits of z have no part in it"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
};

Result<Answer> answer_attribution(const Asking& asking) {
  const ModelConfig& c = asking.trace().config();
  GF_TRY_ASSIGN(auto d, direct_attribution(asking.session, asking.trace(), asking.request, *asking.a, asking.b, asking.at(), asking.stop));
  Answer answer;
  answer.add("embed", Answer::Number{d.embed, "logit"});
  answer.add("pos_embed", Answer::Number{d.pos_embed, "logit"});
  answer.add("heads", std::move(d.heads));
  answer.add("attn_bias", std::move(d.attn_bias));
  answer.add("mlp", std::move(d.mlp));
  answer.add("constant", Answer::Number{d.constant, "logit"});
  answer.add("total", Answer::Number{d.total, "logit"});
  if (!d.edits.empty()) {
    Grid edits = Grid::of({"edit"}, {static_cast<int>(d.edits.size())}, "logit");
    std::ranges::transform(d.edits, edits.values.begin(), [](double x) { return static_cast<float>(x); });
    answer.add("edits", std::move(edits));
  }
  if (!asking.wanted.empty() && asking.wants("neurons")) {
    GF_TRY_ASSIGN(const auto all, all_neurons(asking.model(), asking.trace(), *asking.a, asking.b, asking.at()));
    Grid neurons = Grid::of({"layer", "neuron"}, {c.n_layer, c.d_mlp}, "logit");
    for (const NeuronAttribution& n : all) neurons.at(n.layer, n.neuron) = n.contribution;
    answer.add("neurons", std::move(neurons));
  }
  if (!asking.wanted.empty() && asking.wants("sources")) {
    GF_TRY_ASSIGN(auto sources, direct_by_source(asking.model(), asking.trace(), *asking.a, asking.b, asking.at()));
    answer.add("sources", std::move(sources));
  }
  return answer;
}

}  // namespace

extern constinit const Question kAttributionQuestion{.name = "dla",
                                                     .title = phrase("Direct attribution"),
                                                     .doc = phrase("what each part of the residual stream writes towards a token"),
                                                     .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                     .params = {},
                                                     .parts = kAttributionParts,
                                                     .answer = answer_attribution};

}  // namespace gf
