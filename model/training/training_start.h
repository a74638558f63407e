// What a training begins with: a size, a config or a model, and a text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/training/training_call.h"
#include "model/training/training_data.h"

namespace gf::training {

/// A size of a new model that a processor trains in minutes to an hour.
struct TrainingSize {
  const char* name;
  int n_layer, n_head, d_model, n_ctx;
};
[[nodiscard]] std::span<const TrainingSize> training_sizes();
/// Their names, for messages: "tiny, small, medium".
[[nodiscard]] std::string training_size_names();

struct TrainingSource {
  TrainingCall call;                ///< model, data, tokenizer and seed are read
  std::optional<std::string> text;  ///< for a forecast, in place of the data's file: data is then its name in messages
  int n_head = 0;                   ///< as in LoadOptions
  std::string activation;
};

struct TrainingStart {
  Parameters parameters;
  TrainingTokenizer tokenizer;
  std::vector<TokenId> ids;  ///< of the data
  bool fresh = false;        ///< no model was trained before
  std::vector<std::string> warnings;
};

/// Blocks; call it on a worker. Errors: of the files that are read; InvalidArgument.
[[nodiscard]] Result<TrainingStart> training_start(const TrainingSource& source);
/// The data of a training that goes on, with the tokenizer that stands in its folder.
[[nodiscard]] Result<std::vector<TokenId>> training_ids(const std::string& data, const std::string& folder, const ModelConfig& config);

}  // namespace gf::training
