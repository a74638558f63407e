// GGUF models of the architecture gpt2, with the tokenizer that is inside.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

struct TokenizerSource;

[[nodiscard]] bool probe_gguf(const std::string& path);
/// Errors: as load_weights; Unsupported names another architecture.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_gguf(const std::string& path, const LoadOptions& options);

/// The vocabulary and merges inside, as vocab.json and merges.txt would say them: one reader for both. Kind::None where
/// the file has none of GPT-2's kind. Errors: Corrupt.
[[nodiscard]] Result<TokenizerSource> gguf_tokenizer(const std::string& path);

}  // namespace gf
