// What colours the head grid: a part of a question with the axes layer and head.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/document/background/studies.h"

namespace gf::doc {

/// All parts that can colour it; the effect of a cut is the first.
[[nodiscard]] std::vector<PartRef> head_colours();
/// The colour with this name, such as "heads.induction". Sessions of version 0.1.0 have six shorter names, such as "induction",
/// which are understood too. nullopt: no question has a part of this name by layer and head.
[[nodiscard]] std::optional<PartRef> head_colour_named(std::string_view name);
/// The part of the same question that says the same of each block's MLP; nullopt: it says nothing of them.
[[nodiscard]] std::optional<PartRef> mlp_colour_of(const PartRef& colour);
/// The study that computes it, with that of the MLPs.
[[nodiscard]] StudyKey scores_of(const PartRef& colour);

}  // namespace gf::doc
