// What `analyze` is asked, and who answers. Definitions stand beside the analyses.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "model/session.h"

namespace gf::cli::analyze_command {

struct Options {
  ModelOptions model;
  PromptOptions prompt, contrast, clean, corrupt;
  std::vector<std::string> what, sites{"resid_pre", "attn_out", "mlp_out", "head_z"};
  std::string recipe, target, against, neuron, with = "zero";
  int threads = 0, top = 5, position = -1, repeat_random = 0;
  std::uint64_t seed = 0;
  double lambda = 0.05;
  bool json = false;
};

/// What every question starts from.
struct Asked {
  const Options& options;
  Session& session;
  const Model& model;
  RunRequest request;
  Run run;  ///< of the request; empty where no prompt was given
  std::optional<TokenId> a, b;
  int position = -1;  ///< checked against the prompt; -1: the last
  std::stop_token stop;

  [[nodiscard]] const Trace& trace() const { return *run.edited; }
};

struct Question {
  const char* name;
  Result<Json> (*answer)(Asked& asked);
  bool reads_pattern = true;  ///< of Asked::run; where nobody does, its run keeps the patterns' entropy alone
};
/// All of them, in the order in which they answer.
[[nodiscard]] std::span<const Question> questions();

/// Tables for what fits one, and a word about the rest. `reply` is the whole answer; position: whose logit lens shows.
void print_text(const Json& reply, int position);

}  // namespace gf::cli::analyze_command
