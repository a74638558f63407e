#include "model/base/token_ids.h"

#include "model/base/text.h"

namespace gf {

Result<void> check_ids(std::span<const TokenId> ids, int n_vocab) {
  for (const TokenId id : ids)
    if (id.v < 0 || id.v >= n_vocab)
      return fail(ErrorCode::InvalidArgument, text("token id {0} is not in the vocabulary, whose ids are 0 to {1}", id.v, n_vocab - 1));
  return {};
}

}  // namespace gf
