// The dictionaries of a session and the feature that is shown, as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/document/json_reader.h"
#include "app/document/open_dictionaries.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

constexpr std::size_t kMostDictionaries = 1000;

}  // namespace

nlohmann::json json_of(const FeatureView& features) {
  if (features == FeatureView{}) return nullptr;
  nlohmann::json list = nlohmann::json::array();
  for (const DictionaryInUse& one : features.dictionaries) {
    nlohmann::json entry{{"file", one.file}};
    if (!one.hook.empty()) entry["hook"] = one.hook;
    list.push_back(std::move(entry));
  }
  return {{"dictionaries", std::move(list)}, {"shown", features.shown}, {"feature", features.feature}};
}

void read_features(JsonReader& from, FeatureView& features) {
  const auto* json = from.member("features");
  if (json == nullptr) return;
  if (!json->is_object()) {
    from.error = session_wrong("features", text("an object"));
    return;
  }
  JsonReader reader{*json, {}};
  if (const auto* list = reader.member("dictionaries")) {
    if (!list->is_array() || list->size() > kMostDictionaries ||
        !std::ranges::all_of(*list, [](const nlohmann::json& entry) { return entry.is_object(); })) {
      from.error = session_wrong("dictionaries", text("a list of objects with a file"));
      return;
    }
    for (const auto& entry : *list) {
      JsonReader one{entry, {}};
      DictionaryInUse& made = features.dictionaries.emplace_back();
      one.read("file", made.file);
      one.read("hook", made.hook);
      if (one.error) reader.error = one.error;
    }
  }
  reader.read("shown", features.shown);
  reader.read("feature", features.feature);
  if (reader.error) from.error = reader.error;
}

}  // namespace gf::doc
