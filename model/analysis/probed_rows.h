// The probes of the questions about sets: what a tag's values look like at one place of the model, and the baselines beside them.
#pragma once

#include <cstdint>
#include <vector>

#include "model/analysis/probes.h"
#include "model/analysis/tagged_set.h"

namespace gf {

/// On held-out rows; NaN where a number does not apply (accuracy of a number, R2 of classes), and everywhere where a row holds a
/// value that is not finite.
struct ProbedRows {
  struct Scores {
    double accuracy, auc;
  };
  Scores difference, logistic;
  double separation;             ///< along the difference of means
  double r2, spearman;           ///< of the ridge probe
  std::vector<double> held_out;  ///< [n] the logistic probe's or the ridge probe's score of each row
  /// [d] of all rows: the mean of class 1 less that of class 0; of numbers: along the ridge probe's weights, so long
  /// that adding it raises the prediction by a standard deviation of the tag.
  std::vector<double> direction;
  /// [d] of classes: along the logistic probe's weights over all rows, so long that adding it moves class 0's mean to class 1's
  /// along them.
  std::vector<double> probe;
  std::vector<double> mean;  ///< [d] of all rows
  double deviation;          ///< of all rows along the direction, made unit length
  TwoComponents components;
};
[[nodiscard]] ProbedRows probed_rows(const RowMatrix& rows, const TagColumn& tags, int folds);

/// The logistic probe's accuracy, or the ridge probe's R2 and Spearman's correlation.
struct MainScore {
  double score, spearman;
};
[[nodiscard]] MainScore main_score(const RowMatrix& rows, const TagColumn& tags, int folds);
/// The mean of main_score() over a few shuffles of the tags: what a probe finds if the rows say nothing about the tag.
[[nodiscard]] MainScore shuffled_score(const RowMatrix& rows, const TagColumn& tags, int folds, std::uint64_t seed);
/// The share of the larger class; NaN of numbers.
[[nodiscard]] double majority_of(const TagColumn& tags);

}  // namespace gf
