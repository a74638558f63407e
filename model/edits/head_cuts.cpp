#include "model/edits/head_cuts.h"

#include <algorithm>

#include "model/edits/axes.h"
#include "model/edits/ops/operation.h"
#include "model/hooks.h"

namespace gf {
namespace {

bool picks_all(const std::optional<Selector>& selector) {
  if (!selector || selector->kind == Selector::Kind::All) return true;
  return selector->kind == Selector::Kind::Range && selector->begin.value_or(0) == 0 && !selector->end;
}

std::vector<int> heads_of(const Edit& edit, int n_head) {
  std::vector<int> heads;
  for (int h = 0; h < n_head; ++h)
    if (selects(edit.heads, h, n_head, 0)) heads.push_back(h);
  return heads;
}

bool cuts_head(const Edit& edit, int block, int head, int n_head) {
  return edit.enabled && removes(edit) && acts_everywhere(edit) && acts_on_head(edit, block, head, n_head);
}

bool cuts_mlp(const Edit& edit, int block) { return edit.enabled && removes(edit) && acts_everywhere(edit) && acts_on_mlp(edit, block); }

/// In place of an edit of every block that `cuts` the part in question: one for each block.
template <class Cuts>
void give_each_block_its_own(Recipe& recipe, int n_layer, const Cuts& cuts) {
  for (std::size_t i = 0; i < recipe.edits.size(); ++i) {
    if (!names_every_block(recipe.edits[i].hook) || !cuts(recipe.edits[i])) continue;
    const std::vector<Edit> each = at_each_hook(recipe.edits[i], n_layer);
    const auto at = recipe.edits.erase(recipe.edits.begin() + static_cast<std::ptrdiff_t>(i));
    recipe.edits.insert(at, each.begin(), each.end());
  }
}

}  // namespace

bool removes(const Edit& edit) {
  const auto leaves_nothing = operation_of(edit.op).leaves_nothing;
  return leaves_nothing != nullptr && leaves_nothing(edit);
}

bool acts_everywhere(const Edit& edit) {
  return picks_all(edit.positions) && picks_all(edit.dims) && picks_all(edit.neurons) && picks_all(edit.queries) && picks_all(edit.keys);
}

bool acts_on_head(const Edit& edit, int block, int head, int n_head) {
  return names_hook(edit.hook, {HookKind::Z, block}) && selects(edit.heads, head, n_head, 0);
}

bool is_cut(const Recipe& recipe, int block, int head, int n_head) {
  return std::ranges::any_of(recipe.edits, [&](const Edit& edit) { return cuts_head(edit, block, head, n_head); });
}

void cut_head(Recipe& recipe, int block, int head, int n_head) {
  if (is_cut(recipe, block, head, n_head)) return;
  std::erase_if(recipe.edits, [&](const Edit& edit) {
    return !names_every_block(edit.hook) && acts_everywhere(edit) && acts_on_head(edit, block, head, n_head) &&
           heads_of(edit, n_head).size() == 1;
  });
  recipe.edits.push_back(edit_of_head(block, head));
}

void restore_head(Recipe& recipe, int block, int head, int n_layer, int n_head) {
  give_each_block_its_own(recipe, n_layer, [&](const Edit& edit) { return cuts_head(edit, block, head, n_head); });
  std::erase_if(recipe.edits, [&](Edit& edit) {
    if (!cuts_head(edit, block, head, n_head)) return false;
    std::vector<int> others = heads_of(edit, n_head);
    std::erase(others, head);
    edit.heads = Selector{Selector::Kind::List, std::move(others), {}, {}};
    return edit.heads->list.empty();
  });
}

bool acts_on_mlp(const Edit& edit, int block) { return names_hook(edit.hook, {HookKind::MlpOut, block}); }

bool is_mlp_cut(const Recipe& recipe, int block) {
  return std::ranges::any_of(recipe.edits, [&](const Edit& edit) { return cuts_mlp(edit, block); });
}

void cut_mlp(Recipe& recipe, int block) {
  if (is_mlp_cut(recipe, block)) return;
  std::erase_if(recipe.edits,
                [&](const Edit& edit) { return !names_every_block(edit.hook) && acts_everywhere(edit) && acts_on_mlp(edit, block); });
  Edit cut;
  cut.hook = name_of(HookId{HookKind::MlpOut, block});
  recipe.edits.push_back(std::move(cut));
}

void restore_mlp(Recipe& recipe, int block, int n_layer) {
  const auto cuts = [&](const Edit& edit) { return cuts_mlp(edit, block); };
  give_each_block_its_own(recipe, n_layer, cuts);
  std::erase_if(recipe.edits, cuts);
}

}  // namespace gf
