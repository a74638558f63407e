// How a cell's value is computed outside attention: embeddings, stream, LayerNorm, MLP, logits.
#include <numbers>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/sources/scales.h"
#include "model/base/logits.h"
#include "model/base/numbers.h"

namespace gf::scene::explaining {
namespace {

Working embedding(const CellRef& cell, const Pass& pass) {
  const bool token = cell.tensor.hook.kind == HookKind::Embed;
  const int position = cell.index[0], dim = cell.index[1];
  const int row = token ? pass.trace->ids()[static_cast<std::size_t>(position)].v : position;
  const TensorView& table = token ? pass.weights.wte : pass.weights.wpe;
  Working w;
  w.total = static_cast<double>(table.at(std::int64_t{row} * table.shape[1] + dim));
  const std::string name = token ? "wte" : "wpe";
  w.formula.push_back(name + "[" + (token ? token_text(pass, row) : std::to_string(row)) + ", " + text("dim {0}", dim) +
                      "] = " + number(*w.total));
  add_sources(w, cell, pass);
  return w;
}

/// The parts that were written into the stream so far, the largest first. Empty where one of them was not captured.
std::string written_by(const Pass& pass, HookId stream, int position, int dim, double total) {
  std::vector<std::pair<std::string, double>> parts;
  const auto add = [&](const std::string& name, HookKind kind, int layer) {
    const auto row = row_of(pass, kind, layer, position);
    if (row.empty()) return false;
    parts.emplace_back(name, static_cast<double>(row[static_cast<std::size_t>(dim)]));
    return true;
  };
  if (!add(text("token"), HookKind::Embed, -1) || !add(text("position"), HookKind::PosEmbed, -1)) return {};
  for (int b = 0; b <= stream.layer; ++b) {
    const bool here = b == stream.layer;
    if (!(here && stream.kind == HookKind::ResidPre) && !add(text("attention {0}", b), HookKind::AttnOut, b)) return {};
    if (!(here && stream.kind != HookKind::ResidPost) && !add(text("MLP {0}", b), HookKind::MlpOut, b)) return {};
  }
  double sum = 0;
  for (const auto& part : parts) sum += part.second;
  // An edit of the stream itself breaks the sum, so no parts are listed then.
  if (!(std::abs(sum - total) <= 1e-3 + 1e-3 * std::abs(total)) || parts.size() < 3) return {};
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), kUsualTerms); ++i)
    list += (i ? ", " : "") + parts[i].first + ' ' + number(parts[i].second);
  return text("written by {0}", list + (parts.size() > kUsualTerms ? ", ..." : ""));
}

/// "attention out", "stream after block 3"
std::string addend_name(HookId hook, int reader) {
  if (hook.layer >= 0 && hook.layer != reader) return text("stream after block {0}", hook.layer);
  return text(info_of(hook.kind).title);
}

Working stream(const CellRef& cell, const Pass& pass) {
  const bool of_a_head = info_of(cell.tensor.hook.kind).shape == RowShape::HeadsDModel;
  const int position = cell.index[0], dim = cell.index[of_a_head ? 2 : 1];
  const std::vector<HookId> addends = source_hooks(cell.tensor.hook, pass.config);
  Working w;
  double total = 0;
  std::string numbers, names;
  for (const HookId hook : addends) {
    const auto row = row_of(pass, hook.kind, hook.layer, position);
    if (row.empty()) return not_kept();
    const auto v = static_cast<double>(row[static_cast<std::size_t>(dim)]);
    total += v;
    const std::string name = addend_name(hook, cell.tensor.hook.layer);
    w.terms.push_back({name + ":  " + number(v), static_cast<float>(v), at_hook(hook.kind, hook.layer, {position, dim, -1}), {}});
    numbers += numbers.empty() ? number(v) : (v < 0 ? " - " : " + ") + number(std::abs(v));
    names += (names.empty() ? "" : " + ") + name;
  }
  add_sources(w, cell, pass);
  w.total = total;
  w.terms_total = static_cast<int>(w.terms.size());
  std::stable_sort(w.terms.begin(), w.terms.end(), [](const Term& x, const Term& y) {
    return size_of_term(static_cast<double>(x.contribution)) > size_of_term(static_cast<double>(y.contribution));
  });
  w.formula.push_back(addends.size() > 1 ? names : text("the {0}, unchanged", names));
  w.formula.push_back(addends.size() > 1 ? numbers + " = " + number(total) : "= " + number(total));
  const HookId read = is_split_input(cell.tensor.hook.kind) ? addends[0] : cell.tensor.hook;
  if (std::string by = written_by(pass, read, position, dim, total); !by.empty()) w.formula.push_back(by);
  return w;
}

Working layer_norm(const CellRef& cell, const Pass& pass) {
  const std::vector<HookId> behind = source_hooks(cell.tensor.hook, pass.config);  // the stream, and the scale where it divides
  const int position = cell.index[0];
  const auto input = row_of(pass, behind[0].kind, behind[0].layer, position);
  if (input.empty()) return not_kept();
  const double mean = mean_of(input);
  Working w;
  if (behind.size() == 1) {
    double variance = 0;
    for (const float v : input) variance += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    variance /= static_cast<double>(input.size());
    const auto eps = static_cast<double>(pass.config.layer_norm_eps);
    w.total = std::sqrt(variance + eps);
    w.formula = {text("sqrt(mean of (x - mean)² + eps) over {0} dims, mean {1}", input.size(), number(mean)),
                 "sqrt(" + number(variance) + " + " + number(eps) + ") = " + number(*w.total)};
    add_sources(w, cell, pass);
    return w;
  }
  const auto scale_row = row_of(pass, behind[1].kind, behind[1].layer, position);
  if (scale_row.empty()) return not_kept();
  const auto scale = static_cast<double>(scale_row[0]);
  const auto x = static_cast<double>(input[static_cast<std::size_t>(cell.index[1])]);
  w.total = (x - mean) / scale;
  w.formula = {text("(x - mean) / scale"), "(" + difference_of(x, mean) + ") / " + number(scale) + " = " + number(*w.total)};
  add_sources(w, cell, pass, cell.index[1]);
  return w;
}

Working mlp_pre(const CellRef& cell, const Pass& pass) {
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(cell.tensor.hook.layer)];
  return affine_of_norm(
      cell, pass,
      {.norm = 2, .matrix = &block.in, .out = cell.index[1], .bias = &block.b_in, .words = text("(gamma × normalized + beta) . W_in + b")});
}

Working mlp_post(const CellRef& cell, const Pass& pass) {
  const int b = cell.tensor.hook.layer;
  const auto row = row_of(pass, HookKind::MlpPre, b, cell.index[0]);
  if (row.empty()) return not_kept();
  const auto x = static_cast<double>(row[static_cast<std::size_t>(cell.index[1])]);
  const std::string n = number(x);
  Working w;
  switch (pass.config.activation) {
    case Activation::GeluTanh: {
      const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
      w.total = 0.5 * x * (1 + std::tanh(inner));
      w.formula = {text("GELU: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.0447 x³))),  x = {0}", n),
                   "0.5 × " + n + " × (1 + tanh(" + number(inner) + ")) = " + number(*w.total)};
      break;
    }
    case Activation::GeluErf:
      w.total = 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
      w.formula = {text("GELU: 0.5 x (1 + erf(x / sqrt 2)),  x = {0}", n),
                   "0.5 × " + n + " × (1 + erf(" + number(x / std::numbers::sqrt2) + ")) = " + number(*w.total)};
      break;
    case Activation::Relu:
      w.total = x <= 0 ? 0.0 : x;
      w.formula = {text("max(0, x),  x = {0}", n), "max(0, " + n + ") = " + number(*w.total)};
      break;
  }
  add_sources(w, cell, pass);
  return w;
}

Working mlp_out(const CellRef& cell, const Pass& pass) {
  const int b = cell.tensor.hook.layer, position = cell.index[0], out = cell.index[1];
  const auto post = row_of(pass, HookKind::MlpPost, b, position);
  if (post.empty()) return not_kept();
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(b)];
  const Dot d = dot(pass.config.d_mlp, [&](int i) {
    return std::pair(static_cast<double>(post[static_cast<std::size_t>(i)]), static_cast<double>(block.out.at(i, out)));
  });
  Working w;
  std::optional<double> bias;
  if (!block.b_out.empty()) bias = static_cast<double>(block.b_out.at(out));
  w.total = d.total + bias.value_or(0);
  w.formula = {bias ? text("post . W_out + b") : text("post . W_out"), written_out(d, bias)};
  add_terms(w, d, cell, pass, [](int i) { return text("neuron {0}", i); });
  return w;
}

/// A small share with three significant figures.
std::string percent_words(double p) { return p < 0.0995 ? number(100 * p) + " %" : numbers::percent(p); }

/// The logit's probability and rank in its row, and the difference that its colour shows.
void add_probability(Working& w, const Pass& pass, int position, int token) {
  const auto row = row_of(pass, HookKind::Logits, -1, position);
  if (row.empty()) return;
  const auto at = static_cast<std::size_t>(token);
  const double mean = mean_of(row);
  const std::string probability = percent_words(std::exp(logprob_of(row, at)));
  const int rank = rank_of(row, at);
  w.formula.push_back(rank < 0 ? text("probability {0}, without a rank", probability)
                               : text("probability {0}, rank {1} of {2}", probability, rank, row.size()));
  const auto own = static_cast<double>(row[at]);
  w.formula.push_back(text("colour shows logit - row's mean: {0}", difference_of(own, mean)) + " = " + number(own - mean));
}

Working logits(const CellRef& cell, const Pass& pass) {
  Working w = affine_of_norm(cell, pass,
                             {.norm = 0,
                              .matrix = &pass.weights.unembed,
                              .out = cell.index[1],
                              .bias = nullptr,
                              .words = text("(gamma × normalized + beta) . W_U")});
  if (w.total) add_probability(w, pass, cell.index[0], cell.index[1]);
  return w;
}

}  // namespace

Working not_kept() {
  Working w;
  w.missing = text("the numbers that this comes from were not captured in this run");
  return w;
}

std::optional<Working> made_of_copy(HookId hook, const Pass& pass) {
  HookId input{HookKind::MlpInput, hook.layer};
  if (hook.kind == HookKind::Q || hook.kind == HookKind::K || hook.kind == HookKind::V) input.kind = split_input_of(hook.kind);
  else if (hook.kind != HookKind::Ln2Scale && hook.kind != HookKind::Ln2Normalized) return std::nullopt;
  const auto edits_it = [&](const Edit& edit) { return edit.enabled && names_hook(edit.hook, input); };
  if (pass.recipe == nullptr || std::ranges::none_of(pass.recipe->edits, edits_it)) return std::nullopt;
  Working w;
  w.missing = text("an edit acts at {0}, so this comes from a copy of the stream that is read here alone", name_of(input));
  return w;
}

void add_sources(Working& w, const CellRef& cell, const Pass& pass, int top) {
  const HookId hook = cell.tensor.hook;
  const ModelConfig& c = pass.config;
  const int position = info_of(hook.kind).shape == RowShape::Causal ? cell.index[1] : cell.index[0];
  const int token = pass.trace != nullptr && position < pass.trace->length() ? pass.trace->ids()[static_cast<std::size_t>(position)].v : 0;
  for (const HookSource& source : sources_of(hook, c)) {
    if (source.take == Take::All) continue;
    if (source.is_weight()) {
      const auto place = parse_weight(source.weight);
      if (!place || view_of(*place, pass.weights).empty()) continue;
    }
    const CellRange range = cells_of(source, hook, cell.index, c, token);
    std::array<int, 3> at = range.first;
    const bool down = range.first[0] != range.last[0];
    const bool across = range.first[1] != range.last[1] || range.first[2] != range.last[2];
    if (source.take == Take::EachHead) at[1] = top / c.d_head;
    else if (range.first[1] != range.last[1] && range.first[2] != range.last[2])
      at[1] = top / (range.last[2] + 1), at[2] = top % (range.last[2] + 1);
    else if (range.first[1] != range.last[1]) at[1] = top;
    else if (range.first[2] != range.last[2]) at[2] = top;
    else if (down) at[0] = range.first[0] + top;
    w.source({source.is_weight() ? TensorRef{{}, source.weight} : TensorRef{source.hook, {}}, at}, down     ? Extent::Column
                                                                                                   : across ? Extent::Row
                                                                                                            : Extent::Cell);
  }
}

Working affine_of_norm(const CellRef& cell, const Pass& pass, const Affine& a) {
  const HookId normalized = source_hooks(cell.tensor.hook, pass.config)[0];
  const int position = cell.index[0];
  const auto row = row_of(pass, normalized.kind, normalized.layer, position);
  if (row.empty()) return not_kept();
  const LayerNormWeights& norm = norm_weights(a.norm, normalized.layer, pass.weights);
  const auto input = [&](int i) {
    const double scaled = static_cast<double>(norm.gamma.at(i)) * static_cast<double>(row[static_cast<std::size_t>(i)]);
    return scaled + (norm.beta.empty() ? 0.0 : static_cast<double>(norm.beta.at(i)));
  };
  const Dot d = dot(pass.config.d_model, [&](int i) { return std::pair(input(i), static_cast<double>(a.matrix->at(i, a.out))); });
  Working w;
  std::optional<double> bias;
  if (a.bias != nullptr && !a.bias->empty()) bias = static_cast<double>(a.bias->at(a.out));
  w.total = d.total + bias.value_or(0);
  w.formula = {a.words, written_out(d, bias)};
  add_terms(w, d, cell, pass, [](int i) { return text("dim {0}", i); });
  return w;
}

Working work_out(const CellRef& cell, const Pass& pass) {
  if (auto w = made_of_copy(cell.tensor.hook, pass)) return *std::move(w);
  switch (info_of(cell.tensor.hook.kind).operation) {
    case Operation::Embed: return info_of(cell.tensor.hook.kind).place == HookPlace::Stream ? stream(cell, pass) : embedding(cell, pass);
    case Operation::Residual: return stream(cell, pass);
    case Operation::LayerNorm:
    case Operation::LnFinal: return layer_norm(cell, pass);
    case Operation::MlpIn: return mlp_pre(cell, pass);
    case Operation::Activate: return mlp_post(cell, pass);
    case Operation::MlpOut: return mlp_out(cell, pass);
    case Operation::Unembed: return logits(cell, pass);
    default: return work_out_attention(cell, pass);
  }
}

}  // namespace gf::scene::explaining
