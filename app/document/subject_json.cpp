#include "app/document/subject_json.h"

namespace gf::doc {

nlohmann::json ids_json(const std::vector<TokenId>& ids) {
  nlohmann::json list = nlohmann::json::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

void write_subject(nlohmann::json& to, const Subject& s) {
  to["model"] = s.model;
  to["prompt"] = s.prompt;
  to["bos"] = s.bos;
  to["continuation"] = ids_json(s.continuation);
  to["recipe"] = nlohmann::json::parse(gf::to_json(s.recipe));
  if (!s.recipe.folder.empty()) to["recipe_folder"] = s.recipe.folder;
}

Result<void> read_subject(JsonReader& from, Subject& s) {
  from.read("model", s.model);
  from.read("prompt", s.prompt);
  from.read("bos", s.bos);
  from.read("continuation", s.continuation);
  std::string folder;
  from.read("recipe_folder", folder);
  if (const nlohmann::json* recipe = from.member("recipe")) {
    GF_TRY_ASSIGN(s.recipe, parse_recipe(recipe->dump(), folder));
  }
  return {};
}

}  // namespace gf::doc
