// A product with a weight: q, k, v, attention out, MLP in and out. The input's row against one column of the weight.
#include "app/scene/cube/weight_product.h"
#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {
namespace {

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
  const auto product = weight_product(work.pass, work.hook);
  EXPECTS(product, "the animation of a product is that of a product with a weight");
  const std::vector<double> input = input_of(work.pass, *product, work.hook, work.position);
  if (input.empty()) return std::nullopt;
  const ModelConfig& c = work.config();
  const auto [kind, layer] = work.hook;
  // Of neurons the one that will be most active.
  const auto row = row_of(work.pass, kind == HookKind::MlpPre ? HookKind::MlpPost : kind, layer, work.position);
  const bool heads = info_of(kind).shape == RowShape::Heads;
  const int outputs = product->outputs;
  // Without a choice the largest number is the one to look at, in the head that is spoken of.
  int first = 0;
  if (!row.empty()) first = heads ? work.head * c.d_head + largest_of(head_of(row, work.head, c)) : largest_of(row);
  if (work.chosen >= 0) first = work.chosen;
  // Of heads the numbers of one are written out; the other heads' flow at once.
  const int band = heads ? first / c.d_head * c.d_head : 0;
  Turn turn = turn_of(work.progress, heads ? c.d_head : outputs, first - band);
  turn.cell += band;
  if (heads) turn.made = std::max(band + turn.made, static_cast<int>(eased(work.progress, 0.82, 0.9) * outputs));
  const int column = product->column0 + turn.cell;

  Show show;
  show.title = with_block(work.hook, product->words + ", " + output_words(work.hook, turn.cell, c));
  SumOfProducts sum;
  for (std::size_t i = 0; i < input.size(); ++i)
    sum.terms.emplace_back(input[i], static_cast<double>(product->matrix->at(static_cast<int>(i), column)));
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
  for (int at = 0; at < static_cast<int>(input.size()); at += c.d_model)
    show.marks.push_back({cell_of({product->from, layer}, work.position, at, c), std::min(c.d_model, static_cast<int>(input.size()) - at),
                          ShowMark::Kind::Source, 1});
  show.marks.push_back({at_weight(product->weight, 0, column), 1, ShowMark::Kind::Column, 1});
  if (turn.s < kTermsEnd) {
    const int n = static_cast<int>(input.size()), at = std::min(n - 1, static_cast<int>(turn.s / kTermsEnd * n));
    show.marks.push_back({cell_of({product->from, layer}, work.position, at, c), 1, ShowMark::Kind::Term, 1});
  }
  return show;
}

}  // namespace gf::scene::showing
