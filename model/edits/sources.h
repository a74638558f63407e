// What a recipe names outside of itself, put in its place: vectors of files and tokens as numbers, other prompts as ids.
#pragma once

#include "model/base/error.h"
#include "model/edits/recipe.h"
#include "model/tokenizer/tokenizer.h"
#include "model/weights.h"

namespace gf {

/// The same recipe by value: two that are equal do the same, whatever became of the files. Disabled edits stay as
/// they are. Errors: InvalidArgument, NotFound, Corrupt, Unsupported, each naming the edit's number.
[[nodiscard]] Result<Recipe> resolve_sources(const Recipe& recipe, const Weights& weights, const Tokenizer& tokenizer);

}  // namespace gf
