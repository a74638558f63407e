// Estimates the time and memory that a training will need, before it begins.
#pragma once

#include <stop_token>

#include "model/training/training_start.h"

namespace gf::training {

struct Forecast {
  ModelConfig config;
  std::uint64_t parameters = 0;
  std::uint64_t bytes = 0;      ///< of memory
  std::size_t tokens = 0;       ///< to train on
  TrainingCall call;            ///< complete
  double seconds_per_step = 0;  ///< measured on this machine with a batch of the same length, of fewer sequences where it is large
};

/// Reads the text, makes the model and two steps of its training, and forgets both. Blocks; call it on a worker. Errors: those that
/// TrainingRun::begin() would have of text and model; Cancelled.
[[nodiscard]] Result<Forecast> forecast(const TrainingSource& source, const std::stop_token& stop, int threads = 0);

/// Multiply-adds of a step, times two.
[[nodiscard]] double flops_of_step(const ModelConfig& config, int batch, int context);

}  // namespace gf::training
