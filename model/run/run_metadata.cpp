#include "model/run/run_metadata.h"

#include <nlohmann/json.hpp>

#include "model/sampling/sampler_json.h"

namespace gf {

std::map<std::string, std::string> run_metadata(const Model& model, const Run& run, const Trace& trace) {
  nlohmann::json ids = nlohmann::json::array(), tokens = nlohmann::json::array();
  for (const TokenId id : trace.ids()) {
    ids.push_back(id.v);
    tokens.push_back(valid_utf8(model.tokenizer->bytes_of(id)));
  }
  return {{"model", valid_utf8(model.weights->name)},
          {"format", model.weights->format},
          {"ids", ids.dump()},
          {"tokens", tokens.dump()},
          {"n_prompt", std::to_string(run.request.prompt.size())},
          {"recipe", to_json(run.request.recipe, -1)},
          {"sampler", sampler_text(run.request.sampler)},
          {"run", &trace == run.base.get() ? "base" : "edited"},
          {"program", "glassformer " GLASSFORMER_VERSION}};
}

}  // namespace gf
