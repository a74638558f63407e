// Directions that the user keeps, steering along one, and what is computed for them in the background.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/document/command.h"

namespace gf::doc {

/// By its name; nullptr: there is none.
[[nodiscard]] const Direction* find_direction(const Document& document, std::string_view name);
/// Adds it, or replaces the one of the same name.
[[nodiscard]] Command keep_direction(Direction direction);
/// Takes its push out of the recipe too.
[[nodiscard]] Command forget_direction(std::string name);
/// The edit that adds `strength` times the direction; 0 takes it out. Drags of one direction undo as one.
[[nodiscard]] Command steer(const Direction& direction, float strength);
/// How far the document's recipe pushes along the direction; 0: not at all.
[[nodiscard]] float strength_of(const Recipe& recipe, const Direction& direction);
/// The recipe with another strength.
[[nodiscard]] Recipe steered(Recipe recipe, const Direction& direction, float strength);

/// The push of a direction as an edit of a recipe with one edit, and back. Errors: InvalidArgument: it adds no vector.
[[nodiscard]] std::string push_json(const Edit& push);
[[nodiscard]] Result<Edit> push_of_json(std::string_view json, const std::string& folder);
/// The edit that adds a vector to a hook's last row: the prompt's, then each new one.
[[nodiscard]] Edit push_along(std::string hook, VectorSource vector);

/// What the prompts are whose directions are looked for.
struct DirectionQuery {
  std::string set;                       ///< a file, or a bundled set by its name; empty: the lists
  std::vector<std::string> from, to;     ///< two lists of prompts; the direction goes from the first to the second
  std::string tag, site = "resid_post";  ///< as the question's parameters
  int folds = 5;
  friend bool operator==(const DirectionQuery&, const DirectionQuery&) = default;
};
/// The answer of `directions` with all parts. by_run = false: it is computed once for each model.
[[nodiscard]] Inquiry<Answer> directions_of(const DirectionQuery& query);

/// The cosine of each kept direction with each other one; NaN where two are of different lengths.
struct Cosines {
  std::vector<std::string> names;
  std::vector<float> values;  ///< [n, n]
};
[[nodiscard]] Inquiry<Cosines> cosines_of(const std::vector<Direction>& directions);

/// The prompt continued twice with the same noise: without the push, and with it.
struct SteeredTexts {
  std::string plain, steered;
  friend bool operator==(const SteeredTexts&, const SteeredTexts&) = default;
};
/// Each token is told as it is there, on the session's thread.
using TellTexts = std::function<void(const SteeredTexts& so_far)>;
[[nodiscard]] Inquiry<SteeredTexts> steered_texts(const Direction& direction, int n, TellTexts tell);

/// What each strength does.
struct StrengthSweep {
  std::vector<double> strengths;
  std::vector<double> probability;  ///< of the target token (A) as the next one
  std::vector<double> perplexity;   ///< of the steered continuation, as the model reads it that is not steered
  std::optional<TokenId> target;
};
[[nodiscard]] Inquiry<StrengthSweep> strength_sweep(const Direction& direction, double most, int n);

}  // namespace gf::doc
