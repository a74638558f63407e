// Functions that stand on an analysis: attribution, lens, scores, sweeps. Definitions stand beside the analyses.
#include <array>
#include <cmath>

#include "app/lessons/facts.h"
#include "model/analysis/ablation.h"
#include "model/analysis/analysis.h"
#include "model/analysis/attribution.h"
#include "model/analysis/circuits.h"
#include "model/analysis/entropy.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/patch_sweep.h"
#include "model/analysis/token_report.h"

namespace gf::lessons {
namespace facts_of_analysis {

using Side = Facts::Side;
using Args = std::span<const Value>;

struct Place {
  int layer, head;
};
Result<int> layer_of(const Side& side, const Value& v) { return index(v, side.trace.config().n_layer, "block"); }
Result<Place> head_of(const Side& side, Args a, std::size_t i) {
  GF_TRY_ASSIGN(const int layer, layer_of(side, a[i]));
  GF_TRY_ASSIGN(const int head, index(a[i + 1], side.trace.config().n_head, "head"));
  return Place{layer, head};
}

/// A and, where it is given, B: arguments i and i + 1.
struct Pair {
  TokenId a;
  std::optional<TokenId> b;
  [[nodiscard]] std::string key() const { return std::to_string(a.v) + " " + (b ? std::to_string(b->v) : "-"); }
};
Result<Pair> pair_of(const Side& side, Args a, std::size_t i) {
  Pair pair{};
  GF_TRY_ASSIGN(pair.a, token(side, a[i]));
  if (i + 1 < a.size()) {
    GF_TRY_ASSIGN(pair.b, token(side, a[i + 1]));
  }
  return pair;
}

Result<std::shared_ptr<const DirectAttribution>> attribution(Side& side, const Pair& pair) {
  return side.once<DirectAttribution>(
      "dla " + pair.key(), [&] { return direct_attribution(side.session, side.trace, side.request, pair.a, pair.b, -1, side.stop); });
}
Result<Value> dla(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 0));
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 2));
  GF_TRY_ASSIGN(const auto d, attribution(side, pair));
  return static_cast<double>(d->heads.at(at.layer, at.head));
}
Result<Value> dla_mlp(Side& side, Args a) {
  GF_TRY_ASSIGN(const int layer, layer_of(side, a[0]));
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 1));
  GF_TRY_ASSIGN(const auto d, attribution(side, pair));
  return static_cast<double>(d->mlp.at(layer));
}
Result<Value> dla_total(Side& side, Args a) {
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 0));
  GF_TRY_ASSIGN(const auto d, attribution(side, pair));
  return d->total;
}
/// What one neuron writes for A (minus B) at the last position.
Result<Value> dla_neuron(Side& side, Args a) {
  const ModelConfig& c = side.trace.config();
  GF_TRY_ASSIGN(const int layer, layer_of(side, a[0]));
  GF_TRY_ASSIGN(const int neuron, index(a[1], c.d_mlp, "neuron"));
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 2));
  GF_TRY_ASSIGN(const auto all, side.once<std::vector<NeuronAttribution>>("neurons " + pair.key(), [&] {
    return neuron_attribution(side.session.model(), side.trace, pair.a, pair.b, c.n_layer * c.d_mlp);
  }));
  for (const NeuronAttribution& n : *all)
    if (n.layer == layer && n.neuron == neuron) return static_cast<double>(n.contribution);
  return 0.0;
}

Result<std::shared_ptr<const Ablation>> cuts(Side& side, const Pair& pair) {
  return side.once<Ablation>("ablate " + pair.key(),
                             [&] { return ablate_everything(side.session, side.request, pair.a, pair.b, AblateWith::Zero, side.stop); });
}
template <Grid Ablation::* kPart>
Result<Value> ablate_head(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 0));
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 2));
  GF_TRY_ASSIGN(const auto sweep, cuts(side, pair));
  return static_cast<double>(((*sweep).*kPart).at(at.layer, at.head));
}
Result<Value> ablate_kl(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 0));
  GF_TRY_ASSIGN(const auto sweep, cuts(side, Pair{TokenId(0), {}}));
  return static_cast<double>(sweep->kl.at(at.layer, at.head));
}
Result<Value> ablate_mlp(Side& side, Args a) {
  GF_TRY_ASSIGN(const int layer, layer_of(side, a[0]));
  GF_TRY_ASSIGN(const Pair pair, pair_of(side, a, 1));
  GF_TRY_ASSIGN(const auto sweep, cuts(side, pair));
  return static_cast<double>(sweep->mlp_delta.at(layer));
}

Result<Value> score(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 1));
  GF_TRY_ASSIGN(const auto scores, side.once<HeadScores>("scores", [&]() -> Result<HeadScores> { return gf::head_scores(side.trace); }));
  const std::string& which = text(a[0]);
  const HeadGrid* grid = which == "previous"    ? &scores->previous
                         : which == "sink"      ? &scores->sink
                         : which == "duplicate" ? &scores->duplicate
                         : which == "induction" ? &scores->induction
                                                : nullptr;
  if (grid == nullptr)
    return fail(ErrorCode::InvalidArgument, "there is no score '" + which + "'; there are previous, sink, duplicate, induction");
  return static_cast<double>(grid->at(at.layer, at.head));
}

/// Attention entropy of a head at a query.
Result<Value> entropy(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 0));
  GF_TRY_ASSIGN(const int query, position(side, a, 2));
  GF_TRY_ASSIGN(const auto all, side.once<AttentionEntropy>("entropy", [&] { return attention_entropy(side.trace); }));
  return static_cast<double>(all->attention.at(at.layer, at.head, query));
}

Result<std::shared_ptr<const LogitLens>> lens_at(Side& side, int at, const std::optional<TokenId>& target) {
  return side.once<LogitLens>("lens " + std::to_string(at) + " " + (target ? std::to_string(target->v) : "-"), [&] {
    LensOptions options;
    options.target = target;
    options.position = at;
    return logit_lens(side.session.model(), side.trace, options, side.stop);
  });
}
Result<Value> lens(Side& side, Args a) {
  GF_TRY_ASSIGN(const int depth, index(a[0], side.trace.config().n_layer + 1, "depth"));
  GF_TRY_ASSIGN(const int at, position(side, a, 1));
  GF_TRY_ASSIGN(const TokenId t, token(side, a[2]));
  GF_TRY_ASSIGN(const auto l, lens_at(side, at, t));
  return std::exp(static_cast<double>(l->logprob_of_target.at(depth)));
}
Result<Value> lens_top(Side& side, Args a) {
  GF_TRY_ASSIGN(const int depth, index(a[0], side.trace.config().n_layer + 1, "depth"));
  GF_TRY_ASSIGN(const int at, position(side, a, 1));
  GF_TRY_ASSIGN(const auto l, lens_at(side, side.trace.length() - 1, std::nullopt));
  const auto cell = static_cast<std::size_t>((depth * side.trace.length() + at) * l->k);
  return valid_utf8(side.session.model().tokenizer->bytes_of(l->top[cell].id));
}

/// The run of this step is the corrupt one; what is copied comes from the clean prompt.
Result<Value> patch(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto clean, side.session.model().tokenizer->ids_of(text(a[0])));
  GF_TRY_ASSIGN(const int layer, layer_of(side, a[2]));
  GF_TRY_ASSIGN(const TokenId first, token(side, a[4]));
  GF_TRY_ASSIGN(const TokenId second, token(side, a[5]));
  const std::string key = "patch " + text(a[0]) + "\n" + text(a[1]) + " " + std::to_string(first.v) + " " + std::to_string(second.v);
  GF_TRY_ASSIGN(const auto sweep, side.once<PatchSweep>(key, [&] {
    return patch_sweep(side.session, side.request, clean, {text(a[1])}, first, second, side.stop);
  }));
  if (!sweep->has_effect) return fail(ErrorCode::InvalidArgument, "the two prompts answer alike, so a patch has no effect to measure");
  const Grid& effect = sweep->sites.front().effect;
  GF_TRY_ASSIGN(const int column, index(a[3], effect.shape[1], effect.axes[1].c_str()));
  return static_cast<double>(effect.at(layer, column));
}

Result<Value> importance(Side& side, Args a) {
  GF_TRY_ASSIGN(const int at, position(side, a, 0));
  std::optional<TokenId> target;
  if (a.size() > 1) {
    GF_TRY_ASSIGN(target, token(side, a[1]));
  }
  GF_TRY_ASSIGN(const auto all, side.once<Grid>("importance " + (target ? std::to_string(target->v) : std::string("-")),
                                                [&] { return token_importance(side.session, side.request, target, side.stop); }));
  return static_cast<double>(all->at(at));
}

Result<std::shared_ptr<const Circuits>> circuits_of(Side& side) {
  return side.once<Circuits>("circuits", [&] { return circuits(*side.session.model().weights, side.stop); });
}
Result<Value> composition(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place from, head_of(side, a, 1));
  GF_TRY_ASSIGN(const Place to, head_of(side, a, 3));
  GF_TRY_ASSIGN(const auto c, circuits_of(side));
  const std::string& which = text(a[0]);
  const auto* grid = which == "q" ? &c->q : which == "k" ? &c->k : which == "v" ? &c->v : nullptr;
  if (grid == nullptr) return fail(ErrorCode::InvalidArgument, "heads compose through q, k or v, not '" + which + "'");
  return static_cast<double>((*grid)[c->index(from.layer, from.head, to.layer, to.head)]);
}
Result<Value> copying(Side& side, Args a) {
  GF_TRY_ASSIGN(const Place at, head_of(side, a, 0));
  GF_TRY_ASSIGN(const auto c, circuits_of(side));
  return static_cast<double>(c->copying.at(at.layer, at.head));
}

constexpr std::array kAnalysisFunctions{
    Facts::Function{"dla", "iit?t", "dla(BLOCK, HEAD, A, [B])", "what a head writes for A minus B directly, logits", dla},
    Facts::Function{"dla_mlp", "it?t", "dla_mlp(BLOCK, A, [B])", "the same for an MLP", dla_mlp},
    Facts::Function{"dla_neuron", "iit?t", "dla_neuron(BLOCK, NEURON, A, [B])", "the same for a neuron", dla_neuron},
    Facts::Function{"dla_total", "t?t", "dla_total(A, [B])", "the sum of all parts: the logit (difference)", dla_total},
    Facts::Function{"ablate", "iit?t", "ablate(BLOCK, HEAD, A, [B])", "what cutting a head does to the logit (difference)",
                    ablate_head<&Ablation::delta>},
    Facts::Function{"repair", "iit?t", "repair(BLOCK, HEAD, A, [B])", "what the rest makes up for: ablate plus dla",
                    ablate_head<&Ablation::repair>},
    Facts::Function{"ablate_kl", "ii", "ablate_kl(BLOCK, HEAD)", "how far cutting a head moves the prediction, nats", ablate_kl},
    Facts::Function{"ablate_mlp", "it?t", "ablate_mlp(BLOCK, A, [B])", "what cutting an MLP does to the logit (difference)", ablate_mlp},
    Facts::Function{"score", "tii", "score(NAME, BLOCK, HEAD)", "previous, sink, duplicate or induction", score},
    Facts::Function{"entropy", "ii?i", "entropy(BLOCK, HEAD, [QUERY])", "of a head's attention, nats", entropy},
    Facts::Function{"lens", "iit", "lens(DEPTH, POSITION, TOKEN)", "probability that the logit lens gives", lens},
    Facts::Function{"lens_top", "ii", "lens_top(DEPTH, POSITION)", "the logit lens's likeliest token", lens_top},
    Facts::Function{"patch", "ttiitt", "patch(CLEAN, SITE, BLOCK, POSITION or HEAD, A, B)", "effect of copying from the clean prompt's run",
                    patch},
    Facts::Function{"importance", "i?t", "importance(POSITION, [TOKEN])", "log p lost without that token, nats", importance},
    Facts::Function{"composition", "tiiii", "composition(Q K OR V, BLOCK, HEAD, BLOCK, HEAD)", "how an earlier head feeds a later one",
                    composition},
    Facts::Function{"copying", "ii", "copying(BLOCK, HEAD)", "whether a head writes the token that it reads, -1 to 1", copying},
};

}  // namespace facts_of_analysis

std::span<const Facts::Function> analysis_functions() { return facts_of_analysis::kAnalysisFunctions; }

}  // namespace gf::lessons
