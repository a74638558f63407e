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
  std::string hook;  ///< the hook that it reads, if its file names none; empty: the file's hook
  friend bool operator==(const DictionaryInUse&, const DictionaryInUse&) = default;
};

struct FeatureView {
  std::vector<DictionaryInUse> dictionaries;
  int shown = 0;     ///< the index in `dictionaries` of the one that the dock shows
  int feature = -1;  ///< the feature that the dock shows; -1: the strongest one at the selected position
  [[nodiscard]] const DictionaryInUse* dictionary() const {
    return shown >= 0 && static_cast<std::size_t>(shown) < dictionaries.size() ? &dictionaries[static_cast<std::size_t>(shown)] : nullptr;
  }
  friend bool operator==(const FeatureView&, const FeatureView&) = default;
};

/// null if no dictionary is open.
[[nodiscard]] nlohmann::json json_of(const FeatureView& features);
/// Untrusted input; the reader keeps an error.
void read_features(JsonReader& from, FeatureView& features);

/// What an edit does to a feature.
enum class FeatureEdit : std::uint8_t { None, Cut, Clamp, Steer };
[[nodiscard]] const char* name_of(FeatureEdit edit);  ///< "none", "cut", "clamp", "steer"
[[nodiscard]] std::optional<FeatureEdit> feature_edit_named(std::string_view name);

/// The edit of a feature at `hook`. `value`: for Clamp the activation, for Steer the factor of the decoder's row that is added.
[[nodiscard]] Edit edit_of_feature(const DictionaryInUse& dictionary, int feature, const std::string& hook, FeatureEdit what, double value);
/// The recipe's edit of the feature, with its value; None if it has no edit of it.
[[nodiscard]] std::pair<FeatureEdit, double> feature_edit_in(const Recipe& recipe, const DictionaryInUse& dictionary, int feature);

/// Opens a dictionary and shows it; one that is open already is only shown.
[[nodiscard]] Command open_dictionary(std::string file, std::string hook);
[[nodiscard]] Command show_dictionary(int number);
[[nodiscard]] Command close_dictionary(int number);
[[nodiscard]] Command select_feature(int feature);
/// Replaces the recipe's edit of this feature.
[[nodiscard]] Command edit_feature(int feature, const std::string& hook, FeatureEdit what, double value);

}  // namespace gf::doc
