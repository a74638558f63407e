// Directions that the user keeps, steering along one, and what is computed for them in the background.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/document/command.h"
#include "app/document/what_if.h"

namespace gf::doc {

/// Adds the direction to the document, or replaces the one of the same name.
[[nodiscard]] Command keep_direction(Direction direction);
/// Removes the direction from the document, and its edit from the recipe.
[[nodiscard]] Command forget_direction(std::string name);
/// Makes the recipe add `strength` times the direction; 0 removes that edit. Consecutive changes of one direction undo as one.
[[nodiscard]] Command steer(const Direction& direction, float strength);
/// How many times the recipe adds the direction; 0: it has no such edit.
[[nodiscard]] float strength_of(const Recipe& recipe, const Direction& direction);
/// The recipe with the edit that adds `strength` times the direction.
[[nodiscard]] Recipe steered(Recipe recipe, const Direction& direction, float strength);

/// Why the direction is none of the open model: its hook, its length, or the model that it was found in. Empty: it can be added.
[[nodiscard]] std::string why_not_in(const Direction& direction, const Document& document, const ModelConfig& config);

/// Writes the edit that adds a direction as a recipe of one edit, and reads it. Errors: InvalidArgument (the edit adds no vector).
[[nodiscard]] std::string push_json(const Edit& push);
[[nodiscard]] Result<Edit> push_of_json(std::string_view json, const std::string& folder);
/// The edit that adds a vector to the last row of a hook: the last row of the prompt, and then the row of each generated token.
[[nodiscard]] Edit push_along(std::string hook, VectorSource vector);

/// The prompts and tags that a direction is computed from.
struct DirectionQuery {
  std::string set;                       ///< a file, or a bundled set by its name; empty: the two lists are used
  std::vector<std::string> from, to;     ///< two lists of prompts; the direction goes from the first to the second
  std::string tag, site = "resid_post";  ///< the parameters `tag` and `site` of the question `directions`
  int folds = 5;
  friend bool operator==(const DirectionQuery&, const DirectionQuery&) = default;
};
/// The answer to the question `directions` with all parts. Its by_run is false: it is computed once for each model.
[[nodiscard]] Inquiry<Answer> directions_of(const DirectionQuery& query);

/// The prompts of a file, or of a bundled set by its name, as the model's tokens. Errors: those of read_tagged_set().
[[nodiscard]] Result<std::shared_ptr<const TaggedSet>> prompts_named(const std::string& set, const Model& model);

/// The cosine of each kept direction with each other one; NaN where two are of different lengths.
struct Cosines {
  std::vector<std::string> names;
  std::vector<float> values;  ///< [n, n]
};
[[nodiscard]] Inquiry<Cosines> cosines_of(const std::vector<Direction>& directions);

/// What the model writes after the prompt without the direction (`base`), and with it added.
[[nodiscard]] Inquiry<TextPair> steered_texts(const Direction& direction, int n, TellTexts tell);

/// What the model does at each strength of a direction.
struct StrengthSweep {
  std::vector<double> strengths;
  std::vector<double> probability;  ///< of the target token (A) as the next one after `position`
  std::vector<double> perplexity;   ///< of the steered continuation of the prompt under the model without any edit
  std::optional<TokenId> target;
  int position = 0;
};
[[nodiscard]] Inquiry<StrengthSweep> strength_sweep(const Direction& direction, double most, int n);

}  // namespace gf::doc
