// Errors about one edit of a recipe.
#pragma once

#include <cstddef>
#include <string>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

/// "edit 2: ..."; `number` counts from 1.
[[nodiscard]] inline tl::unexpected<Error> edit_error(std::size_t number, const std::string& what,
                                                      ErrorCode code = ErrorCode::InvalidArgument) {
  return fail(code, text("edit {0}: {1}", number, what));
}

}  // namespace gf
