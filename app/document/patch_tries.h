// The run history of the Two prompts dock: what was copied from one prompt's run into another's, and what it did there.
#pragma once

#include <optional>
#include <string>

#include "app/document/background/studies.h"
#include "app/document/command.h"

namespace gf::doc {

/// The document's present state as a try without a name.
[[nodiscard]] PatchTry try_of(const Document& document);

/// Adds the patch to the recipe, and keeps the document's new state as a try. `alone`: it first removes earlier patches from the
/// same prompt; other edits stay. `about`: the position that the try is about, which becomes the selected one; none: the selected one is.
[[nodiscard]] Command make_patch(const Edit& edit, bool alone, std::optional<int> about = {});
[[nodiscard]] Command keep_try(std::string name);
[[nodiscard]] Command name_try(std::size_t index, std::string name);
[[nodiscard]] Command note_try(std::size_t index, std::string note);
[[nodiscard]] Command remove_try(std::size_t index);
/// Restores both prompts, the edits, A and B and the position of a try.
[[nodiscard]] Command go_to_try(std::size_t index);

/// The edits of a try in words: "block 4 resid_pre, position 9". The name of the try is ignored.
[[nodiscard]] std::string words_of_try(const PatchTry& one);

/// What a try did to the logit of A minus that of B at the explained position, by the same formula as patch-sweep.
struct TryResult {
  TokenId a, b;
  int position = 0;              ///< that it is about, in the own run
  double source = 0;             ///< of the second prompt's run
  double before = 0, after = 0;  ///< of the own run without edits, and with them
  std::optional<double> effect;  ///< (after - before) / (source - before); nullopt: both prompts answer alike
  double kl = 0;                 ///< KL(before || after), nats
};
/// Computed on the session's thread. Tries that differ by name and note alone have the same result.
[[nodiscard]] Inquiry<TryResult> result_of(const PatchTry& one);

/// The answer to a question about a run of these ids without edits.
[[nodiscard]] Inquiry<Answer> asked_of_ids(const Question& question, const Params& params, std::vector<TokenId> ids);

}  // namespace gf::doc
