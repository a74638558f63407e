// What colours the head grid: a part of a question, by layer and head.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/document/work/studies.h"

namespace gf::doc {

/// All that can colour it, the effect of cutting first.
[[nodiscard]] std::vector<PartRef> head_colours();
/// "heads.induction", or one of the six names that older sessions have: "induction". nullopt: nothing by layer and head.
[[nodiscard]] std::optional<PartRef> head_colour_named(std::string_view name);
/// The study that has it.
[[nodiscard]] StudyKey scores_of(const PartRef& colour);

}  // namespace gf::doc
