// What the recipe does to a head, as the head grid and the outline show it.
#pragma once

#include <optional>

#include "model/config.h"
#include "model/edits/recipe.h"

namespace gf::ui {

/// The last edit at a head's z that names it; `index` is its place in the recipe.
struct HeadEdit {
  std::size_t index = 0;
  EditOp op = EditOp::Zero;
  float factor = 1;
  bool enabled = true;
};
[[nodiscard]] std::optional<HeadEdit> head_edit(const Recipe& recipe, int layer, int head);
/// The hook's block and the single head of an edit made in the grid; nullopt for any other edit.
struct HeadOf {
  int layer = 0, head = 0;
};
[[nodiscard]] std::optional<HeadOf> head_of(const Edit& edit, const ModelConfig& config);

}  // namespace gf::ui
