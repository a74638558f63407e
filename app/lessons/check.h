// Whether a lesson is whole and true: texts in every language, and every claim on the live model.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/lessons/lesson.h"

namespace gf::lessons {

/// Missing and superfluous texts, and what their Markdown would not show as meant.
[[nodiscard]] std::vector<Fault> text_faults(const Lesson& lesson);
/// What the models do not bear out: claims, questions, hooks, cameras, positions. Blocks; opens every model it names.
/// A question sentence or position that is out of place is told as a fault and the rest is still checked.
[[nodiscard]] std::vector<Fault> live_faults(const Lesson& lesson, const std::function<void(double)>& progress = {});
/// All of it, for a folder. Errors: as examine_lesson().
[[nodiscard]] Result<std::vector<Fault>> check_lesson(const std::string& folder, const std::function<void(double)>& progress = {});

}  // namespace gf::lessons
