// Added tokens as Hugging Face's files say them. Source: transformers 5, tokenization_utils_base.py, from_pretrained.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/added_tokens.h"

namespace gf {

/// What stands beside a vocabulary; texts of the files, empty where there is none.
struct AddedTokenFiles {
  std::string folder;  ///< for messages
  std::string tokenizer_config, special_tokens_map, added_tokens;
};

struct AddedTokenSetup {
  std::vector<AddedToken> tokens;
  bool add_prefix_space = false;
};
/// tokenizer_config.json's added_tokens_decoder, or else added_tokens.json with the special ones that
/// special_tokens_map.json and tokenizer_config.json name. Tokens that are named alone have the id -1.
/// Errors: Corrupt.
[[nodiscard]] Result<AddedTokenSetup> read_added_tokens(const AddedTokenFiles& files);

/// The list added_tokens of a tokenizer.json, as text. Errors: Corrupt.
[[nodiscard]] Result<std::vector<AddedToken>> parse_added_tokens(std::string_view json, const std::string& path);

}  // namespace gf
