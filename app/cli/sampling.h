// How tokens are chosen, on the command line: its options, and the log of what each step did.
#pragma once

#include <string>
#include <vector>

#include "app/cli/json.h"
#include "model/sampling/sampler.h"
#include "model/session.h"

namespace CLI {
class App;
}

namespace gf::cli {

struct SamplingOptions {
  SamplerOptions sampler;
  std::vector<std::string> ban, force;
};
/// --greedy, --beam, --temperature, --top-k, --top-p, --min-p, --typical-p, --seed, --ban, --force, --no-repeat-ngram,
/// --repetition-penalty, --presence-penalty, --stop and --no-stop-at-eos.
void add_sampling_options(CLI::App& app, SamplingOptions& options);
/// The options, with their tokens looked up in the model's vocabulary. Errors: InvalidArgument.
[[nodiscard]] Result<SamplerOptions> sampler_of(const SamplingOptions& options, const Model& model, int n_generate);

/// One object for each generated token.
[[nodiscard]] Json log_json(const Run& run, const Model& model);
/// One line for each generated token: what was chosen and why, what else was near, what was cut.
void print_log(const Run& run, const Model& model);

}  // namespace gf::cli
