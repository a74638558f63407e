// The keys of a recipe that only some operations take, each read and written here.
#include <cmath>
#include <limits>

#include "model/base/text.h"
#include "model/edits/edit_reader.h"
#include "model/edits/vector_key.h"

namespace gf {

namespace {

using Json = EditReader::Json;
using OrderedJson = nlohmann::ordered_json;

/// Of `round`. One bit has no step, and more than 16 change less than float32's own rounding of a sum.
constexpr int kFewestBits = 2, kMostBits = 16;

Result<void> read_direction(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.vector, read_vector(reader, json, "vector"));
  return {};
}
OrderedJson write_direction(const Edit& edit) {
  return edit.vector && edit.vector->feature >= 0 ? OrderedJson(nullptr) : json_of(edit.vector);
}

Result<void> read_dictionary_key(const EditReader& reader, const Json& json, Edit& edit) {
  if (edit.vector)
    return reader.wrong(text("{0} and {1} stand in one edit; leave one of them out", ticked("vector"), ticked("dictionary")));
  GF_TRY_ASSIGN(edit.vector, read_feature(reader, json));
  return {};
}
OrderedJson write_dictionary_key(const Edit& edit) {
  return edit.vector && edit.vector->feature >= 0 ? json_of(edit.vector) : OrderedJson(nullptr);
}

Result<void> read_from(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.from, read_vector(reader, json, "from"));
  return {};
}
OrderedJson write_from(const Edit& edit) { return json_of(edit.from); }

Result<void> read_to(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.to, read_vector(reader, json, "to"));
  return {};
}
OrderedJson write_to(const Edit& edit) { return json_of(edit.to); }

Result<void> read_value(const EditReader& reader, const Json& json, Edit& edit) {
  if (json.is_string() && json.get<std::string>() == "-inf") {
    if (reader.kind() != HookKind::AttnScores)
      return reader.wrong(text("'value' may be \"-inf\" at hook_attn_scores alone, not at {0}", edit.hook));
    edit.value = -std::numeric_limits<float>::infinity();
    return {};
  }
  GF_TRY_ASSIGN(edit.value, reader.number(json, "value"));
  return {};
}
OrderedJson write_value(const Edit& edit) { return edit.value ? json_of(*edit.value) : OrderedJson(nullptr); }

Result<void> read_factor(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.factor, reader.number(json, "factor"));
  return {};
}
OrderedJson write_factor(const Edit& edit) { return edit.factor ? json_of(*edit.factor) : OrderedJson(nullptr); }

Result<void> read_std(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.std_dev, reader.number(json, "std"));
  return {};
}
OrderedJson write_std(const Edit& edit) { return edit.std_dev ? json_of(*edit.std_dev) : OrderedJson(nullptr); }

Result<void> read_seed(const EditReader& reader, const Json& json, Edit& edit) {
  if (!json.is_number_integer() || (!json.is_number_unsigned() && json.get<std::int64_t>() < 0))
    return reader.wrong(text("{0} must be a whole number from 0 on", ticked("seed")));
  edit.seed = json.get<std::uint64_t>();
  return {};
}
OrderedJson write_seed(const Edit& edit) { return edit.seed ? OrderedJson(*edit.seed) : OrderedJson(nullptr); }

Result<void> read_bits(const EditReader& reader, const Json& json, Edit& edit) {
  const std::int64_t bits = json.is_number_integer() ? json.get<std::int64_t>() : 0;
  if (bits < kFewestBits || bits > kMostBits)
    return reader.wrong(text("{0} must be a whole number from {1} to {2}", ticked("bits"), kFewestBits, kMostBits));
  edit.bits = static_cast<int>(bits);
  return {};
}
OrderedJson write_bits(const Edit& edit) { return edit.bits ? OrderedJson(*edit.bits) : OrderedJson(nullptr); }

Result<void> read_outliers(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(const float most, reader.number(json, "outliers"));
  if (most < 0) return reader.wrong(text("{0} is a magnitude, so it must not be negative", ticked("outliers")));
  edit.outliers = most;
  return {};
}
OrderedJson write_outliers(const Edit& edit) { return edit.outliers ? json_of(*edit.outliers) : OrderedJson(nullptr); }

Result<void> read_over(const EditReader& reader, const Json& json, Edit& edit) {
  if (!json.is_object() || json.size() != 1 || !(json.contains("prompts") || json.contains("ids")))
    return reader.wrong(
        text("'over' must be {\"prompts\": [...]} or {\"ids\": [[...]]}; without it the mean is that of the run's own prompt"));
  const Json& list = json.begin().value();
  if (!list.is_array() || list.empty()) return reader.wrong(text("'over' must list at least one run"));
  GF_TRY_ASSIGN(edit.over, read_runs(reader, list, json.contains("ids")));
  return {};
}

OrderedJson write_over(const Edit& edit) {
  OrderedJson json;
  if (!edit.over.empty()) json[key_of(edit.over)] = json_of(edit.over);
  return json;
}

Result<void> read_source(const EditReader& reader, const Json& json, Edit& edit) {
  if (!json.is_object()) return reader.wrong(text("'patch' needs 'source', an object with prompt or ids"));
  for (const auto& [key, unused] : json.items())
    if (key != "prompt" && key != "ids" && key != "hook" && key != "positions")
      return reader.wrong(text("'source' has prompt or ids, hook and positions, not {0}", ticked(key)));
  if (json.contains("prompt") == json.contains("ids")) return reader.wrong(text("'source' needs either 'prompt' or 'ids'"));
  RunSource source;
  if (json.contains("prompt")) {
    GF_TRY_ASSIGN(source.prompt, reader.string(json, "prompt"));
    if (source.prompt->empty()) return reader.wrong(text("the prompt of 'source' is empty"));
  } else {
    GF_TRY_ASSIGN(source.ids, reader.token_ids(json["ids"]));
  }
  if (json.contains("hook")) {
    GF_TRY_ASSIGN(source.hook, reader.string(json, "hook"));
    if (!kind_named(source.hook))
      return reader.wrong(text("there is no hook {0} to take values from; {1}", ticked(source.hook), hooks_text(source.hook)));
    if (names_every_block(source.hook) && !names_every_block(edit.hook))
      return reader.wrong(text("{0} names every block to take values from, but {1} is one place", ticked(source.hook), edit.hook));
    source.hook = own_hook_name(source.hook);
  }
  if (json.contains("positions")) {
    GF_TRY_ASSIGN(source.positions, reader.selector(json["positions"], "positions", false));
  }
  edit.source = std::move(source);
  return {};
}

OrderedJson write_source(const Edit& edit) {
  if (!edit.source) return nullptr;
  OrderedJson json;
  if (edit.source->prompt) json["prompt"] = *edit.source->prompt;
  else json["ids"] = json_of(edit.source->ids);
  if (!edit.source->hook.empty()) json["hook"] = edit.source->hook;
  if (edit.source->positions) json["positions"] = json_of(*edit.source->positions);
  return json;
}

constexpr RecipeKey kRecipeKeys[] = {{EditKey::Vector, "vector", read_direction, write_direction},
                                     {EditKey::Dictionary, "dictionary", read_dictionary_key, write_dictionary_key},
                                     {EditKey::From, "from", read_from, write_from},
                                     {EditKey::To, "to", read_to, write_to},
                                     {EditKey::Value, "value", read_value, write_value},
                                     {EditKey::Factor, "factor", read_factor, write_factor},
                                     {EditKey::Std, "std", read_std, write_std},
                                     {EditKey::Seed, "seed", read_seed, write_seed},
                                     {EditKey::Bits, "bits", read_bits, write_bits},
                                     {EditKey::Outliers, "outliers", read_outliers, write_outliers},
                                     {EditKey::Over, "over", read_over, write_over},
                                     {EditKey::Source, "source", read_source, write_source}};

}  // namespace

std::span<const RecipeKey> recipe_keys() { return kRecipeKeys; }

}  // namespace gf
