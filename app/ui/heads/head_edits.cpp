#include "app/ui/heads/head_edits.h"

#include "model/edits/head_cuts.h"
#include "model/hooks.h"

namespace gf::ui {

std::optional<HeadEdit> head_edit(const Recipe& recipe, int layer, int head, int n_head) {
  return part_edit(recipe, {layer, head}, n_head);
}

std::optional<HeadEdit> part_edit(const Recipe& recipe, const doc::BlockPart& part, int n_head) {
  std::optional<HeadEdit> last;
  for (std::size_t i = 0; i < recipe.edits.size(); ++i) {
    const Edit& edit = recipe.edits[i];
    if (!(part.is_mlp() ? acts_on_mlp(edit, part.layer) : acts_on_head(edit, part.layer, part.head, n_head))) continue;
    const HeadEdit found{i, words_of(edit), tag_of(edit), edit.enabled, removes(edit) && acts_everywhere(edit)};
    if (found.cut && found.enabled) return found;
    last = found;
  }
  return last;
}

std::optional<HeadOf> head_of(const Edit& edit, const ModelConfig& config) {
  const auto hook = parse_hook(edit.hook, config.n_layer);
  if (!hook || hook->kind != HookKind::Z || !edit.heads || edit.heads->list.size() != 1) return std::nullopt;
  const int head = edit.heads->list.front();
  if (head < 0 || head >= config.n_head) return std::nullopt;
  return HeadOf{hook->layer, head};
}

}  // namespace gf::ui
