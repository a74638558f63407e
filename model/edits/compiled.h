// A recipe bound to a model and a run: what the backend calls where the forward pass meets a hook.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/base/error.h"
#include "model/config.h"
#include "model/edits/recipe.h"
#include "model/hooks.h"

namespace gf {

class Trace;

/// One edit at one hook, for some rows of a step, as plain numbers: for a backend that edits values where they are.
struct ElementEdit {
  enum class Kind {
    Assign,   ///< v
    Scale,    ///< factor * x
    Add,      ///< x + factor * v
    Along,    ///< x + (value - x.v) v, v of length 1, group by group
    AddNorm,  ///< x + factor * |x| v, v of length 1, group by group
    Round,    ///< x to the nearest of 2 * levels + 1 steps up to the group's largest magnitude
  };
  Kind kind = Kind::Assign;
  std::size_t number = 0;  ///< index in the recipe
  float factor = 1;
  float value = 0;            ///< v, where `values` is empty; the coefficient of Along
  int levels = 0;             ///< of Round
  float outliers = 0;         ///< of Round: what is larger stays as it is
  std::vector<int> rows;      ///< that it writes: positions first_position + rows[i]
  std::vector<int> elements;  ///< places within a row; not for Causal hooks
  std::vector<float> values;  ///< v: [elements], or [rows, elements]; Causal hooks: [rows, heads, keys]
  bool values_by_row = false;
  int group = 0;  ///< of `elements`, which are whole groups: the last axis, head by head
  // Causal hooks only:
  std::vector<int> heads;
  int keys = 0;                       ///< extent of the next, and of `values`
  std::vector<std::uint8_t> written;  ///< [rows, keys]: 1 where it writes
  bool renormalize = false;           ///< each row that it writes in is divided by its sum, if that is not 0
  bool moves_attention = false;       ///< the receipt says how much, see Receipt::attention
  long long fired = 0;                ///< elements that it writes
};

/// Collects receipts while a run goes on, so one object belongs to one run. Not thread safe: the backend calls it
/// from one thread.
class CompiledEdits {
 public:
  virtual ~CompiledEdits() = default;

  /// Whether any active edit stands at this hook. Cheap; asked for each hook and block.
  [[nodiscard]] virtual bool touches(HookId hook) const = 0;
  /// The first block whose computation differs from the base run; n_layer where only ln_final or logits are touched.
  [[nodiscard]] virtual int first_block() const = 0;

  /// The first of these positions whose row an edit changes; all before it are the base run's. `rows` where none does.
  [[nodiscard]] virtual int first_row(int /*rows*/) const { return 0; }

  /// Whether the edits take something from each row of the unedited run of the same tokens. Rows that compile() had no
  /// base for have to be given by follow() before they are computed.
  [[nodiscard]] virtual bool follows_base() const { return false; }
  /// The unedited run as far as it is now; the rows from position `first` on are new.
  virtual void follow(const Trace& /*base*/, int /*first*/) {}

  /// A new step: the rows [first_position, first_position + rows) of a sequence that is then `length` long. A row's
  /// selectors are resolved against its own step's length, which follows from its position and n_prompt alone, so
  /// tokens that are already known may be computed as one step of many rows. Harmless when called twice.
  virtual void begin_step(int first_position, int rows, int length) = 0;
  /// Applies the edits at `hook` in the order written to rows of the current step: `rows` rows of row_size floats,
  /// `stride` floats apart, the first being position first_position. Not for Causal hooks.
  virtual void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) = 0;
  /// Causal hooks: one query's row, n_head x (query + 1), head-major.
  virtual void apply_causal(HookId hook, int query, float* row) = 0;

  /// Takes a slope back through the edits at `hook`: dm/dx of one row after them becomes that of the row before them, whose
  /// values are `before`. Of a Causal hook it is one query's row. Receipts stay as they are. Expects edits that have slopes,
  /// as all recipes do.
  virtual void apply_slope(HookId hook, int position, std::span<const float> before, std::span<float> slope);

  /// What apply() or apply_causal() would do to these rows, in the order written; nullopt: only those two can do it.
  /// A backend that does it instead reports with add_to_receipt().
  [[nodiscard]] virtual std::optional<std::vector<ElementEdit>> elements_at(HookId hook, int first_position, int rows);
  virtual void add_to_receipt(const ElementEdit& edit, double squares, bool changed, long long empty_rows, double attention);

  /// One for each edit of the recipe, in its order; disabled edits stay at 0.
  [[nodiscard]] virtual std::vector<Receipt> receipts() const = 0;
};

/// The numbers of a vector of two lists of runs at one hook, as many as a row of the hook has.
struct RunDifference {
  VectorSource vector;
  HookId hook;
  std::vector<float> values;
};

/// What compiling needs beyond the recipe.
struct CompileContext {
  ModelConfig config;
  int n_prompt = 0;
  int n_total = 0;              ///< prompt + tokens to come: indices beyond it can never be reached
  const Trace* base = nullptr;  ///< the unedited run of the same tokens, or of the prompt; has the hooks of base_hooks()
  /// For each edit of the recipe the unedited runs that it takes values from (`source`, or all of `over`), with the
  /// hooks of source_kind(). Empty: there are none yet.
  std::span<const std::vector<std::shared_ptr<const Trace>>> sources = {};
  /// For each vector of runs one for each hook of its edit. An edit without its difference waits for it.
  std::span<const RunDifference> differences = {};
};

/// The hooks whose values the runs of `source` or `over` must have captured; nullopt where an edit needs no other run.
[[nodiscard]] std::optional<HookKind> source_kind(const Edit& edit);

/// Hooks that the base run must have captured before this recipe can be compiled.
[[nodiscard]] std::vector<HookId> base_hooks(const Recipe& recipe, const ModelConfig& config);

/// Files and prompts of the recipe have been replaced by resolve_sources() (model/edits/sources.h).
/// Errors: InvalidArgument ("edit 2: ...", with what was allowed). Nothing has run then.
/// Without base and sources the recipe is checked only, and an edit that needs one is compiled as if it were not there.
[[nodiscard]] Result<std::unique_ptr<CompiledEdits>> compile(const Recipe& recipe, const CompileContext& context);

}  // namespace gf
