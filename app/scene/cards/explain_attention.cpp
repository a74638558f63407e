// How a cell of attention is computed: q, k, v, scores, pattern, z, results, out.
#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {
namespace {

struct HeadRows {
  std::span<const float> q, k;
};
HeadRows head_rows(const Pass& pass, int layer, int head, int query, int key) {
  const auto d = static_cast<std::size_t>(pass.config.d_head), begin = static_cast<std::size_t>(head) * d;
  const auto q = row_of(pass, HookKind::Q, layer, query), k = row_of(pass, HookKind::K, layer, key);
  if (q.empty() || k.empty()) return {};
  return {q.subspan(begin, d), k.subspan(begin, d)};
}

Dot query_key(const HeadRows& rows) {
  return dot(static_cast<int>(rows.q.size()), [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    return std::pair(static_cast<double>(rows.q[at]), static_cast<double>(rows.k[at]));
  });
}

void add_query_key(Working& w, const Dot& d, const Pass& pass, int b, int head, int query, int key) {
  add_terms(w, d, at_hook(HookKind::AttnScores, b, {head, query, key}), pass, [](int i) { return text("dim {0}", i); });
}

std::string scale_words(const ModelConfig& c, int b) {
  std::string words = c.scale_attn ? "(q . k) / sqrt(" + std::to_string(c.d_head) + ")" : "q . k";
  if (c.scale_attn_by_layer) words += " / " + std::to_string(b + 1);
  return words;
}

Working scores(const CellRef& cell, const Pass& pass) {
  const auto [head, query, key] = cell.index;
  const int b = cell.tensor.hook.layer;
  const HeadRows rows = head_rows(pass, b, head, query, key);
  if (rows.q.empty()) return not_kept();
  Working w;
  const Dot d = query_key(rows);
  const auto scale = static_cast<double>(pass.config.score_scale(b));
  w.total = d.total * scale;
  w.formula = {scale_words(pass.config, b), "q . k = " + written_out(d), product(d.total, scale)};
  add_query_key(w, d, pass, b, head, query, key);
  return w;
}

Working pattern(const CellRef& cell, const Pass& pass) {
  const auto [head, query, key] = cell.index;
  const int b = cell.tensor.hook.layer;
  Working w;
  std::vector<double> row(static_cast<std::size_t>(query) + 1);
  double high = -INFINITY;
  int best = 0;
  bool nan = false;
  for (int j = 0; j <= query; ++j) {
    const auto s = score_read(pass, b, head, query, j);
    if (!s) return not_kept();
    row[static_cast<std::size_t>(j)] = *s;
    nan = nan || std::isnan(*s);
    if (*s > high) high = *s, best = j;
  }
  const double own = row[static_cast<std::size_t>(key)];
  const HeadRows rows = head_rows(pass, b, head, query, key);
  w.formula.push_back(counted(query + 1, "softmax over {0} key of the scores; max {1} at {2}",
                              "softmax over {0} keys of the scores; max {1} at {2}", number(high), position_text(pass, best)));
  if (nan) {
    w.total = NAN;
    w.formula.push_back(text("a score is NaN, so the whole row is"));
  } else if (std::isinf(high)) {
    w.total = 0;  // every key is knocked out: the row is 0 by definition
    w.formula.push_back(text("all scores are -inf: 0"));
  } else {
    double sum = 0;
    for (const double s : row) sum += std::exp(s - high);
    w.total = std::exp(own - high) / sum;
    w.formula.push_back("exp(" + difference_of(own, high) + ") / " + number(sum) + " = " + number(*w.total));
  }
  if (!rows.q.empty()) {
    const Dot d = query_key(rows);
    w.formula.push_back(text("score: {0}", scale_words(pass.config, b)) + " = " +
                        product(d.total, static_cast<double>(pass.config.score_scale(b))));
    add_query_key(w, d, pass, b, head, query, key);
  }
  add_sources(w, cell, pass, key);
  return w;
}

Working gathered(const CellRef& cell, const Pass& pass) {
  const auto [position, head, dim] = cell.index;
  const int b = cell.tensor.hook.layer;
  const HookId hook{HookKind::Pattern, b};
  const auto column = static_cast<std::size_t>(head * pass.config.d_head + dim);
  if (!pass.trace->has(hook)) return not_kept();
  const auto weights = pass.trace->causal_row(hook, head, position);
  const Dot d = dot(position + 1, [&](int j) {
    return std::pair(static_cast<double>(weights[static_cast<std::size_t>(j)]),
                     static_cast<double>(row_of(pass, HookKind::V, b, j)[column]));
  });
  Working w;
  w.total = d.total;
  w.formula = {text("sum over keys of pattern × v"), written_out(d)};
  add_terms(w, d, cell, pass, [&](int i) { return text("key {0}", position_text(pass, i)); });
  return w;
}

Working result(const CellRef& cell, const Pass& pass) {
  const auto [position, head, out] = cell.index;
  const int b = cell.tensor.hook.layer, d_head = pass.config.d_head;
  const auto z = row_of(pass, HookKind::Z, b, position);
  if (z.empty()) return not_kept();
  const Matrix& o = pass.weights.blocks[static_cast<std::size_t>(b)].o;
  const Dot d = dot(d_head, [&](int i) {
    const int row = head * d_head + i;
    return std::pair(static_cast<double>(z[static_cast<std::size_t>(row)]), static_cast<double>(o.at(row, out)));
  });
  Working w;
  w.total = d.total;
  w.formula = {text("z . W_O of head {0}", head), written_out(d)};
  add_terms(w, d, cell, pass, [](int i) { return text("dim {0}", i); });
  return w;
}

/// The number that each head writes into (position, out), from its captured result (edits included) or z . W_O.
std::vector<double> head_parts(const Pass& pass, int b, int position, int out) {
  const ModelConfig& c = pass.config;
  std::vector<double> parts(static_cast<std::size_t>(c.n_head), 0);
  const auto results = row_of(pass, HookKind::Result, b, position);
  const auto z = row_of(pass, HookKind::Z, b, position);
  const Matrix& o = pass.weights.blocks[static_cast<std::size_t>(b)].o;
  for (int h = 0; h < c.n_head; ++h) {
    double& part = parts[static_cast<std::size_t>(h)];
    if (!results.empty()) {
      part = static_cast<double>(results[static_cast<std::size_t>(h * c.d_model + out)]);
      continue;
    }
    for (int i = h * c.d_head; i < (h + 1) * c.d_head; ++i)
      part += static_cast<double>(z[static_cast<std::size_t>(i)]) * static_cast<double>(o.at(i, out));
  }
  return parts;
}

std::string by_head(const std::vector<double>& parts) {
  std::vector<int> order(parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  const auto part = [&](int h) { return parts[static_cast<std::size_t>(h)]; };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return size_of_term(part(a)) > size_of_term(part(b)); });
  const std::size_t shown = std::min<std::size_t>(order.size(), 6);
  std::string list;
  for (std::size_t i = 0; i < shown; ++i)
    list += (i ? ",  " : "") + std::string("h") + std::to_string(order[i]) + ' ' + number(part(order[i]));
  return text("by head:  {0}", list + (order.size() > shown ? ", ..." : ""));
}

Working attn_out(const CellRef& cell, const Pass& pass) {
  const int b = cell.tensor.hook.layer, position = cell.index[0], out = cell.index[1];
  const ModelConfig& c = pass.config;
  const auto z = row_of(pass, HookKind::Z, b, position);
  if (z.empty()) return not_kept();
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(b)];
  const Dot d = dot(c.d_model, [&](int i) {
    return std::pair(static_cast<double>(z[static_cast<std::size_t>(i)]), static_cast<double>(block.o.at(i, out)));
  });
  const std::vector<double> parts = head_parts(pass, b, position, out);
  std::optional<double> bias;
  if (!block.b_o.empty()) bias = static_cast<double>(block.b_o.at(out));
  double heads = 0;
  for (const double part : parts) heads += part;
  Working w;
  w.total = heads + bias.value_or(0);
  w.formula = {bias ? "z . W_O + b" : "z . W_O", written_out(d, bias), by_head(parts)};
  add_terms(w, d, cell, pass, [&](int i) { return text("head {0} dim {1}", i / c.d_head, i % c.d_head); });
  return w;
}

Working projection(const CellRef& cell, const Pass& pass) {
  const auto [kind, b] = cell.tensor.hook;
  const ModelConfig& c = pass.config;
  const int part = kind == HookKind::Q ? 0 : kind == HookKind::K ? 1 : 2;
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(b)];
  const std::string letter(1, "QKV"[part]);
  return affine_of_norm(cell, pass,
                        {.norm = 1,
                         .matrix = &block.qkv,
                         .out = part * c.d_model + cell.index[1] * c.d_head + cell.index[2],
                         .bias = &block.b_qkv,
                         .words = "(gamma × normalized + beta) . W_" + letter + " + b_" + letter});
}

}  // namespace

std::optional<double> score_of(const Pass& pass, int layer, int head, int query, int key) {
  const HeadRows rows = head_rows(pass, layer, head, query, key);
  if (rows.q.empty()) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 0; i < rows.q.size(); ++i) sum += static_cast<double>(rows.q[i]) * static_cast<double>(rows.k[i]);
  return sum * static_cast<double>(pass.config.score_scale(layer));
}

std::optional<double> score_read(const Pass& pass, int layer, int head, int query, int key) {
  const HookId hook{HookKind::AttnScores, layer};
  if (const auto v = captured_value(*pass.trace, hook, {head, query, key})) return static_cast<double>(*v);
  if (pass.recipe != nullptr)
    for (const Edit& edit : pass.recipe->edits)
      if (edit.enabled && names_hook(edit.hook, hook)) return std::nullopt;
  return score_of(pass, layer, head, query, key);
}

Working work_out_attention(const CellRef& cell, const Pass& pass) {
  switch (info_of(cell.tensor.hook.kind).operation) {
    case Operation::Scores: return scores(cell, pass);
    case Operation::Softmax: return pattern(cell, pass);
    case Operation::Values: return gathered(cell, pass);
    case Operation::Results: return result(cell, pass);
    case Operation::Out: return attn_out(cell, pass);
    case Operation::Qkv: return projection(cell, pass);
    default: break;
  }
  EXPECTS(false, "each operation that makes a hook has a formula");
  return {};
}

}  // namespace gf::scene::explaining
