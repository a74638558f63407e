// How a cell's value comes about, outside attention: embeddings, stream, LayerNorm, MLP, logits.
#include <numbers>

#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {
namespace {

constexpr const char* kNotKept = "the numbers that this comes from were not captured in this run";

Working not_kept() {
  Working w;
  w.missing = kNotKept;
  return w;
}

double mean_of(std::span<const float> row) {
  double sum = 0;
  for (const float v : row) sum += static_cast<double>(v);
  return sum / static_cast<double>(row.size());
}

/// The stream that a LayerNorm reads.
struct NormPlace {
  int norm;  ///< 1, 2, 0: final
  HookKind input;
  int input_layer;
  HookKind scale, normalized;
};
NormPlace norm_place(HookKind kind, int layer, const ModelConfig& c) {
  using K = HookKind;
  if (kind == K::Ln1Scale || kind == K::Ln1Normalized) return {1, K::ResidPre, layer, K::Ln1Scale, K::Ln1Normalized};
  if (kind == K::Ln2Scale || kind == K::Ln2Normalized) return {2, K::ResidMid, layer, K::Ln2Scale, K::Ln2Normalized};
  return {0, K::ResidPost, c.n_layer - 1, K::LnFinalScale, K::LnFinalNormalized};
}

Working embedding(const CellRef& cell, const Pass& pass) {
  const bool token = cell.tensor.hook.kind == HookKind::Embed;
  const int position = cell.index[0], dim = cell.index[1];
  const int row = token ? pass.trace->ids()[static_cast<std::size_t>(position)].v : position;
  const TensorView& table = token ? pass.weights.wte : pass.weights.wpe;
  Working w;
  w.total = static_cast<double>(table.at(std::int64_t{row} * table.shape[1] + dim));
  const std::string name = token ? "wte" : "wpe";
  w.formula.push_back(name + "[" + (token ? token_text(pass, row) : std::to_string(row)) + ", dim " + std::to_string(dim) +
                      "] = " + number(*w.total));
  w.source(at_weight(name + ".weight", row, dim), Extent::Cell);
  return w;
}

struct Addend {
  std::string name;
  HookKind kind;
  int layer;
};

/// Who wrote into the stream so far, where every part was captured.
std::string written_by(const Pass& pass, HookId stream, int position, int dim, double total) {
  std::vector<std::pair<std::string, double>> parts;
  const auto add = [&](const std::string& name, HookKind kind, int layer) {
    const auto row = row_of(pass, kind, layer, position);
    if (row.empty()) return false;
    parts.emplace_back(name, static_cast<double>(row[static_cast<std::size_t>(dim)]));
    return true;
  };
  if (!add("token", HookKind::Embed, -1) || !add("position", HookKind::PosEmbed, -1)) return {};
  for (int b = 0; b <= stream.layer; ++b) {
    const std::string block = std::to_string(b);
    const bool here = b == stream.layer;
    if (!(here && stream.kind == HookKind::ResidPre) && !add("attention " + block, HookKind::AttnOut, b)) return {};
    if (!(here && stream.kind != HookKind::ResidPost) && !add("MLP " + block, HookKind::MlpOut, b)) return {};
  }
  double sum = 0;
  for (const auto& part : parts) sum += part.second;
  // An edit of the stream itself breaks the sum: then nothing is said.
  if (std::abs(sum - total) > 1e-3 + 1e-3 * std::abs(total) || parts.size() < 3) return {};
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  std::string text = "written by ";
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), kTerms); ++i)
    text += (i ? ", " : "") + parts[i].first + ' ' + number(parts[i].second);
  return text + (parts.size() > kTerms ? ", ..." : "");
}

Working stream(const CellRef& cell, const Pass& pass) {
  using K = HookKind;
  const auto [kind, b] = cell.tensor.hook;
  const int position = cell.index[0], dim = cell.index[1];
  std::vector<Addend> addends;
  if (kind == K::ResidPre && b == 0) addends = {{"embedding", K::Embed, -1}, {"position embedding", K::PosEmbed, -1}};
  else if (kind == K::ResidPre) addends = {{"stream after block " + std::to_string(b - 1), K::ResidPost, b - 1}};
  else if (kind == K::ResidMid) addends = {{"stream before", K::ResidPre, b}, {"attention out", K::AttnOut, b}};
  else addends = {{"stream after attention", K::ResidMid, b}, {"MLP out", K::MlpOut, b}};
  Working w;
  double total = 0;
  std::string numbers;
  for (const Addend& a : addends) {
    const auto row = row_of(pass, a.kind, a.layer, position);
    if (row.empty()) return not_kept();
    const auto v = static_cast<double>(row[static_cast<std::size_t>(dim)]);
    total += v;
    const CellRef from = at_hook(a.kind, a.layer, {position, dim, -1});
    w.terms.push_back({a.name + ":  " + number(v), static_cast<float>(v), from, {}});
    w.source(from, Extent::Cell);
    numbers += numbers.empty() ? number(v) : (v < 0 ? " - " : " + ") + number(std::abs(v));
  }
  w.total = total;
  w.terms_total = static_cast<int>(w.terms.size());
  std::stable_sort(w.terms.begin(), w.terms.end(),
                   [](const Term& x, const Term& y) { return std::abs(x.contribution) > std::abs(y.contribution); });
  if (addends.size() > 1) w.formula.push_back(addends[0].name + " + " + addends[1].name);
  else w.formula.push_back("the " + addends[0].name + ", unchanged");
  w.formula.push_back(addends.size() > 1 ? numbers + " = " + number(total) : "= " + number(total));
  if (std::string by = written_by(pass, cell.tensor.hook, position, dim, total); !by.empty()) w.formula.push_back(by);
  return w;
}

Working layer_norm(const CellRef& cell, const Pass& pass) {
  const auto [kind, layer] = cell.tensor.hook;
  const NormPlace place = norm_place(kind, layer, pass.config);
  const int position = cell.index[0];
  const auto input = row_of(pass, place.input, place.input_layer, position);
  if (input.empty()) return not_kept();
  const double mean = mean_of(input);
  Working w;
  if (kind == place.scale) {
    double variance = 0;
    for (const float v : input) variance += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    variance /= static_cast<double>(input.size());
    const auto eps = static_cast<double>(pass.config.layer_norm_eps);
    w.total = std::sqrt(variance + eps);
    w.formula = {"sqrt(mean of (x - mean)² + eps) over " + std::to_string(input.size()) + " dims, mean " + number(mean),
                 "sqrt(" + number(variance) + " + " + number(eps) + ") = " + number(*w.total)};
    w.source(at_hook(place.input, place.input_layer, {position, 0, -1}), Extent::Row);
    return w;
  }
  const auto scale_row = row_of(pass, place.scale, layer, position);
  if (scale_row.empty()) return not_kept();
  const auto scale = static_cast<double>(scale_row[0]);
  const auto x = static_cast<double>(input[static_cast<std::size_t>(cell.index[1])]);
  w.total = (x - mean) / scale;
  w.formula = {"(x - mean) / scale", "(" + difference_of(x, mean) + ") / " + number(scale) + " = " + number(*w.total)};
  w.source(at_hook(place.input, place.input_layer, {position, cell.index[1], -1}), Extent::Row);
  w.source(at_hook(place.scale, layer, {position, 0, -1}), Extent::Cell);
  return w;
}

Working mlp_pre(const CellRef& cell, const Pass& pass) {
  const int b = cell.tensor.hook.layer;
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(b)];
  return affine_of_norm(pass, {.norm = 2,
                               .layer = b,
                               .position = cell.index[0],
                               .matrix = &block.in,
                               .matrix_name = "h." + std::to_string(b) + ".mlp.c_fc.weight",
                               .out = cell.index[1],
                               .bias = &block.b_in,
                               .words = "(gamma × normalized + beta) . W_in + b"});
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
      w.formula = {"GELU: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.0447 x³))),  x = " + n,
                   "0.5 × " + n + " × (1 + tanh(" + number(inner) + ")) = " + number(*w.total)};
      break;
    }
    case Activation::GeluErf:
      w.total = 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
      w.formula = {"GELU: 0.5 x (1 + erf(x / sqrt 2)),  x = " + n,
                   "0.5 × " + n + " × (1 + erf(" + number(x / std::numbers::sqrt2) + ")) = " + number(*w.total)};
      break;
    case Activation::Relu:
      w.total = std::max(x, 0.0);
      w.formula = {"max(0, x),  x = " + n, "max(0, " + n + ") = " + number(*w.total)};
      break;
  }
  w.source(at_hook(HookKind::MlpPre, b, cell.index), Extent::Cell);
  return w;
}

Working mlp_out(const CellRef& cell, const Pass& pass) {
  const int b = cell.tensor.hook.layer, position = cell.index[0], out = cell.index[1];
  const auto post = row_of(pass, HookKind::MlpPost, b, position);
  if (post.empty()) return not_kept();
  const BlockWeights& block = pass.weights.blocks[static_cast<std::size_t>(b)];
  const std::string name = "h." + std::to_string(b) + ".mlp.c_proj.weight";
  const Dot d = dot(pass.config.d_mlp, [&](int i) {
    return std::pair(static_cast<double>(post[static_cast<std::size_t>(i)]), static_cast<double>(block.out.at(i, out)));
  });
  Working w;
  std::optional<double> bias;
  if (!block.b_out.empty()) bias = static_cast<double>(block.b_out.at(out));
  w.total = d.total + bias.value_or(0);
  w.terms_total = d.count;
  w.formula = {bias ? "post . W_out + b" : "post . W_out", written_out(d, bias)};
  for (const Dot::Product& p : d.largest)
    w.terms.push_back({"neuron " + std::to_string(p.index) + ":  " + product(p.left, p.right), static_cast<float>(p.value()),
                       at_hook(HookKind::MlpPost, b, {position, p.index, -1}), at_weight(name, p.index, out)});
  const int top = d.largest.front().index;
  w.source(at_hook(HookKind::MlpPost, b, {position, top, -1}), Extent::Row);
  w.source(at_weight(name, top, out), Extent::Column);
  if (bias) w.source(at_weight("h." + std::to_string(b) + ".mlp.c_proj.bias", out), Extent::Cell);
  return w;
}

std::string percent(double p) {
  if (p >= 0.0995) return number(std::round(p * 1000) / 10).substr(0, p >= 0.9995 ? 3 : 4) + " %";
  return number(p * 100) + " %";
}

/// What the last row's softmax makes of a logit, and what the colour shows.
void add_probability(Working& w, const Pass& pass, int position, int token) {
  const auto row = row_of(pass, HookKind::Logits, -1, position);
  if (row.empty()) return;
  const double own = static_cast<double>(row[static_cast<std::size_t>(token)]);
  double high = own, mean = 0, sum = 0;
  int above = 0;
  for (const float v : row) {
    high = std::max(high, static_cast<double>(v));
    mean += static_cast<double>(v);
    above += static_cast<double>(v) > own ? 1 : 0;
  }
  for (const float v : row) sum += std::exp(static_cast<double>(v) - high);
  mean /= static_cast<double>(row.size());
  w.formula.push_back("probability " + percent(std::exp(own - high) / sum) + ", rank " + std::to_string(above) + " of " +
                      std::to_string(row.size()));
  w.formula.push_back("colour shows logit - row's mean: " + difference_of(own, mean) + " = " + number(own - mean));
}

Working logits(const CellRef& cell, const Pass& pass) {
  const bool tied = pass.config.tied;
  Working w = affine_of_norm(pass, {.norm = 0,
                                    .layer = -1,
                                    .position = cell.index[0],
                                    .matrix = &pass.weights.unembed,
                                    .matrix_name = tied ? "wte.weight" : "lm_head.weight",
                                    .out = cell.index[1],
                                    .bias = nullptr,
                                    .words = "(gamma × normalized + beta) . W_U",
                                    .out_first = tied});
  if (w.total) add_probability(w, pass, cell.index[0], cell.index[1]);
  return w;
}

}  // namespace

Working affine_of_norm(const Pass& pass, const Affine& a) {
  const HookKind normalized = a.norm == 1 ? HookKind::Ln1Normalized : a.norm == 2 ? HookKind::Ln2Normalized : HookKind::LnFinalNormalized;
  const auto row = row_of(pass, normalized, a.layer, a.position);
  if (row.empty()) return not_kept();
  const LayerNormWeights& norm = norm_weights(a.norm, a.layer, pass.weights);
  const auto input = [&](int i) {
    const double scaled = static_cast<double>(norm.gamma.at(i)) * static_cast<double>(row[static_cast<std::size_t>(i)]);
    return scaled + (norm.beta.empty() ? 0.0 : static_cast<double>(norm.beta.at(i)));
  };
  const Dot d = dot(pass.config.d_model, [&](int i) { return std::pair(input(i), static_cast<double>(a.matrix->at(i, a.out))); });
  Working w;
  std::optional<double> bias;
  if (a.bias != nullptr && !a.bias->empty()) bias = static_cast<double>(a.bias->at(a.out));
  w.total = d.total + bias.value_or(0);
  w.terms_total = d.count;
  w.formula = {a.words, written_out(d, bias)};
  const auto weight_cell = [&](int i) { return a.out_first ? at_weight(a.matrix_name, a.out, i) : at_weight(a.matrix_name, i, a.out); };
  for (const Dot::Product& p : d.largest)
    w.terms.push_back({"dim " + std::to_string(p.index) + ":  " + product(p.left, p.right), static_cast<float>(p.value()),
                       at_hook(normalized, a.layer, {a.position, p.index, -1}), weight_cell(p.index)});
  const int top = d.largest.front().index;
  w.source(at_hook(normalized, a.layer, {a.position, top, -1}), Extent::Row);
  w.source(weight_cell(top), a.out_first ? Extent::Row : Extent::Column);
  if (bias) {
    std::string name = a.matrix_name;
    name.replace(name.rfind("weight"), 6, "bias");
    w.source(at_weight(name, a.out), Extent::Cell);
  }
  return w;
}

Working work_out(const CellRef& cell, const Pass& pass) {
  using K = HookKind;
  switch (cell.tensor.hook.kind) {
    case K::Embed:
    case K::PosEmbed: return embedding(cell, pass);
    case K::ResidPre:
    case K::ResidMid:
    case K::ResidPost: return stream(cell, pass);
    case K::Ln1Scale:
    case K::Ln1Normalized:
    case K::Ln2Scale:
    case K::Ln2Normalized:
    case K::LnFinalScale:
    case K::LnFinalNormalized: return layer_norm(cell, pass);
    case K::MlpPre: return mlp_pre(cell, pass);
    case K::MlpPost: return mlp_post(cell, pass);
    case K::MlpOut: return mlp_out(cell, pass);
    case K::Logits: return logits(cell, pass);
    default: return work_out_attention(cell, pass);
  }
}

}  // namespace gf::scene::explaining
