#include "app/document/request.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "model/base/text.h"
#include "model/tokenizer/one_token.h"

namespace gf::doc {
namespace {

/// The default, then what the bundled toy models were trained on, the one with fewer tokens last.
constexpr std::array<std::string_view, 3> kSuggestions{kDefaultPrompt, "kQ7mZx2WkQ7mZx2WkQ7m", "CBABBCA"};

}  // namespace

scene::ReadingThrough reading_through(const Document& document) {
  const DictionaryInUse* dictionary = document.features.dictionary();
  return {document.lens, dictionary ? dictionary->file : std::string(), dictionary ? dictionary->hook : std::string()};
}

void read_as_document_says(const Document& document, scene::SceneInput& input) {
  input.through = reading_through(document);
  input.marked_feature = input.through.dictionary.empty() ? -1 : document.features.feature;
}

Result<RunRequest> request_of(const Document& document, const Model& model) { return request_of(document, settings_of(document), model); }

Result<RunRequest> request_of(const Subject& subject, const RunSettings& settings, const Model& model) {
  GF_TRY_ASSIGN(std::vector<TokenId> ids, model.tokenizer->ids_of(subject.prompt));
  const ModelConfig& config = model.weights->config;
  if (subject.bos && config.bos_token_id >= 0) ids.insert(ids.begin(), TokenId(config.bos_token_id));
  if (ids.empty()) return fail(ErrorCode::InvalidArgument, text("The prompt is empty; type some text for the model to read."));
  GF_TRY(check_context(ids.size() + subject.continuation.size(), model));
  RunRequest request;
  request.prompt = std::move(ids);
  request.forced = subject.continuation;
  request.recipe = subject.recipe;
  if (!edits_act(settings.mode))
    for (Edit& edit : request.recipe.edits) edit.enabled = false;
  request.sampler = settings.sampler;
  return request;
}

Result<void> check_context(std::size_t tokens, const Model& model) {
  const int n_ctx = model.weights->config.n_ctx;
  if (tokens <= static_cast<std::size_t>(n_ctx)) return {};
  return fail(ErrorCode::InvalidArgument,
              text("The text has {0} tokens, but the context of '{1}' holds {2}; shorten the prompt.", tokens, model.weights->name, n_ctx));
}

bool is_suggestion(const std::string& prompt) { return std::ranges::find(kSuggestions, std::string_view(prompt)) != kSuggestions.end(); }

std::string prompt_for(const Model& model, const std::string& prompt) {
  const auto fits = [&](const std::string& said) {
    const auto ids = model.tokenizer->ids_of(said);
    return ids && !ids->empty() && ids->size() <= static_cast<std::size_t>(model.weights->config.n_ctx);
  };
  if (fits(prompt)) return prompt;
  for (const std::string_view suggestion : kSuggestions)
    if (fits(std::string(suggestion))) return std::string(suggestion);
  // Then the vocabulary's own first tokens.
  std::vector<TokenId> first;
  for (int id = 0; id < std::min({model.weights->config.n_vocab, model.weights->config.n_ctx, 8}); ++id) first.emplace_back(id);
  const std::string words = model.tokenizer->decode(first);
  if (fits(words)) return words;
  std::string numbers;  // without texts, the prompt is the ids
  for (const TokenId id : first) numbers += (numbers.empty() ? "" : " ") + std::to_string(id.v);
  return numbers;
}

RunRequest request_under(RunRequest request, Recipe recipe, std::vector<TokenId> given, int n_generate) {
  request.recipe = std::move(recipe);
  request.forced = std::move(given);
  request.n_generate = n_generate;
  return request;
}

Result<std::optional<TokenId>> token_of(const std::string& said, const Model& model) {
  if (said.empty()) return std::optional<TokenId>{};
  GF_TRY_ASSIGN(const TokenId id, one_token(said, *model.tokenizer, model.weights->config.n_vocab));
  return std::optional<TokenId>{id};
}

TokensAsked tokens_asked(const std::string& target, const std::string& rival, const Run& run, int position, const Model& model) {
  TokensAsked asked;
  for (const auto& [said, to] : {std::pair{&target, &asked.a}, std::pair{&rival, &asked.b}}) {
    auto id = token_of(*said, model);
    if (!id) asked.named = tl::unexpected(std::move(id).error());
    else *to = *id;
  }
  const auto& top = run.base->stats(position).top;
  if (!asked.a && !top.empty()) asked.a = top.front().id;
  if (!asked.b && rival.empty())
    for (const auto& t : top)
      if (t.id != *asked.a) {
        asked.b = t.id;
        break;
      }
  return asked;
}

}  // namespace gf::doc
