#include "app/document/head_colour.h"

#include <array>

namespace gf::doc {

PartRef part_of(HeadColour colour) {
  constexpr std::array names{"ablate-sweep.delta", "dla.heads", "heads.previous", "heads.induction", "heads.duplicate", "heads.sink"};
  const auto part = find_part(names[static_cast<std::size_t>(colour)]);
  EXPECTS(part, "each colour is a part of a question");
  return *part;
}

StudyKey scores_of(HeadColour colour) {
  const PartRef ref = part_of(colour);
  return {.question = ref.question, .parts = {ref.part->name}, .side = usual_side(*ref.question)};
}

}  // namespace gf::doc
