// Tokens that stand whole in a text, whatever the merges would make of it: special ones and words that were added.
// Source: github.com/huggingface/tokenizers, tokenizers/src/tokenizer/added_vocabulary.rs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/normalizer.h"

namespace gf {

struct AddedToken {
  std::string content;
  std::int32_t id = -1;      ///< -1: the one that the vocabulary has for this text
  bool single_word = false;  ///< not inside a word
  bool lstrip = false;       ///< takes the spaces before it
  bool rstrip = false;       ///< takes the spaces behind it
  bool normalized = true;    ///< looked for in the normalised text
  bool special = false;      ///< only where special tokens are asked for
};

/// A part of a text: an added token, or what lies between two (id -1).
struct AddedPiece {
  std::size_t begin = 0, end = 0;
  std::int32_t id = -1;
};

/// Thread safe.
class AddedTokens {
 public:
  /// All have an id. Of two with one text the later counts. Errors: the normalizer's.
  [[nodiscard]] static Result<AddedTokens> make(const std::vector<AddedToken>& tokens, const Normalizer& normalizer);

  /// The first of two cuts is for tokens that are not normalised, the second for the others. Longest first, from the left;
  /// without gaps.
  [[nodiscard]] std::vector<AddedPiece> cut(std::string_view text, bool normalized, bool special) const;
  /// The first special token that is written in the text.
  [[nodiscard]] std::optional<std::string> special_in(std::string_view text) const;

 private:
  /// Tokens of one cut, by their first byte, the longest first.
  struct Cut {
    std::array<std::vector<std::size_t>, 256> by_byte{};
    bool any = false, any_plain = false;  ///< plain: not special
  };
  struct Token {
    AddedToken token;
    std::string pattern;  ///< what is looked for
  };
  std::vector<Token> tokens_;
  std::array<Cut, 2> cuts_;
};

}  // namespace gf
