// What somebody may have meant by a word with a typing error.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gf::cli {

/// The candidate with the fewest letters added, left out, exchanged or swapped, if these are at most a third of the word.
/// The first of equal ones. Capitals count as small letters.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace gf::cli
