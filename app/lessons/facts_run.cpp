// Functions of a run: its predictions and its captured values.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/lessons/facts.h"
#include "model/analysis/ranked.h"
#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

using Side = Facts::Side;
using Args = std::span<const Value>;

Result<std::span<const float>> fact_logits_at(Side& side, Args a, std::size_t i) {
  GF_TRY_ASSIGN(const int at, position(side, a, i));
  if (at == side.trace.length() - 1) return side.trace.last_logits();
  GF_TRY_ASSIGN(const auto trace, trace_of(side, {HookKind::Logits, -1}));
  return trace->row({HookKind::Logits, -1}, at);
}

Result<double> fact_logprob_of(Side& side, Args a, double temperature, std::size_t at) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, at));
  return static_cast<double>(logits[t.index()]) / temperature - log_sum_exp(logits, temperature);
}

Result<Value> fact_p(Side& side, Args a) {
  GF_TRY_ASSIGN(const double l, fact_logprob_of(side, a, 1, 1));
  return std::exp(l);
}
Result<Value> fact_logprob(Side& side, Args a) {
  GF_TRY_ASSIGN(const double l, fact_logprob_of(side, a, 1, 1));
  return l;
}
Result<Value> fact_p_at(Side& side, Args a) {
  const double temperature = std::get<double>(a[1]);
  if (!(temperature > 0)) return fail(ErrorCode::InvalidArgument, text("a temperature is above 0"));
  GF_TRY_ASSIGN(const double l, fact_logprob_of(side, a, temperature, 2));
  return std::exp(l);
}
Result<Value> fact_logit(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, 1));
  return static_cast<double>(logits[t.index()]);
}
Result<Value> fact_rank(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, 1));
  return static_cast<double>(rank_of(logits, t.index()));
}
Result<Value> fact_top(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, 0));
  const auto best = largest_of(logits);
  return valid_utf8(side.session.model().tokenizer->bytes_of(TokenId(static_cast<std::int32_t>(best))));
}
/// Tokens that are needed for a share of the probability, likeliest first.
Result<Value> fact_nucleus(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, 1));
  std::vector<float> sorted(logits.begin(), logits.end());
  std::ranges::sort(sorted, ranks_before);
  const double total = log_sum_exp(logits);
  double share = 0;
  double count = 0;
  for (const float x : sorted) {
    if (share >= std::get<double>(a[0])) break;
    share += std::exp(x - total);
    ++count;
  }
  return count;
}
Result<Value> fact_uncertainty(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, fact_logits_at(side, a, 0));
  const double total = log_sum_exp(logits);
  return entropy_of(logits, total);
}
Result<Value> fact_surprisal(Side& side, Args a) {
  GF_TRY_ASSIGN(const int at, position(side, a, 0));
  if (at == 0) return fail(ErrorCode::InvalidArgument, text("nothing stands before position 0, so its token has no surprisal"));
  return -static_cast<double>(side.trace.stats(at).logprob);
}
Result<Value> fact_token_at(Side& side, Args a) {
  GF_TRY_ASSIGN(const int at, position(side, a, 0));
  return valid_utf8(side.session.model().tokenizer->bytes_of(side.trace.ids()[static_cast<std::size_t>(at)]));
}
Result<Value> fact_kl(Side& side, Args) {
  if (!side.run.kl) return fail(ErrorCode::InvalidArgument, text("kl compares with the base run, and this step has no recipe"));
  return *side.run.kl;
}
Result<Value> fact_changed(Side& side, Args a) {
  GF_TRY_ASSIGN(const int edit, index(a[0], static_cast<int>(side.run.receipts.size()), "edit"));
  return side.run.receipts[static_cast<std::size_t>(edit)].norm;
}

/// The text that greedy decoding goes on with.
Result<Value> fact_says(Side& side, Args a) {
  const int n = whole(a[0]);
  constexpr int most = 64;
  if (n < 1 || n > most) return fail(ErrorCode::InvalidArgument, text("says takes 1 to {0} tokens", most));
  GF_TRY_ASSIGN(const auto said, side.once<std::string>("says " + std::to_string(n), [&]() -> Result<std::string> {
    RunRequest request = side.request;
    request.n_generate = n;
    request.sampler = {};
    request.sampler.greedy = true;
    GF_TRY_ASSIGN(const Run run, side.session.run(request, side.stop));
    const auto ids = run.edited->ids().subspan(static_cast<std::size_t>(side.trace.length()));
    return valid_utf8(side.session.model().tokenizer->decode({ids.begin(), ids.end()}));
  }));
  return *said;
}

// ---- captured values

Result<HookId> fact_hook_of(const Side& side, const Value& name) {
  const auto hook = parse_hook(string_of(name), side.trace.config().n_layer);
  if (!hook)
    return fail(ErrorCode::InvalidArgument,
                text("there is no hook '{0}' in this model, whose blocks are 0 to {1}", string_of(name), side.trace.config().n_layer - 1));
  return *hook;
}

/// A row of a hook: (HOOK, POSITION), with heads (HOOK, POSITION, [HEAD]), of scores and patterns (HOOK, HEAD, QUERY).
Result<std::span<const float>> fact_row_of(Side& side, Args a) {
  const ModelConfig& c = side.trace.config();
  GF_TRY_ASSIGN(const HookId hook, fact_hook_of(side, a[0]));
  const RowShape shape = info_of(hook.kind).shape;
  GF_TRY_ASSIGN(const auto trace, trace_of(side, hook));  // kept by the side: what it holds stays
  if (shape == RowShape::Causal) {
    if (a.size() != 3) return fail(ErrorCode::InvalidArgument, text("{0} needs a head and a query", string_of(a[0])));
    GF_TRY_ASSIGN(const int head, index(a[1], c.n_head, "head"));
    GF_TRY_ASSIGN(const int query, position(side, a, 2));
    return trace->causal_row(hook, head, query);
  }
  GF_TRY_ASSIGN(const int at, position(side, a, 1));
  const auto row = trace->row(hook, at);
  if (a.size() < 3) return row;
  if (shape != RowShape::Heads && shape != RowShape::HeadsDModel)
    return fail(ErrorCode::InvalidArgument, text("{0} has no heads", string_of(a[0])));
  GF_TRY_ASSIGN(const int head, index(a[2], c.n_head, "head"));
  const auto width = row.size() / static_cast<std::size_t>(c.n_head);
  return row.subspan(static_cast<std::size_t>(head) * width, width);
}

Result<Value> fact_value(Side& side, Args a) {
  GF_TRY_ASSIGN(const HookId hook, fact_hook_of(side, a[0]));
  const RowShape shape = info_of(hook.kind).shape;
  if (shape == RowShape::One && a.size() == 2) {
    GF_TRY_ASSIGN(const auto row, fact_row_of(side, a));
    return static_cast<double>(row[0]);
  }
  const bool heads = shape == RowShape::Causal || shape == RowShape::Heads || shape == RowShape::HeadsDModel;
  if (a.size() != (heads ? 4U : 3U))
    return fail(ErrorCode::InvalidArgument, text(shape == RowShape::Causal ? "{0} has three indices: head, query, key"
                                                 : heads                   ? "{0} has three indices: position, head, dim"
                                                                           : "{0} has two indices: position and dim",
                                                 string_of(a[0])));
  GF_TRY_ASSIGN(const auto row, fact_row_of(side, a.first(a.size() - 1)));
  GF_TRY_ASSIGN(const int i, index(a.back(), static_cast<int>(row.size()), shape == RowShape::Causal ? "key" : "dim"));
  return static_cast<double>(row[static_cast<std::size_t>(i)]);
}

Result<std::span<const float>> fact_pattern_row(const Side& side, Args a) {
  const ModelConfig& c = side.trace.config();
  GF_TRY_ASSIGN(const int layer, index(a[0], c.n_layer, "block"));
  GF_TRY_ASSIGN(const int head, index(a[1], c.n_head, "head"));
  GF_TRY_ASSIGN(const int query, position(side, a, 2));
  return side.trace.causal_row({HookKind::Pattern, layer}, head, query);
}
Result<Value> fact_attention(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, fact_pattern_row(side, a));
  GF_TRY_ASSIGN(const int key, position(side, a, 3));
  if (key >= static_cast<int>(row.size())) return fail(ErrorCode::InvalidArgument, text("a query cannot look at a later key"));
  return static_cast<double>(row[static_cast<std::size_t>(key)]);
}

template <double (*kOf)(std::span<const float>)>
Result<Value> of_row(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, fact_row_of(side, a));
  return kOf(row);
}

double row_sum(std::span<const float> row) { return std::accumulate(row.begin(), row.end(), 0.0); }
double row_mean(std::span<const float> row) { return row_sum(row) / static_cast<double>(row.size()); }
double row_variance(std::span<const float> row) {
  const double middle = row_mean(row);
  double total = 0;
  for (const float x : row) total += (x - middle) * (x - middle);
  return total / static_cast<double>(row.size());
}
double row_norm(std::span<const float> row) {
  double total = 0;
  for (const float x : row) total += static_cast<double>(x) * x;
  return std::sqrt(total);
}
double row_largest(std::span<const float> row) { return *std::max_element(row.begin(), row.end()); }
double row_smallest(std::span<const float> row) { return *std::min_element(row.begin(), row.end()); }
double row_where_largest(std::span<const float> row) { return static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin()); }
double row_positive(std::span<const float> row) {
  return static_cast<double>(std::count_if(row.begin(), row.end(), [](float x) { return x > 0; }));
}
Result<Value> fact_looks_at(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, fact_pattern_row(side, a));
  return row_where_largest(row);
}

constexpr std::array kRunFunctions{
    Facts::Function{"p", "t?i", "p(TOKEN, [POSITION])", phrase("probability of a token as the next"), fact_p},
    Facts::Function{"logprob", "t?i", "logprob(TOKEN, [POSITION])", phrase("its logarithm, nats"), fact_logprob},
    Facts::Function{"p_at", "tn?i", "p_at(TOKEN, TEMPERATURE, [POSITION])", phrase("probability at a temperature"), fact_p_at},
    Facts::Function{"logit", "t?i", "logit(TOKEN, [POSITION])", phrase("score before the softmax"), fact_logit},
    Facts::Function{"rank", "t?i", "rank(TOKEN, [POSITION])", phrase("how many tokens are likelier"), fact_rank},
    Facts::Function{"top", "?i", "top([POSITION])", phrase("the likeliest next token"), fact_top},
    Facts::Function{"nucleus", "n?i", "nucleus(SHARE, [POSITION])", phrase("how many of the likeliest tokens hold that share"),
                    fact_nucleus},
    Facts::Function{"uncertainty", "?i", "uncertainty([POSITION])", phrase("entropy of the prediction, nats"), fact_uncertainty},
    Facts::Function{"surprisal", "i", "surprisal(POSITION)", phrase("-ln p of the token that stands there, nats"), fact_surprisal},
    Facts::Function{"token", "i", "token(POSITION)", phrase("the token that stands there"), fact_token_at},
    Facts::Function{"length", "", "length", phrase("tokens of the run"),
                    [](Side& s, Args) -> Result<Value> { return static_cast<double>(s.trace.length()); }},
    Facts::Function{"kl", "", "kl()", phrase("KL(base || edited) of the last prediction, nats"), fact_kl},
    Facts::Function{"says", "i", "says(N)", phrase("the N tokens that greedy decoding goes on with, as text"), fact_says},
    Facts::Function{"changed", "i", "changed(EDIT)", phrase("how much edit EDIT changed: its receipt's norm"), fact_changed},
    Facts::Function{"value", "t?iii", "value(HOOK, INDICES)", phrase("one captured number, indices as in the hover card"), fact_value},
    Facts::Function{"attention", "iiii", "attention(BLOCK, HEAD, QUERY, KEY)", phrase("a weight of a pattern"), fact_attention},
    Facts::Function{"looks_at", "ii?i", "looks_at(BLOCK, HEAD, [QUERY])", phrase("the key with the largest weight"), fact_looks_at},
    Facts::Function{"sum", "ti?i", "sum(HOOK, ROW)", phrase("of a row: (HOOK, POSITION, [HEAD]), of patterns (HOOK, HEAD, QUERY)"),
                    of_row<row_sum>},
    Facts::Function{"mean", "ti?i", "mean(HOOK, ROW)", phrase("its mean"), of_row<row_mean>},
    Facts::Function{"variance", "ti?i", "variance(HOOK, ROW)", phrase("its variance"), of_row<row_variance>},
    Facts::Function{"norm", "ti?i", "norm(HOOK, ROW)", phrase("length of the row as a vector"), of_row<row_norm>},
    Facts::Function{"largest", "ti?i", "largest(HOOK, ROW)", phrase("its largest number"), of_row<row_largest>},
    Facts::Function{"smallest", "ti?i", "smallest(HOOK, ROW)", phrase("its smallest"), of_row<row_smallest>},
    Facts::Function{"where_largest", "ti?i", "where_largest(HOOK, ROW)", phrase("the index of the largest"), of_row<row_where_largest>},
    Facts::Function{"positive", "ti?i", "positive(HOOK, ROW)", phrase("how many are above 0"), of_row<row_positive>},
};

}  // namespace

std::span<const Facts::Function> run_functions() { return kRunFunctions; }

}  // namespace gf::lessons
