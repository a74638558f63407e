#include "app/document/head_colour.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gf::doc {

std::vector<PartRef> head_colours() {
  std::vector<PartRef> all = parts_with_axes("layer,head");
  std::ranges::stable_partition(all, [](const PartRef& part) { return part.name() == "ablate-sweep.delta"; });
  return all;
}

std::optional<PartRef> head_colour_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOlder{{{"effect", "ablate-sweep.delta"},
                                                                                 {"attribution", "dla.heads"},
                                                                                 {"previous", "heads.previous"},
                                                                                 {"induction", "heads.induction"},
                                                                                 {"duplicate", "heads.duplicate"},
                                                                                 {"sink", "heads.sink"}}};
  for (const auto& [older, now] : kOlder)
    if (name == older) name = now;
  for (const PartRef& part : head_colours())
    if (part.name() == name) return part;
  return std::nullopt;
}

StudyKey scores_of(const PartRef& colour) {
  return {.question = colour.question, .parts = {colour.part->name}, .side = usual_side(*colour.question)};
}

}  // namespace gf::doc
