// The words of a card. Characters beyond Latin-1 appear only in token texts, so that any font can show the rest.
#include <cstdio>

#include "app/scene/cards/explain_parts.h"
#include "model/edits/axes.h"

namespace gf::scene::explaining {

std::string number(double v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  if (v == 0) return "0";
  const double size = std::abs(v);
  int decimals = 1;
  if (size < 0.0009995 || size >= 99999.5) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2e", v);
    return text;
  }
  if (size < 99.995) decimals = 2;
  if (size < 0.9995) decimals = 3;
  if (size < 0.09995) decimals = 4;
  if (size < 0.009995) decimals = 5;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, v);
  return text;
}

std::string product(double a, double b) { return number(a) + " × " + number(b) + " = " + number(a * b); }

std::string difference_of(double a, double b) { return number(a) + (b < 0 ? " + " : " - ") + number(std::abs(b)); }

std::string token_text(const Pass& pass, int token) {
  const std::string bytes = pass.tokenizer ? pass.tokenizer->bytes_of(TokenId(token)) : std::string();
  if (bytes.empty()) return "#" + std::to_string(token);
  return '"' + visible_text(bytes) + '"';
}

std::string position_text(const Pass& pass, int position) {
  std::string text = std::to_string(position);
  if (pass.trace != nullptr && position >= 0 && position < pass.trace->length())
    text += ' ' + token_text(pass, pass.trace->ids()[static_cast<std::size_t>(position)].v);
  return text;
}

std::string written_out(const Dot& d, std::optional<double> bias) {
  std::string text;
  double listed = 0;
  const auto signed_term = [&](double v) {
    if (text.empty()) text = number(v);
    else text += (v < 0 ? " - " : " + ") + number(std::abs(v));
  };
  for (const Dot::Product& p : d.largest) {
    signed_term(p.value());
    listed += p.value();
  }
  const int more = d.count - static_cast<int>(d.largest.size());
  if (more > 0) text += " + (" + std::to_string(more) + " more: " + number(d.total - listed) + ")";
  if (bias) text += " + b " + number(*bias);
  return text + " = " + number(d.total + bias.value_or(0));
}

namespace {

const char* short_name(HookKind kind) {
  switch (kind) {
    case HookKind::Embed: return "token embedding";
    case HookKind::PosEmbed: return "position embedding";
    case HookKind::ResidPre: return "stream before the block";
    case HookKind::Ln1Scale: return "ln1 scale";
    case HookKind::Ln1Normalized: return "ln1 normalized";
    case HookKind::Q: return "q";
    case HookKind::K: return "k";
    case HookKind::V: return "v";
    case HookKind::AttnScores: return "scores";
    case HookKind::Pattern: return "pattern";
    case HookKind::PatternEntropy: return "entropy of the pattern";
    case HookKind::Z: return "z";
    case HookKind::Result: return "result";
    case HookKind::AttnOut: return "attention out";
    case HookKind::ResidMid: return "stream after attention";
    case HookKind::Ln2Scale: return "ln2 scale";
    case HookKind::Ln2Normalized: return "ln2 normalized";
    case HookKind::MlpPre: return "MLP pre";
    case HookKind::MlpPost: return "MLP post";
    case HookKind::MlpOut: return "MLP out";
    case HookKind::ResidPost: return "stream after the block";
    case HookKind::LnFinalScale: return "final LayerNorm scale";
    case HookKind::LnFinalNormalized: return "final LayerNorm normalized";
    case HookKind::Logits: return "logits";
  }
  return "";
}

std::string qkv_title(int out, const ModelConfig& c, const char* letter) {
  const int part = out / c.d_model;
  return std::string(letter) + "_" + "QKV"[part] + ", head " + std::to_string(out % c.d_model / c.d_head);
}

std::string weight_title(const CellRef& cell, const WeightPlace& p, const ModelConfig& c) {
  using K = WeightKind;
  const std::string block = p.layer < 0 ? "" : "block " + std::to_string(p.layer) + ", ";
  const std::string norm = p.norm == 0 ? "final LayerNorm" : "ln" + std::to_string(p.norm);
  switch (p.kind) {
    case K::Wte: return c.tied ? "token embedding and unembedding weights" : "token embedding weights";
    case K::Wpe: return "position embedding weights";
    case K::Gamma: return block + norm + " gamma";
    case K::Beta: return block + norm + " beta";
    case K::Qkv: return block + qkv_title(cell.index[1], c, "W");
    case K::QkvBias: return block + qkv_title(cell.index[0], c, "b");
    case K::O: return block + "W_O, head " + std::to_string(cell.index[0] / c.d_head);
    case K::OBias: return block + "b_O";
    case K::In: return block + "W_in";
    case K::InBias: return block + "b_in";
    case K::Out: return block + "W_out";
    case K::OutBias: return block + "b_out";
    case K::LmHead: return "unembedding weights";
  }
  return {};
}

const char* weight_doc(WeightKind kind) {
  using K = WeightKind;
  switch (kind) {
    case K::Wte: return "a row for each token, what it starts as in the stream";
    case K::Wpe: return "a row for each position, added to the token's embedding";
    case K::Gamma: return "multiplies what LayerNorm has normalised";
    case K::Beta: return "is added after gamma";
    case K::Qkv: return "makes queries, keys and values from the normalised stream";
    case K::QkvBias: return "is added to queries, keys and values";
    case K::O: return "writes what the heads gathered back into the stream";
    case K::OBias: return "is added to what attention writes";
    case K::In: return "makes the MLP's neurons from the normalised stream";
    case K::InBias: return "is added to the neurons before the activation function";
    case K::Out: return "writes the neurons back into the stream";
    case K::OutBias: return "is added to what the MLP writes";
    case K::LmHead: return "turns the end of the stream into a logit for each token";
  }
  return "";
}

using Indices = std::vector<std::pair<std::string, std::string>>;

Indices qkv_indices(int out, const ModelConfig& c) {
  return {{"out", std::string(1, "qkv"[out / c.d_model])},
          {"head", std::to_string(out % c.d_model / c.d_head)},
          {"dim", std::to_string(out % c.d_head)}};
}

Indices weight_indices(const CellRef& cell, const WeightPlace& p, const Pass& pass) {
  using K = WeightKind;
  const ModelConfig& c = pass.config;
  const int a = cell.index[0], b = cell.index[1];
  const auto text = [](int i) { return std::to_string(i); };
  const auto token = [&](int i) { return std::to_string(i) + ' ' + token_text(pass, i); };
  switch (p.kind) {
    case K::Wte: return {{"token", token(a)}, {"dim", text(b)}};
    case K::Wpe: return {{"position", position_text(pass, a)}, {"dim", text(b)}};
    case K::LmHead: return {{"in dim", text(a)}, {"token", token(b)}};
    case K::Qkv: {
      Indices indices{{"in dim", text(a)}};
      for (auto& index : qkv_indices(b, c)) indices.push_back(std::move(index));
      return indices;
    }
    case K::QkvBias: return qkv_indices(a, c);
    case K::O: return {{"head", text(a / c.d_head)}, {"in dim", text(a % c.d_head)}, {"out dim", text(b)}};
    case K::In: return {{"in dim", text(a)}, {"neuron", text(b)}};
    case K::InBias: return {{"neuron", text(a)}};
    case K::Out: return {{"neuron", text(a)}, {"out dim", text(b)}};
    default: return {{"dim", text(a)}};
  }
}

std::string edit_words(const Edit& edit) {
  const std::string factor = edit.factor ? number(*edit.factor) : "1";
  switch (edit.op) {
    case EditOp::Zero: return "zero";
    case EditOp::Set: return "set to " + number(edit.value.value_or(0));
    case EditOp::Scale: return "scale × " + factor;
    case EditOp::Add: return edit.value ? "add " + number(*edit.value) + " × " + factor : "add a vector × " + factor;
    case EditOp::Mean: return edit.over.empty() ? "mean over the prompt" : "mean over other runs";
    case EditOp::Patch: return "patch from another run";
  }
  return {};
}

bool acts_on(const Edit& edit, const CellRef& cell, const Pass& pass) {
  const auto hook = parse_hook(edit.hook, pass.config.n_layer);
  if (!edit.enabled || !hook || *hook != cell.tensor.hook) return false;
  const HookInfo& info = info_of(hook->kind);
  const int position = info.shape == RowShape::Causal ? cell.index[1] : cell.index[0];
  const int n_prompt = pass.trace->n_prompt();
  const int length = step_length(position, n_prompt);
  std::size_t i = 0;
  for (const Axis axis : axes_of(info.shape)) {
    const int index = cell.index[i++];
    const bool fixed = axis == Axis::Heads || axis == Axis::Dims || axis == Axis::Neurons;
    if (!selects(selector_of(edit, axis), index, fixed ? extent_of(axis, info.shape, pass.config) : length, n_prompt)) return false;
  }
  return true;
}

}  // namespace

std::string title_of(const CellRef& cell, const Pass& pass) {
  if (cell.tensor.is_weight()) return weight_title(cell, *parse_weight(cell.tensor.weight), pass.config);
  const HookInfo& info = info_of(cell.tensor.hook.kind);
  std::string title = info.scope == HookScope::Block ? "block " + std::to_string(cell.tensor.hook.layer) + ", " : "";
  if (info.shape == RowShape::Causal) title += "head " + std::to_string(cell.index[0]) + ", ";
  if (info.shape == RowShape::Heads || info.shape == RowShape::HeadsDModel) title += "head " + std::to_string(cell.index[1]) + ", ";
  return title + short_name(info.kind);
}

std::string doc_of(const CellRef& cell, const Pass& pass) {
  if (!cell.tensor.is_weight()) return name_of(cell.tensor.hook) + ": " + std::string(info_of(cell.tensor.hook.kind).doc);
  const auto place = *parse_weight(cell.tensor.weight);
  const TensorView& view = view_of(place, pass.weights);
  return cell.tensor.weight + ' ' + view.shape.text() + ' ' + name_of(view.dtype) + ": " + weight_doc(place.kind);
}

std::vector<std::pair<std::string, std::string>> indices_of(const CellRef& cell, const Pass& pass) {
  if (cell.tensor.is_weight()) return weight_indices(cell, *parse_weight(cell.tensor.weight), pass);
  const auto [a, b, d] = cell.index;
  const auto text = [](int i) { return std::to_string(i); };
  switch (info_of(cell.tensor.hook.kind).shape) {
    case RowShape::One: return {{"position", position_text(pass, a)}};
    case RowShape::PerHead: return {{"position", position_text(pass, a)}, {"head", text(b)}};
    case RowShape::DModel: return {{"position", position_text(pass, a)}, {"dim", text(b)}};
    case RowShape::DMlp: return {{"position", position_text(pass, a)}, {"neuron", text(b)}};
    case RowShape::NVocab: return {{"position", position_text(pass, a)}, {"token", text(b) + ' ' + token_text(pass, b)}};
    case RowShape::Heads:
    case RowShape::HeadsDModel: return {{"position", position_text(pass, a)}, {"head", text(b)}, {"dim", text(d)}};
    case RowShape::Causal: return {{"head", text(a)}, {"query", position_text(pass, b)}, {"key", position_text(pass, d)}};
  }
  return {};
}

std::vector<std::string> edits_of(const CellRef& cell, const Pass& pass, std::optional<double> was) {
  std::vector<std::string> lines;
  if (pass.recipe == nullptr || cell.tensor.is_weight()) return lines;
  for (const Edit& edit : pass.recipe->edits) {
    if (!acts_on(edit, cell, pass)) continue;
    if (lines.empty()) lines.push_back("edited: " + edit_words(edit) + (was ? " (was " + number(*was) + ")" : ""));
    else lines.push_back("then: " + edit_words(edit));
  }
  return lines;
}

}  // namespace gf::scene::explaining
