// The dictionaries of features that are open beside a model, the feature that is looked at, and edits on it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/edits/recipe.h"

namespace gf::doc {

struct JsonReader;
struct Command;
struct Document;

/// A dictionary as the user named it.
struct DictionaryInUse {
  std::string file;  ///< absolute path, hf:ORG/NAME/FOLDER, or a bundled dictionary's name
  std::string hook;  ///< where it reads, where its file does not say; empty: the file's
  friend bool operator==(const DictionaryInUse&, const DictionaryInUse&) = default;
};

struct FeatureView {
  std::vector<DictionaryInUse> dictionaries;
  int shown = 0;     ///< of `dictionaries`
  int feature = -1;  ///< that is looked at; -1: the strongest at the selected position
  [[nodiscard]] const DictionaryInUse* dictionary() const {
    return shown >= 0 && static_cast<std::size_t>(shown) < dictionaries.size() ? &dictionaries[static_cast<std::size_t>(shown)] : nullptr;
  }
  friend bool operator==(const FeatureView&, const FeatureView&) = default;
};

/// null where nothing is open.
[[nodiscard]] nlohmann::json json_of(const FeatureView& features);
/// Untrusted; an error is left in the reader.
void read_features(JsonReader& from, FeatureView& features);

/// What an edit does to the feature that is looked at.
enum class FeatureEdit : std::uint8_t { None, Cut, Clamp, Steer };
[[nodiscard]] const char* name_of(FeatureEdit edit);  ///< "none", "cut", "clamp", "steer"
[[nodiscard]] std::optional<FeatureEdit> feature_edit_named(std::string_view name);

/// The edit: `value` is the activation of Clamp, and of Steer how often the decoder's row is added. `hook`: where it acts.
[[nodiscard]] Edit edit_of_feature(const DictionaryInUse& dictionary, int feature, const std::string& hook, FeatureEdit what, double value);
/// What the recipe does to the feature, with its value; None where it does nothing.
[[nodiscard]] std::pair<FeatureEdit, double> feature_edit_in(const Recipe& recipe, const DictionaryInUse& dictionary, int feature);

/// Opens it, or shows it where it is open already.
[[nodiscard]] Command open_dictionary(std::string file, std::string hook);
[[nodiscard]] Command show_dictionary(int number);
[[nodiscard]] Command close_dictionary(int number);
[[nodiscard]] Command select_feature(int feature);
/// Replaces what the recipe does to this feature.
[[nodiscard]] Command edit_feature(int feature, const std::string& hook, FeatureEdit what, double value);

}  // namespace gf::doc
