// The keys of a recipe that only some operations take, each read and written here.
#include <cmath>
#include <cstdlib>
#include <limits>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/edit_reader.h"

namespace gf {

namespace {

using Json = EditReader::Json;
using OrderedJson = nlohmann::ordered_json;

/// As the shortest text that reads back as this float32.
OrderedJson key_json_of(float v) {
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  return std::strtod(numbers::exact(v).c_str(), nullptr);
}

OrderedJson key_json_of(const std::vector<TokenId>& ids) {
  OrderedJson list = OrderedJson::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

Result<void> read_vector(const EditReader& reader, const Json& json, Edit& edit) {
  VectorSource source;
  if (json.is_array()) {
    for (const Json& x : json) {
      if (!x.is_number()) return reader.wrong(text("'vector' must be a list of numbers, without anything else in it"));
      GF_TRY_ASSIGN(const float f, reader.number(x, "vector"));
      source.values.push_back(f);
    }
    if (source.values.empty()) return reader.wrong(text("'vector' is empty"));
  } else if (json.is_object()) {
    for (const auto& [key, unused] : json.items())
      if (key != "file" && key != "tensor") return reader.wrong(text("'vector' has file and tensor, not {0}", ticked(key)));
    GF_TRY_ASSIGN(source.file, reader.string(json, "file"));
    if (source.file.empty()) return reader.wrong(text("the file of 'vector' has no name"));
    GF_TRY_ASSIGN(source.tensor, reader.string(json, "tensor"));
  } else {
    return reader.wrong(text("'vector' must be a list of numbers or {\"file\": ..., \"tensor\": ...}"));
  }
  edit.vector = std::move(source);
  return {};
}

OrderedJson write_vector(const Edit& edit) {
  if (!edit.vector) return nullptr;
  if (!edit.vector->file.empty()) return {{"file", edit.vector->file}, {"tensor", edit.vector->tensor}};
  OrderedJson list = OrderedJson::array();
  for (const float v : edit.vector->values) list.push_back(key_json_of(v));
  return list;
}

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
OrderedJson write_value(const Edit& edit) { return edit.value ? key_json_of(*edit.value) : OrderedJson(nullptr); }

Result<void> read_factor(const EditReader& reader, const Json& json, Edit& edit) {
  GF_TRY_ASSIGN(edit.factor, reader.number(json, "factor"));
  return {};
}
OrderedJson write_factor(const Edit& edit) { return edit.factor ? key_json_of(*edit.factor) : OrderedJson(nullptr); }

Result<void> read_over(const EditReader& reader, const Json& json, Edit& edit) {
  if (!json.is_object() || json.size() != 1 || !(json.contains("prompts") || json.contains("ids")))
    return reader.wrong(text("'over' must be {\"prompts\": [...]} or {\"ids\": [[...]]}"));
  const Json& list = json.begin().value();
  if (!list.is_array() || list.empty()) return reader.wrong(text("'over' must list at least one run"));
  for (const Json& run : list) {
    RunSource source;
    if (json.contains("ids")) {
      GF_TRY_ASSIGN(source.ids, reader.token_ids(run));
    } else {
      if (!run.is_string() || run.get<std::string>().empty()) return reader.wrong(text("'prompts' must be a list of texts"));
      source.prompt = run.get<std::string>();
    }
    edit.over.push_back(std::move(source));
  }
  return {};
}

OrderedJson write_over(const Edit& edit) {
  OrderedJson json;
  for (const RunSource& run : edit.over) {
    if (run.prompt) json["prompts"].push_back(*run.prompt);
    else json["ids"].push_back(key_json_of(run.ids));
  }
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
    if (!parse_hook(source.hook, kAnyLayer))
      return reader.wrong(text("there is no hook {0} to take values from; {1}", ticked(source.hook), hooks_text(source.hook)));
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
  else json["ids"] = key_json_of(edit.source->ids);
  if (!edit.source->hook.empty()) json["hook"] = edit.source->hook;
  if (edit.source->positions) json["positions"] = json_of(*edit.source->positions);
  return json;
}

constexpr RecipeKey kRecipeKeys[] = {{EditKey::Vector, "vector", read_vector, write_vector},
                                     {EditKey::Value, "value", read_value, write_value},
                                     {EditKey::Factor, "factor", read_factor, write_factor},
                                     {EditKey::Over, "over", read_over, write_over},
                                     {EditKey::Source, "source", read_source, write_source}};

}  // namespace

std::span<const RecipeKey> recipe_keys() { return kRecipeKeys; }

}  // namespace gf
