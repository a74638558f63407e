// What if: the model writes on from the prompt twice, with the same noise, without some edits and with them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/document/background/studies.h"
#include "model/edits/recipe.h"
#include "model/sampling/sampler.h"

namespace gf::doc {

/// Two continuations of the prompt that are sampled with the same noise: at the same place the same token is drawn where both have the same
/// probabilities.
struct TextPair {
  std::string base, edited;
  int n = 0;            ///< so many tokens, the longer of both
  int same = 0;         ///< so many of them are the same in both, from the first one on
  bool parted = false;  ///< the next one differs
  friend bool operator==(const TextPair&, const TextPair&) = default;
};
/// Called on the session's thread after each token.
using TellTexts = std::function<void(const TextPair& so_far)>;

/// `without` makes the base's recipe of the present one. `n`: tokens, fewer where the text ends. `sampler`: none: the run's own.
[[nodiscard]] Inquiry<TextPair> texts_of_two(StudyTraits traits, std::function<Recipe(const Recipe&)> without, int n, TellTexts tell,
                                             std::optional<SamplerOptions> sampler = {});
/// Without any edit, and with those of the document.
[[nodiscard]] Inquiry<TextPair> what_if(const SamplerOptions& sampler, int n, TellTexts tell);

}  // namespace gf::doc
