// Models at a step of their training: NAME@STEP.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/command.h"

namespace gf::doc {

/// The STEP of NAME@STEP; nullopt: the trained model.
[[nodiscard]] std::optional<int> training_step_of(const std::string& model);
/// The NAME in NAME@STEP; a name without a step is returned as it is.
[[nodiscard]] std::string training_name_of(const std::string& model);
/// The steps that are stored beside the model of this name, ascending; empty: none. Lists a folder.
[[nodiscard]] std::vector<int> training_steps_of(const std::string& model);
/// Shows another step of the same model, or the trained one; text, edits and view stay. Consecutive ones undo as one.
[[nodiscard]] Command show_training_step(std::optional<int> step);

}  // namespace gf::doc
