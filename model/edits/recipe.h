// Intervention recipes: what a user asks for, before it meets a run. Format: a JSON file, "version": 1.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"

namespace gf {

/// Which indices of one axis: all, a list, a half-open range, or a name that depends on the run.
struct Selector {
  enum class Kind { All, List, Range, Last, Prompt, Generated };
  Kind kind = Kind::All;
  std::vector<int> list;          ///< negative ones count from the end
  std::optional<int> begin, end;  ///< Range
  [[nodiscard]] static Selector only(int index) { return {Kind::List, {index}, {}, {}}; }
  friend bool operator==(const Selector&, const Selector&) = default;
};

struct FittedDictionary;

/// What an edit does; see its EditOperation (model/edits/ops/operation.h).
enum class EditOp : std::uint8_t {
#define EDIT_OP(op, name) op,
#include "model/edits/ops/ops.def"
#undef EDIT_OP
};
[[nodiscard]] const char* name_of(EditOp op);  ///< "zero", as a recipe has it

/// A run to take values from: text or ids.
struct RunSource {
  std::optional<std::string> prompt;
  std::vector<TokenId> ids;
  std::string hook;                   ///< patch only; empty: the edit's own
  std::optional<Selector> positions;  ///< patch only
  friend bool operator==(const RunSource&, const RunSource&) = default;
};

/// Where the numbers of a vector come from: one of the recipe itself, a file, a feature of a dictionary, tokens, or two lists of
/// runs.
struct VectorSource {
  std::vector<float> values;
  std::string file, tensor;  ///< file relative to the recipe's own folder
  int feature = -1;          ///< `file` is a dictionary, and the vector is this feature's row of its decoder; -1: it is not
  /// What became of the file, for operations that act on the feature's activation. Equal where the dictionary is the same object.
  std::shared_ptr<const FittedDictionary> dictionary;
  std::string tokens, against;  ///< text of one token each: the first's column of W_U, less the second's where there is one
  /// The mean of the hook's last row over `runs`, less that over `other_runs`. Both or neither.
  std::vector<RunSource> runs, other_runs;
  /// `values` has a number for each entry of the hook's last axis, of which the edit takes those that it selects;
  /// otherwise it has one for each that is selected. Tokens become such values.
  bool whole_axis = false;
  [[nodiscard]] bool plain() const { return tokens.empty() && runs.empty() && feature < 0; }
  friend bool operator==(const VectorSource& a, const VectorSource& b);
};

struct Edit {
  std::string hook;  ///< as hooks.def has it; `*` for the block's number: in every block
  EditOp op = EditOp::Zero;
  std::optional<Selector> positions, heads, dims, neurons, queries, keys;
  // The file of an operation says which of these it takes.
  std::optional<float> value;  ///< -inf allowed at hook_attn_scores
  std::optional<float> factor;
  std::optional<VectorSource> vector;
  std::optional<VectorSource> from, to;  ///< directions that are swapped
  std::optional<float> std_dev;          ///< in standard deviations of hook_embed
  std::optional<std::uint64_t> seed;
  std::optional<int> bits;
  std::optional<float> outliers;  ///< larger numbers are not rounded
  std::vector<RunSource> over;    ///< other runs to take a mean over
  std::optional<RunSource> source;
  bool renormalize = false;
  bool enabled = true;  ///< the panel's switch; saved only when false
  friend bool operator==(const Edit&, const Edit&) = default;
};

/// Pointers to the vectors that an edit may have.
template <class E>
[[nodiscard]] auto vectors_of(E& edit) {
  return std::array{&edit.vector, &edit.from, &edit.to};
}

struct Recipe {
  std::vector<Edit> edits;
  std::string folder;  ///< what relative files start from; not part of the file
  [[nodiscard]] bool empty() const { return edits.empty(); }
  friend bool operator==(const Recipe&, const Recipe&) = default;
};

/// A sentence about what is wrong with an edit's keys at its hook, as far as that shows without a model or a run; empty:
/// nothing.
[[nodiscard]] std::string problem_of(const Edit& edit);

/// Parses and checks the format (not the run). Errors: InvalidArgument, naming the edit's number and what is allowed.
[[nodiscard]] Result<Recipe> parse_recipe(std::string_view json, std::string folder = {});
/// A regular file of a bounded size. Errors: NotFound, Io too.
[[nodiscard]] Result<Recipe> read_recipe(const std::string& path);
[[nodiscard]] std::string to_json(const Recipe& recipe, int indent = 1);

/// The edit as one for each hook that its name stands for, first block first. `n_layer`: the model's.
[[nodiscard]] std::vector<Edit> at_each_hook(const Edit& edit, int n_layer);

/// What an edit did.
struct Receipt {
  long long fired = 0;       ///< elements written
  double norm = 0;           ///< sqrt of the sum of squared differences, infinities left out
  bool changed = false;      ///< whether any value differs from what was there; the norm doesn't see infinities
  long long empty_rows = 0;  ///< rows that `renormalize` left as they are, since they sum to 0
  /// At hook_attn_scores: how much attention the edit moved from some keys to others, summed over heads and their rows,
  /// each of which has 1 in all. The norm leaves out what -inf does.
  double attention = 0;
};

/// An edit of one head's z, at all positions.
[[nodiscard]] Edit edit_of_head(int block, int head, EditOp op = EditOp::Zero);

/// What an edit does, for cards and lists: "cut", "× 0.5", "from “another prompt”".
[[nodiscard]] std::string words_of(const Edit& edit);
/// The same in a few letters, for a cell or a label: "cut", "×0.5", "patch".
[[nodiscard]] std::string tag_of(const Edit& edit);
/// Where it acts: "block 0 head 3 z, all positions".
[[nodiscard]] std::string place_of(const Edit& edit);
/// What of a hook it acts on, heads aside: "position 9", "query 9, key 4", "neurons 2, 5". Empty: all of it.
[[nodiscard]] std::string part_of(const Edit& edit);
/// One line for people: "zero block 0 head 3 z, all positions".
[[nodiscard]] std::string summary(const Edit& edit);

}  // namespace gf
