// What `glassformer train` begins with: a size, a config or a model, and a text.
#pragma once

#include <string>
#include <vector>

#include "app/cli/options.h"
#include "model/training/training_data.h"

namespace gf::cli {

struct TrainingStartOptions {
  ModelOptions model;  ///< .model: a size by name, a config.json, or a model
  std::string data;
  std::string tokenizer;  ///< "bytes", "chars"; empty: the model's, else characters
  std::uint64_t seed = 0;
};

struct TrainingStart {
  training::Parameters parameters;
  training::TrainingTokenizer tokenizer;
  std::vector<TokenId> ids;  ///< of the data
  bool fresh = false;        ///< no model was trained before
};

/// The names of sizes, for messages: "tiny, small, medium".
[[nodiscard]] std::string training_sizes();
/// Errors: of the files that are read; InvalidArgument.
[[nodiscard]] Result<TrainingStart> training_start(const TrainingStartOptions& options);
/// The data of a training that goes on, with the tokenizer that stands in its folder.
[[nodiscard]] Result<std::vector<TokenId>> training_ids(const std::string& data, const std::string& folder, const ModelConfig& config);

}  // namespace gf::cli
