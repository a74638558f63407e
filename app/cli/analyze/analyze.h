// The options of `analyze`, made from the questions' parameters, and how it prints answers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "model/analysis/question.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gf::cli {

struct AnalyzeOptions {
  ModelOptions model;
  PromptOptions prompt;
  std::vector<std::string> what;
  std::string recipe, target, against;
  int threads = 0, position = -1;
  bool json = false;
  std::string set, rows, output, shard;  ///< `set`, `rows`, `shard`: of a set of prompts
  // By the parameter's name, for all questions that have it.
  std::map<std::string, std::string> values;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, bool> flags;
  std::map<std::string, PromptOptions> prompts;
};

/// An option that takes words with commas between them; blanks around a word are dropped. Lifetime: `words` outlives the parsing.
CLI::Option* add_list_option(CLI::App& app, const std::string& name, std::vector<std::string>& words, const std::string& help);
/// Declares an option for each parameter of each question. Lifetime: `options` outlives the parsing.
void add_question_options(CLI::App& app, AnalyzeOptions& options);
/// The questions that --what names, in their own order. Errors: InvalidArgument, listing all.
[[nodiscard]] Result<std::vector<const Question*>> questions_asked(const AnalyzeOptions& options);
/// What the options say for this question. Errors: InvalidArgument.
[[nodiscard]] Result<Params> params_of(const Question& question, const AnalyzeOptions& options, const Model& model);
/// A sentence about each option that was given and that no question among these reads.
[[nodiscard]] std::vector<std::string> unread_options(const std::vector<const Question*>& asked, const AnalyzeOptions& options);
/// The sentence about what is missing, with the options that give it.
[[nodiscard]] Error lacking(const Question& question, const Lack& lack);

struct Answered {
  const Question* question;
  Params params;
  Answer answer;
};

/// The recipe that the options name, or an empty one if they name none. Errors: as read_recipe.
[[nodiscard]] Result<Recipe> recipe_of(const AnalyzeOptions& options);
/// What is asked of the session, without a question's parameters: the prompt is run. Errors: of options, and Session::run()'s.
[[nodiscard]] Result<Asking> asking_of(const AnalyzeOptions& options, Recipe recipe, const std::vector<const Question*>& asked,
                                       Session& session, const std::stop_token& stop);
/// The questions' answers one after the other. `progress(question, fraction)`. Errors: as ask().
[[nodiscard]] Result<std::vector<Answered>> answers_of(const AnalyzeOptions& options, const std::vector<const Question*>& asked,
                                                       Asking& asking, const std::function<void(const Question&, double)>& progress);
/// The questions about each prompt of a file (--prompts).
[[nodiscard]] Result<void> analyze_set(const AnalyzeOptions& options);

/// Answers questions that read a whole set of prompts at once. `file`: the set's file.
[[nodiscard]] Result<void> analyze_tagged(const AnalyzeOptions& options, const std::vector<const Question*>& asked,
                                          const std::string& file);
/// All parts of a question by name: those that only files want, too.
[[nodiscard]] std::vector<std::string> all_parts(const Question& question);
/// Refuses what -o and --rows name if the program reads from it. Called once the call's files are open, before what takes long.
/// Errors: InvalidArgument.
[[nodiscard]] Result<void> check_outputs(const AnalyzeOptions& options);
/// Writes the answer to the file that -o names, where the question has files of that ending. Errors: Io.
[[nodiscard]] Result<void> write_output(const AnalyzeOptions& options, const Answered& answered);
/// Whether the question itself writes a file with this name's ending: directions write .safetensors, edges write their graph.
[[nodiscard]] bool has_own_file(const Question& question, const std::string& path);
/// Says why -o and the other options for output do not fit the questions; empty: they fit.
[[nodiscard]] std::string problem_of_output(const AnalyzeOptions& options, const std::vector<const Question*>& asked);

/// "ablate-sweep" as a key of the reply: "ablate_sweep".
[[nodiscard]] std::string key_of(const Question& question);
/// An object with a key for each part, nested at dots; or the value alone where the answer is one.
[[nodiscard]] Json json_of(const Question& question, const Answer& answer, const Model& model);
[[nodiscard]] Json token_json(const Model& model, TokenId id);  ///< {"id", "text"}
[[nodiscard]] Json json_of(const Params& params);               ///< without prompts

/// What the answers are about.
struct Explained {
  std::vector<TokenId> ids;  ///< of the prompt whose positions are counted
  int position = -1;         ///< the one whose prediction is explained; -1 where no prompt was given
  std::optional<TokenId> a, b;
};
/// ' Mary' in quotes, or #883 where the token has no text.
[[nodiscard]] std::string named_token(const Model& model, TokenId id);
/// Prints parts of one or two axes as tables, and names the others.
void print_text(const std::vector<Answered>& answers, const Model& model, const Explained& about);

}  // namespace gf::cli
