// A product with a weight: q, k, v, attention out, MLP in and out. The input's row against one column of the weight.
#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {
namespace {

/// y = x W + b of one hook.
struct ProductOf {
  std::vector<double> input;
  const Matrix* matrix = nullptr;
  const TensorView* bias = nullptr;
  std::string weight;  ///< its name in the table
  int column0 = 0;     ///< of the output's first number
  HookKind from = HookKind::Z;
  std::string words;  ///< "q", "W_Q"
};

std::vector<double> plain(std::span<const float> row) { return {row.begin(), row.end()}; }

/// What a product reads behind a LayerNorm.
std::vector<double> with_gain(std::span<const float> row, const LayerNormWeights& norm) {
  std::vector<double> out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    out.push_back(static_cast<double>(norm.gamma.at(at)) * static_cast<double>(row[i]) +
                  (norm.beta.empty() ? 0.0 : static_cast<double>(norm.beta.at(at))));
  }
  return out;
}

std::optional<ProductOf> product_of(const Work& work) {
  const auto [kind, layer] = work.hook;
  const BlockWeights& block = work.pass.weights.blocks[static_cast<std::size_t>(layer)];
  const std::string h = "h." + std::to_string(layer) + ".";
  const int d = work.config().d_model;
  const auto row = [&](HookKind from) { return row_of(work.pass, from, layer, work.position); };
  ProductOf p;
  switch (kind) {
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V: {
      const int part = kind == HookKind::Q ? 0 : kind == HookKind::K ? 1 : 2;
      const std::string letter(1, "qkv"[part]);
      p = {with_gain(row(HookKind::Ln1Normalized), block.ln1),
           &block.qkv,
           &block.b_qkv,
           h + "attn.c_attn.weight",
           part * d,
           HookKind::Ln1Normalized,
           letter};
      break;
    }
    case HookKind::AttnOut:
      p = {plain(row(HookKind::Z)), &block.o, &block.b_o, h + "attn.c_proj.weight", 0, HookKind::Z, text("attention out")};
      break;
    case HookKind::MlpPre:
      p = {with_gain(row(HookKind::Ln2Normalized), block.ln2),
           &block.in,
           &block.b_in,
           h + "mlp.c_fc.weight",
           0,
           HookKind::Ln2Normalized,
           text("MLP in")};
      break;
    default:
      p = {plain(row(HookKind::MlpPost)), &block.out, &block.b_out, h + "mlp.c_proj.weight", 0, HookKind::MlpPost, text("MLP out")};
      break;
  }
  if (p.input.empty()) return std::nullopt;
  return p;
}

/// "dim 3 of head 1", "neuron 12", "dim 5"
std::string output_words(HookId hook, int flat, const ModelConfig& c) {
  switch (info_of(hook.kind).shape) {
    case RowShape::Heads: return text("head {0}, dim {1}", flat / c.d_head, flat % c.d_head);
    case RowShape::DMlp: return text("neuron {0}", flat);
    default: return text("dim {0}", flat);
  }
}

}  // namespace

std::optional<Show> show_product(const Work& work) {
  const auto product = product_of(work);
  if (!product) return std::nullopt;
  const ModelConfig& c = work.config();
  const auto [kind, layer] = work.hook;
  // Of neurons the one that will be most active.
  const auto row = row_of(work.pass, kind == HookKind::MlpPre ? HookKind::MlpPost : kind, layer, work.position);
  const bool heads = info_of(kind).shape == RowShape::Heads;
  const int outputs = kind == HookKind::MlpPre ? c.d_mlp : c.d_model;
  // Without a choice the largest number is the one to look at, in the head that is spoken of.
  int first = 0;
  if (!row.empty()) first = heads ? work.head * c.d_head + largest_of(head_of(row, work.head, c)) : largest_of(row);
  if (work.chosen >= 0) first = work.chosen;
  const Turn turn = turn_of(work.progress, outputs, first);
  const int column = product->column0 + turn.cell;

  Show show;
  show.title = with_block(work.hook, product->words + ", " + output_words(work.hook, turn.cell, c));
  SumOfProducts sum;
  for (std::size_t i = 0; i < product->input.size(); ++i)
    sum.terms.emplace_back(product->input[i], static_cast<double>(product->matrix->at(static_cast<int>(i), column)));
  if (!product->bias->empty()) sum.bias = static_cast<double>(product->bias->at(column));
  const bool neurons = product->from == HookKind::MlpPost;
  tell_sum(
      show, sum, turn.s, text("input × weight"),
      [&](int i) {
        return neurons                        ? text("neuron {0}", i)
               : product->from == HookKind::Z ? output_words({product->from, layer}, i, c)
                                              : text("dim {0}", i);
      },
      product->words, ShowLine::Kind::Result);
  drop_result(show, work, cell_of(work.hook, work.position, turn.cell, c), turn);
  // A folded sheet of neurons has one row in each band.
  for (int at = 0; at < static_cast<int>(product->input.size()); at += c.d_model)
    show.marks.push_back({cell_of({product->from, layer}, work.position, at, c),
                          std::min(c.d_model, static_cast<int>(product->input.size()) - at), ShowMark::Kind::Source, 1});
  show.marks.push_back({at_weight(product->weight, 0, column), 1, ShowMark::Kind::Column, 1});
  if (turn.s < kTermsEnd) {
    const int n = static_cast<int>(product->input.size()), at = std::min(n - 1, static_cast<int>(turn.s / kTermsEnd * n));
    show.marks.push_back({cell_of({product->from, layer}, work.position, at, c), 1, ShowMark::Kind::Term, 1});
  }
  return show;
}

}  // namespace gf::scene::showing
