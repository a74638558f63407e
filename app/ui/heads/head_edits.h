// What the recipe does to a head, as the head grid and the outline show it.
#pragma once

#include <optional>
#include <string>

#include "model/config.h"
#include "model/edits/recipe.h"

namespace gf::ui {

/// What cuts a head, else the last edit at its z; `index` is its place in the recipe.
struct HeadEdit {
  std::size_t index = 0;
  std::string words, tag;  ///< "× 0.5", "×0.5": see words_of() and tag_of()
  bool enabled = true;
  bool cut = false;  ///< nothing of the head would be left: see model/edits/head_cuts.h
};
[[nodiscard]] std::optional<HeadEdit> head_edit(const Recipe& recipe, int layer, int head, int n_head);
/// The hook's block and the single head of an edit made in the grid; nullopt for any other edit.
struct HeadOf {
  int layer = 0, head = 0;
};
[[nodiscard]] std::optional<HeadOf> head_of(const Edit& edit, const ModelConfig& config);

}  // namespace gf::ui
