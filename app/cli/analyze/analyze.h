// What `analyze` is asked, and how its answers are printed. Its options are made from the questions' parameters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "model/analysis/question.h"

namespace CLI {
class App;
}

namespace gf::cli {

struct AnalyzeOptions {
  ModelOptions model;
  PromptOptions prompt;
  std::vector<std::string> what;
  std::string recipe, target, against;
  int threads = 0, position = -1;
  bool json = false;
  // By the parameter's name, for all questions that have it.
  std::map<std::string, std::string> values;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, bool> flags;
  std::map<std::string, PromptOptions> prompts;
};

/// Declares an option for each parameter of each question. Lifetime: `options` outlives the parsing.
void add_question_options(CLI::App& app, AnalyzeOptions& options);
/// The questions that --what names, in their own order. Errors: InvalidArgument, listing all.
[[nodiscard]] Result<std::vector<const Question*>> questions_asked(const AnalyzeOptions& options);
/// What the options say for this question. Errors: InvalidArgument.
[[nodiscard]] Result<Params> params_of(const Question& question, const AnalyzeOptions& options, const Model& model);
/// The sentence for what lacks, with the options that give it.
[[nodiscard]] Error lacking(const Question& question, const Lack& lack);

struct Answered {
  const Question* question;
  Params params;
  Answer answer;
};

/// "ablate-sweep" as a key of the reply: "ablate_sweep".
[[nodiscard]] std::string key_of(const Question& question);
/// An object with a key for each part, nested at dots; or the value alone where the answer is one.
[[nodiscard]] Json json_of(const Answer& answer, const Model& model);
[[nodiscard]] Json token_json(const Model& model, TokenId id);  ///< {"id", "text"}
[[nodiscard]] Json json_of(const Params& params);               ///< without prompts

/// Tables for what fits one, and a word about the rest. `tokens`: texts of the prompt; position: whose row of three axes shows.
void print_text(const std::vector<Answered>& answers, const Model& model, const std::vector<std::string>& tokens, int position);

}  // namespace gf::cli
