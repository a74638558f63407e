// The numbers of an open product: its two factors, the bias, and the sums of its first terms.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/cube/cube.h"
#include "app/scene/cube/weight_product.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

/// y[i, j] = scale * sum over k of x[i, k] * w[k, j], + b[j], with the numbers of one pass. Where a sum has a bias, that is its last
/// term. Immutable but for what it keeps of sums; thread safe. Keeps model and run alive.
class CubeProduct {
 public:
  /// null: there is no run, it did not keep a factor, or the product's numbers may not be told. See why_not_open().
  /// While somebody keeps the product that was made last, the same question gives that one. Any thread.
  [[nodiscard]] static std::shared_ptr<const CubeProduct> of(const SceneInput& input, const ViewState& view, const Cube& cube);

  [[nodiscard]] const Cube& cube() const { return cube_; }
  [[nodiscard]] int rows() const { return rows_; }  ///< positions; of logits those alone that the run kept
  [[nodiscard]] int cols() const { return cols_; }
  [[nodiscard]] int depth() const { return depth_; }                               ///< products that a sum has
  [[nodiscard]] int terms() const { return depth_ + (bias_ != nullptr ? 1 : 0); }  ///< the bias counted
  [[nodiscard]] bool has_bias() const { return bias_ != nullptr; }
  [[nodiscard]] int row0() const { return row0_; }       ///< the position of the first row
  [[nodiscard]] int col0() const { return col0_; }       ///< the hook's flat index of the first column
  [[nodiscard]] double scale() const { return scale_; }  ///< of scores: 1 / sqrt(d_head), as the model has it
  [[nodiscard]] const std::optional<WeightProduct>& with_weight() const { return weight_; }
  [[nodiscard]] HookId left_hook() const { return left_hook_; }
  [[nodiscard]] HookId right_hook() const { return right_hook_; }  ///< without a weight
  /// Whether row i has a sum at column j: a query has no score for a later key.
  [[nodiscard]] bool there(int i, int j) const { return !causal_result_ || j <= i + row0_; }
  /// Products that the sum of row i has: a query's values come from the keys up to it.
  [[nodiscard]] int depth_of(int i) const { return causal_terms_ ? std::min(depth_, i + row0_ + 1) : depth_; }
  [[nodiscard]] double left(int i, int k) const {
    return left_[static_cast<std::size_t>(i) * static_cast<std::size_t>(depth_) + static_cast<std::size_t>(k)];
  }
  [[nodiscard]] double right(int k, int j) const;
  [[nodiscard]] double bias(int j) const;
  /// Term k of the sum (i, j), scaled; k == depth(): the bias. NaN where there is none.
  [[nodiscard]] double term(int i, int k, int j) const;
  /// w[k, j0 ...], unscaled.
  void read_right(int k, int j0, std::span<float> out) const;
  /// The same for whoever reads row after row as a whole. Where the numbers of a row lie far apart in the matrix, as those of the
  /// unembedding do, some rows are gathered at once and kept.
  void read_whole_row(int k, int j0, std::span<float> out) const;

  /// The sum of the first `terms` terms, added up in their order.
  [[nodiscard]] double sum(int i, int j, int terms) const;
  /// The same for all columns of the rows [i0, i1), cols() numbers each. The same call gives the same bits, whatever was called before.
  [[nodiscard]] std::vector<float> sums(int i0, int i1, int terms) const;
  /// What the product gives at a cell. That is the captured value where no edit acts on the hook itself.
  [[nodiscard]] float result(int i, int j) const;
  void read_result(int i, int j0, std::span<float> out) const;
  /// Whether an edit makes other values of the hook than the product gives.
  [[nodiscard]] bool edited() const { return edited_; }

  /// Row and column of the sum that makes a cell of the hook, or the score behind a cell of the pattern; nullopt: it makes none.
  [[nodiscard]] std::optional<std::pair<int, int>> sum_of(const CellRef& cell) const;
  /// Whether this is what of() gives. The view's order and time do not matter.
  [[nodiscard]] bool is_of(const SceneInput& input, const ViewState& view, const Cube& cube) const;

  /// How many single sums the product has, and the one with a number: row by row.
  [[nodiscard]] long long sums_in_all() const;
  [[nodiscard]] std::pair<int, int> cell_at(long long number) const;
  /// The number of a cell's sum; -1: none.
  [[nodiscard]] long long number_of(int i, int j) const;

  /// The value that saturates the colour of x, of a term and of y.
  [[nodiscard]] float left_scale() const { return left_scale_; }
  [[nodiscard]] float result_scale() const { return result_scale_; }
  [[nodiscard]] float result_mean() const { return result_mean_; }  ///< of logits, whose colour is the difference from it; else 0
  [[nodiscard]] int head_size() const { return input_.model->weights->config.d_head; }
  [[nodiscard]] float left_largest() const { return left_largest_; }
  [[nodiscard]] float result_largest() const { return result_largest_; }

 private:
  CubeProduct(const SceneInput& input, const ViewState& view, const Cube& cube);
  bool read_factors();
  bool of_weight();
  bool of_head();
  void find_results();
  [[nodiscard]] std::span<const float> captured_row(int i) const;
  [[nodiscard]] bool same_as_captured() const;

  SceneInput input_;
  Compare compare_;
  Cube cube_;
  int rows_ = 0, cols_ = 0, depth_ = 0, row0_ = 0, col0_ = 0;
  int selected_ = 0;     ///< position
  bool window_ = false;  ///< the rows are those before it
  double scale_ = 1;
  bool causal_result_ = false, causal_terms_ = false, edited_ = false;
  std::optional<WeightProduct> weight_;
  HookId left_hook_, right_hook_;
  const TensorView* bias_ = nullptr;
  std::vector<double> left_;
  std::vector<float> right_;    ///< [depth, cols]; without a weight
  std::vector<float> results_;  ///< [rows, cols], where they are not the captured ones
  float left_scale_ = 1, result_scale_ = 1, left_largest_ = 0, result_largest_ = 0, result_mean_ = 0;

  /// Sums of some rows so far, so that the next moment of playing adds only what is new.
  struct Kept {
    int i0 = 0, i1 = 0, terms = 0;
    std::vector<double> sums;
  };
  mutable std::mutex mutex_;
  mutable Kept kept_;
  /// Rows of the weight, see read_whole_row().
  struct Gathered {
    int k0 = 0;
    std::vector<float> rows;
  };
  mutable std::mutex gathering_;
  mutable Gathered gathered_;
};

/// Why a product cannot be opened; empty: it can.
[[nodiscard]] std::string why_not_open(const SceneInput& input, const ViewState& view, const Cube& cube);

}  // namespace gf::scene
