// Reads added tokens from Hugging Face's files. Source: transformers 5, tokenization_utils_base.py, from_pretrained.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/added_tokens.h"

namespace gf {

/// The files beside a vocabulary, as texts; empty: there is no such file.
struct AddedTokenFiles {
  std::string folder;  ///< for messages
  std::string tokenizer_config, special_tokens_map, added_tokens;
  bool of_gpt2 = false;  ///< no tokenizer.json stands there: where the files name no begin, end or unknown token, it is <|endoftext|>
};

struct AddedTokenSetup {
  bool of_gpt2 = false;              ///< as of the files
  std::vector<AddedToken> tokens{};  ///< with their ids: tokenizer_config.json's added_tokens_decoder, or else added_tokens.json
  bool whole = false;                ///< `tokens` are of tokenizer_config.json, which overrides tokenizer.json; else that overrides them
  /// What tokenizer_config.json and special_tokens_map.json name as the token of a purpose, and list as tokens. Without ids.
  std::vector<AddedToken> named{}, listed{};
  std::optional<bool> add_prefix_space{};  ///< where tokenizer_config.json says it for a tokenizer of GPT-2's class

  /// All tokens in their order, with those of a tokenizer.json. Of two with the same text the later counts. A token that has
  /// only its name has the id -1.
  [[nodiscard]] std::vector<AddedToken> with(std::vector<AddedToken> of_tokenizer_json) const;
};
/// Errors: Corrupt.
[[nodiscard]] Result<AddedTokenSetup> read_added_tokens(const AddedTokenFiles& files);

/// Reads the list added_tokens of a tokenizer.json from its text. Errors: Corrupt.
[[nodiscard]] Result<std::vector<AddedToken>> parse_added_tokens(std::string_view json, const std::string& path);

}  // namespace gf
