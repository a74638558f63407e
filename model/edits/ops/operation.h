// An edit operation. Each has a file in this folder and a row in ops.def. Recipes, backends, cards, labels and the list of edits
// read the table and name no single operation; the menus of a cell and of a head name those that they offer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/edits/compiled.h"
#include "model/edits/recipe.h"
#include "model/hooks.h"

namespace gf {

/// The keys of a recipe that only some operations take; recipe_keys.cpp reads and writes them.
enum class EditKey : unsigned {
  Vector = 1,
  Value = 2,
  Factor = 4,
  Over = 8,
  Source = 16,
  From = 32,
  To = 64,
  Std = 128,
  Seed = 256,
  Bits = 512,
  Outliers = 1024,
  Dictionary = 2048  ///< in place of Vector
};
struct EditKeys {
  unsigned bits = 0;
  constexpr EditKeys() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): one key is a set of keys
  constexpr EditKeys(EditKey key) : bits(static_cast<unsigned>(key)) {}
  [[nodiscard]] constexpr bool has(EditKey key) const { return (bits & static_cast<unsigned>(key)) != 0; }
};
constexpr EditKeys operator|(EditKeys a, EditKeys b) {
  EditKeys both;
  both.bits = a.bits | b.bits;
  return both;
}
constexpr EditKeys operator|(EditKey a, EditKey b) { return EditKeys(a) | EditKeys(b); }

/// An edit bound to one hook and to the sizes of a model and a run. An edit of every block is bound once for each.
struct BoundEdit {
  const Edit* edit = nullptr;
  std::size_t number = 0;  ///< index in the recipe
  HookId hook;
  RowShape shape = RowShape::One;
  /// The selected places within a row, in groups of `group`: one head after the other. Not for Causal
  /// hooks, where the selected keys of one head are the group.
  std::vector<std::uint32_t> elements;
  std::size_t group = 0;
  /// The numbers that bind() gives to apply(): one for each of `elements`. Causal hooks: one for each key that a step's
  /// selector picks, in their order. Empty: none.
  std::vector<float> values;
  std::vector<double> row_factors;      ///< what follow() took from the unedited run: [positions, groups]
  double deviation = 0;                 ///< of the values that row_values() makes, where they are random
  std::shared_ptr<const Trace> source;  ///< the run whose values apply() gets
  HookId source_hook;
  std::vector<int> source_rows;  ///< by position of this run; -1: not copied to
  std::vector<bool> heads;       ///< Causal hooks
  bool waits = false;            ///< for a run that is not there yet: the edit is checked but does not act
};

/// What bind() can ask about the edit and the run.
class EditBinding {
 public:
  EditBinding(const Edit& edit, std::size_t number, const CompileContext& context) : edit(edit), context(context), number_(number) {}

  const Edit& edit;
  const CompileContext& context;

  /// "edit 2: ..."
  [[nodiscard]] tl::unexpected<Error> wrong(const std::string& what) const;
  /// The positions of this run that the edit's selector picks.
  [[nodiscard]] std::vector<int> positions() const;
  /// The most keys that the selector picks in one step; it picks others in each, as the sequence grows.
  [[nodiscard]] std::size_t most_keys() const;
  /// The mean difference at `hook` of the runs of `vector`; nullptr while it is not known.
  [[nodiscard]] const std::vector<float>* difference(const VectorSource& vector, HookId hook) const;
  /// The runs of `source` or `over`; empty while there are none.
  [[nodiscard]] std::span<const std::shared_ptr<const Trace>> sources() const;

 private:
  std::size_t number_;
};

/// Constant; all functions are pure. Those that may be nullptr say so.
struct EditOperation {
  EditOp op;
  const char* name;   ///< as a recipe has it
  const char* title;  ///< phrase(): a menu's entry
  EditKeys takes;
  EditKeys needs;  ///< those of `takes` that must be there; check() tells the rest

  /// The operation that a recipe means by the same name where it gives `dictionary`: it acts on the feature's activation.
  /// nullopt: there is none.
  std::optional<EditOp> on_feature = std::nullopt;

  /// A sentence about what is wrong with the edit's keys at this hook; empty: nothing. nullptr: nothing but `needs` is checked.
  std::string (*check)(const Edit& edit, HookKind kind) = nullptr;
  /// The hook, by its kind, whose values it takes from the unedited run; nullopt: it takes none. `own`: the edit's.
  /// nullptr: no edit takes any.
  std::optional<HookKind> (*base_kind)(const Edit& edit, HookKind own) = nullptr;
  /// Fills `values`, or `source` and what belongs to it; sets `waits`. nullptr: nothing to fill.
  Result<void> (*bind)(const EditBinding& binding, BoundEdit& bound) = nullptr;
  /// Takes what it needs of the unedited run's rows from position `first` on, which are there now. The run is the base of
  /// bind() or a longer one. nullptr: what bind() took is enough.
  void (*follow)(const Trace& base, int first, BoundEdit& bound) = nullptr;
  /// Fills the `given` of apply() for one row, where each row gets other numbers: one for each of `elements`. Causal hooks:
  /// for one head of a query's row, one for each key; `head` is 0 at other hooks. nullptr: the numbers are BoundEdit's.
  void (*row_values)(const BoundEdit& bound, int position, int head, std::span<float> values) = nullptr;
  /// Writes the selected elements of one group. `given`: the source's values at the same places, or the group's part of
  /// BoundEdit::values; empty where there are none.
  void (*apply)(const Edit& edit, std::span<const float> given, std::span<float> x);
  /// The backward of apply(), a vector-Jacobian product in place: `slope`, the gradient dm/dx after it, becomes that before it. `x`: the
  /// group before it, `given`: as apply() gets it; what is taken from other runs does not depend on x.
  void (*slope)(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope);
  /// The kind of kernel that does the same on a device; none: the rows are copied to the host and back.
  std::optional<ElementEdit::Kind> device = std::nullopt;

  /// Whether all that it selects becomes 0. nullptr: it cannot say so.
  bool (*leaves_nothing)(const Edit& edit) = nullptr;

  /// What it does, for cards and lists: "cut", "× 0.5", "from “another prompt”".
  std::string (*words)(const Edit& edit);
  /// The same in a few letters, for a cell of a grid or a label: "cut", "×0.5", "patch".
  std::string (*tag)(const Edit& edit);
  /// The whole sentence about a place such as "block 0 head 3 z, all positions".
  std::string (*sentence)(const Edit& edit, const std::string& place);
};

/// All, in the order of ops.def.
[[nodiscard]] std::span<const EditOperation* const> edit_operations();
[[nodiscard]] const EditOperation& operation_of(EditOp op);
/// By the name that a recipe has; nullptr: there is none.
[[nodiscard]] const EditOperation* find_operation(std::string_view name);

namespace ops {
#define EDIT_OP(op, name) extern const EditOperation name;
#include "model/edits/ops/ops.def"
#undef EDIT_OP

/// A number in words(), and a more exact one in sentence().
[[nodiscard]] std::string number_words(float value);
[[nodiscard]] std::string exact_number_words(float value);
/// An apply() that replaces the values by `given`.
void take_given(const Edit& edit, std::span<const float> given, std::span<float> x);
/// An apply() that adds `given`.
void add_given(const Edit& edit, std::span<const float> given, std::span<float> x);
/// A slope() of what does not depend on the values before: 0.
void slope_of_constant(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope);
/// A slope() of what adds numbers that do not depend on the values before: it stays.
void slope_of_shift(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope);
/// A slope() of set_along(): it loses its part along the direction `given`.
void slope_of_set_along(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope);
/// x + more * direction.
void add_along(std::span<const float> direction, double more, std::span<float> x);
/// Sets the coefficient of x along a direction of length 1; the part that is orthogonal to it stays.
void set_along(std::span<const float> direction, double value, std::span<float> x);
/// A bind() that takes the recipe's vector: `values` has it for each head.
[[nodiscard]] Result<void> bind_vector(const EditBinding& binding, BoundEdit& bound);
/// A bind() of operations on a feature's activation: the edit has to act on whole rows where its dictionary reads them.
[[nodiscard]] Result<void> bind_feature(const EditBinding& binding, BoundEdit& bound);
/// apply() and slope() of the same operations.
void feature_apply(const Edit& edit, std::span<const float> given, std::span<float> x);
void feature_slope(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope);
/// A bind() that scales the vector to length 1 in each head. Errors: InvalidArgument where it is 0.
[[nodiscard]] Result<void> bind_direction(const EditBinding& binding, BoundEdit& bound);
/// A check() of operations that act along a direction: refuses hooks whose rows differ in length.
[[nodiscard]] std::string check_direction(const Edit& edit, HookKind kind);
/// The numbers of a vector at the places that the edit selects, for each head; sets `waits` where they come from runs that
/// are not there yet. `unit`: each head's have length 1.
[[nodiscard]] Result<std::vector<float>> numbers_of(const EditBinding& binding, const VectorSource& vector, bool unit, BoundEdit& bound);
/// Steps on each side of 0 that a number of the edit's `bits` has: 127 for 8 bits, the default.
[[nodiscard]] int levels_of(const Edit& edit);
/// "a vector", "the direction of “ Paris” against “ Rome”"
[[nodiscard]] std::string vector_words(const std::optional<VectorSource>& vector);
/// "f12": a feature where there is room for a few letters.
[[nodiscard]] std::string feature_tag(const std::optional<VectorSource>& vector);
}  // namespace ops

}  // namespace gf
