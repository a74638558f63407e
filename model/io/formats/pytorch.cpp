#include "model/io/formats/pytorch.h"

#include <functional>

#include "model/io/assemble.h"
#include "model/io/files/shard_index.h"
#include "model/io/formats/huggingface.h"

namespace gf {

namespace {

Result<void> pytorch_assemble(const LoadOptions& options, std::optional<int> heads, Weights& weights,
                              const std::function<Result<void>(FoundTensors&)>& add) {
  weights.format = "huggingface-pytorch";
  const std::string& path = weights.path;
  GF_TRY_ASSIGN(ConfigFile config, read_config_json(config_json_of(path)));
  if (!config.n_head) config.n_head = heads;
  FoundTensors found;
  found.path = path;
  GF_TRY(add(found));
  GF_TRY(assemble(found, config, options, weights));
  warn_of_missing_config(config, weights);
  return {};
}

}  // namespace

Result<void> load_pytorch(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights) {
  return pytorch_assemble(options, heads_beside(file), weights,
                          [&](FoundTensors& found) { return add_state_dict(file, *state.dict, found, weights); });
}

Result<void> load_pytorch_shards(const std::string& index, const LoadOptions& options, Weights& weights) {
  return pytorch_assemble(options, {}, weights, [&](FoundTensors& found) {
    return add_shards(index, found, [&](const std::string& shard) -> Result<void> {
      GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(shard));
      return add_state_dict(file, file.root(), found, weights);
    });
  });
}

}  // namespace gf
