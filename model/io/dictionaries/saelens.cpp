#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/dictionaries/dictionary_parts.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "model/io/dictionaries/names_file.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {

constexpr std::size_t kSaelensMostBytes = std::size_t{4} << 20, kSaelensMostValues = 200'000;

}  // namespace

Result<std::shared_ptr<const Dictionary>> read_saelens_dictionary(const std::string& folder) {
  const std::filesystem::path place(folder);
  DictionaryParts parts;
  parts.config.path = (place / "cfg.json").string();
  parts.config.format = "saelens";
  GF_TRY_ASSIGN(const std::string bytes, read_file(parts.config.path, kSaelensMostBytes));
  GF_TRY(check_json_bounds(bytes, kSaelensMostValues, parts.config.path));
  const auto json = nlohmann::json::parse(bytes, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::Corrupt, text("{0} is not valid JSON; get it again.", parts.config.path));
  GF_TRY(read_dictionary_config(json, parts));
  parts.config.path = folder;
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open((place / "sae_weights.safetensors").string()));
  for (const char* name : dictionary_tensors()) {
    const SafetensorsEntry* entry = file.find(name);
    if (entry == nullptr) continue;
    GF_TRY_ASSIGN(parts.tensors[name], file.view(*entry, parts.storage));
  }
  parts.files.push_back(file.file());
  parts.names_file = (place / kFeatureNamesFile).string();
  return assemble_dictionary(std::move(parts));
}

}  // namespace gf
