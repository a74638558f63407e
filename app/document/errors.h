// What has gone wrong and still stands, a place for each cause: what is mended takes its sentence away.
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

  /// In the place of what this cause had to say before.
  void set(Cause cause, Error error) {
    clear(cause);
    standing_.emplace_back(cause, std::move(error));
  }
  void clear(Cause cause) {
    std::erase_if(standing_, [&](const auto& one) { return one.first == cause; });
  }
  /// Says what is wrong, or that nothing is any more.
  void put(Cause cause, const Result<void>& result) { result ? clear(cause) : set(cause, result.error()); }
  void dismiss() { standing_.clear(); }
  [[nodiscard]] std::optional<Error> newest() const { return standing_.empty() ? std::nullopt : std::optional(standing_.back().second); }

 private:
  std::vector<std::pair<Cause, Error>> standing_;  ///< the newest last
};

}  // namespace gf::doc
