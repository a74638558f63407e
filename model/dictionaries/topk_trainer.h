// Training of a TopK dictionary on rows of a hook.
// Source: Gao et al. 2024, "Scaling and evaluating sparse autoencoders": TopK, unit decoder rows, an auxiliary loss for features
// that have died, Adam with the part of the decoder's gradient along its rows taken off.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/base/parallel.h"

namespace gf {

struct TopkOptions {
  int d = 0, n = 0, k = 0;  ///< numbers of a row, features, active ones of a row
  double rate = 2e-3;       ///< of Adam; it falls to 0 over the last fifth of `steps`
  std::int64_t steps = 0;
  std::int64_t dead_rows = 100'000;  ///< a feature that was not active in so many rows is dead
  std::uint64_t seed = 0;
  friend bool operator==(const TopkOptions&, const TopkOptions&) = default;
};

/// All numbers that training moves. Rows are scaled by `scale` before they are read, so that they have length sqrt(d) on average.
struct TopkWeights {
  std::vector<float> encoder, decoder;  ///< [n, d]; decoder rows have length 1
  std::vector<float> bias, centre;      ///< [n], [d]: b_enc and b_dec
  double scale = 1;
};

class TopkTrainer {
 public:
  struct Report {
    std::int64_t step = 0;   ///< steps done
    double unexplained = 0;  ///< squared errors / squared distances from the batch's mean
    double l0 = 0;
    int dead = 0;
  };

  /// `rows`: the first batch [m, d], of which scale and centre are taken. Errors: InvalidArgument (sizes, rows that are all alike),
  /// OutOfMemory.
  [[nodiscard]] static Result<std::unique_ptr<TopkTrainer>> create(const TopkOptions& options, std::span<const float> rows, int threads);
  /// Goes on from what save_state() wrote. `options` may have more steps. Errors: those of the file; Corrupt.
  [[nodiscard]] static Result<std::unique_ptr<TopkTrainer>> resume(const TopkOptions& options, const std::string& state, int threads);

  /// One step of Adam on rows [m, d], which are a whole number of rows.
  Report step(std::span<const float> rows);
  /// The share of variance that is unexplained, and the mean number of active features, without a step.
  [[nodiscard]] Report measure(std::span<const float> rows);

  [[nodiscard]] std::int64_t steps() const { return step_; }
  [[nodiscard]] const TopkOptions& options() const { return options_; }
  [[nodiscard]] const TopkWeights& weights() const { return weights_; }
  /// Loss of rows and its gradient at the present weights, in the order encoder, decoder, bias, centre. For tests.
  [[nodiscard]] double loss_and_gradient(std::span<const float> rows, std::vector<float>& gradient);

  /// SAELens's cfg.json and sae_weights.safetensors; `metadata`: JSON of more keys of its metadata, an object. Errors: Io.
  [[nodiscard]] Result<void> save_dictionary(const std::string& folder, const std::string& metadata) const;
  [[nodiscard]] Result<void> save_state(const std::string& file) const;

 private:
  explicit TopkTrainer(const TopkOptions& options, int threads);
  void pass(std::span<const float> rows);
  void collect(std::size_t m);
  void encoder_products(std::size_t m);
  double revive(std::size_t m);
  [[nodiscard]] double rate() const;
  void move(std::span<const float> gradient);

  TopkOptions options_;
  TopkWeights weights_;
  ThreadPool pool_;
  std::int64_t step_ = 0;
  std::vector<float> first_, second_;      ///< Adam's moments, in the order of the gradient
  std::vector<std::int64_t> silent_rows_;  ///< of each feature, since it was active

  // Of the present batch:
  std::vector<float> x_, p_, error_, gradient_;  ///< scaled and centred rows [m, d]; pre-activations [m, n]; errors [m, d]
  struct Active {
    std::uint32_t row, feature;
    float activation, slope;  ///< dloss/dactivation
    bool revived;             ///< of the auxiliary loss
  };
  std::vector<std::vector<Active>> by_row_, by_feature_;
  std::vector<float> revived_error_;  ///< of the auxiliary reconstruction [m, d]
  double variance_ = 0, squares_ = 0, revived_squares_ = 0;
};

}  // namespace gf
