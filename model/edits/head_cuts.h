// The one rule for "is this head cut", for the grid, menus, outline, scene and commands alike; and the same for an MLP.
#pragma once

#include "model/edits/recipe.h"

namespace gf {

/// Whether the edit leaves nothing of what it selects: zero, scaled by 0, set to 0.
[[nodiscard]] bool removes(const Edit& edit);
/// Whether the edit acts at every position and on every dim.
[[nodiscard]] bool acts_everywhere(const Edit& edit);
/// Whether the edit acts on that head's z, at least at some positions. `n_head`: of the model; selectors may count from
/// the end.
[[nodiscard]] bool acts_on_head(const Edit& edit, int block, int head, int n_head);

/// Whether some enabled edit removes all of that head's z.
[[nodiscard]] bool is_cut(const Recipe& recipe, int block, int head, int n_head);
/// Cuts the head by an edit of its own, in place of the edits that act on this head only.
void cut_head(Recipe& recipe, int block, int head, int n_head);
/// Takes the head out of each edit that cuts it; the other heads of such an edit stay cut, at their place in the recipe. An
/// edit that cuts it in every block becomes one for each block.
void restore_head(Recipe& recipe, int block, int head, int n_layer, int n_head);

/// The same for what a block's MLP adds to the stream (hook_mlp_out).
[[nodiscard]] bool acts_on_mlp(const Edit& edit, int block);
[[nodiscard]] bool is_mlp_cut(const Recipe& recipe, int block);
void cut_mlp(Recipe& recipe, int block);
void restore_mlp(Recipe& recipe, int block, int n_layer);

}  // namespace gf
