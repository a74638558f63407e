// The value that a weight multiplies and the value that it goes into, with the numbers of one position.
#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {
namespace {

using W = WeightKind;

/// The cells that a matrix reads and writes.
struct Ends {
  CellRef input, output;
  std::string reads, makes;
  int norm = -1;  ///< >= 0: the input is gamma * normalized + beta of this LayerNorm
};

/// The hook that a weight goes into and the hook that it is multiplied with there. Reads hook_sources.def backwards.
struct Made {
  HookId hook, input;
};
Made made_with(const std::string& weight, Take take, int layer, int out, const ModelConfig& c) {
  std::vector<HookId> makes;
  for (const HookInfo& info : hook_table()) {
    const HookId hook{info.kind, info.scope == HookScope::Block ? layer : -1};
    if (info.scope == HookScope::Block && layer < 0) continue;
    for (const HookSource& source : sources_of(hook, c))
      if (source.weight == weight && source.take == take) makes.push_back(hook);
  }
  EXPECTS(!makes.empty(), "every weight makes something");
  // q, k and v share a matrix, each a third of its columns.
  const HookId hook = makes[makes.size() == 3 && take != Take::All ? static_cast<std::size_t>(out / c.d_model) : 0];
  const auto behind = source_hooks(hook, c);
  return {hook, behind.empty() ? hook : behind[0]};
}

/// Number i of a row, or of a third of q, k and v.
CellRef cell_of_row(HookId hook, int position, int i, const ModelConfig& c) {
  if (info_of(hook.kind).shape != RowShape::Heads) return at_hook(hook.kind, hook.layer, {position, i, -1});
  return at_hook(hook.kind, hook.layer, {position, i % c.d_model / c.d_head, i % c.d_head});
}

Ends ends_of(const CellRef& cell, const WeightPlace& p, const Pass& pass, int position) {
  const ModelConfig& c = pass.config;
  const int in = cell.index[0], out = cell.index[1];
  const std::string weight = p.kind == W::LmHead && c.tied ? "wte.weight" : cell.tensor.weight;
  const Made made = made_with(weight, Take::Column, p.layer, out, c);
  Ends ends{cell_of_row(made.input, position, in, c), cell_of_row(made.hook, position, out, c), {}, {}, -1};
  switch (p.kind) {
    case W::Qkv:
      ends.norm = 1;
      ends.reads = text("normalised stream dim {0}", in);
      ends.makes = text("{0} of head {1}, dim {2}", text(info_of(made.hook.kind).title), out % c.d_model / c.d_head, out % c.d_head);
      break;
    case W::O:
      ends.reads = text("{0} of head {1}, dim {2}", text(info_of(made.input.kind).title), in / c.d_head, in % c.d_head);
      ends.makes = text("attention out dim {0}", out);
      break;
    case W::In:
      ends.norm = 2;
      ends.reads = text("normalised stream dim {0}", in);
      ends.makes = text("neuron {0}", out);
      break;
    case W::Out:
      ends.reads = text("neuron {0}", in);
      ends.makes = text("MLP out dim {0}", out);
      break;
    default:
      ends.norm = 0;
      ends.reads = text("final LayerNorm dim {0}", in);
      ends.makes = text("the logit of {0}", token_text(pass, out));
  }
  return ends;
}

std::optional<double> read(const CellRef& cell, const Pass& pass) {
  const auto v = captured_value(*pass.trace, cell.tensor.hook, cell.index);
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
  const std::string at = text("at {0}:  ", position_text(pass, position));
  const auto whole = read(ends.output, pass);
  w.formula.push_back(at +
                      (whole ? text("brings {0} of {1}", number(*x * weight), number(*whole)) : text("brings {0}", number(*x * weight))));
  w.terms.push_back({ends.reads + ":  " + product(*x, weight), static_cast<float>(*x * weight), ends.input, cell});
  w.terms_total = 1;
  w.source(ends.input, Extent::Cell);
}

void use_matrix(Working& w, const CellRef& cell, const WeightPlace& p, const Pass& pass, int position, double weight) {
  const Ends ends = ends_of(cell, p, pass, position);
  w.formula.push_back(text("{0}  × {1}  goes into {2}", ends.reads, number(weight), ends.makes));
  add_product(w, cell, ends, p, pass, position, weight);
}

void use_embedding(Working& w, const CellRef& cell, const Pass& pass, int position, double weight) {
  const int token = cell.index[0], dim = cell.index[1];
  w.formula.push_back(text("what {0} brings into stream dim {1}", token_text(pass, token), dim));
  if (pass.trace != nullptr) {
    std::string places;
    int count = 0;
    for (int i = 0; i < pass.trace->length(); ++i)
      if (pass.trace->ids()[static_cast<std::size_t>(i)].v == token && ++count <= 8)
        places += (places.empty() ? "" : ", ") + std::to_string(i);
    if (count > 8) places += ", ...";
    w.formula.push_back(count == 0  ? text("not in this text")
                        : count > 1 ? text("in this text at positions {0}", places)
                                    : text("in this text at position {0}", places));
  }
  if (!pass.config.tied) return;
  const CellRef as_matrix = at_weight(cell.tensor.weight, dim, token);
  const Ends ends = ends_of(as_matrix, {W::LmHead}, pass, position);
  w.formula.push_back(text("tied: {0}  × {1}  goes into {2}", ends.reads, number(weight), ends.makes));
  add_product(w, cell, ends, {W::LmHead}, pass, position, weight);
}

void use_vector(Working& w, const CellRef& cell, const WeightPlace& p, const Pass& pass, int position, double weight) {
  const int i = cell.index[0], b = p.layer;
  const ModelConfig& c = pass.config;
  const bool norm = p.kind == W::Gamma || p.kind == W::Beta;
  const Take take = norm ? Take::All : p.kind == W::Wpe ? Take::Position : Take::Entry;
  const Made made = made_with(cell.tensor.weight, take, b, i, c);
  CellRef other = cell_of_row(norm ? made.input : made.hook, position, i, c);
  std::string to = text("normalised dim {0}", i);
  if (p.kind == W::QkvBias)
    to = text("{0} of head {1}, dim {2}", text(info_of(made.hook.kind).title), i % c.d_model / c.d_head, i % c.d_head);
  if (p.kind == W::InBias) to = text("neuron {0}", i);
  if (p.kind == W::OBias) to = text("attention out dim {0}", i);
  if (p.kind == W::OutBias) to = text("MLP out dim {0}", i);
  if (p.kind == W::Wpe) {
    other = at_hook(made.hook.kind, made.hook.layer, {i, cell.index[1], -1});
    to = text("stream dim {0} at position {1}", cell.index[1], i);
  }
  w.formula.push_back(p.kind == W::Gamma ? to + "  × " + number(weight) : text("{0}  is added to {1}", number(weight), to));
  if (pass.trace == nullptr || (p.kind == W::Wpe && i >= pass.trace->length())) return;
  const auto v = read(other, pass);
  if (!v) return;
  const std::string at = text("at {0}:  ", position_text(pass, position));
  if (norm) {
    const LayerNormWeights& n = norm_weights(p.norm, b, pass.weights);
    const auto gamma = static_cast<double>(n.gamma.at(i));
    const double beta = n.beta.empty() ? 0.0 : static_cast<double>(n.beta.at(i));
    w.formula.push_back(at + number(*v) + " × " + number(gamma) + (beta < 0 ? " - " : " + ") + number(std::abs(beta)) + " = " +
                        number(*v * gamma + beta));
    w.source(other, Extent::Cell);
  } else if (p.kind != W::Wpe) {
    w.formula.push_back(at + text("brings {0} of {1}", number(weight), number(*v)));
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
