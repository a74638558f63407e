#include "model/tokenizer/one_token.h"

#include <charconv>

#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf {

Result<TokenId> one_token(const std::string& said, const Tokenizer& tokenizer, int n_vocab) {
  if (said.starts_with('#') && said.size() > 1) {
    int id = -1;
    const auto [end, error] = std::from_chars(said.data() + 1, said.data() + said.size(), id);
    if (error == std::errc{} && end == said.data() + said.size()) {
      if (id < 0 || id >= n_vocab)
        return fail(ErrorCode::InvalidArgument, text("Token {0} is outside the vocabulary of {1} tokens.", said, n_vocab));
      return TokenId(id);
    }
  }
  GF_TRY_ASSIGN(const std::vector<TokenId> ids, tokenizer.ids_of(said));
  if (ids.size() == 1) return ids.front();
  const std::string shown = listed(ids, [&](TokenId id) { return "\"" + visible_text(tokenizer.bytes_of(id)) + "\""; });
  if (const auto inside = with_blank_before(said, tokenizer))
    return fail(ErrorCode::InvalidArgument, text("\"{0}\" is {1} tokens ({2}); as it stands inside a text, with a blank before it, "
                                                 "\"{3}\" is one.",
                                                 said, ids.size(), shown, *inside));
  return fail(ErrorCode::InvalidArgument,
              text("\"{0}\" is {1} tokens ({2}); give one token, or its number as #id.", said, ids.size(), shown));
}

std::optional<std::string> with_blank_before(const std::string& word, const Tokenizer& tokenizer) {
  if (word.empty() || word.starts_with(' ')) return std::nullopt;
  const auto ids = tokenizer.ids_of(" " + word);
  return ids && ids->size() == 1 ? std::optional(" " + word) : std::nullopt;
}

}  // namespace gf
