// The errors that still hold, at most one for each cause, and notices of what deserves a look though nothing has failed. When a
// cause is mended, its error goes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/base/error.h"

namespace gf::doc {

class Errors {
 public:
  enum class Cause : std::uint8_t { Model, Prompt, Run, Tokens, Study };
  enum class Notice : std::uint8_t { SpecialToken, NotANumber, ModelChanged };

  /// Replaces the error that this cause had before.
  void set(Cause cause, Error error) {
    clear(cause);
    standing_.emplace_back(cause, std::move(error));
  }
  /// Sets an error that is asked for again and again. Once the user has dismissed it, it stays away until the cause is cleared.
  void tell(Cause cause, const Error& error) {
    if (std::ranges::find(dismissed_, std::pair(cause, error.message)) != dismissed_.end()) return;
    std::erase_if(standing_, [&](const auto& one) { return one.first == cause; });
    standing_.emplace_back(cause, error);
  }
  void clear(Cause cause) {
    const auto of_cause = [&](const auto& one) { return one.first == cause; };
    std::erase_if(standing_, of_cause);
    std::erase_if(dismissed_, of_cause);
  }
  /// Sets the error of a failure; clears it after a success.
  void put(Cause cause, const Result<void>& result) { result ? clear(cause) : set(cause, result.error()); }
  /// Replaces the notice of this kind; an empty sentence takes it away.
  void put(Notice notice, std::string sentence) {
    std::erase_if(notices_, [&](const auto& one) { return one.first == notice; });
    if (!sentence.empty()) notices_.emplace_back(notice, std::move(sentence));
  }
  [[nodiscard]] bool stands(Notice notice) const {
    return std::ranges::any_of(notices_, [&](const auto& one) { return one.first == notice; });
  }
  /// Removes the errors; where there are none, the notices.
  void dismiss() {
    if (standing_.empty()) return notices_.clear();
    for (const auto& [cause, error] : standing_) dismissed_.emplace_back(cause, error.message);
    standing_.clear();
  }
  [[nodiscard]] std::optional<Error> newest() const { return standing_.empty() ? std::nullopt : std::optional(standing_.back().second); }
  [[nodiscard]] std::optional<Error> of(Cause cause) const {
    const auto it = std::ranges::find(standing_, cause, &std::pair<Cause, Error>::first);
    return it == standing_.end() ? std::nullopt : std::optional(it->second);
  }
  /// All notices, a line each; empty: there is none.
  [[nodiscard]] std::string notices() const {
    std::string lines;
    for (const auto& [notice, sentence] : notices_) lines += (lines.empty() ? "" : "\n") + sentence;
    return lines;
  }

 private:
  std::vector<std::pair<Cause, Error>> standing_;         ///< the newest last
  std::vector<std::pair<Cause, std::string>> dismissed_;  ///< with their messages
  std::vector<std::pair<Notice, std::string>> notices_;
};

}  // namespace gf::doc
