// A training that goes on step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/training/adamw.h"
#include "model/training/training_data.h"

namespace gf::training {

struct TrainingOptions {
  int batch = 8;    ///< sequences of a step
  int context = 0;  ///< their tokens
  std::int64_t steps = 1000;
  LearningRate rate;
  AdamWOptions adamw;
  Order order = Order::Random;
  std::uint64_t seed = 0;
};

/// What a step found before it moved the parameters.
struct StepReport {
  std::int64_t step = 0;  ///< from 0
  double loss = 0;        ///< nats, mean over the batch
  double gradient_norm = 0;
  double rate = 0;
};

/// Owns the parameters, the optimizer's state and all memory of a step. A pure function of the parameters it begins with, the
/// data and the options: the same bits at any number of threads, whether or not it was stopped and restored in between.
/// One thread at a time.
class Trainer {
 public:
  /// Bytes that a trainer of this model needs in memory.
  [[nodiscard]] static std::uint64_t bytes(const ModelConfig& config, int batch, int context);
  /// `threads`: 0: all. Errors: InvalidArgument (options), OutOfMemory (also before anything is allocated, where the machine has
  /// less memory than bytes()).
  [[nodiscard]] static Result<std::unique_ptr<Trainer>> create(Parameters parameters, std::shared_ptr<const TrainingData> data,
                                                               const TrainingOptions& options, int threads = 0);

  /// Steps that were made.
  [[nodiscard]] std::int64_t steps() const { return optimizer_.steps(); }
  [[nodiscard]] bool done() const { return steps() >= options_.steps; }
  /// Makes one. Errors: InvalidArgument, where the loss or the gradient is not a number; the parameters are then as they were.
  [[nodiscard]] Result<StepReport> step();
  /// Mean loss of the held-out part (of up to a fixed number of batches), nats; nullopt: there is none.
  [[nodiscard]] std::optional<double> held_out_loss();

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  /// The gradient of the newest step, in the layout of the parameters.
  [[nodiscard]] std::span<const float> gradients() const { return gradients_; }
  [[nodiscard]] const TrainingOptions& options() const { return options_; }
  [[nodiscard]] const TrainingData& data() const { return *data_; }

  /// Writes all that restore() needs as one safetensors file, whole or not at all; `notes` goes with it. Errors: Io.
  [[nodiscard]] Result<void> save(const std::string& path, const std::string& notes) const;
  /// Takes the state of a file that was written by save(). Errors: Corrupt (also: of another model).
  [[nodiscard]] Result<void> restore(const std::string& path);

 private:
  Trainer(Parameters parameters, std::shared_ptr<const TrainingData> data, const TrainingOptions& options, int threads);

  Parameters parameters_;
  std::shared_ptr<const TrainingData> data_;
  TrainingOptions options_;
  std::unique_ptr<ThreadPool> pool_;
  AdamW optimizer_;
  std::vector<float> gradients_;
  std::unique_ptr<BatchPass> pass_;
  Batch batch_, held_out_;
};

/// What save() was given as `notes`. Errors: NotFound, Io, Corrupt.
[[nodiscard]] Result<std::string> notes_of_training(const std::string& path);
/// The biases that the model of the file lacks, as ParameterLayout takes them. Errors: as notes_of_training.
[[nodiscard]] Result<std::set<std::string>> missing_biases(const std::string& path, const ModelConfig& config);

}  // namespace gf::training
