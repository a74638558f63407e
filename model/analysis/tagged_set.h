// A set of prompts, each with tags: what a question about many prompts at once is asked with.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"

namespace gf {

/// A word ("true" and "false" for JSON's), or a number.
using TagValue = std::variant<std::string, double>;

struct TaggedPrompt {
  std::size_t row = 0;  ///< its line in the file, from 1
  std::string text;     ///< empty where it was given as ids
  std::vector<TokenId> ids;
  std::map<std::string, TagValue> tags;
  std::string target = {}, against = {};  ///< the word that should follow, and one that should not; empty: there is none
};

struct TaggedSet {
  struct Failed {
    std::size_t row;
    std::string why;
  };
  std::string name;  ///< of the file
  std::vector<TaggedPrompt> rows;
  std::vector<Failed> failed;  ///< rows that are not a prompt for this model; the others are used
};

/// How a prompt's text becomes ids, with what the caller puts before it. Errors: InvalidArgument.
using PromptEncoder = std::function<Result<std::vector<TokenId>>(const std::string& text)>;

/// Reads JSON Lines of {"prompt" or "ids", "target"?, "against"?, "position"?, "tags"?: {name: word, number or boolean}}. A prompt with
/// a position ends there. Untrusted. `n_vocab`, `n_ctx`: of the model. Errors: NotFound, Io, InvalidArgument (no row is a prompt).
[[nodiscard]] Result<TaggedSet> read_tagged_set(const std::string& path, const PromptEncoder& encode, int n_vocab, int n_ctx);

/// The tag of each row that has it. Where all are numbers of more than two values, they are numbers to predict, else there are two
/// classes; of these the second in the order of words or numbers is class 1, which scikit-learn's classes_ have so too.
struct TagColumn {
  std::string tag;
  std::vector<const TaggedPrompt*> rows;  ///< lifetime: within the set's
  std::vector<int> labels;                ///< 0 or 1; empty: the tag is a number
  std::vector<double> targets;            ///< empty: classes
  std::string zero, one;                  ///< the classes' values, as they are written
  [[nodiscard]] bool is_number() const { return !targets.empty(); }
};
/// `tag` empty: the only one that there is. Errors: InvalidArgument: no or several tags, not two values, fewer than `folds` rows,
/// or a fold outside which a class is missing.
[[nodiscard]] Result<TagColumn> tag_column(const TaggedSet& set, std::string_view tag, int folds);

}  // namespace gf
