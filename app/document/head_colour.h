// What colours the head grid: a part of a question, by layer and head.
#pragma once

#include "app/document/document.h"
#include "app/document/studies.h"

namespace gf::doc {

[[nodiscard]] PartRef part_of(HeadColour colour);
/// The study that has it.
[[nodiscard]] StudyKey scores_of(HeadColour colour);

}  // namespace gf::doc
