#include "app/document/head_sets.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/document/json_reader.h"
#include "app/document/kept.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

/// Whether `edit` is `own` as edits_at() gave it; a strength that was read back differs in its last digits.
bool is_edit_of_set(const Edit& edit, const Edit& own) {
  return same_but_factor(edit, own) && std::abs(edit.factor.value_or(1) - own.factor.value_or(1)) < 1e-4F;
}

Recipe without_head_set(Recipe recipe, const HeadSet& set) {
  const float strength = strength_of(recipe, set);
  if (strength == 0) return recipe;
  for (const Edit& own : edits_at(set, strength)) {
    const auto at = std::ranges::find_if(recipe.edits, [&](const Edit& edit) { return is_edit_of_set(edit, own); });
    if (at != recipe.edits.end()) recipe.edits.erase(at);
  }
  return recipe;
}

}  // namespace

Command keep_head_set(HeadSet set) {
  return {text("keep the heads {0}", set.name), [set](Document& d) { keep_named(d.head_sets, set, d.recipe, without_head_set); }, {}};
}

Command forget_head_set(std::string name) {
  return {text("forget the heads {0}", name), [name](Document& d) { forget_named(d.head_sets, name, d.recipe, without_head_set); }, {}};
}

Command use_head_set(const HeadSet& set, float strength) {
  return {strength == 0 ? text("stop using the heads {0}", set.name) : text("use the heads {0}", set.name),
          [set, strength](Document& d) {
            for (const HeadSet& kept : d.head_sets) d.recipe = without_head_set(d.recipe, kept);
            if (strength == 0) return;
            const auto edits = edits_at(set, strength);
            d.recipe.edits.insert(d.recipe.edits.end(), edits.begin(), edits.end());
            let_edits_act(d);
          },
          "heads " + set.name};
}

std::vector<Edit> edits_at(const HeadSet& set, float strength) {
  std::vector<Edit> edits = set.edits;
  for (Edit& edit : edits) {
    const float own = edit.factor.value_or(1);
    edit.factor = edit.op == EditOp::Scale ? 1 + strength * (own - 1) : strength * own;
  }
  return edits;
}

float strength_of(const Recipe& recipe, const HeadSet& set) {
  const auto own = std::ranges::find(set.edits, EditOp::Add, &Edit::op);
  if (own == set.edits.end()) return 0;
  for (const Edit& edit : recipe.edits)
    if (edit.enabled && same_but_factor(edit, *own)) return edit.factor.value_or(1) / own->factor.value_or(1);
  return 0;
}

std::string recipe_text(const HeadSet& set) { return gf::to_json(Recipe{set.edits, {}}, -1); }

Result<HeadSet> head_set_of(std::string name, std::string_view recipe, const std::string& folder) {
  GF_TRY_ASSIGN(const Recipe read, parse_recipe(recipe, folder));
  const auto fits = [](const Edit& edit) {
    const bool one = edit.heads && edit.heads->kind == Selector::Kind::List && edit.heads->list.size() == 1;
    return kind_named(edit.hook) == HookKind::Z && one && (edit.op == EditOp::Scale || (edit.op == EditOp::Add && edit.factor != 0.0F));
  };
  if (!std::ranges::all_of(read.edits, fits) || std::ranges::find(read.edits, EditOp::Add, &Edit::op) == read.edits.end())
    return fail(ErrorCode::InvalidArgument, text("A set of heads is a recipe that scales single heads at attn.hook_z and adds to them."));
  HeadSet set{std::move(name), read.edits};
  for (Edit& edit : set.edits) edit.enabled = true;
  return set;
}

nlohmann::json json_of(const std::vector<HeadSet>& sets) {
  nlohmann::json list = nlohmann::json::array();
  for (const HeadSet& set : sets) list.push_back({{"name", set.name}, {"recipe", nlohmann::json::parse(recipe_text(set))}});
  return list;
}

Result<std::vector<HeadSet>> read_head_sets(const nlohmann::json& list, const std::string& folder) {
  std::vector<HeadSet> sets;
  const auto wrong = [] { return tl::unexpected(session_wrong("head_sets", text("a list of names with a recipe, each name once"))); };
  if (!list.is_array()) return wrong();
  for (const nlohmann::json& one : list) {
    if (!one.is_object() || !one.contains("name") || !one["name"].is_string() || !one.contains("recipe")) return wrong();
    const std::string name = one["name"].get<std::string>();
    if (name.empty() || std::ranges::find(sets, name, &HeadSet::name) != sets.end()) return wrong();
    GF_TRY_ASSIGN(HeadSet set, head_set_of(name, one["recipe"].dump(), folder));
    sets.push_back(std::move(set));
  }
  return sets;
}

std::string heads_text(const HeadSet& set) {
  constexpr int kAnyLayer = 1 << 16;  // the recipe has been checked against its model
  std::string words;
  for (const Edit& edit : set.edits) {
    const auto hook = parse_hook(edit.hook, kAnyLayer);
    if (!hook || edit.op != EditOp::Add) continue;
    words += (words.empty() ? "" : ",") + std::to_string(hook->layer) + "." + std::to_string(edit.heads->list.front());
  }
  return words;
}

}  // namespace gf::doc
