// Cells and runs that the tests of cards speak of.
#pragma once

#include "app/scene/cards/explain.h"
#include "tests/app/truth/fable.h"
#include "tests/app/truth/small_model.h"

namespace gf::explain_cells {

inline scene::CellRef hook_cell(HookKind kind, int layer, std::array<int, 3> index) { return {{{kind, layer}, {}}, index}; }
inline scene::CellRef weight_cell(std::string name, int a, int b = -1) { return {{{}, std::move(name)}, {a, b, -1}}; }

/// A cell of the hook that exists, anywhere in it.
inline scene::CellRef random_cell(HookId hook, const ModelConfig& c, int T, testing_models::Lcg& rng) {
  const int p = rng.below(T);
  scene::CellRef cell{{hook, {}}, {p, -1, -1}};
  switch (info_of(hook.kind).shape) {
    case RowShape::One: cell.index[1] = 0; break;
    case RowShape::PerHead: cell.index[1] = rng.below(c.n_head); break;
    case RowShape::DModel: cell.index[1] = rng.below(c.d_model); break;
    case RowShape::DMlp: cell.index[1] = rng.below(c.d_mlp); break;
    case RowShape::NVocab: cell.index[1] = rng.below(c.n_vocab); break;
    case RowShape::Heads: cell.index = {p, rng.below(c.n_head), rng.below(c.d_head)}; break;
    case RowShape::HeadsDModel: cell.index = {p, rng.below(c.n_head), rng.below(c.d_model)}; break;
    case RowShape::Causal: cell.index = {rng.below(c.n_head), p, rng.below(p + 1)}; break;
  }
  return cell;
}

inline scene::SceneInput small(const std::string& recipe = {}, CapturePlan plan = testing_models::everything()) {
  static const auto model = testing_models::random_model(testing_models::small_config(), 7);
  return {model, testing_models::run_of(*model, testing_models::random_ids(9, 57, 3), plan, recipe)};
}

inline scene::SceneInput fable(const std::string& recipe = {}) {
  const auto model = truth::fable_model();
  const auto ids = model->tokenizer->ids_of(truth::kPrompt);
  EXPECTS(ids.has_value(), "fable reads its default prompt");
  return {model, testing_models::run_of(*model, *ids, testing_models::everything(), recipe)};
}

}  // namespace gf::explain_cells
