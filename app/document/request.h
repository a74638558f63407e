// From a document to the request to the model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/scene/scene_builder.h"
#include "model/session.h"

namespace gf::doc {

/// How a subject is run.
struct RunSettings {
  Mode mode = Mode::Intervene;
  SamplerOptions sampler;
};
[[nodiscard]] inline RunSettings settings_of(const Document& document) { return {document.mode, document.sampler}; }

/// Through what the Stream reads a document's run: the Lens dock's lens, and the dictionary that the Features dock shows.
[[nodiscard]] scene::ReadingThrough reading_through(const Document& document);
/// Says so to the scene, with the feature that is marked.
void read_as_document_says(const Document& document, scene::SceneInput& input);

/// The request whose run a document shows. Errors: InvalidArgument (text that the vocabulary lacks, an empty prompt,
/// more tokens than the context holds), each a sentence that says what to do.
[[nodiscard]] Result<RunRequest> request_of(const Subject& subject, const RunSettings& settings, const Model& model);
[[nodiscard]] Result<RunRequest> request_of(const Document& document, const Model& model);

/// The same prompt under another recipe: after it the tokens that are given, then so many more that the model writes.
[[nodiscard]] RunRequest request_under(RunRequest request, Recipe recipe, std::vector<TokenId> given, int n_generate);

/// Errors: InvalidArgument where so many tokens are more than the model's context holds.
[[nodiscard]] Result<void> check_context(std::size_t tokens, const Model& model);

/// A prompt to start with: the given one where this model can read it, else one that suits the model.
[[nodiscard]] std::string prompt_for(const Model& model, const std::string& prompt);
/// Whether this is one of the prompts that prompt_for() suggests.
[[nodiscard]] bool is_suggestion(const std::string& prompt);

/// A token given as text or as "#id"; nullopt for empty text. Errors: InvalidArgument showing the tokens where the
/// text is more than one.
[[nodiscard]] Result<std::optional<TokenId>> token_of(const std::string& said, const Model& model);

/// A and B at a position of a run: the tokens that the user named, else the two likeliest of the base run there.
struct TokensAsked {
  std::optional<TokenId> a, b;
  Result<void> named;  ///< the error of the tokens that the user named
};
[[nodiscard]] TokensAsked tokens_asked(const std::string& target, const std::string& rival, const Run& run, int position,
                                       const Model& model);

}  // namespace gf::doc
