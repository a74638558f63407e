// The errors that still hold, at most one for each cause. When a cause is mended, its error goes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/base/error.h"

namespace gf::doc {

class Errors {
 public:
  enum class Cause : std::uint8_t { Model, Prompt, Run, Tokens, Study };

  /// Replaces the error that this cause had before.
  void set(Cause cause, Error error) {
    clear(cause);
    standing_.emplace_back(cause, std::move(error));
  }
  void clear(Cause cause) {
    std::erase_if(standing_, [&](const auto& one) { return one.first == cause; });
  }
  /// Sets the error of a failure; clears it after a success.
  void put(Cause cause, const Result<void>& result) { result ? clear(cause) : set(cause, result.error()); }
  void dismiss() { standing_.clear(); }
  [[nodiscard]] std::optional<Error> newest() const { return standing_.empty() ? std::nullopt : std::optional(standing_.back().second); }

 private:
  std::vector<std::pair<Cause, Error>> standing_;  ///< the newest last
};

}  // namespace gf::doc
