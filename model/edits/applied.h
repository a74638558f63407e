// The edits that compile() returns: they act on the rows of a forward pass.
#pragma once

#include <vector>

#include "model/edits/compiled.h"
#include "model/edits/ops/operation.h"

namespace gf {

class AppliedEdits final : public CompiledEdits {
 public:
  AppliedEdits(Recipe recipe, int n_prompt, int n_head, int n_layer)
      : recipe_(std::move(recipe)), n_prompt_(n_prompt), n_head_(n_head), n_layer_(n_layer), sums_(recipe_.edits.size()) {}

  /// The edits given to push() point into it.
  [[nodiscard]] const Recipe& recipe() const { return recipe_; }
  void push(BoundEdit bound) { bound_.push_back(std::move(bound)); }

  [[nodiscard]] bool touches(HookId hook) const override;
  [[nodiscard]] int first_block() const override;
  [[nodiscard]] int first_row(int rows) const override;
  [[nodiscard]] bool follows_base() const override;
  void follow(const Trace& base, int first) override;
  void begin_step(int first_position, int rows, int length) override;
  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override;
  void apply_causal(HookId hook, int query, float* row) override;
  void apply_slope(HookId hook, int position, std::span<const float> before, std::span<float> slope) override;
  [[nodiscard]] std::optional<std::vector<ElementEdit>> elements_at(HookId hook, int first_position, int rows) override;
  void add_to_receipt(const ElementEdit& edit, double squares, bool changed, long long empty_rows, double attention) override;
  [[nodiscard]] std::vector<Receipt> receipts() const override;

 private:
  struct Sum {
    long long fired = 0;
    double squares = 0;
    bool changed = false;
    long long empty_rows = 0;
    double attention = 0;
    void add(float before, float after);
  };

  /// Whether the edit writes to the row of this position (query) in its own step.
  [[nodiscard]] bool writes_row(const BoundEdit& b, int position) const;
  void apply_row(const BoundEdit& b, int position, float* row);
  void apply_head(const BoundEdit& b, int head, int query, std::span<float> scores);
  /// Finds the keys of a query that the edit writes (`keys_`) and gives the `given` of apply() for them. Lifetime: until the
  /// next head or row.
  std::span<const float> choose_keys(const BoundEdit& b, int head, int query);
  // dm/dx after the edit becomes that before it, of the row `before`. (model/edits/applied_slope.cpp)
  void slope_of_row(const BoundEdit& b, int position, std::span<const float> before, std::span<float> slope);
  void slope_of_head(const BoundEdit& b, int head, int query, std::span<const float> before, std::span<float> slope);
  /// Whether the operation gets other values in each row: those of another run, or those that row_values() makes.
  [[nodiscard]] static bool by_row(const BoundEdit& b);
  /// The `given` of all elements of this row; empty where there is none. Lifetime: until the next row. Not for Causal hooks.
  [[nodiscard]] std::span<const float> values_of_row(const BoundEdit& b, int position);
  /// Causal hooks: a number for each key of the query. Precondition: by_row(). Lifetime: until the next head or row.
  [[nodiscard]] std::span<const float> values_of_head(const BoundEdit& b, int head, int query);
  [[nodiscard]] ElementEdit row_elements(const BoundEdit& b, int first_position, int rows);
  [[nodiscard]] ElementEdit causal_elements(const BoundEdit& b, int first_position, int rows);
  static void add_by_key(const BoundEdit& b, int query, ElementEdit& e);

  Recipe recipe_;
  int n_prompt_, n_head_, n_layer_;
  std::vector<BoundEdit> bound_;
  std::vector<Sum> sums_;
  // Of the row and group that are edited at the moment; members, so that their memory serves the next ones too.
  std::vector<float> x_, slope_, given_, row_values_;
  std::vector<std::size_t> keys_;
};

}  // namespace gf
