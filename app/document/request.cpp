#include "app/document/request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gf::doc {

Result<RunRequest> request_of(const Document& document, const Model& model) {
  GF_TRY_ASSIGN(std::vector<TokenId> ids, model.tokenizer->ids_of(document.prompt));
  const ModelConfig& config = model.weights->config;
  if (document.bos && config.bos_token_id >= 0) ids.insert(ids.begin(), TokenId(config.bos_token_id));
  if (ids.empty()) return fail(ErrorCode::InvalidArgument, "The prompt is empty; type some text for the model to read.");
  const auto n_ctx = static_cast<std::size_t>(config.n_ctx);
  if (ids.size() + document.continuation.size() > n_ctx)
    return fail(ErrorCode::InvalidArgument, "The text has " + std::to_string(ids.size() + document.continuation.size()) +
                                                " tokens, but the context of '" + model.weights->name + "' holds " + std::to_string(n_ctx) +
                                                "; shorten the prompt.");
  RunRequest request;
  request.prompt = std::move(ids);
  request.forced = document.continuation;
  request.recipe = document.recipe;
  if (document.mode == Mode::Observe)
    for (Edit& edit : request.recipe.edits) edit.enabled = false;
  request.sampler = document.sampler;
  return request;
}

std::string prompt_for(const Model& model, const std::string& prompt) {
  const auto fits = [&](const std::string& text) {
    const auto ids = model.tokenizer->ids_of(text);
    return ids && !ids->empty() && ids->size() <= static_cast<std::size_t>(model.weights->config.n_ctx);
  };
  if (fits(prompt)) return prompt;
  // The default, then what the bundled toy models were trained on, then the vocabulary's own first tokens.
  constexpr std::array<const char*, 3> kSuggestions{kDefaultPrompt, "CBABBCA", "kQ7mZx2WkQ7mZx2WkQ7m"};
  for (const char* text : kSuggestions)
    if (fits(text)) return text;
  std::vector<TokenId> first;
  for (int id = 0; id < std::min({model.weights->config.n_vocab, model.weights->config.n_ctx, 8}); ++id) first.emplace_back(id);
  return model.tokenizer->decode(first);
}

Result<std::optional<TokenId>> token_of(const std::string& text, const Model& model) {
  if (text.empty()) return std::optional<TokenId>{};
  const int n_vocab = model.weights->config.n_vocab;
  if (text.front() == '#' && text.size() > 1) {
    int id = -1;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), id);
    if (error == std::errc{} && end == text.data() + text.size()) {
      if (id < 0 || id >= n_vocab)
        return fail(ErrorCode::InvalidArgument, "Token " + text + " is outside the vocabulary of " + std::to_string(n_vocab) + " tokens.");
      return std::optional<TokenId>{TokenId(id)};
    }
  }
  GF_TRY_ASSIGN(const std::vector<TokenId> ids, model.tokenizer->ids_of(text));
  if (ids.size() == 1) return std::optional<TokenId>{ids.front()};
  std::string shown;
  for (const TokenId id : ids) shown += (shown.empty() ? "\"" : ", \"") + visible_text(model.tokenizer->bytes_of(id)) + "\"";
  return fail(ErrorCode::InvalidArgument,
              "\"" + text + "\" is " + std::to_string(ids.size()) + " tokens (" + shown + "); give one token, or its number as #id.");
}

}  // namespace gf::doc
