// What colours the head grid: a part of a question with the axes layer and head.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/document/work/studies.h"

namespace gf::doc {

/// All parts that can colour it; the effect of a cut is the first.
[[nodiscard]] std::vector<PartRef> head_colours();
/// By its name, "heads.induction", or by one of the six names in older sessions, "induction". nullopt: there is no such part
/// by layer and head.
[[nodiscard]] std::optional<PartRef> head_colour_named(std::string_view name);
/// The study that computes it.
[[nodiscard]] StudyKey scores_of(const PartRef& colour);

}  // namespace gf::doc
