// A direction's push as JSON: a recipe of one edit.
#include "app/document/directions.h"
#include "model/base/text.h"
#include "model/edits/recipe.h"

namespace gf::doc {

std::string push_json(const Edit& push) { return gf::to_json(Recipe{{push}, {}}, -1); }

Result<Edit> push_of_json(std::string_view json, const std::string& folder) {
  GF_TRY_ASSIGN(const Recipe recipe, parse_recipe(json, folder));
  if (recipe.edits.size() != 1 || recipe.edits.front().op != EditOp::Add || !recipe.edits.front().vector)
    return fail(ErrorCode::InvalidArgument, text("A direction is a recipe of one edit that adds a vector."));
  Edit push = recipe.edits.front();
  push.factor = 1;
  push.enabled = true;
  return push;
}

}  // namespace gf::doc
