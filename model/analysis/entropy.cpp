#include "model/analysis/entropy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/logit_lens.h"
#include "model/analysis/question.h"
#include "model/base/text.h"
#include "model/run/trace_cache.h"

namespace gf {

Result<AttentionEntropy> attention_entropy(const Trace& trace, int position) {
  const ModelConfig& c = trace.config();
  const int T = trace.length(), last = position < 0 ? T - 1 : position;
  EXPECTS(last < T, "a position of the run");
  const bool from_pattern = trace.has({HookKind::Pattern, 0});
  if (T == 0 || !(from_pattern || trace.has({HookKind::PatternEntropy, 0})))
    return fail(ErrorCode::NotCaptured, text("the attention's entropy needs attn.hook_pattern or its entropy; capture the default plan"));
  const auto entropy_of = [&](int layer, int head, int query) {
    if (!from_pattern) return static_cast<double>(trace.row({HookKind::PatternEntropy, layer}, query)[static_cast<std::size_t>(head)]);
    double entropy = 0;
    for (const float a : trace.causal_row({HookKind::Pattern, layer}, head, query))
      if (a > 0 || std::isnan(a)) entropy -= static_cast<double>(a) * std::log(static_cast<double>(a));
    return entropy;
  };
  AttentionEntropy out{Grid::of({"layer", "head", "query"}, {c.n_layer, c.n_head, T}, "nats"),
                       Grid::of({"layer", "head", "query"}, {c.n_layer, c.n_head, T}, ""), Grid::of({"layer"}, {c.n_layer}, "nats"),
                       Grid::of({"layer"}, {c.n_layer}, "nats")};
  for (int layer = 0; layer < c.n_layer; ++layer) {
    double sum = 0, squares = 0;
    for (int head = 0; head < c.n_head; ++head)
      for (int q = 0; q < T; ++q) {
        const double entropy = entropy_of(layer, head, q);
        out.attention.at(layer, head, q) = static_cast<float>(entropy);
        out.normalized.at(layer, head, q) = static_cast<float>(q == 0 ? 0 * entropy : entropy / std::log(q + 1.0));
        if (q == last) sum += entropy;
      }
    const double mean = sum / c.n_head;
    for (int head = 0; head < c.n_head; ++head) {
      const double d = static_cast<double>(out.attention.at(layer, head, last)) - mean;
      squares += d * d;
    }
    out.by_layer.at(layer) = static_cast<float>(mean);
    if (c.n_head > 1) out.by_layer_band95.at(layer) = static_cast<float>(1.96 * std::sqrt(squares / (c.n_head - 1)) / std::sqrt(c.n_head));
  }
  return out;
}

Result<Grid> attention_contrast(const Trace& q, const Trace& g, double lambda, int position) {
  const ModelConfig& c = q.config();
  if (!q.has({HookKind::Pattern, 0}) || !g.has({HookKind::Pattern, 0}))
    return fail(ErrorCode::NotCaptured, text("the contrast needs attn.hook_pattern; capture the default plan"));
  EXPECTS(position < q.length(), "a position of the run");
  const int query = position < 0 ? q.length() - 1 : position;
  const int shared = std::min(common_prefix(q.ids(), g.ids()), query + 1);
  if (shared == 0)
    return fail(ErrorCode::InvalidArgument, text("the two prompts begin with different tokens, so there is nothing to contrast"));
  Grid out = Grid::of({"layer", "head", "position"}, {c.n_layer, c.n_head, shared}, "");
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      const auto a = q.causal_row({HookKind::Pattern, layer}, head, query),
                 b = g.causal_row({HookKind::Pattern, layer}, head, g.length() - 1);
      for (int p = 0; p < shared; ++p)
        out.at(layer, head, p) = static_cast<float>(static_cast<double>(a[static_cast<std::size_t>(p)]) /
                                                    (static_cast<double>(b[static_cast<std::size_t>(p)]) + lambda));
    }
  return out;
}

namespace {

constexpr std::array kEntropyParts{
    PartInfo{.name = "attention",
             .axes = "layer,head,query",
             .unit = "nats",
             .title = phrase("attention entropy"),
             .doc = phrase("how spread a head's attention is at each query")},
    PartInfo{.name = "normalized",
             .axes = "layer,head,query",
             .title = phrase("normalized attention entropy"),
             .doc = phrase("the same as a share of what an even spread would have")},
    PartInfo{.name = "by_layer",
             .axes = "layer",
             .unit = "nats",
             .title = phrase("attention entropy by block"),
             .doc = phrase("the mean over the heads at the position that is explained")},
    PartInfo{.name = "by_layer_band95",
             .axes = "layer",
             .unit = "nats",
             .title = phrase("spread over the heads"),
             .doc = phrase("1.96 standard errors of that mean, over the heads of a block")},
    PartInfo{.name = "lens",
             .axes = "depth,position",
             .unit = "nats",
             .title = phrase("lens entropy"),
             .doc = phrase("how unsure the logit lens is at each depth")},
};

Result<Answer> answer_entropy(const Asking& asking) {
  GF_TRY_ASSIGN(auto e, attention_entropy(asking.trace(), asking.at()));
  Answer answer;
  answer.add("attention", std::move(e.attention));
  answer.add("normalized", std::move(e.normalized));
  answer.add("by_layer", std::move(e.by_layer));
  answer.add("by_layer_band95", std::move(e.by_layer_band95));
  if (!asking.wants("lens")) return answer;
  GF_TRY_ASSIGN(auto lens, logit_lens(asking.model(), asking.trace(), {.k = 0, .target = {}, .position = -1}, asking.stop));
  answer.add("lens", std::move(lens.entropy));
  return answer;
}

constexpr std::array kContrastParams{
    Param{.name = "against-prompt", .kind = Param::Kind::Prompt, .doc = phrase("the prompt to divide by"), .required = true},
    Param{.name = "lambda",
          .kind = Param::Kind::Number,
          .doc = phrase("added to what is divided by"),
          .fallback = "0.05",
          .low = Param::kAboveZero,
          .high = std::numeric_limits<double>::max()},
};
constexpr std::array kContrastParts{
    PartInfo{.axes = "layer,head,position",
             .title = phrase("attention contrast"),
             .doc = phrase("attention of this prompt over that of the other, where both begin alike")},
};

Result<Answer> answer_contrast(const Asking& asking) {
  RunRequest other = asking.request;
  other.prompt = asking.params.prompt("against-prompt");
  other.forced.clear();
  GF_TRY_ASSIGN(const Run run, asking.session.run(other, asking.stop));
  GF_TRY_ASSIGN(auto contrast, attention_contrast(asking.trace(), *run.edited, asking.params.number("lambda"), asking.at()));
  return Answer(std::move(contrast));
}

}  // namespace

extern constinit const Question kEntropyQuestion{.name = "entropy",
                                                 .title = phrase("Entropy"),
                                                 .doc = phrase("how spread each head's attention is, and how unsure each depth"),
                                                 .needs = {.pattern = false, .position = true},
                                                 .params = {},
                                                 .parts = kEntropyParts,
                                                 .answer = answer_entropy};
extern constinit const Question kContrastQuestion{.name = "attention-contrast",
                                                  .title = phrase("Attention contrast"),
                                                  .doc = phrase("what the heads look at here more than in another prompt"),
                                                  .needs = {.position = true},
                                                  .params = kContrastParams,
                                                  .parts = kContrastParts,
                                                  .answer = answer_contrast};

}  // namespace gf
