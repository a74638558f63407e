#include "model/edits/recipe.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/edit_reader.h"
#include "model/edits/keys_once.h"

namespace gf {

namespace {

using RecipeJson = nlohmann::json;
using RecipeOrderedJson = nlohmann::ordered_json;

RecipeOrderedJson json_of_edit(const Edit& e) {
  RecipeOrderedJson j = {{"hook", e.hook}, {"op", name_of(e.op)}};
  for (const Axis axis : {Axis::Positions, Axis::Heads, Axis::Dims, Axis::Neurons, Axis::Queries, Axis::Keys})
    if (const auto& s = selector_of(e, axis)) j[name_of(axis)] = json_of(*s);
  for (const RecipeKey& key : recipe_keys())
    if (RecipeOrderedJson value = key.write(e); !value.is_null()) j[key.name] = std::move(value);
  if (e.renormalize) j["renormalize"] = true;
  if (!e.enabled) j["enabled"] = false;
  return j;
}

}  // namespace

nlohmann::ordered_json json_of(const Selector& s) {
  if (s.kind == Selector::Kind::List) return s.list;
  const std::string quoted = text_of(s);
  return quoted.substr(1, quoted.size() - 2);
}

Result<Recipe> parse_recipe(std::string_view bytes, std::string folder) {
  const auto wrong = [](const std::string& what) { return fail(ErrorCode::InvalidArgument, what); };
  constexpr std::size_t most_values = 4'000'000;
  GF_TRY(check_json_bounds(bytes, most_values, text("the recipe")));
  RecipeJson json;
  KeysOnce keys;
  int edits = 0;  // that have begun, up to the one with a doubled key
  try {
    json = RecipeJson::parse(bytes, [&](int depth, RecipeJson::parse_event_t event, const RecipeJson& value) {
      constexpr int edit_depth = 2;  // within the recipe and its list of edits
      if (event == RecipeJson::parse_event_t::object_start && depth == edit_depth && !keys.doubled()) ++edits;
      return keys.see(event, value);
    });
  } catch (const RecipeJson::parse_error& e) {
    return wrong(text("the recipe is not valid JSON from byte {0} on; look for a missing comma or quote", e.byte));
  } catch (const RecipeJson::out_of_range&) {
    return wrong(text("the recipe has a number that is larger than any that a computer holds"));
  }
  if (keys.doubled() && keys.depth() == 1)
    return wrong(text("the recipe's key {0} stands twice; leave one of them out", ticked(*keys.doubled())));
  if (keys.doubled()) return wrong(text("edit {0}: the key {1} stands twice; leave one of them out", edits, ticked(*keys.doubled())));
  if (!json.is_object()) return wrong(text("a recipe must be an object like {\"version\": 1, \"edits\": [...]}"));
  for (const auto& [key, unused] : json.items())
    if (key != "version" && key != "edits") return wrong(text("a recipe has version and edits, not {0}", ticked(key)));
  if (!json.contains("version") || json["version"] != 1)
    return wrong(text("the recipe's 'version' must be 1, the only version that this program reads"));
  if (!json.contains("edits") || !json["edits"].is_array()) return wrong(text("the recipe's 'edits' must be a list"));
  Recipe recipe;
  recipe.folder = std::move(folder);
  for (std::size_t i = 0; i < json["edits"].size(); ++i) {
    GF_TRY_ASSIGN(Edit edit, EditReader(json["edits"][i], i + 1).read());
    recipe.edits.push_back(std::move(edit));
  }
  return recipe;
}

std::vector<Edit> at_each_hook(const Edit& edit, int n_layer) {
  std::vector<Edit> each;
  for (const HookId hook : hooks_named(edit.hook, n_layer)) {
    Edit& one = each.emplace_back(edit);
    one.hook = name_of(hook);
    if (one.source && names_every_block(one.source->hook)) one.source->hook = name_of({*kind_named(one.source->hook), hook.layer});
  }
  return each;
}

Result<Recipe> read_recipe(const std::string& path) {
  GF_TRY_ASSIGN(const std::string bytes, read_text_file(path, phrase("recipe")));
  auto recipe = parse_recipe(bytes, std::filesystem::path(path).parent_path().string());
  if (!recipe) return fail(recipe.error().code, path + ": " + recipe.error().message);
  return recipe;
}

std::string to_json(const Recipe& recipe, int indent) {
  RecipeOrderedJson j = {{"version", 1}, {"edits", RecipeOrderedJson::array()}};
  for (const Edit& e : recipe.edits) j["edits"].push_back(json_of_edit(e));
  return j.dump(indent, ' ', false, RecipeOrderedJson::error_handler_t::replace);
}

}  // namespace gf
