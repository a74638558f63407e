// GPT-2's cutting of text into words, within which the merges happen.
#pragma once

#include <functional>
#include <string_view>

#include "model/base/error.h"

namespace gf {

/// Calls word(begin, end) for each piece, in order and without gaps. Bytes that are not UTF-8 count as characters that
/// are neither letter, number nor space. Thread safe. Errors: OutOfMemory.
/// Source: Radford et al. 2019, code: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
[[nodiscard]] Result<void> split_words(std::string_view text, const std::function<bool(std::size_t begin, std::size_t end)>& word);

}  // namespace gf
