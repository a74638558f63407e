// The words of a card. Characters beyond Latin-1 appear only in token texts and as ∞, so that any font can show the rest.
#include "app/scene/cards/explain_parts.h"
#include "model/base/numbers.h"
#include "model/edits/axes.h"
#include "model/tokenizer/token_words.h"

namespace gf::scene::explaining {

std::string number(double v) {
  if (v == 0) return "0";
  const double size = std::abs(v);
  if (!std::isfinite(v) || size < 0.0009995 || size >= 99999.5) return numbers::significant(v, 3);
  return numbers::fixed(v, size < 0.009995 ? 5 : size < 0.09995 ? 4 : size < 0.9995 ? 3 : size < 99.995 ? 2 : 1);
}

std::string product(double a, double b) { return number(a) + " × " + number(b) + " = " + number(a * b); }

std::string difference_of(double a, double b) { return number(a) + (b < 0 ? " + " : " - ") + number(std::abs(b)); }

std::string token_text(const Pass& pass, int token) { return quoted_token(pass.tokenizer, TokenId(token)); }

std::string position_text(const Pass& pass, int position) {
  std::string words = std::to_string(position);
  if (pass.trace != nullptr && position >= 0 && position < pass.trace->length())
    words += ' ' + token_text(pass, pass.trace->ids()[static_cast<std::size_t>(position)].v);
  return words;
}

std::string written_out(const Dot& d, std::optional<double> bias) {
  std::string sum;
  double listed = 0;
  const auto shown = std::min<std::size_t>(kUsualTerms, d.largest.size());
  for (const Dot::Product& p : std::span(d.largest).first(shown)) {
    const double v = p.value();
    sum += sum.empty() ? number(v) : (v < 0 ? " - " : " + ") + number(std::abs(v));
    listed += v;
  }
  const int more = d.count - static_cast<int>(shown);
  if (more > 0) sum += text(" + ({0} more: {1})", more, number(d.total - listed));
  if (bias) sum += " + b " + number(*bias);
  return sum + " = " + number(d.total + bias.value_or(0));
}

namespace {

std::string qkv_title(int out, const ModelConfig& c, const char* letter) {
  const int part = out / c.d_model;
  return text("{0}, head {1}", std::string(letter) + "_" + "QKV"[part], out % c.d_model / c.d_head);
}

std::string weight_title(const CellRef& cell, const WeightPlace& p, const ModelConfig& c) {
  using K = WeightKind;
  const std::string block = p.layer < 0 ? "" : text("block {0}", p.layer) + ", ";
  const std::string norm = p.norm == 0 ? text("final LayerNorm") : "ln" + std::to_string(p.norm);
  switch (p.kind) {
    case K::Wte: return c.tied ? text("token embedding and unembedding weights") : weight_name(p);
    case K::Gamma: return block + norm + " gamma";
    case K::Beta: return block + norm + " beta";
    case K::Qkv: return block + qkv_title(cell.index[1], c, "W");
    case K::QkvBias: return block + qkv_title(cell.index[0], c, "b");
    case K::O: return block + text("{0}, head {1}", weight_name(p), cell.index[0] / c.d_head);
    default: return block + weight_name(p);
  }
}

const char* weight_doc(WeightKind kind) {
  using K = WeightKind;
  switch (kind) {
    case K::Wte: return phrase("a row for each token, what it starts as in the stream");
    case K::Wpe: return phrase("a row for each position, added to the token's embedding");
    case K::Gamma: return phrase("multiplies what LayerNorm has normalised");
    case K::Beta: return phrase("is added after gamma");
    case K::Qkv: return phrase("makes queries, keys and values from the normalised stream");
    case K::QkvBias: return phrase("is added to queries, keys and values");
    case K::O: return phrase("writes what the heads gathered back into the stream");
    case K::OBias: return phrase("is added to what attention writes");
    case K::In: return phrase("makes the MLP's neurons from the normalised stream");
    case K::InBias: return phrase("is added to the neurons before the activation function");
    case K::Out: return phrase("writes the neurons back into the stream");
    case K::OutBias: return phrase("is added to what the MLP writes");
    case K::LmHead: return phrase("turns the end of the stream into a logit for each token");
  }
  return "";
}

using Indices = std::vector<std::pair<std::string, std::string>>;

Indices qkv_indices(int out, const ModelConfig& c) {
  return {{text("out"), std::string(1, "qkv"[out / c.d_model])},
          {text("head"), std::to_string(out % c.d_model / c.d_head)},
          {text("dim"), std::to_string(out % c.d_head)}};
}

Indices weight_indices(const CellRef& cell, const WeightPlace& p, const Pass& pass) {
  using K = WeightKind;
  const ModelConfig& c = pass.config;
  const int a = cell.index[0], b = cell.index[1];
  const auto at = [](int i) { return std::to_string(i); };
  const auto token = [&](int i) { return std::to_string(i) + ' ' + token_text(pass, i); };
  switch (p.kind) {
    case K::Wte: return {{text("token"), token(a)}, {text("dim"), at(b)}};
    case K::Wpe: return {{text("position"), position_text(pass, a)}, {text("dim"), at(b)}};
    case K::LmHead: return {{text("in dim"), at(a)}, {text("token"), token(b)}};
    case K::Qkv: {
      Indices indices{{text("in dim"), at(a)}};
      for (auto& index : qkv_indices(b, c)) indices.push_back(std::move(index));
      return indices;
    }
    case K::QkvBias: return qkv_indices(a, c);
    case K::O: return {{text("head"), at(a / c.d_head)}, {text("in dim"), at(a % c.d_head)}, {text("out dim"), at(b)}};
    case K::In: return {{text("in dim"), at(a)}, {text("neuron"), at(b)}};
    case K::InBias: return {{text("neuron"), at(a)}};
    case K::Out: return {{text("neuron"), at(a)}, {text("out dim"), at(b)}};
    default: return {{text("dim"), at(a)}};
  }
}

bool acts_on(const Edit& edit, const CellRef& cell, const Pass& pass) {
  if (!edit.enabled || !names_hook(edit.hook, cell.tensor.hook)) return false;
  const HookInfo& info = info_of(cell.tensor.hook.kind);
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
  std::string title = text(info.title);
  if (info.shape == RowShape::Causal) title = text("{0}, {1}", text("head {0}", cell.index[0]), title);
  if (info.shape == RowShape::Heads || info.shape == RowShape::HeadsDModel)
    title = text("{0}, {1}", text("head {0}", cell.index[1]), title);
  return info.scope == HookScope::Block ? text("{0}, {1}", text("block {0}", cell.tensor.hook.layer), title) : title;
}

std::string doc_of(const CellRef& cell, const Pass& pass) {
  if (!cell.tensor.is_weight()) return text("{0}: {1}", name_of(cell.tensor.hook), text(info_of(cell.tensor.hook.kind).doc));
  const auto place = *parse_weight(cell.tensor.weight);
  const TensorView& view = view_of(place, pass.weights);
  return text("{0}: {1}", cell.tensor.weight + ' ' + view.shape.text() + ' ' + name_of(view.dtype), text(weight_doc(place.kind)));
}

std::string story_of(const CellRef& cell, const Pass& pass, double value) {
  if (cell.tensor.is_weight()) return text(weight_doc(parse_weight(cell.tensor.weight)->kind));
  const HookInfo& info = info_of(cell.tensor.hook.kind);
  const auto [a, b, d] = cell.index;
  const bool causal = info.shape == RowShape::Causal, by_head = causal || d >= 0;
  // In a sentence the word comes before its number.
  const auto word_at = [&](int position) {
    return token_text(pass, pass.trace->ids()[static_cast<std::size_t>(position)].v) + " (" + std::to_string(position) + ")";
  };
  const std::string at = word_at(causal ? b : a);
  const std::string other = causal ? word_at(d) : info.shape == RowShape::NVocab ? token_text(pass, b) : std::to_string(by_head ? d : b);
  return text(making_of(info.kind).story, cell.tensor.hook.layer, causal ? a : b, at, other, number(value), numbers::percent(value));
}

std::vector<std::pair<std::string, std::string>> indices_of(const CellRef& cell, const Pass& pass) {
  if (cell.tensor.is_weight()) return weight_indices(cell, *parse_weight(cell.tensor.weight), pass);
  const auto [a, b, d] = cell.index;
  const auto at = [](int i) { return std::to_string(i); };
  switch (info_of(cell.tensor.hook.kind).shape) {
    case RowShape::One: return {{text("position"), position_text(pass, a)}};
    case RowShape::PerHead: return {{text("position"), position_text(pass, a)}, {text("head"), at(b)}};
    case RowShape::DModel: return {{text("position"), position_text(pass, a)}, {text("dim"), at(b)}};
    case RowShape::DMlp: return {{text("position"), position_text(pass, a)}, {text("neuron"), at(b)}};
    case RowShape::NVocab: return {{text("position"), position_text(pass, a)}, {text("token"), at(b) + ' ' + token_text(pass, b)}};
    case RowShape::Heads:
    case RowShape::HeadsDModel: return {{text("position"), position_text(pass, a)}, {text("head"), at(b)}, {text("dim"), at(d)}};
    case RowShape::Causal: return {{text("head"), at(a)}, {text("query"), position_text(pass, b)}, {text("key"), position_text(pass, d)}};
  }
  return {};
}

std::vector<std::string> edits_of(const CellRef& cell, const Pass& pass, std::optional<double> was) {
  std::vector<std::string> lines;
  if (pass.recipe == nullptr || cell.tensor.is_weight()) return lines;
  for (const Edit& edit : pass.recipe->edits) {
    if (!acts_on(edit, cell, pass)) continue;
    if (!lines.empty()) lines.push_back(text("then: {0}", words_of(edit)));
    else if (was) lines.push_back(text("edited: {0} (was {1})", words_of(edit), number(*was)));
    else lines.push_back(text("edited: {0}", words_of(edit)));
  }
  return lines;
}

}  // namespace gf::scene::explaining
