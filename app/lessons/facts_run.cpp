// Functions of a run: its predictions and its captured values.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/lessons/facts.h"
#include "model/base/logits.h"

namespace gf::lessons {
namespace facts_of_run {

using Side = Facts::Side;
using Args = std::span<const Value>;

Result<std::span<const float>> logits_at(Side& side, Args a, std::size_t i) {
  GF_TRY_ASSIGN(const int at, position(side, a, i));
  if (at == side.trace.length() - 1) return side.trace.last_logits();
  GF_TRY_ASSIGN(const auto trace, trace_of(side, {HookKind::Logits, -1}));
  return trace->row({HookKind::Logits, -1}, at);
}

Result<double> logprob_of(Side& side, Args a, double temperature, std::size_t at) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, at));
  return static_cast<double>(logits[t.index()]) / temperature - log_sum_exp(logits, temperature);
}

Result<Value> p(Side& side, Args a) {
  GF_TRY_ASSIGN(const double l, logprob_of(side, a, 1, 1));
  return std::exp(l);
}
Result<Value> logprob(Side& side, Args a) {
  GF_TRY_ASSIGN(const double l, logprob_of(side, a, 1, 1));
  return l;
}
Result<Value> p_at(Side& side, Args a) {
  const double temperature = std::get<double>(a[1]);
  if (!(temperature > 0)) return fail(ErrorCode::InvalidArgument, "a temperature is above 0");
  GF_TRY_ASSIGN(const double l, logprob_of(side, a, temperature, 2));
  return std::exp(l);
}
Result<Value> logit(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, 1));
  return static_cast<double>(logits[t.index()]);
}
Result<Value> rank(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, 1));
  return static_cast<double>(rank_of(logits, t.index()));
}
Result<Value> top(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, 0));
  const auto best = largest_of(logits);
  return valid_utf8(side.session.model().tokenizer->bytes_of(TokenId(static_cast<std::int32_t>(best))));
}
/// Tokens that are needed for a share of the probability, likeliest first.
Result<Value> nucleus(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, 1));
  std::vector<float> sorted(logits.begin(), logits.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
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
Result<Value> uncertainty(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto logits, logits_at(side, a, 0));
  const double total = log_sum_exp(logits);
  return entropy_of(logits, total);
}
Result<Value> surprisal(Side& side, Args a) {
  GF_TRY_ASSIGN(const int at, position(side, a, 0));
  if (at == 0) return fail(ErrorCode::InvalidArgument, "nothing stands before position 0, so its token has no surprisal");
  return -static_cast<double>(side.trace.stats(at).logprob);
}
Result<Value> token_at(Side& side, Args a) {
  GF_TRY_ASSIGN(const int at, position(side, a, 0));
  return valid_utf8(side.session.model().tokenizer->bytes_of(side.trace.ids()[static_cast<std::size_t>(at)]));
}
Result<Value> kl(Side& side, Args) {
  if (!side.run.kl) return fail(ErrorCode::InvalidArgument, "kl compares with the base run, and this step has no recipe");
  return *side.run.kl;
}
Result<Value> changed(Side& side, Args a) {
  GF_TRY_ASSIGN(const int edit, index(a[0], static_cast<int>(side.run.receipts.size()), "edit"));
  return side.run.receipts[static_cast<std::size_t>(edit)].norm;
}

// ---- captured values

Result<HookId> hook_of(const Side& side, const Value& name) {
  const auto hook = parse_hook(text(name), side.trace.config().n_layer);
  if (!hook)
    return fail(ErrorCode::InvalidArgument, "there is no hook '" + text(name) + "' in this model, whose blocks are 0 to " +
                                                std::to_string(side.trace.config().n_layer - 1));
  return *hook;
}

/// A row of a hook: (HOOK, POSITION), with heads (HOOK, POSITION, [HEAD]), of scores and patterns (HOOK, HEAD, QUERY).
Result<std::span<const float>> row_of(Side& side, Args a) {
  const ModelConfig& c = side.trace.config();
  GF_TRY_ASSIGN(const HookId hook, hook_of(side, a[0]));
  const RowShape shape = info_of(hook.kind).shape;
  GF_TRY_ASSIGN(const auto trace, trace_of(side, hook));  // kept by the side: what it holds stays
  if (shape == RowShape::Causal) {
    if (a.size() != 3) return fail(ErrorCode::InvalidArgument, text(a[0]) + " needs a head and a query");
    GF_TRY_ASSIGN(const int head, index(a[1], c.n_head, "head"));
    GF_TRY_ASSIGN(const int query, position(side, a, 2));
    return trace->causal_row(hook, head, query);
  }
  GF_TRY_ASSIGN(const int at, position(side, a, 1));
  const auto row = trace->row(hook, at);
  if (a.size() < 3) return row;
  if (shape != RowShape::Heads && shape != RowShape::HeadsDModel) return fail(ErrorCode::InvalidArgument, text(a[0]) + " has no heads");
  GF_TRY_ASSIGN(const int head, index(a[2], c.n_head, "head"));
  const auto width = row.size() / static_cast<std::size_t>(c.n_head);
  return row.subspan(static_cast<std::size_t>(head) * width, width);
}

Result<Value> value(Side& side, Args a) {
  GF_TRY_ASSIGN(const HookId hook, hook_of(side, a[0]));
  const RowShape shape = info_of(hook.kind).shape;
  if (shape == RowShape::One && a.size() == 2) {
    GF_TRY_ASSIGN(const auto row, row_of(side, a));
    return static_cast<double>(row[0]);
  }
  const bool heads = shape == RowShape::Causal || shape == RowShape::Heads || shape == RowShape::HeadsDModel;
  if (a.size() != (heads ? 4U : 3U))
    return fail(ErrorCode::InvalidArgument, text(a[0]) + (shape == RowShape::Causal ? " has three indices: head, query, key"
                                                          : heads                   ? " has three indices: position, head, dim"
                                                                                    : " has two indices: position and dim"));
  GF_TRY_ASSIGN(const auto row, row_of(side, a.first(a.size() - 1)));
  GF_TRY_ASSIGN(const int i, index(a.back(), static_cast<int>(row.size()), shape == RowShape::Causal ? "key" : "dim"));
  return static_cast<double>(row[static_cast<std::size_t>(i)]);
}

Result<std::span<const float>> pattern_row(const Side& side, Args a) {
  const ModelConfig& c = side.trace.config();
  GF_TRY_ASSIGN(const int layer, index(a[0], c.n_layer, "block"));
  GF_TRY_ASSIGN(const int head, index(a[1], c.n_head, "head"));
  GF_TRY_ASSIGN(const int query, position(side, a, 2));
  return side.trace.causal_row({HookKind::Pattern, layer}, head, query);
}
Result<Value> attention(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, pattern_row(side, a));
  GF_TRY_ASSIGN(const int key, position(side, a, 3));
  if (key >= static_cast<int>(row.size())) return fail(ErrorCode::InvalidArgument, "a query cannot look at a later key");
  return static_cast<double>(row[static_cast<std::size_t>(key)]);
}
Result<Value> looks_at(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, pattern_row(side, a));
  return static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin());
}

template <double (*kOf)(std::span<const float>)>
Result<Value> of_row(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto row, row_of(side, a));
  return kOf(row);
}

double sum(std::span<const float> row) { return std::accumulate(row.begin(), row.end(), 0.0); }
double mean(std::span<const float> row) { return sum(row) / static_cast<double>(row.size()); }
double variance(std::span<const float> row) {
  const double middle = mean(row);
  double total = 0;
  for (const float x : row) total += (x - middle) * (x - middle);
  return total / static_cast<double>(row.size());
}
double norm(std::span<const float> row) {
  double total = 0;
  for (const float x : row) total += static_cast<double>(x) * x;
  return std::sqrt(total);
}
double largest(std::span<const float> row) { return *std::max_element(row.begin(), row.end()); }
double smallest(std::span<const float> row) { return *std::min_element(row.begin(), row.end()); }
double where_largest(std::span<const float> row) { return static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin()); }
double positive(std::span<const float> row) {
  return static_cast<double>(std::count_if(row.begin(), row.end(), [](float x) { return x > 0; }));
}

constexpr std::array kRunFunctions{
    Facts::Function{"p", "t?i", "p(TOKEN, [POSITION])", "probability of a token as the next", p},
    Facts::Function{"logprob", "t?i", "logprob(TOKEN, [POSITION])", "its logarithm, nats", logprob},
    Facts::Function{"p_at", "tn?i", "p_at(TOKEN, TEMPERATURE, [POSITION])", "probability at a temperature", p_at},
    Facts::Function{"logit", "t?i", "logit(TOKEN, [POSITION])", "score before the softmax", logit},
    Facts::Function{"rank", "t?i", "rank(TOKEN, [POSITION])", "how many tokens are likelier", rank},
    Facts::Function{"top", "?i", "top([POSITION])", "the likeliest next token", top},
    Facts::Function{"nucleus", "n?i", "nucleus(SHARE, [POSITION])", "how many of the likeliest tokens hold that share", nucleus},
    Facts::Function{"uncertainty", "?i", "uncertainty([POSITION])", "entropy of the prediction, nats", uncertainty},
    Facts::Function{"surprisal", "i", "surprisal(POSITION)", "-ln p of the token that stands there, nats", surprisal},
    Facts::Function{"token", "i", "token(POSITION)", "the token that stands there", token_at},
    Facts::Function{"length", "", "length", "tokens of the run",
                    [](Side& s, Args) -> Result<Value> { return static_cast<double>(s.trace.length()); }},
    Facts::Function{"kl", "", "kl()", "KL(base || edited) of the last prediction, nats", kl},
    Facts::Function{"changed", "i", "changed(EDIT)", "how much edit EDIT changed: its receipt's norm", changed},
    Facts::Function{"value", "t?iii", "value(HOOK, INDICES)", "one captured number, indices as in the hover card", value},
    Facts::Function{"attention", "iiii", "attention(BLOCK, HEAD, QUERY, KEY)", "a weight of a pattern", attention},
    Facts::Function{"looks_at", "ii?i", "looks_at(BLOCK, HEAD, [QUERY])", "the key with the largest weight", looks_at},
    Facts::Function{"sum", "ti?i", "sum(HOOK, ROW)", "of a row: (HOOK, POSITION, [HEAD]), of patterns (HOOK, HEAD, QUERY)", of_row<sum>},
    Facts::Function{"mean", "ti?i", "mean(HOOK, ROW)", "its mean", of_row<mean>},
    Facts::Function{"variance", "ti?i", "variance(HOOK, ROW)", "its variance", of_row<variance>},
    Facts::Function{"norm", "ti?i", "norm(HOOK, ROW)", "length of the row as a vector", of_row<norm>},
    Facts::Function{"largest", "ti?i", "largest(HOOK, ROW)", "its largest number", of_row<largest>},
    Facts::Function{"smallest", "ti?i", "smallest(HOOK, ROW)", "its smallest", of_row<smallest>},
    Facts::Function{"where_largest", "ti?i", "where_largest(HOOK, ROW)", "the index of the largest", of_row<where_largest>},
    Facts::Function{"positive", "ti?i", "positive(HOOK, ROW)", "how many are above 0", of_row<positive>},
};

}  // namespace facts_of_run

std::span<const Facts::Function> run_functions() { return facts_of_run::kRunFunctions; }

}  // namespace gf::lessons
