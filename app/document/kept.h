// What directions and sets of heads have in common: the user keeps them under a name, and the recipe may have edits of theirs.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "model/edits/recipe.h"

namespace gf::doc {

/// The element of this name; nullptr: there is none. It lives as long as the list is not changed.
template <class Kept>
[[nodiscard]] const Kept* find_named(const std::vector<Kept>& all, std::string_view name) {
  const auto at = std::ranges::find(all, name, &Kept::name);
  return at == all.end() ? nullptr : &*at;
}

/// Removes the element of this name. `without(recipe, kept)` is the recipe without its edits.
template <class Kept, class Without>
void forget_named(std::vector<Kept>& all, std::string_view name, Recipe& recipe, const Without& without) {
  const auto at = std::ranges::find(all, name, &Kept::name);
  if (at == all.end()) return;
  recipe = without(std::move(recipe), *at);
  all.erase(at);
}

/// Adds an element, or replaces the one of the same name, whose edits leave the recipe.
template <class Kept, class Without>
void keep_named(std::vector<Kept>& all, const Kept& kept, Recipe& recipe, const Without& without) {
  const auto at = std::ranges::find(all, kept.name, &Kept::name);
  if (at == all.end()) return all.push_back(kept);
  recipe = without(std::move(recipe), *at);
  *at = kept;
}

/// Whether two edits do the same, but for their factors and for whether they are on.
[[nodiscard]] inline bool same_but_factor(Edit a, const Edit& b) {
  a.factor = b.factor;
  a.enabled = b.enabled;
  return a == b;
}

}  // namespace gf::doc
