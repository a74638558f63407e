// The actions that take arguments; actions.cpp lists them.
#pragma once

#include "app/ui/actions/actions.h"

/// Functions for Action::run, named like the ids of their actions. Errors: as Action::run.
namespace gf::ui::acts {

using C = const ActionContext&;
using A = const ActionArguments&;

Result<void> open(C context, A arguments);
Result<void> training_step(C context, A arguments);
Result<void> delete_kept(C context, A arguments);
Result<void> save_figure(C context, A arguments);
Result<void> set_prompt(C context, A arguments);
Result<void> select(C context, A arguments);
Result<void> look_at(C context, A arguments);
Result<void> select_position(C context, A arguments);
Result<void> pin_card(C context, A arguments);
Result<void> card_depth(C context, A arguments);
Result<void> copy_code(C context, A arguments);
Result<void> view(C context, A arguments);
Result<void> ribbons(C context, A arguments);
/// Without a circuit it takes away the one that shows.
Result<void> show_circuit(C context, A arguments);
Result<void> open_product(C context, A arguments);
/// Without a head the selected one.
Result<void> one_head(C context, A arguments);
Result<void> product_order(C context, A arguments);
Result<void> product_time(C context, A arguments);
Result<void> camera(C context, A arguments);
Result<void> compare(C context, A arguments);
/// Without a share: base and edited side by side, or edited alone again.
Result<void> split(C context, A arguments);
/// Moves the line between base and edited by a share of the picture's width; where there is none, shows it.
Result<void> move_split(C context, double by);
Result<void> theme(C context, A arguments);
Result<void> language(C context, A arguments);
Result<void> show_dock(C context, A arguments);
Result<void> layout(C context, A arguments);
/// Without a name it shows the list of own layouts, to save, rename and delete them.
Result<void> save_layout(C context, A arguments);
Result<void> rename_layout(C context, A arguments);
Result<void> delete_layout(C context, A arguments);
Result<void> time(C context, A arguments);
Result<void> speed(C context, A arguments);
Result<void> pace(C context, A arguments);
Result<void> generate(C context, A arguments);
Result<void> temperature(C context, A arguments);
Result<void> top_k(C context, A arguments);
Result<void> top_p(C context, A arguments);
Result<void> min_p(C context, A arguments);
Result<void> typical_p(C context, A arguments);
Result<void> repetition_penalty(C context, A arguments);
Result<void> presence_penalty(C context, A arguments);
Result<void> stop_text(C context, A arguments);
Result<void> seed(C context, A arguments);
Result<void> target(C context, A arguments);
Result<void> rival(C context, A arguments);
Result<void> other_prompt(C context, A arguments);
Result<void> other_model(C context, A arguments);
Result<void> other_recipe(C context, A arguments);
Result<void> patch(C context, A arguments);
Result<void> keep_try(C context, A arguments);
Result<void> name_try(C context, A arguments);
Result<void> note_try(C context, A arguments);
Result<void> go_to_try(C context, A arguments);
Result<void> remove_try(C context, A arguments);
Result<void> cut_head(C context, A arguments);
Result<void> restore_head(C context, A arguments);
Result<void> mean_head(C context, A arguments);
Result<void> scale_head(C context, A arguments);
Result<void> history(C context, A arguments);
Result<void> add_edits(C context, A arguments);
Result<void> keep_direction(C context, A arguments);
Result<void> forget_direction(C context, A arguments);
Result<void> keep_head_set(C context, A arguments);
Result<void> forget_head_set(C context, A arguments);
Result<void> use_head_set(C context, A arguments);
Result<void> read_lens(C context, A arguments);
Result<void> steer(C context, A arguments);
Result<void> head_colour(C context, A arguments);
Result<void> what_if(C context, A arguments);
Result<void> remove_edit(C context, A arguments);
Result<void> move_edit(C context, A arguments);
Result<void> lesson(C context, A arguments);
// acts_bookmarks.cpp
Result<void> add_bookmark(C context, A arguments);
Result<void> go_to_bookmark(C context, A arguments);
Result<void> name_bookmark(C context, A arguments);
Result<void> note_bookmark(C context, A arguments);
Result<void> move_bookmark(C context, A arguments);
Result<void> renew_bookmark(C context, A arguments);
Result<void> remove_bookmark(C context, A arguments);
Result<void> set_bookmarks(C context, A arguments);
// acts_features.cpp
Result<void> open_dictionary(C context, A arguments);
Result<void> show_dictionary(C context, A arguments);
Result<void> close_dictionary(C context, A arguments);
Result<void> select_feature(C context, A arguments);
Result<void> edit_feature(C context, A arguments);
// acts_keys.cpp
Result<void> set_keys(C context, A arguments);
// acts_train.cpp
Result<void> train_start(C context, A arguments);
/// Of the selected block, else of the first one.
Result<void> look_at_weights(C context, A arguments);
Result<void> train_resume(C context, A arguments);
Result<void> train_go_on(C context, A arguments);
Result<void> train_look_every(C context, A arguments);
Result<void> train_weights(C context, A arguments);

}  // namespace gf::ui::acts
