#include "app/cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <unistd.h>

#include "app/cli/validators.h"
#include "model/base/printable.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/io/structure.h"
#include "model/run/remarks.h"
#include "model/tokenizer/token_words.h"

namespace gf::cli {

void add_model_options(CLI::App& app, ModelOptions& options) {
  app.add_option("MODEL", options.model, gf::text("a directory or file, or the name of a bundled model (default: fable)"))->check(named());
  app.add_option("--n-head", options.n_head, gf::text("number of heads, where the format doesn't say"))->check(whole(1));
  app.add_option("--activation", options.activation, gf::text("gelu_new (tanh), gelu (erf) or relu, instead of the checkpoint's"))
      ->check(CLI::IsMember({"gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu", "relu"}));
}

CLI::Option* add_config_option(CLI::App& app, std::string& model) {
  return app
      .add_option_function<std::string>(
          "--config", [&model](const std::string& name) { model = std::string(kStructurePrefix) + name; },
          gf::text("in place of MODEL a structure without weights: a config.json, or one of {0}", named_shape_names()))
      ->check(named())
      ->excludes(app.get_option("MODEL"));
}

Result<std::shared_ptr<const Model>> open(const ModelOptions& options) {
  GF_TRY_ASSIGN(const std::string path, resolve_model(options.model));
  ProgressBar bar(text("opening {0}", path));
  LoadOptions load{.n_head = options.n_head, .activation = options.activation, .progress = [&bar](double fraction) {
                     bar.set(fraction);
                     return true;
                   }};
  GF_TRY_ASSIGN(auto model, open_model(path, load));
  for (const std::string& warning : model->warnings) say(warning);
  return model;
}

void add_prompt_options(CLI::App& app, PromptOptions& options) {
  auto* text = app.add_option("-p,--prompt", options.text, gf::text("the prompt"));
  app.add_option("--ids", options.ids, gf::text("the prompt as token ids: 1,2,3"))->excludes(text);
  app.add_flag("--bos", options.bos, gf::text("put the model's BOS token in front"));
  app.add_flag("--special", options.special, gf::text("special tokens written in the text are recognised"));
}

Result<std::vector<TokenId>> parse_ids(std::string_view list) {
  std::vector<TokenId> ids;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    int id = -1;
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), id);
    if (code != std::errc{} || end != part.data() + part.size() || id < 0)
      return fail(ErrorCode::InvalidArgument, text("'{0}' is not a token id; ids are written as 1,2,3", part));
    ids.emplace_back(id);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return ids;
}

void say_if_special(const Tokenizer& tokenizer, std::string_view prompt, bool special) {
  static bool said = false;
  if (said || special) return;
  const auto remark = remark_on_special(tokenizer, prompt);
  if (!remark) return;
  said = true;
  say(text("{0}; --special reads it as the special token", *remark));
}

Result<std::vector<TokenId>> prompt_ids(const PromptOptions& options, const Model& model) {
  std::vector<TokenId> ids;
  if (options.bos) {
    const int bos = model.weights->config.bos_token_id;
    if (bos < 0) return fail(ErrorCode::InvalidArgument, text("this model has no BOS token; leave --bos out"));
    ids.emplace_back(bos);
  }
  if (options.ids.empty()) say_if_special(*model.tokenizer, options.text, options.special);
  GF_TRY_ASSIGN(const auto given, options.ids.empty() ? model.tokenizer->ids_of(options.text, options.special) : parse_ids(options.ids));
  if (given.empty() && ids.empty())
    return fail(ErrorCode::InvalidArgument, text("the prompt is empty; give one with --prompt or --ids, or --bos for the BOS token alone"));
  ids.insert(ids.end(), given.begin(), given.end());
  return ids;
}

Result<std::vector<TokenId>> parse_tokens(std::string_view written, const Model& model) {
  return written.starts_with('#') && written.size() > 1 ? parse_ids(written.substr(1)) : model.tokenizer->ids_of(written);
}

Result<TokenId> parse_token(std::string_view written, const Model& model) {
  GF_TRY_ASSIGN(const auto ids, parse_tokens(written, model));
  if (ids.size() == 1) return ids[0];
  std::string list;
  for (const TokenId id : ids) list += " '" + token_words(model.tokenizer.get(), id) + "' (#" + std::to_string(id.v) + ")";
  return fail(ErrorCode::InvalidArgument, ids.empty() ? text("'{0}' is 0 tokens, but one is needed", written)
                                                      : text("'{0}' is {1} tokens, but one is needed:{2}", written, ids.size(), list));
}

std::string text_of(const Model& model, TokenId id) { return valid_utf8(model.tokenizer->bytes_of(id)); }

int failed(const Error& error) {
  say(error.message);
  return 1;
}

int exit_code(const Result<void>& done) { return done ? 0 : failed(done.error()); }

int wrong_usage(std::string message, const std::string& command) {
  std::ranges::replace(message, '\n', ' ');
  say(text("{0}; '{1}' shows what there is", message, command + " --help"));
  return 2;
}

void say(const std::string& sentence) { std::fprintf(stderr, "glassformer: %s\n", printable(sentence).c_str()); }

ProgressBar::ProgressBar(std::string what) : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::set(double fraction) {
  const int percent = static_cast<int>(100 * std::clamp(fraction, 0.0, 1.0));
  if (!terminal_ || percent == percent_) return;
  percent_ = percent;
  shown_ = true;
  const auto filled = static_cast<std::size_t>(percent / 5);
  std::fprintf(stderr, "\r\033[K[%s%s] %3d %% %s", std::string(filled, '#').c_str(), std::string(20 - filled, '.').c_str(), percent,
               printable(what_).c_str());
}

}  // namespace gf::cli
