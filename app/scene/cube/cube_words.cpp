// What a cube says.
#include <algorithm>

#include "app/scene/builder_state.h"
#include "app/scene/cube/cube_scene.h"
#include "app/scene/legend.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

using explaining::number;

std::string word_at(const SceneInput& input, const ViewState& view, int position) {
  const Trace* trace = shown_trace(input, view.compare == Compare::Difference ? Compare::Edited : view.compare);
  const auto at = static_cast<std::size_t>(position);
  return at < trace->ids().size() ? token_text(input, trace->ids()[at]) : std::to_string(position);
}

/// "dim 5", "neuron 12", "key 3 ·cat"
std::string column_words(const CubeProduct& p, int j, const SceneInput& input, const ViewState& view) {
  const ModelConfig& c = input.model->weights->config;
  const int flat = p.col0() + j;
  switch (info_of(p.cube().product.kind).shape) {
    case RowShape::Heads: return text("head {0}, dim {1}", flat / c.d_head, flat % c.d_head);
    case RowShape::DMlp: return text("neuron {0}", flat);
    case RowShape::Causal: return text("key {0} “{1}”", j, word_at(input, view, j));
    case RowShape::NVocab: return text("the word “{0}”", token_text(input, TokenId(flat)));
    default: return text("dim {0}", flat);
  }
}

std::string term_words(const CubeProduct& p, int k, const SceneInput& input, const ViewState& view) {
  if (p.cube().product.kind == HookKind::Z) return text("key {0} “{1}”", k, word_at(input, view, k));
  if (p.cube().product.kind == HookKind::MlpOut) return text("neuron {0}", k);
  return text("dim {0}", k);
}

std::string row_words(const CubeProduct& p, int i, const SceneInput& input, const ViewState& view) {
  return text("position {0} “{1}”", p.row0() + i, word_at(input, view, p.row0() + i));
}

void name_axes(CubeWords& words, const CubeProduct& p, const ModelConfig& c) {
  const auto named = [](const std::string& name, int count) { return name + " · " + std::to_string(count); };
  const HookKind kind = p.cube().product.kind;
  words.position_axis = named(kind == HookKind::AttnScores ? text("query") : text("position"), p.rows());
  std::string over = text("dimensions");
  std::string along = text("dimension");
  switch (kind) {
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V: along = p.cube().head < 0 && c.n_head > 1 ? text("head by head: dimension") : text("dimension of the head"); break;
    case HookKind::AttnScores:
      over = text("dimensions of the head");
      along = text("key");
      break;
    case HookKind::Z:
      over = text("keys");
      along = text("dimension of the head");
      break;
    case HookKind::AttnOut: over = text("dimensions of all heads"); break;
    case HookKind::MlpPre: along = text("neuron"); break;
    case HookKind::MlpOut: over = text("neurons"); break;
    case HookKind::Logits: along = text("word of the vocabulary"); break;
    default: break;
  }
  words.sum_axis = named(over, p.depth());
  words.result_axis = named(along, p.cols());
}

void name_tensors(CubeWords& words, const CubeProduct& p, const ModelConfig& c) {
  const Cube& cube = p.cube();
  const auto of_head = [&](std::string name) { return cube.head < 0 ? name : text("{0} of head {1}", name, cube.head); };
  words.result = of_head(sheet_name({cube.product, {}}, c));
  if (const auto& weight = p.with_weight()) {
    words.left = sheet_name({p.left_hook(), {}}, c);
    if (weight->norm != nullptr) words.left = text("{0} × gamma + beta", words.left);
    words.right = of_head(weight->factor);
    const std::string factor = of_head(weight->factor.substr(0, weight->factor.find(" = ")));  // of "W_U = W_E" its first name
    words.formula = words.result + " = " + (weight->norm != nullptr ? "(" + words.left + ")" : words.left) + " · " + factor;
    if (p.has_bias()) words.formula += " + " + text("bias");
    return;
  }
  words.left = of_head(sheet_name({p.left_hook(), {}}, c));
  const std::string right = sheet_name({p.right_hook(), {}}, c);
  const bool scores = cube.product.kind == HookKind::AttnScores;
  words.right = of_head(scores ? right + "ᵀ" : right);
  words.formula = words.result + " = " + sheet_name({p.left_hook(), {}}, c) + " · " + (scores ? right + "ᵀ" : right);
  if (!scores) return;
  if (c.scale_attn) words.formula += " / √" + std::to_string(c.d_head);
  if (c.scale_attn_by_layer) words.formula += " / " + std::to_string(cube.product.layer + 1);
}

}  // namespace

CubeWords cube_words(const CubeProduct& p, const CubeMoment& now, const SceneInput& input, const ViewState& view) {
  const ModelConfig& c = input.model->weights->config;
  CubeWords words;
  name_axes(words, p, c);
  name_tensors(words, p, c);
  const CubeOrder order = view.cube->order;
  words.order = words_of(order);
  if (view.compare == Compare::Difference) words.run = text("the numbers of the edited run, not their differences");
  const std::string parts = p.has_bias() ? counted(p.depth(), "{0} product and the bias", "{0} products and the bias")
                                         : counted(p.depth(), "{0} product", "{0} products");
  if (now.done || !now.working) {
    switch (order) {
      case CubeOrder::Dots: words.work = text("each cell is a row of the input times a column: a sum of {0}", parts); break;
      case CubeOrder::Rows: words.work = text("each position for itself: its row times all columns, sums of {0}", parts); break;
      case CubeOrder::Columns: words.work = text("each column for itself: all positions' rows times it, sums of {0}", parts); break;
      case CubeOrder::Outer: words.work = text("a column of the input times a row, added up: {0} for each cell", parts); break;
    }
    if (now.done && p.edited()) words.sum = text("an edit then makes other values of it");
    return words;
  }
  const int step = static_cast<int>(now.step);
  // The cell whose sum is written out.
  int i = 0, j = 0;
  if (order == CubeOrder::Dots) {
    std::tie(i, j) = p.cell_at(now.step);
    words.work = text("{0}, {1}", row_words(p, i, input, view), column_words(p, j, input, view));
  } else if (order == CubeOrder::Rows) {
    words.work = text("{0}: its row times all columns", row_words(p, step, input, view));
  } else if (order == CubeOrder::Columns) {
    words.work = text("{0}: all positions' rows times this column", column_words(p, step, input, view));
  } else if (step >= p.depth()) {
    words.work = text("the bias is added to every row");
  } else {
    words.work = text("{0}: its column of the input times its row of {1}", term_words(p, step, input, view), words.right);
  }
  if (order != CubeOrder::Dots) {
    const int terms = order == CubeOrder::Outer ? step + now.terms : now.terms;
    words.sum = terms > p.depth() ? text("{0} of {0} products and the bias", p.depth()) : text("{0} of {1} products", terms, p.depth());
    return words;
  }
  const int at = std::min(now.terms, p.terms()) - 1;
  const double sum = p.sum(i, j, now.terms);
  if (at < 0) return words;
  if (at >= p.depth()) words.sum = text("+ bias {0}", number(p.bias(j))) + "   →   " + number(sum);
  else if (at < p.depth_of(i)) {
    words.sum = term_words(p, at, input, view) + ":  " + number(p.left(i, at)) + " × " + number(p.right(at, j));
    if (p.scale() != 1) words.sum += " × " + number(p.scale());
    words.sum += " = " + number(p.term(i, at, j)) + "   →   " + text("sum {0}", number(sum));
  } else {
    words.sum = text("sum {0}", number(sum));
  }
  return words;
}

}  // namespace gf::scene
