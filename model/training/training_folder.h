// The folder that a training writes: a Hugging Face directory whose checkpoints are a training series, and the state from which
// it goes on. Each file stands there whole or not at all, whenever the program is ended.
#pragma once

#include <string>

#include "model/training/trainer.h"

namespace gf::training {

class TrainingFolder {
 public:
  /// Makes a folder with config.json and the tokenizer's files. Errors: InvalidArgument (it has files already), Io.
  [[nodiscard]] static Result<TrainingFolder> create(const std::string& path, const ModelConfig& config,
                                                     const TrainingTokenizer& tokenizer);
  /// One that a training wrote before. Errors: NotFound (there is nothing to go on from).
  [[nodiscard]] static Result<TrainingFolder> open(const std::string& path);

  /// What Trainer::restore() reads.
  [[nodiscard]] std::string state_file() const;
  /// The model as it is now: checkpoints/step-N.safetensors, then the state, then model.safetensors and training.json, which
  /// holds `notes` for people. A program that is ended in between goes on from the state before. Errors: Io.
  [[nodiscard]] Result<void> keep(const Trainer& trainer, const std::string& notes) const;

 private:
  explicit TrainingFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The model of the state in the folder, before its values are restored. Errors: as read_config_json, Corrupt.
[[nodiscard]] Result<Parameters> parameters_to_restore(const TrainingFolder& folder, const ModelConfig& config);

/// A config.json as a model to be: what it does not say is as Hugging Face has it. `n_vocab`: the tokenizer's; 0: it has none.
/// Errors: InvalidArgument (sizes that are missing or do not fit each other), Corrupt and Unsupported as read_config_json.
[[nodiscard]] Result<ModelConfig> config_to_train(const std::string& path, int n_vocab);

}  // namespace gf::training
