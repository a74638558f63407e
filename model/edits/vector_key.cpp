#include "model/edits/vector_key.h"

#include <cmath>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/dictionaries/fitted.h"

namespace gf {

namespace {

using VectorJson = EditReader::Json;
using VectorOrderedJson = nlohmann::ordered_json;

Result<std::vector<float>> list_of_vector(const EditReader& reader, const VectorJson& json, std::string_view name) {
  std::vector<float> values;
  for (const VectorJson& x : json) {
    if (!x.is_number()) return reader.wrong(text("{0} must be a list of numbers, without anything else in it", ticked(name)));
    GF_TRY_ASSIGN(const float f, reader.number(x, name));
    values.push_back(f);
  }
  if (values.empty()) return reader.wrong(text("{0} is empty", ticked(name)));
  return values;
}

Result<void> file_of_vector(const EditReader& reader, const VectorJson& json, std::string_view name, VectorSource& source) {
  for (const auto& [key, unused] : json.items())
    if (key != "file" && key != "tensor") return reader.wrong(text("{0} has file and tensor, not {1}", ticked(name), ticked(key)));
  GF_TRY_ASSIGN(source.file, reader.string(json, "file"));
  if (source.file.empty()) return reader.wrong(text("the file of {0} has no name", ticked(name)));
  if (!json.contains("tensor"))
    return reader.wrong(
        text("{0} names no 'tensor' of {1}: a vector is read from safetensors by its name there, as safetensors.numpy.save_file "
             "writes it",
             ticked(name), source.file));
  GF_TRY_ASSIGN(source.tensor, reader.string(json, "tensor"));
  return {};
}

Result<void> tokens_of_vector(const EditReader& reader, const VectorJson& json, std::string_view name, VectorSource& source) {
  for (const auto& [key, unused] : json.items())
    if (key != "tokens" && key != "against") return reader.wrong(text("{0} has tokens and against, not {1}", ticked(name), ticked(key)));
  GF_TRY_ASSIGN(source.tokens, reader.string(json, "tokens"));
  if (json.contains("against")) {
    GF_TRY_ASSIGN(source.against, reader.string(json, "against"));
  }
  if (source.tokens.empty() || (json.contains("against") && source.against.empty()))
    return reader.wrong(text("a token of {0} is empty", ticked(name)));
  return {};
}

Result<void> runs_of_vector(const EditReader& reader, const VectorJson& json, std::string_view name, VectorSource& source) {
  if (json.size() != 1) return reader.wrong(text("{0} has prompts or ids, and nothing beside them", ticked(name)));
  const VectorJson& lists = json.begin().value();
  const auto is_list = [](const VectorJson& list) { return list.is_array() && !list.empty(); };
  if (!lists.is_array() || lists.size() != 2 || !is_list(lists[0]) || !is_list(lists[1]))
    return reader.wrong(
        text("{0} must have two lists of prompts: the mean over the second is taken off that over the first", ticked(name)));
  const bool as_ids = json.contains("ids");
  GF_TRY_ASSIGN(source.runs, read_runs(reader, lists[0], as_ids));
  GF_TRY_ASSIGN(source.other_runs, read_runs(reader, lists[1], as_ids));
  return {};
}

}  // namespace

Result<VectorSource> read_vector(const EditReader& reader, const EditReader::Json& json, std::string_view name) {
  VectorSource source;
  const auto has = [&](const char* key) { return json.is_object() && json.contains(key); };
  if (json.is_array()) {
    GF_TRY_ASSIGN(source.values, list_of_vector(reader, json, name));
  } else if (has("file") || has("tensor")) {
    GF_TRY(file_of_vector(reader, json, name, source));
  } else if (has("tokens") || has("against")) {
    GF_TRY(tokens_of_vector(reader, json, name, source));
  } else if (has("prompts") || has("ids")) {
    GF_TRY(runs_of_vector(reader, json, name, source));
  } else {
    return reader.wrong(text(
        "{0} must be a list of numbers, {\"file\": ..., \"tensor\": ...}, {\"tokens\": ..., \"against\": ...} or {\"prompts\": [[...], "
        "[...]]}",
        ticked(name)));
  }
  return source;
}

Result<VectorSource> read_feature(const EditReader& reader, const EditReader::Json& json) {
  const char* name = "dictionary";
  if (!json.is_object()) return reader.wrong(text("{0} must be an object like {\"file\": ..., \"feature\": 12}", ticked(name)));
  for (const auto& [key, unused] : json.items())
    if (key != "file" && key != "feature") return reader.wrong(text("{0} has file and feature, not {1}", ticked(name), ticked(key)));
  VectorSource source;
  GF_TRY_ASSIGN(source.file, reader.string(json, "file"));
  if (source.file.empty()) return reader.wrong(text("the file of {0} has no name", ticked(name)));
  const auto feature = json.find("feature");
  if (feature == json.end() || !feature->is_number_unsigned() || feature->get<std::uint64_t>() > std::uint64_t{1} << 28)
    return reader.wrong(text("{0} must have a 'feature', a whole number from 0 on", ticked(name)));
  source.feature = feature->get<int>();
  return source;
}

bool operator==(const VectorSource& a, const VectorSource& b) {
  const auto read = [](const VectorSource& v) { return v.dictionary ? v.dictionary->dictionary.get() : nullptr; };
  return a.values == b.values && a.file == b.file && a.tensor == b.tensor && a.feature == b.feature && read(a) == read(b) &&
         a.tokens == b.tokens && a.against == b.against && a.runs == b.runs && a.other_runs == b.other_runs && a.whole_axis == b.whole_axis;
}

Result<std::vector<RunSource>> read_runs(const EditReader& reader, const EditReader::Json& list, bool as_ids) {
  std::vector<RunSource> runs;
  for (const VectorJson& run : list) {
    RunSource source;
    if (as_ids) {
      GF_TRY_ASSIGN(source.ids, reader.token_ids(run));
    } else {
      if (!run.is_string() || run.get<std::string>().empty()) return reader.wrong(text("'prompts' must be a list of texts"));
      source.prompt = run.get<std::string>();
    }
    runs.push_back(std::move(source));
  }
  return runs;
}

const char* key_of(const std::vector<RunSource>& runs) { return runs.front().prompt ? "prompts" : "ids"; }

nlohmann::ordered_json json_of(const std::vector<RunSource>& runs) {
  VectorOrderedJson list = VectorOrderedJson::array();
  for (const RunSource& run : runs) list.push_back(run.prompt ? VectorOrderedJson(*run.prompt) : json_of(run.ids));
  return list;
}

nlohmann::ordered_json json_of(const std::optional<VectorSource>& vector) {
  if (!vector) return nullptr;
  if (vector->feature >= 0) return {{"file", vector->file}, {"feature", vector->feature}};
  if (!vector->file.empty()) return {{"file", vector->file}, {"tensor", vector->tensor}};
  if (!vector->tokens.empty()) {
    VectorOrderedJson json;
    json["tokens"] = vector->tokens;
    if (!vector->against.empty()) json["against"] = vector->against;
    return json;
  }
  if (!vector->runs.empty()) {
    VectorOrderedJson json;
    VectorOrderedJson& lists = json[key_of(vector->runs)];
    lists.push_back(json_of(vector->runs));
    lists.push_back(json_of(vector->other_runs));
    return json;
  }
  VectorOrderedJson list = VectorOrderedJson::array();
  for (const float v : vector->values) list.push_back(json_of(v));
  return list;
}

nlohmann::ordered_json json_of(const std::vector<TokenId>& ids) {
  VectorOrderedJson list = VectorOrderedJson::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

nlohmann::ordered_json json_of(float value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return numbers::decimal(value);
}

std::string problem_of(const VectorSource& vector, const Edit& edit, HookKind kind) {
  const RowShape shape = info_of(kind).shape;
  if (!vector.tokens.empty() && shape != RowShape::DModel && shape != RowShape::HeadsDModel)
    return text("the direction of a token is one of the residual stream, so it does not fit {0}", edit.hook);
  if (!vector.runs.empty() && shape == RowShape::Causal)
    return text("the rows of {0} differ in length, so prompts give no vector there", edit.hook);
  return {};
}

}  // namespace gf
