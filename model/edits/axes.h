// Which axes a hook has, and what a selector picks on one of them. Shared by parsing and compiling.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/edits/recipe.h"
#include "model/hooks.h"

namespace gf {

enum class Axis { Positions, Heads, Dims, Neurons, Queries, Keys };
[[nodiscard]] const char* name_of(Axis axis);  ///< "positions", ...

/// Axes of a full activation of this shape, outermost first.
[[nodiscard]] std::span<const Axis> axes_of(RowShape shape);
/// "positions, heads and dims"
[[nodiscard]] std::string axes_text(RowShape shape);

/// The edit's selector for an axis; nullopt means all.
[[nodiscard]] const std::optional<Selector>& selector_of(const Edit& edit, Axis axis);
[[nodiscard]] std::optional<Selector>& selector_of(Edit& edit, Axis axis);

/// Whether the selector picks `index` of an axis that is `length` long. Generated positions begin at `n_prompt`.
[[nodiscard]] bool selects(const std::optional<Selector>& selector, int index, int length, int n_prompt);

/// Length of the sequence when row `position` is computed: the prompt is one step, each later row a step of its own.
[[nodiscard]] inline int step_length(int position, int n_prompt) { return position < n_prompt ? n_prompt : position + 1; }

/// Extent of a fixed axis (Heads, Dims, Neurons) of a hook.
[[nodiscard]] int extent_of(Axis axis, RowShape shape, const ModelConfig& config);

/// "[0, 3]", "\"1:4\"": as it stands in the file.
[[nodiscard]] std::string text_of(const Selector& selector);

}  // namespace gf
