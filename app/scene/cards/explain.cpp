#include "app/scene/cards/explain.h"

#include "app/scene/cards/explain_parts.h"
#include "app/scene/cube/cube_moment.h"
#include "app/scene/cube/weight_product.h"
#include "app/scene/views.h"
#include "model/base/numbers.h"

namespace gf::scene {
namespace explaining {
namespace {

/// A hook's value in one pass. It is recomputed if the plan left the hook out and no edit acts on the cell.
struct Reading {
  std::optional<float> value;
  bool recomputed = false;
};
Reading read_hook(const CellRef& cell, const Pass& pass) {
  if (const auto v = captured_value(*pass.trace, cell.tensor.hook, cell.index)) return {v, false};
  if (!edits_of(cell, pass, {}).empty()) return {};
  const Working w = work_out(cell, pass);
  if (!w.total) return {};
  return {static_cast<float>(*w.total), true};
}

std::optional<float> difference(std::optional<float> edited, std::optional<float> base) {
  if (!edited || !base) return std::nullopt;
  return *edited == *base ? 0.0F : *edited - *base;  // -inf on both sides is no change
}

int position_for_weights(const Pass& pass, const ViewState& view) {
  if (pass.trace == nullptr || pass.trace->length() == 0) return 0;
  return selected_position_in(view, pass.trace->length());
}

void take(Card& card, Working&& w) {
  for (std::string& line : w.formula) card.formula.push_back(std::move(line));
  card.terms = std::move(w.terms);
  card.terms_total = w.terms_total;
  card.sources = std::move(w.sources);
  card.extents = std::move(w.extents);
  if (w.total) card.total = static_cast<float>(*w.total);
}

void explain_weight(Card& card, const Pass& pass, const SceneInput& input, const ViewState& view) {
  const WeightPlace place = *parse_weight(card.cell.tensor.weight);
  card.value = weight_at(place, pass.weights, card.cell.index);
  if (input.in_place)
    card.formula.push_back(text("{0}, which is shown: {1}", text(input.in_place_name),
                                number(static_cast<double>(weight_at(place, *input.in_place, card.cell.index)))));
  Pass used = pass;
  if (pass.trace != nullptr && pass.trace->length() == 0) used.trace = nullptr, used.recipe = nullptr;
  take(card, weight_use(card.cell, place, used, position_for_weights(used, view)));
  card.total.reset();
}

/// Why the view does not show the cell's value by now; empty: it does. A cube has a time of its own, and all that it reads is there.
std::string why_not_there(const CellRef& cell, const Pass& pass, const SceneInput& input, const ViewState& view) {
  const std::string not_yet = text("not computed yet at this time");
  const auto product = view.cube ? CubeProduct::of(input, view, *view.cube) : nullptr;
  if (!product) return is_computed(cell, pass, view.time) ? "" : not_yet;
  const auto sum = cell.tensor.hook == view.cube->product ? product->sum_of(cell) : std::nullopt;
  if (!sum) return {};
  const auto [i, j] = *sum;
  const int terms = terms_at(*product, view.cube->order, cube_moment(*product, *view.cube, first_step(*product, view)), i, j);
  const int products = product->depth_of(i);
  if (terms <= 0) return not_yet;
  if (terms >= products && (terms >= product->terms() || !product->has_bias())) return {};
  return text("not computed yet: the sum of {0} of {1} products is {2}", std::min(terms, products), products,
              number(product->sum(i, j, terms)));
}

/// A cube shows one pass, in the place of a difference the edited one.
ViewState of_one_pass(const ViewState& view) {
  ViewState single = view;
  if (view.cube && view.compare == Compare::Difference) single.compare = Compare::Edited;
  return single;
}

/// What the open product reads in place of the value itself, behind a LayerNorm.
void explain_in_cube(Card& card, const Pass& pass, const ViewState& view) {
  const auto product = weight_product(pass, view.cube->product);
  const HookId own = card.cell.tensor.hook;
  if (!product || product->norm == nullptr || own != HookId{product->from, view.cube->product.layer} || !card.value) return;
  const auto at = static_cast<std::int64_t>(card.cell.index[1]);
  const double gamma = static_cast<double>(product->norm->gamma.at(at)), value = static_cast<double>(*card.value);
  const double beta = product->norm->beta.empty() ? 0.0 : static_cast<double>(product->norm->beta.at(at));
  card.formula.push_back(text("what {0} reads here: value × gamma + beta", product->words) + " = " + number(value) + " × " + number(gamma) +
                         " + " + number(beta) + " = " + number(value * gamma + beta));
}

void explain_hook(Card& card, const Pass& pass, const SceneInput& input, const ViewState& view) {
  card.note = why_not_there(card.cell, pass, input, view);
  if (!card.note.empty()) return;
  const Reading own = read_hook(card.cell, pass);
  card.value = own.value;
  if (input.run->has_edits()) {
    card.base = read_hook(card.cell, pass_of(input, Compare::Base)).value;
    card.edited = read_hook(card.cell, pass_of(input, Compare::Edited)).value;
    if (view.compare == Compare::Difference) {
      card.value = difference(card.edited, card.base);
      if (card.value)
        card.formula.push_back(
            text("edited - base: {0}", difference_of(static_cast<double>(*card.edited), static_cast<double>(*card.base))) + " = " +
            number(static_cast<double>(*card.value)));
    }
  }
  if (info_of(view.view).tiles) card.tile = tile_of(card.cell, pass, input, view);
  if (view.cube) explain_in_cube(card, pass, view);
  Working w = work_out(card.cell, pass);
  if (w.total) card.typeset = typeset_of(card.cell, pass);
  card.edits = edits_of(card.cell, pass, w.total);
  if (!own.value) card.note = w.missing.empty() ? text("not captured in this run") : text("not captured in this run, and {0}", w.missing);
  else if (own.recomputed) card.note = text("recomputed from its sources: this run did not keep it");
  else if (!w.missing.empty()) card.note = w.missing;
  take(card, std::move(w));
}

/// Whether the cell tells what comes next: a logit at the end, or the vector that a tile's words are read from.
bool tells_prediction(const CellRef& cell, const Pass& pass, const ViewState& view) {
  if (cell.tensor.is_weight() || pass.trace == nullptr || cell.index[0] != pass.trace->length() - 1) return false;
  const HookKind kind = cell.tensor.hook.kind;
  return kind == HookKind::Logits ||
         (info_of(view.view).tiles && (kind == HookKind::ResidPre || kind == HookKind::ResidMid || kind == HookKind::ResidPost));
}

}  // namespace
}  // namespace explaining

Card explain(const CellRef& cell, const SceneInput& input, const ViewState& shown, int terms) {
  namespace ex = explaining;
  const ViewState view = ex::of_one_pass(shown);
  ex::Pass pass = ex::pass_of(input, view.compare);
  pass.terms = std::clamp(terms, 1, kMostTerms);
  Card card;
  card.cell = cell;
  card.note = ex::problem_of(cell, pass);
  const bool masked = card.note == text(ex::kMasked);
  if (!card.note.empty() && !masked) {
    card.title = cell.tensor.name();
    return card;
  }
  card.title = ex::title_of(cell, pass);
  card.doc = ex::doc_of(cell, pass);
  card.indices = ex::indices_of(cell, pass);
  if (masked) return card;
  if (!pass.weights.has_values()) {
    card.note = text("there are no weights, and so no value: this is the model's structure alone");
    return card;
  }
  if (view.hide_prediction && ex::tells_prediction(cell, pass, view)) {
    card.note = text("hidden until the question is answered");
    return card;
  }
  if (cell.tensor.is_weight()) ex::explain_weight(card, pass, input, view);
  else ex::explain_hook(card, pass, input, view);
  // A difference is no number of the pass that a sentence could speak of.
  if (card.value && view.compare != Compare::Difference) card.story = ex::story_of(cell, pass, static_cast<double>(*card.value));
  return card;
}

std::optional<float> value_of(const CellRef& cell, const SceneInput& input, const ViewState& shown) {
  namespace ex = explaining;
  const ViewState view = ex::of_one_pass(shown);
  const ex::Pass pass = ex::pass_of(input, view.compare);
  if (!pass.weights.has_values()) return std::nullopt;
  if (!ex::problem_of(cell, pass).empty() || (!cell.tensor.is_weight() && !ex::why_not_there(cell, pass, input, view).empty()))
    return std::nullopt;
  if (cell.tensor.is_weight())
    return ex::weight_at(*ex::parse_weight(cell.tensor.weight), input.in_place ? *input.in_place : pass.weights, cell.index);
  const auto value = ex::read_hook(cell, pass).value;
  if (view.compare != Compare::Difference) return value;
  return ex::difference(value, ex::read_hook(cell, ex::pass_of(input, Compare::Base)).value);
}

std::string more_terms(const Card& card) {
  const int more = card.terms_total - static_cast<int>(card.terms.size());
  if (more <= 0 || card.terms.empty()) return {};
  return counted(more, "and {0} smaller term", "and {0} smaller terms");
}

std::string to_text(const Card& card) {
  const auto exact = [](float v) { return numbers::significant(static_cast<double>(v), 6); };
  std::string lines = card.title + '\n';
  if (!card.doc.empty()) lines += card.doc + '\n';
  for (std::size_t i = 0; i < card.indices.size(); ++i) lines += (i ? ", " : "") + card.indices[i].first + ' ' + card.indices[i].second;
  if (!card.indices.empty()) lines += '\n';
  if (card.value) lines += text("value {0}", exact(*card.value)) + '\n';
  if (card.base && card.edited) lines += text("base {0}, edited {1}", exact(*card.base), exact(*card.edited)) + '\n';
  for (const std::string& line : card.edits) lines += line + '\n';
  if (card.tile) {
    lines += card.tile->title + '\n';
    for (const TileReading::Word& word : card.tile->words) lines += "  " + word.text + ' ' + numbers::percent(word.probability) + '\n';
    if (!card.tile->note.empty()) lines += card.tile->note + '\n';
    for (const std::string& fact : facts_of(*card.tile)) lines += fact + '\n';
  }
  for (const std::string& line : card.formula) lines += line + '\n';
  for (const Term& term : card.terms) lines += "  " + term.text + '\n';
  if (const std::string more = more_terms(card); !more.empty()) lines += "  " + more + '\n';
  if (!card.note.empty()) lines += card.note + '\n';
  return lines;
}

}  // namespace gf::scene
