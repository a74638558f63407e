// What questions about a clean and a corrupt prompt have in common.
#pragma once

#include "model/analysis/question.h"
#include "model/base/text.h"

namespace gf {

inline constexpr Param kCleanParam{
    .name = "clean", .kind = Param::Kind::Prompt, .doc = phrase("the prompt to copy from"), .required = true};
inline constexpr Param kCorruptParam{.name = "corrupt", .kind = Param::Kind::Prompt, .doc = phrase("the prompt to copy to")};

inline constexpr PartInfo kCleanPart{.name = "clean",
                                     .unit = "logit",
                                     .title = phrase("clean"),
                                     .doc = phrase("{0} of the clean prompt"),
                                     .kind = PartInfo::Kind::Number,
                                     .scale = PartInfo::Scale::Signed};
inline constexpr PartInfo kCorruptPart{.name = "corrupt",
                                       .unit = "logit",
                                       .title = phrase("corrupt"),
                                       .doc = phrase("{0} of the corrupt prompt"),
                                       .kind = PartInfo::Kind::Number,
                                       .scale = PartInfo::Scale::Signed};

/// For a graph of the answer, whose node of the logits says it.
inline constexpr PartInfo kCleanProbabilityPart{.name = "probability",
                                                .title = phrase("probability of A"),
                                                .doc = phrase("how likely A is after the clean prompt"),
                                                .kind = PartInfo::Kind::Number,
                                                .only = PartInfo::Only::Wanted};

/// What is given in place of effects where the two answers do not differ.
[[nodiscard]] inline Answer::Undefined no_effect_to_measure() {
  return {text("the two prompts answer alike, so a patch has no effect to measure")};
}

}  // namespace gf
