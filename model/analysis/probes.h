// Linear probes: how much of a tag a straight line through activations can tell. All sums are in double, and the order of each
// is fixed, so that a probe is the same on any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace gf {

/// One row of numbers for each prompt. shape [n, d], row-major.
struct RowMatrix {
  std::size_t n = 0, d = 0;
  std::vector<float> values;
  RowMatrix() = default;
  RowMatrix(std::size_t rows, std::size_t columns) : n(rows), d(columns), values(rows * columns) {}
  [[nodiscard]] std::span<float> row(std::size_t i) { return std::span(values).subspan(i * d, d); }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return std::span(values).subspan(i * d, d); }
  [[nodiscard]] bool is_finite() const;
};

/// The rows less their mean, turned into at most n dimensions. Distances and inner products stay as they are, so a probe that is
/// held small by its own length (L2) is the same one here, at less cost.
class ProbeSpace {
 public:
  explicit ProbeSpace(const RowMatrix& rows);
  [[nodiscard]] std::size_t n() const { return n_; }
  [[nodiscard]] std::size_t r() const { return r_; }
  [[nodiscard]] std::span<const double> row(std::size_t i) const { return std::span(z_).subspan(i * r_, r_); }
  [[nodiscard]] const std::vector<double>& mean() const { return mean_; }  ///< [d]
  /// A vector of this space as one of the rows' own d dimensions.
  [[nodiscard]] std::vector<double> back(std::span<const double> w) const;

 private:
  std::size_t n_, d_, r_;
  std::vector<double> mean_, z_;  ///< z [n, r]
  std::vector<double> axes_;      ///< [r, d]; empty where the space is the rows' own
};

/// score(x) = w . x + b, of rows of a ProbeSpace.
struct Probe {
  std::vector<double> w;
  double b = 0;
  [[nodiscard]] double score(std::span<const double> row) const;
};

/// Indices of rows.
using RowList = std::vector<std::size_t>;

// Each is fitted on `rows` alone, which hold both classes. `labels` 0 or 1, one for each row of the space.
/// w from the mean of class 0 to that of class 1, b so that the middle between them has the score 0.
[[nodiscard]] Probe mean_difference_probe(const ProbeSpace& space, std::span<const int> labels, const RowList& rows);
/// The least of l2 / 2 |w|^2 + the sum of ln(1 + exp(-y score)), y = -1 or 1; b is free. Found by Newton's method, in double, to
/// its end; scikit-learn's LogisticRegression has C = 1 / l2.
[[nodiscard]] Probe logistic_probe(const ProbeSpace& space, std::span<const int> labels, const RowList& rows, double l2 = 1);
/// The least of |score - y|^2 + l2 |w|^2; b is free. scikit-learn's Ridge has alpha = l2.
[[nodiscard]] Probe ridge_probe(const ProbeSpace& space, std::span<const double> targets, const RowList& rows, double l2 = 1);

/// Begin and end of each held-out stretch: the rows in their order, the first n mod k stretches one row longer.
/// Expects 2 <= k <= n. Source: scikit-learn's KFold without shuffling.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> contiguous_folds(std::size_t n, std::size_t k);
/// The score of each row under the probe that is fitted on all other folds.
using ProbeFit = std::function<Probe(const RowList& rows)>;
[[nodiscard]] std::vector<double> held_out_scores(const ProbeSpace& space, std::size_t folds, const ProbeFit& fit);

/// The share of rows whose score is above 0 exactly where the label is 1.
[[nodiscard]] double accuracy_of(std::span<const double> scores, std::span<const int> labels);
/// The chance that a row of class 1 scores higher than one of class 0; ties count half.
[[nodiscard]] double auc_of(std::span<const double> scores, std::span<const int> labels);
/// The distance between the classes' mean scores in units of their standard deviation: (m1 - m0) / sqrt((v0 + v1) / 2), sample
/// variances. NaN where a class has fewer than two rows or nothing varies.
[[nodiscard]] double separation_of(std::span<const double> scores, std::span<const int> labels);
/// 1 - sum of squared errors / sum of squared distances from the mean.
[[nodiscard]] double r2_of(std::span<const double> predicted, std::span<const double> targets);
/// Pearson's correlation of ranks; ties share their mean rank. NaN where one side is constant.
[[nodiscard]] double spearman_of(std::span<const double> a, std::span<const double> b);

/// The first two principal components of the rows.
struct TwoComponents {
  std::vector<double> places;         ///< [n, 2]
  std::array<double, 2> explained{};  ///< of the whole variance; 0 where there is none
  /// [d] each, as long as the rows' standard deviation along it; zeros where there is none.
  std::array<std::vector<double>, 2> directions;
};
/// Signs: the entry of largest size of each component's direction, in the rows' own dimensions, is positive.
[[nodiscard]] TwoComponents two_components(const ProbeSpace& space);

}  // namespace gf
