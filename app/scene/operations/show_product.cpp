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
  // Of a head or neuron that is spoken of the dimension into which it writes most.
  const auto own = kind == HookKind::AttnOut || kind == HookKind::MlpOut ? own_part(work, work.hook) : std::nullopt;
  if (own) first = largest_of(own->row);
  if (work.chosen >= 0) first = work.chosen;
  // Of heads the numbers of one are written out; the other heads' flow at once.
  const int band = heads ? first / c.d_head * c.d_head : 0;
  Turn turn = turn_of(work.progress, heads ? c.d_head : outputs, first - band, work.chosen >= 0 || own);
  turn.cell += band;
  if (heads) turn.made = std::max(band + turn.made, static_cast<int>(eased(work.progress, 0.82, 0.9) * outputs));
  const int column = product->column0 + turn.cell;

  Show show;
  show.title = with_block(work.hook, text("{0}, {1}", product->words, output_words(work.hook, turn.cell, c)));
  if (own && own->count > 1) show.title = text("{0}: its part of attention out, dim {1}", own->words, turn.cell);
  SumOfProducts sum;
  for (std::size_t i = 0; i < input.size(); ++i)
    sum.terms.emplace_back(input[i], static_cast<double>(product->matrix->at(static_cast<int>(i), column)));
  if (!product->bias->empty()) sum.bias = static_cast<double>(product->bias->at(column));
  const int inputs = static_cast<int>(input.size()), from = own ? own->first : 0, count = own && own->count > 1 ? own->count : inputs;
  if (own) sum.own = SumOfProducts::Own{own->first, own->count, own->words, own->others};
  const bool neurons = product->from == HookKind::MlpPost;
  tell_sum(
      show, sum, turn.s, own && own->count > 1 ? text("z × weight by dim") : text("input × weight"),
      [&](int i) {
        return neurons                        ? text("neuron {0}", i)
               : own                          ? text("dim {0}", i - own->first)
               : product->from == HookKind::Z ? output_words({product->from, layer}, i, c)
                                              : text("dim {0}", i);
      },
      product->words, ShowLine::Kind::Result);
  drop_result(show, work, cell_of(work.hook, work.position, turn.cell, c), turn);
  // A folded sheet of neurons has one row in each band.
  if (own) show.marks.push_back({cell_of({product->from, layer}, work.position, own->first, c), own->count, ShowMark::Kind::Source, 1});
  for (int at = 0; at < inputs && !own; at += c.d_model)
    show.marks.push_back(
        {cell_of({product->from, layer}, work.position, at, c), std::min(c.d_model, inputs - at), ShowMark::Kind::Source, 1});
  show.marks.push_back({at_weight(product->weight, 0, column), 1, ShowMark::Kind::Column, 1});
  if (turn.s < kTermsEnd && (!own || own->count > 1)) {
    const int at = from + std::min(count - 1, static_cast<int>(turn.s / kTermsEnd * count));
    show.marks.push_back({cell_of({product->from, layer}, work.position, at, c), 1, ShowMark::Kind::Term, 1});
  }
  return show;
}

}  // namespace gf::scene::showing
