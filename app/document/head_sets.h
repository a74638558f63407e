// Sets of heads with edits that were fitted to a task, kept by the user and swapped: those of LoFiT and of probes of heads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/document/command.h"

namespace gf::doc {

/// Adds the set to the document, or replaces the one of the same name.
[[nodiscard]] Command keep_head_set(HeadSet set);
/// Removes the set from the document, and its edits from the recipe.
[[nodiscard]] Command forget_head_set(std::string name);
/// Puts the set's edits into the recipe, at a strength, and takes those of every other kept set out. 0: it takes its own out too.
/// Consecutive changes of one set undo as one.
[[nodiscard]] Command use_head_set(const HeadSet& set, float strength);

/// The set's edits at a strength: what they add times it, and 1 + strength (gain - 1) for each gain.
[[nodiscard]] std::vector<Edit> edits_at(const HeadSet& set, float strength);
/// At which strength the recipe has the set's edits; 0: it has not.
[[nodiscard]] float strength_of(const Recipe& recipe, const HeadSet& set);

/// A recipe of edits of single heads' z that scale or add, as JSON and back. Errors: InvalidArgument (other edits, or none that adds).
[[nodiscard]] std::string recipe_text(const HeadSet& set);
[[nodiscard]] Result<HeadSet> head_set_of(std::string name, std::string_view recipe, const std::string& folder);
/// A list, as a session has it. Untrusted: errors are InvalidArgument, saying what was expected.
[[nodiscard]] nlohmann::json json_of(const std::vector<HeadSet>& sets);
[[nodiscard]] Result<std::vector<HeadSet>> read_head_sets(const nlohmann::json& list, const std::string& folder);

/// What a set of heads is found with.
struct HeadSetQuery {
  std::string question = "lofit";  ///< or "head-probes"
  std::string set;                 ///< of prompts: a file, or a bundled set by its name
  int top = 8;
  bool opposite = false;  ///< of lofit
  std::string heads;      ///< of lofit: "4.3,5.1"; empty: the most important ones
  friend bool operator==(const HeadSetQuery&, const HeadSetQuery&) = default;
};
/// The answer to the query's question with all parts. Its by_run is false: it is computed once for each model.
[[nodiscard]] Inquiry<Answer> heads_fitted_to(const HeadSetQuery& query);
/// The set's heads as the question lofit takes them: "4.3,5.1".
[[nodiscard]] std::string heads_text(const HeadSet& set);

}  // namespace gf::doc
