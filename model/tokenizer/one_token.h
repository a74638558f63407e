// A token as people name it.
#pragma once

#include <optional>
#include <string>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

/// The token of a text that is exactly one, or of a number as in "#42". Errors: InvalidArgument, saying which tokens the
/// text is.
[[nodiscard]] Result<TokenId> one_token(const std::string& said, const Tokenizer& tokenizer, int n_vocab);

/// A word as it stands inside a text, with a blank before it, where it begins with none and that is one token.
[[nodiscard]] std::optional<std::string> with_blank_before(const std::string& word, const Tokenizer& tokenizer);

}  // namespace gf
