// What several subcommands share: the model's options, tokens as arguments, progress and errors.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gf::cli {

struct ModelOptions {
  std::string model;  ///< path or bundled name; empty: the default
  int n_head = 0;
  std::string activation;
};
void add_model_options(CLI::App& app, ModelOptions& options);
/// --config NAME or FILE in place of MODEL, which has been added: `model` becomes the name of a structure, see model/io/structure.h.
CLI::Option* add_config_option(CLI::App& app, std::string& model);
/// Resolves and opens; warnings go to standard error.
[[nodiscard]] Result<std::shared_ptr<const Model>> open(const ModelOptions& options);

/// A prompt as text or as ids, with the model's BOS in front where asked.
struct PromptOptions {
  std::string text;
  std::string ids;  ///< "1,2,3"
  bool bos = false, special = false;
};
void add_prompt_options(CLI::App& app, PromptOptions& options);
/// Says, once in a program, that the text holds the spelling of a special token, which is read as plain text.
void say_if_special(const Tokenizer& tokenizer, std::string_view text, bool special);
[[nodiscard]] Result<std::vector<TokenId>> prompt_ids(const PromptOptions& options, const Model& model);

/// "1,2,3". Errors: InvalidArgument.
[[nodiscard]] Result<std::vector<TokenId>> parse_ids(std::string_view text);
/// Tokens: "#id", or the tokens of a text. Errors: InvalidArgument.
[[nodiscard]] Result<std::vector<TokenId>> parse_tokens(std::string_view text, const Model& model);
/// A single token: "#id", or text that is exactly one token. Errors: InvalidArgument, showing the tokens.
[[nodiscard]] Result<TokenId> parse_token(std::string_view text, const Model& model);

/// A token's bytes as valid UTF-8.
[[nodiscard]] std::string text_of(const Model& model, TokenId id);

/// Prints "glassformer: <message>" on standard error and gives the exit code 1.
int failed(const Error& error);
/// 0, or failed() with the error.
[[nodiscard]] int exit_code(const Result<void>& done);
/// Prints the message on one line of standard error, with a hint at `command --help`, and gives the exit code 2.
[[nodiscard]] int wrong_usage(std::string message, const std::string& command);
/// Prints a sentence for the user on standard error.
void say(const std::string& sentence);

/// A bar on standard error, only where that is a terminal; wiped by the destructor.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void set(double fraction);

 private:
  std::string what_;
  bool shown_ = false, terminal_ = false;
  int percent_ = -1;
};

}  // namespace gf::cli
