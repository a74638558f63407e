// A set of transcoders as circuit-tracer saves it: config.yaml and layer_0.safetensors, layer_1.safetensors, ...
// Source: safety-research/circuit-tracer, transcoder/single_layer_transcoder.py and utils/hf_utils.py.
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "model/base/text.h"
#include "model/io/dictionaries/dictionary_parts.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {

constexpr std::size_t kYamlMostBytes = std::size_t{1} << 20;

/// The "key: value" lines of the outermost level of a YAML file, which is all that these configs have beside lists of paths.
std::map<std::string, std::string> yaml_values(const std::string& yaml) {
  std::map<std::string, std::string> values;
  std::istringstream lines(yaml);
  const auto trimmed = [](std::string word) {
    const auto first = word.find_first_not_of(" \t\r"), last = word.find_last_not_of(" \t\r");
    word = first == std::string::npos ? std::string() : word.substr(first, last - first + 1);
    if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
      return word.substr(1, word.size() - 2);
    return word;
  };
  for (std::string line; std::getline(lines, line);) {
    if (const auto comment = line.find(" #"); comment != std::string::npos) line.erase(comment);
    const auto colon = line.find(':');
    if (line.empty() || line[0] == ' ' || line[0] == '\t' || line[0] == '-' || line[0] == '#' || colon == std::string::npos) continue;
    values[trimmed(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
  }
  return values;
}

std::optional<int> number_at_end(const std::string& stem) {
  auto digits = stem.size();
  while (digits > 0 && stem[digits - 1] >= '0' && stem[digits - 1] <= '9') --digits;
  int number = 0;
  const auto [end, wrong] = std::from_chars(stem.data() + digits, stem.data() + stem.size(), number);
  return digits == stem.size() || wrong != std::errc() ? std::nullopt : std::optional(number);
}

/// The k of a TopK, which is a tensor of one whole number.
std::optional<int> k_of_tensor(const SafetensorsFile& file, const SafetensorsEntry& entry) {
  std::int64_t k = 0;
  if (entry.dtype != "I64" || entry.end - entry.begin != sizeof k) return std::nullopt;
  std::memcpy(&k, file.file()->bytes().data() + entry.begin, sizeof k);
  return k < 1 || k > (1 << 28) ? std::nullopt : std::optional(static_cast<int>(k));
}

}  // namespace

Result<std::shared_ptr<const Dictionary>> read_circuit_tracer_dictionary(const std::string& path) {
  const std::filesystem::path file_path(path);
  const std::string yaml_path = (file_path.parent_path() / "config.yaml").string();
  DictionaryParts parts;
  DictionaryConfig& c = parts.config;
  c.path = path;
  c.format = "circuit-tracer";
  c.transcoder = true;
  c.keeps_negative = true;
  GF_TRY_ASSIGN(const std::string yaml, read_file(yaml_path, kYamlMostBytes));
  const auto values = yaml_values(yaml);
  const auto value = [&](const char* key) { return values.contains(key) ? values.at(key) : std::string(); };
  if (const std::string kind = value("model_kind"); !kind.empty() && kind != "transcoder_set")
    return fail(ErrorCode::Unsupported,
                text("{0} describes a {1}; of circuit-tracer's sets transcoder_set is supported.", yaml_path, kind));
  const auto layer = number_at_end(file_path.stem().string());
  const std::string in = value("feature_input_hook"), out = value("feature_output_hook");
  if (!layer || in.empty() || out.empty())
    return fail(ErrorCode::Corrupt,
                text("{0} should name feature_input_hook and feature_output_hook, and {1} end in its block's number.", yaml_path, path));
  c.model = value("model_name");
  c.hook = "blocks." + std::to_string(*layer) + "." + in;
  c.hook_out = "blocks." + std::to_string(*layer) + "." + out;
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  if (const SafetensorsEntry* k = file.find("k"))
    if (const auto number = k_of_tensor(file, *k)) c.k = *number, c.activation = FeatureActivation::TopK;
  for (const std::string name : dictionary_tensors()) {
    const SafetensorsEntry* entry = file.find(name == "threshold" ? "activation_function.threshold" : name);
    if (entry == nullptr) continue;
    GF_TRY_ASSIGN(parts.tensors[name], file.view(*entry, parts.storage));
  }
  parts.files.push_back(file.file());
  parts.encoder_in_major = false;
  const std::string activation = value("activation");
  if (activation == "topk") {
    c.activation = FeatureActivation::TopK;
    if (const auto k = number_at_end(value("k"))) c.k = *k;
  } else if (activation == "relu") {
    c.activation = FeatureActivation::Relu;
  } else if (parts.tensors.contains("threshold")) {
    c.activation = FeatureActivation::JumpRelu;
  }
  if (c.activation == FeatureActivation::Relu) c.keeps_negative = false;
  return assemble_dictionary(std::move(parts));
}

}  // namespace gf
