// What a weight multiplies and what that makes, with the numbers of one position.
#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {
namespace {

using W = WeightKind;

/// What a matrix reads and writes in the terms of hooks.
struct Ends {
  CellRef input, output;
  std::string reads, makes;
  int norm = -1;  ///< >= 0: the input is gamma * normalized + beta of this LayerNorm
};

Ends ends_of(const CellRef& cell, const WeightPlace& p, const Pass& pass, int position) {
  const ModelConfig& c = pass.config;
  const int in = cell.index[0], out = cell.index[1], b = p.layer;
  const auto text = [](int i) { return std::to_string(i); };
  switch (p.kind) {
    case W::Qkv: {
      const int part = out / c.d_model, head = out % c.d_model / c.d_head, dim = out % c.d_head;
      const HookKind kind = part == 0 ? HookKind::Q : part == 1 ? HookKind::K : HookKind::V;
      return {at_hook(HookKind::Ln1Normalized, b, {position, in, -1}), at_hook(kind, b, {position, head, dim}),
              "normalised stream dim " + text(in), std::string(1, "qkv"[part]) + " of head " + text(head) + ", dim " + text(dim), 1};
    }
    case W::O:
      return {at_hook(HookKind::Z, b, {position, in / c.d_head, in % c.d_head}), at_hook(HookKind::AttnOut, b, {position, out, -1}),
              "z of head " + text(in / c.d_head) + ", dim " + text(in % c.d_head), "attention out dim " + text(out), -1};
    case W::In:
      return {at_hook(HookKind::Ln2Normalized, b, {position, in, -1}), at_hook(HookKind::MlpPre, b, {position, out, -1}),
              "normalised stream dim " + text(in), "neuron " + text(out), 2};
    case W::Out:
      return {at_hook(HookKind::MlpPost, b, {position, in, -1}), at_hook(HookKind::MlpOut, b, {position, out, -1}), "neuron " + text(in),
              "MLP out dim " + text(out), -1};
    default:
      return {at_hook(HookKind::LnFinalNormalized, -1, {position, in, -1}), at_hook(HookKind::Logits, -1, {position, out, -1}),
              "final LayerNorm dim " + text(in), "the logit of " + token_text(pass, out), 0};
  }
}

std::optional<double> read(const CellRef& cell, const Pass& pass) {
  const auto v = captured(*pass.trace, cell.tensor.hook, cell.index);
  if (!v) return std::nullopt;
  return static_cast<double>(*v);
}

void add_product(Working& w, const CellRef& cell, const Ends& ends, const WeightPlace& p, const Pass& pass, int position, double weight) {
  if (pass.trace == nullptr) return;
  auto x = read(ends.input, pass);
  if (!x) return;
  if (ends.norm >= 0) {
    const LayerNormWeights& norm = norm_weights(ends.norm, p.layer, pass.weights);
    const int i = ends.input.index[1];
    x = *x * static_cast<double>(norm.gamma.at(i)) + (norm.beta.empty() ? 0.0 : static_cast<double>(norm.beta.at(i)));
  }
  std::string line = "at " + position_text(pass, position) + ":  brings " + number(*x * weight);
  if (const auto whole = read(ends.output, pass)) line += " of " + number(*whole);
  w.formula.push_back(line);
  w.terms.push_back({ends.reads + ":  " + product(*x, weight), static_cast<float>(*x * weight), ends.input, cell});
  w.terms_total = 1;
  w.source(ends.input, Extent::Cell);
}

void use_matrix(Working& w, const CellRef& cell, const WeightPlace& p, const Pass& pass, int position, double weight) {
  const Ends ends = ends_of(cell, p, pass, position);
  w.formula.push_back(ends.reads + "  × " + number(weight) + "  goes into " + ends.makes);
  add_product(w, cell, ends, p, pass, position, weight);
}

void use_embedding(Working& w, const CellRef& cell, const Pass& pass, int position, double weight) {
  const int token = cell.index[0], dim = cell.index[1];
  w.formula.push_back("what " + token_text(pass, token) + " brings into stream dim " + std::to_string(dim));
  if (pass.trace != nullptr) {
    std::string places;
    int count = 0;
    for (int i = 0; i < pass.trace->length(); ++i)
      if (pass.trace->ids()[static_cast<std::size_t>(i)].v == token && ++count <= 8)
        places += (places.empty() ? "" : ", ") + std::to_string(i);
    if (count > 8) places += ", ...";
    w.formula.push_back(count == 0 ? "not in this text" : std::string("in this text at position") + (count > 1 ? "s " : " ") + places);
  }
  if (!pass.config.tied) return;
  const CellRef as_matrix = at_weight(cell.tensor.weight, dim, token);
  const Ends ends = ends_of(as_matrix, {W::LmHead}, pass, position);
  w.formula.push_back("tied: " + ends.reads + "  × " + number(weight) + "  goes into " + ends.makes);
  add_product(w, cell, ends, {W::LmHead}, pass, position, weight);
}

void use_vector(Working& w, const CellRef& cell, const WeightPlace& p, const Pass& pass, int position, double weight) {
  const int i = cell.index[0], b = p.layer;
  const auto text = [](int n) { return std::to_string(n); };
  const HookKind normalized = p.norm == 1 ? HookKind::Ln1Normalized : p.norm == 2 ? HookKind::Ln2Normalized : HookKind::LnFinalNormalized;
  const bool norm = p.kind == W::Gamma || p.kind == W::Beta;
  CellRef other = at_hook(normalized, b, {position, i, -1});
  std::string to = "normalised dim " + text(i);
  if (p.kind == W::QkvBias) {
    const ModelConfig& c = pass.config;
    const int part = i / c.d_model;
    other = at_hook(part == 0 ? HookKind::Q : part == 1 ? HookKind::K : HookKind::V, b, {position, i % c.d_model / c.d_head, i % c.d_head});
    to = std::string(1, "qkv"[part]) + " of head " + text(i % c.d_model / c.d_head) + ", dim " + text(i % c.d_head);
  } else if (p.kind == W::InBias) {
    other = at_hook(HookKind::MlpPre, b, {position, i, -1}), to = "neuron " + text(i);
  } else if (p.kind == W::OBias) {
    other = at_hook(HookKind::AttnOut, b, {position, i, -1}), to = "attention out dim " + text(i);
  } else if (p.kind == W::OutBias) {
    other = at_hook(HookKind::MlpOut, b, {position, i, -1}), to = "MLP out dim " + text(i);
  } else if (p.kind == W::Wpe) {
    other = at_hook(HookKind::PosEmbed, -1, {i, cell.index[1], -1}), to = "stream dim " + text(cell.index[1]) + " at position " + text(i);
  }
  w.formula.push_back(p.kind == W::Gamma ? to + "  × " + number(weight) : number(weight) + "  is added to " + to);
  if (pass.trace == nullptr || (p.kind == W::Wpe && i >= pass.trace->length())) return;
  const auto v = read(other, pass);
  if (!v) return;
  const std::string at = "at " + position_text(pass, position) + ":  ";
  if (norm) {
    const LayerNormWeights& n = norm_weights(p.norm, b, pass.weights);
    const auto gamma = static_cast<double>(n.gamma.at(i));
    const double beta = n.beta.empty() ? 0.0 : static_cast<double>(n.beta.at(i));
    w.formula.push_back(at + number(*v) + " × " + number(gamma) + (beta < 0 ? " - " : " + ") + number(std::abs(beta)) + " = " +
                        number(*v * gamma + beta));
    w.source(other, Extent::Cell);
  } else if (p.kind != W::Wpe) {
    w.formula.push_back(at + "brings " + number(weight) + " of " + number(*v));
  }
}

}  // namespace

Working weight_use(const CellRef& cell, const WeightPlace& place, const Pass& pass, int position) {
  Working w;
  const auto weight = static_cast<double>(weight_at(place, pass.weights, cell.index));
  switch (place.kind) {
    case W::Wte: use_embedding(w, cell, pass, position, weight); break;
    case W::Qkv:
    case W::O:
    case W::In:
    case W::Out:
    case W::LmHead: use_matrix(w, cell, place, pass, position, weight); break;
    default: use_vector(w, cell, place, pass, position, weight);
  }
  return w;
}

}  // namespace gf::scene::explaining
