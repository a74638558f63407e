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

std::optional<PartRef> mlp_colour_of(const PartRef& colour) {
  constexpr std::array<std::array<std::string_view, 2>, 5> kTwins{{{"ablate-sweep.delta", "mlp_delta"},
                                                                   {"ablate-sweep.kl", "mlp_kl"},
                                                                   {"act-grad.heads", "mlp"},
                                                                   {"dla.heads", "mlp"},
                                                                   {"attribution.heads", "mlp_by_layer"}}};
  for (const auto& [heads, mlp] : kTwins) {
    if (colour.name() != heads) continue;
    for (const PartInfo& part : colour.question->parts)
      if (mlp == part.name) return PartRef{colour.question, &part};
  }
  return std::nullopt;
}

StudyKey scores_of(const PartRef& colour) {
  StudyKey key{.question = colour.question, .parts = {colour.part->name}, .side = usual_side(*colour.question)};
  if (const auto mlp = mlp_colour_of(colour)) key.parts.emplace_back(mlp->part->name);
  return key;
}

}  // namespace gf::doc
