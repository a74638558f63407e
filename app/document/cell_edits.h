// From a cell of a sweep's answer to the edit that the sweep made there, so that it can be made for good.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/document/command.h"
#include "model/analysis/question.h"

namespace gf::doc {

/// `place`: the indices on the part's axes, {{"layer", 4}, {"head", 3}}. `clean`: the run that a patch copies from. nullopt: the
/// part tells of no single edit.
[[nodiscard]] std::optional<Edit> edit_of_cell(const Question& question, std::string_view part, const std::map<std::string, int>& place,
                                               const RunSource& clean);
/// Whether edit_of_cell() may give one for some cell of the part.
[[nodiscard]] bool has_cell_edits(const Question& question, std::string_view part);

/// Whether the recipe has this edit, on.
[[nodiscard]] bool has_edit(const Recipe& recipe, const Edit& edit);
/// Adds the edit, or takes it back.
[[nodiscard]] Command set_edit(const Edit& edit, bool on);

/// An edit that keeps a query of a head from attending to a key: its score is -inf, and the other keys share its weight.
[[nodiscard]] Edit edge_cut(int layer, int head, int query, int key);

/// The prompt that the document's own is compared with: what a patch copies from. Empty: there is none.
[[nodiscard]] std::string other_prompt(const Document& document);
/// Sets the prompt of the other subject. With an empty prompt the other subject reads the document's prompt; if its model and its
/// edits are the document's too, the command removes the other subject.
[[nodiscard]] Command set_other_prompt(std::string prompt);
[[nodiscard]] Command set_other_model(std::string model);
[[nodiscard]] Command set_other_recipe(Recipe recipe);
[[nodiscard]] Command stop_comparing();
/// Sets Document::scene_of_both.
[[nodiscard]] Command show_both(bool on);

}  // namespace gf::doc
