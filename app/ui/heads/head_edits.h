// What the recipe does to a head, for the head grid and the outline.
#pragma once

#include <optional>
#include <string>

#include "app/document/part_edits.h"
#include "model/config.h"
#include "model/edits/recipe.h"

namespace gf::ui {

/// The edit that cuts a head, else the last edit of its z. `index`: its place in the recipe.
struct HeadEdit {
  std::size_t index = 0;
  std::string words, tag;  ///< "× 0.5", "×0.5": see words_of() and tag_of()
  bool enabled = true;
  bool cut = false;  ///< it removes all of the head, see model/edits/head_cuts.h
};
[[nodiscard]] std::optional<HeadEdit> head_edit(const Recipe& recipe, int layer, int head, int n_head);
/// The same of a head or an MLP.
[[nodiscard]] std::optional<HeadEdit> part_edit(const Recipe& recipe, const doc::BlockPart& part, int n_head);
/// Block and head of an edit that acts on the z of a single head; nullopt for any other edit.
struct HeadOf {
  int layer = 0, head = 0;
};
[[nodiscard]] std::optional<HeadOf> head_of(const Edit& edit, const ModelConfig& config);

}  // namespace gf::ui
