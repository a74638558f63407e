// Reading single cells out of a trace and a checkpoint, with bounds.
#include <charconv>

#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {

Pass pass_of(const SceneInput& input, Compare compare) {
  EXPECTS(input.model && input.model->weights, "a card speaks about a model");
  Pass pass{input.model->weights->config, *input.model->weights, input.model->tokenizer.get(), nullptr, nullptr};
  if (!input.run) return pass;
  const bool base = compare == Compare::Base || !input.run->has_edits();
  pass.trace = base ? input.run->base.get() : input.run->edited.get();
  if (!base) pass.recipe = &input.run->request.recipe;
  return pass;
}

namespace {

std::string range_problem(const char* axis, int index, int extent) {
  if (index >= 0 && index < extent) return {};
  return text("there is no {0} {1}: there are {2}", text(axis), index, extent);
}

std::string hook_problem(const CellRef& cell, const Pass& pass) {
  const ModelConfig& c = pass.config;
  const HookInfo& info = info_of(cell.tensor.hook.kind);
  if (info.scope == HookScope::Block)
    if (std::string p = range_problem(phrase("block"), cell.tensor.hook.layer, c.n_layer); !p.empty()) return p;
  if (pass.trace == nullptr && pass.weights.has_values()) return text("no prompt has been run yet");
  const int T = pass.trace == nullptr ? c.n_ctx : pass.trace->length();  // the page of a structure may be as long as the context
  const auto [a, b, d] = cell.index;
  const auto first = [](std::initializer_list<std::string> problems) {
    for (const std::string& p : problems)
      if (!p.empty()) return p;
    return std::string();
  };
  switch (info.shape) {
    case RowShape::One: return first({range_problem(phrase("position"), a, T), range_problem(phrase("index"), b, 1)});
    case RowShape::PerHead: return first({range_problem(phrase("position"), a, T), range_problem(phrase("head"), b, c.n_head)});
    case RowShape::DModel: return first({range_problem(phrase("position"), a, T), range_problem(phrase("dim"), b, c.d_model)});
    case RowShape::DMlp: return first({range_problem(phrase("position"), a, T), range_problem(phrase("neuron"), b, c.d_mlp)});
    case RowShape::NVocab: return first({range_problem(phrase("position"), a, T), range_problem(phrase("token"), b, c.n_vocab)});
    case RowShape::Heads:
      return first(
          {range_problem(phrase("position"), a, T), range_problem(phrase("head"), b, c.n_head), range_problem(phrase("dim"), d, c.d_head)});
    case RowShape::HeadsDModel:
      return first({range_problem(phrase("position"), a, T), range_problem(phrase("head"), b, c.n_head),
                    range_problem(phrase("dim"), d, c.d_model)});
    case RowShape::Causal: break;
  }
  if (std::string p =
          first({range_problem(phrase("head"), a, c.n_head), range_problem(phrase("query"), b, T), range_problem(phrase("key"), d, T)});
      !p.empty())
    return p;
  return d > b ? text(kMasked) : "";
}

std::size_t flat_in_row(RowShape shape, const ModelConfig& c, std::array<int, 3> index) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(index[i]); };
  if (shape == RowShape::Heads) return at(1) * static_cast<std::size_t>(c.d_head) + at(2);
  if (shape == RowShape::HeadsDModel) return at(1) * static_cast<std::size_t>(c.d_model) + at(2);
  if (shape == RowShape::Causal) return at(0) * (at(1) + 1) + at(2);
  return at(1);
}

}  // namespace

std::string problem_of(const CellRef& cell, const Pass& pass) {
  if (!cell.tensor.is_weight()) return hook_problem(cell, pass);
  const auto place = parse_weight(cell.tensor.weight);
  if (!place || (place->layer >= pass.config.n_layer) || view_of(*place, pass.weights).shape.rank() == 0)
    return text("this checkpoint has no tensor {0}", cell.tensor.weight);
  const auto [rows, cols] = extents_of(*place, pass.weights);
  if (std::string p = range_problem(phrase("index"), cell.index[0], rows); !p.empty()) return p;
  return cols > 0 ? range_problem(phrase("index"), cell.index[1], cols) : std::string();
}

std::optional<float> captured_value(const Trace& trace, HookId hook, std::array<int, 3> index) {
  const RowShape shape = info_of(hook.kind).shape;
  const int position = shape == RowShape::Causal ? index[1] : index[0];
  const std::size_t flat = flat_in_row(shape, trace.config(), index);
  if (trace.has(hook)) return trace.row(hook, position)[flat];
  if (hook.kind == HookKind::Logits && position == trace.length() - 1 && !trace.last_logits().empty()) return trace.last_logits()[flat];
  return std::nullopt;
}

std::span<const float> row_of(const Pass& pass, HookKind kind, int layer, int position) {
  const Trace& trace = *pass.trace;
  const HookId hook{kind, layer};
  if (trace.has(hook)) return trace.row(hook, position);
  if (kind == HookKind::ResidPost && layer + 1 < pass.config.n_layer) return trace.row({HookKind::ResidPre, layer + 1}, position);
  if (kind == HookKind::Logits && position == trace.length() - 1) return trace.last_logits();
  return {};
}

bool is_computed(const CellRef& cell, const Pass& pass, double time) {
  if (cell.tensor.is_weight() || time > 1e17) return true;
  const ModelConfig& c = pass.config;
  const RowShape shape = info_of(cell.tensor.hook.kind).shape;
  const bool causal = shape == RowShape::Causal;
  const int position = causal ? cell.index[1] : cell.index[0];
  const float rows = Timeline(c, pass.trace->length()).rows_shown(cell.tensor.hook, time);
  const auto row = static_cast<float>(position);
  if (rows >= row + 1) return true;
  if (rows <= row) return false;
  const double columns = causal ? pass.trace->length() : static_cast<double>(row_size(shape, c, position));
  const double column = causal ? cell.index[2] : static_cast<double>(flat_in_row(shape, c, cell.index));
  return column < static_cast<double>(rows - row) * columns;
}

std::optional<WeightPlace> parse_weight(std::string_view name) {
  using K = WeightKind;
  if (name == "wte.weight") return WeightPlace{K::Wte};
  if (name == "wpe.weight") return WeightPlace{K::Wpe};
  if (name == "ln_f.weight") return WeightPlace{K::Gamma};
  if (name == "ln_f.bias") return WeightPlace{K::Beta};
  if (name == "lm_head.weight") return WeightPlace{K::LmHead};
  if (!name.starts_with("h.")) return std::nullopt;
  int layer = -1;
  const auto [end, error] = std::from_chars(name.data() + 2, name.data() + name.size(), layer);
  if (error != std::errc() || layer < 0) return std::nullopt;
  const std::string_view rest = name.substr(static_cast<std::size_t>(end - name.data()));
  struct Row {
    std::string_view name;
    WeightKind kind;
    int norm;
  };
  static constexpr Row kRows[] = {
      {".ln_1.weight", K::Gamma, 1},        {".ln_1.bias", K::Beta, 1},        {".attn.c_attn.weight", K::Qkv, 0},
      {".attn.c_attn.bias", K::QkvBias, 0}, {".attn.c_proj.weight", K::O, 0},  {".attn.c_proj.bias", K::OBias, 0},
      {".ln_2.weight", K::Gamma, 2},        {".ln_2.bias", K::Beta, 2},        {".mlp.c_fc.weight", K::In, 0},
      {".mlp.c_fc.bias", K::InBias, 0},     {".mlp.c_proj.weight", K::Out, 0}, {".mlp.c_proj.bias", K::OutBias, 0}};
  for (const Row& row : kRows)
    if (rest == row.name) return WeightPlace{row.kind, layer, row.norm};
  return std::nullopt;
}

std::string norm_name(int norm, int layer) { return norm == 0 ? "ln_f" : "h." + std::to_string(layer) + ".ln_" + std::to_string(norm); }

const LayerNormWeights& norm_weights(int norm, int layer, const Weights& weights) {
  if (norm == 0) return weights.ln_f;
  const BlockWeights& block = weights.blocks[static_cast<std::size_t>(layer)];
  return norm == 1 ? block.ln1 : block.ln2;
}

const TensorView& view_of(const WeightPlace& place, const Weights& weights) {
  using K = WeightKind;
  switch (place.kind) {
    case K::Wte: return weights.wte;
    case K::Wpe: return weights.wpe;
    case K::LmHead: return weights.unembed.view;
    case K::Gamma: return norm_weights(place.norm, place.layer, weights).gamma;
    case K::Beta: return norm_weights(place.norm, place.layer, weights).beta;
    default: break;
  }
  const BlockWeights& block = weights.blocks[static_cast<std::size_t>(place.layer)];
  switch (place.kind) {
    case K::Qkv: return block.qkv.view;
    case K::QkvBias: return block.b_qkv;
    case K::O: return block.o.view;
    case K::OBias: return block.b_o;
    case K::In: return block.in.view;
    case K::InBias: return block.b_in;
    case K::Out: return block.out.view;
    default: return block.b_out;
  }
}

namespace {
const Matrix* matrix_of(const WeightPlace& place, const Weights& weights) {
  using K = WeightKind;
  if (place.kind == K::LmHead) return &weights.unembed;
  if (place.layer < 0) return nullptr;
  const BlockWeights& block = weights.blocks[static_cast<std::size_t>(place.layer)];
  switch (place.kind) {
    case K::Qkv: return &block.qkv;
    case K::O: return &block.o;
    case K::In: return &block.in;
    case K::Out: return &block.out;
    default: return nullptr;
  }
}
}  // namespace

std::array<int, 2> extents_of(const WeightPlace& place, const Weights& weights) {
  if (const Matrix* m = matrix_of(place, weights)) return {m->n_in(), m->n_out()};
  const Shape& shape = view_of(place, weights).shape;
  return {static_cast<int>(shape[0]), shape.rank() > 1 ? static_cast<int>(shape[1]) : 0};
}

float weight_at(const WeightPlace& place, const Weights& weights, std::array<int, 3> index) {
  if (const Matrix* m = matrix_of(place, weights)) return m->at(index[0], index[1]);
  const TensorView& view = view_of(place, weights);
  return view.at(view.shape.rank() > 1 ? std::int64_t{index[0]} * view.shape[1] + index[1] : index[0]);
}

}  // namespace gf::scene::explaining
