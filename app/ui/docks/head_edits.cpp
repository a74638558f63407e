#include "app/ui/docks/head_edits.h"

#include <algorithm>

#include "model/hooks.h"

namespace gf::ui {

std::optional<HeadEdit> head_edit(const Recipe& recipe, int layer, int head) {
  const std::string hook = name_of(HookId{HookKind::Z, layer});
  for (std::size_t i = recipe.edits.size(); i-- > 0;) {
    const Edit& edit = recipe.edits[i];
    if (edit.hook != hook) continue;
    const bool all = !edit.heads || edit.heads->kind == Selector::Kind::All;
    const bool named = edit.heads && std::count(edit.heads->list.begin(), edit.heads->list.end(), head) > 0;
    if (all || named) return HeadEdit{i, edit.op, edit.factor.value_or(1.0F), edit.enabled};
  }
  return std::nullopt;
}

std::optional<HeadOf> head_of(const Edit& edit, const ModelConfig& config) {
  const auto hook = parse_hook(edit.hook, config.n_layer);
  if (!hook || hook->kind != HookKind::Z || !edit.heads || edit.heads->list.size() != 1) return std::nullopt;
  const int head = edit.heads->list.front();
  if (head < 0 || head >= config.n_head) return std::nullopt;
  return HeadOf{hook->layer, head};
}

}  // namespace gf::ui
