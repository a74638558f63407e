#include "model/analysis/attribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "model/analysis/question.h"
#include "model/base/text.h"

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
    GF_TRY_ASSIGN(const auto all,
                  neuron_attribution(asking.model(), asking.trace(), *asking.a, asking.b, c.n_layer * c.d_mlp, asking.at()));
    Grid neurons = Grid::of({"layer", "neuron"}, {c.n_layer, c.d_mlp}, "logit");
    for (const NeuronAttribution& n : all) neurons.at(n.layer, n.neuron) = n.contribution;
    answer.add("neurons", std::move(neurons));
  }
  return answer;
}

constexpr std::array kNeuronsParams{
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("neurons that are listed"), .fallback = "5", .low = 1, .high = 1000},
};
constexpr std::array kNeuronsParts{
    PartInfo{.title = phrase("strongest neurons"),
             .doc = phrase("the neurons that write most towards or against {0}"),
             .kind = PartInfo::Kind::Table,
             .scale = PartInfo::Scale::Signed},
};

Result<Answer> answer_neurons(const Asking& asking) {
  GF_TRY_ASSIGN(const auto list,
                neuron_attribution(asking.model(), asking.trace(), *asking.a, asking.b, asking.params.whole("top"), asking.at()));
  std::vector<int> layer, neuron;
  std::vector<float> activation, contribution;
  for (const NeuronAttribution& n : list) {
    layer.push_back(n.layer);
    neuron.push_back(n.neuron);
    activation.push_back(n.activation);
    contribution.push_back(n.contribution);
  }
  return Answer(Answer::Table{{{"layer", "", std::move(layer)},
                               {"neuron", "", std::move(neuron)},
                               {"activation", "", std::move(activation)},
                               {"contribution", "logit", std::move(contribution)}}});
}

}  // namespace

extern constinit const Question kAttributionQuestion{.name = "dla",
                                                     .title = phrase("Direct attribution"),
                                                     .doc = phrase("what each part of the residual stream writes towards a token"),
                                                     .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                     .params = {},
                                                     .parts = kAttributionParts,
                                                     .answer = answer_attribution};
extern constinit const Question kNeuronsQuestion{.name = "neurons",
                                                 .title = phrase("Neurons"),
                                                 .doc = phrase("the neurons that write most towards a token"),
                                                 .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                 .params = kNeuronsParams,
                                                 .parts = kNeuronsParts,
                                                 .answer = answer_neurons};

}  // namespace gf
