// Token ids that come from outside the program.
#pragma once

#include <span>

#include "model/base/error.h"
#include "model/base/ids.h"

namespace gf {

/// Errors: InvalidArgument, naming the first id that is not one of 0 to n_vocab - 1.
[[nodiscard]] Result<void> check_ids(std::span<const TokenId> ids, int n_vocab);

}  // namespace gf
