// The word that a mistyped word is meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gf {

/// How many letters have to be added, left out, exchanged or swapped with their neighbour to make `b` of `a`. Capitals count
/// as small letters. Source: Damerau 1964, Levenshtein 1966 (optimal string alignment). Takes a.size() * b.size() steps.
[[nodiscard]] std::size_t letters_between(std::string_view a, std::string_view b);

/// The candidate that is fewest letters away from the word, and the first of equal ones; nullopt: all are further away than
/// a third of the word's letters, or the word has more than 64.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace gf
