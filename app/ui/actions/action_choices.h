// The possible arguments of actions, for the palette, the menus and the view bar.
#pragma once

#include "app/ui/actions/actions.h"

namespace gf::ui {

inline constexpr const char* kBundledGroup = "Bundled models";  ///< groups of model_choices()
inline constexpr const char* kRecentGroup = "Recent models";

[[nodiscard]] std::vector<Choice> bookmark_choices(const ActionContext& context);  ///< from the tenth on
[[nodiscard]] std::vector<Choice> try_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> model_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> view_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> compare_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> card_depth_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> dock_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> language_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> layout_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> own_layout_choices(const ActionContext& context);  ///< to delete them
[[nodiscard]] std::vector<Choice> part_choices(const ActionContext& context);        ///< places to fly to: blocks, heads, ...
/// What panels of weights can show of a model that is trained.
[[nodiscard]] std::vector<Choice> weights_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> hook_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> position_choices(const ActionContext& context);  ///< the tokens of the run
[[nodiscard]] std::vector<Choice> head_choices(const ActionContext& context);
[[nodiscard]] std::vector<Choice> cut_choices(const ActionContext& context);      ///< the heads that are whole
[[nodiscard]] std::vector<Choice> restore_choices(const ActionContext& context);  ///< the heads that are cut
[[nodiscard]] std::vector<Choice> lesson_choices(const ActionContext& context);
/// "model, probe, logits"
[[nodiscard]] std::string dock_ids();

}  // namespace gf::ui
