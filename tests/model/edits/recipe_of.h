// Recipes of tests.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "model/edits/recipe.h"

namespace gf::testing {

/// A recipe of edits that are written as in its file, with commas between them.
inline Recipe recipe_of(const std::string& edits) {
  auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}");
  EXPECT_TRUE(recipe) << (recipe ? "" : recipe.error().message);
  return recipe.value_or(Recipe{});
}

}  // namespace gf::testing
