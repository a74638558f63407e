// Reads added tokens from Hugging Face's files. Source: transformers 5, tokenization_utils_base.py, from_pretrained.
#pragma once

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
};

struct AddedTokenSetup {
  std::vector<AddedToken> tokens;
  bool add_prefix_space = false;
};
/// tokenizer_config.json's added_tokens_decoder, or else added_tokens.json with the special ones that
/// special_tokens_map.json and tokenizer_config.json name. A token that has only its name there gets the id -1.
/// Errors: Corrupt.
[[nodiscard]] Result<AddedTokenSetup> read_added_tokens(const AddedTokenFiles& files);

/// Reads the list added_tokens of a tokenizer.json from its text. Errors: Corrupt.
[[nodiscard]] Result<std::vector<AddedToken>> parse_added_tokens(std::string_view json, const std::string& path);

}  // namespace gf
