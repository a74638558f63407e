// Fitting a tuned lens to a model.
// Source: Belrose et al. 2023, "Eliciting Latent Predictions from Transformers with the Tuned Lens": for each depth an affine map
// of the residual stream, such that ln_final and the unembedding make of it what the model says in the end, measured by
// KL(final || lens). Here the maps are moved by Adam.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/base/parallel.h"
#include "model/weights.h"

namespace gf {

struct LensFitOptions {
  double rate = 1e-3;  ///< of Adam; it falls to 0 linearly
  std::int64_t steps = 300;
  friend bool operator==(const LensFitOptions&, const LensFitOptions&) = default;
};

/// Rows of the residual stream: those entering each block, and at n_layer what leaves the last one. Each [m, d_model].
struct LensRows {
  std::vector<std::vector<float>> depths;  ///< n_layer + 1
};

class TunedLensFit {
 public:
  /// Maps that change nothing. The model outlives it. Errors: OutOfMemory.
  [[nodiscard]] static Result<std::unique_ptr<TunedLensFit>> create(const Weights& model, const LensFitOptions& options, int threads);

  /// One step of Adam for the maps of all depths. Returns the KL of each depth before the step, nats, mean over the rows; [n_layer].
  std::vector<double> step(const LensRows& rows);
  /// The same without a step; `plain`: of the logit lens, which has no maps.
  [[nodiscard]] std::vector<double> measure(const LensRows& rows, bool plain = false);
  /// KL of one depth and its gradient by W [d_model, d_model] (out, in) and b behind it. For tests.
  [[nodiscard]] double kl_and_gradient(const LensRows& rows, int depth, std::vector<float>& gradient);

  [[nodiscard]] std::int64_t steps() const { return step_; }
  /// W [d_model, d_model] (out, in) of h + W h + b, and b behind it.
  [[nodiscard]] std::vector<float>& map(int depth) { return maps_[static_cast<std::size_t>(depth)]; }

  /// The folder of a tuned lens that read_lens() and the package tuned-lens read: config.json and params.pt. Errors: Io.
  [[nodiscard]] Result<void> save(const std::string& folder) const;

 private:
  TunedLensFit(const Weights& model, const LensFitOptions& options, int threads);
  enum class Want { Plain, Kl, Slopes };
  /// The KL of each depth from `first` to before `end`; with Slopes slopes_ is dKL/d(mapped row) [m, d_model] of each.
  std::vector<double> pass(const LensRows& rows, Want want, int first, int end);
  void gradient_of(const LensRows& rows, int depth, std::vector<float>& gradient);
  void move(int depth);

  const Weights& model_;
  LensFitOptions options_;
  ThreadPool pool_;
  std::size_t d_, n_vocab_;
  std::int64_t step_ = 0;
  std::vector<float> unembed_, gamma_, beta_;  ///< [n_vocab, d_model], [d_model]; beta_ is 0 where the model has none
  std::vector<std::vector<float>> maps_, gradients_, first_, second_, slopes_;  ///< of each depth
};

}  // namespace gf
