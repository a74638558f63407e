// The file of a dictionary's names: feature_names.json beside its weights.
#pragma once

#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/dictionaries/feature_names.h"

namespace gf {

inline constexpr const char* kFeatureNamesFile = "feature_names.json";

/// {"version": 1, "names": [{"feature": 12, "name": "a country", "from": -1, "to": 0, "contains": [...], "ends_in": [...]}]}:
/// from and to are 0 where they are left out, and at least one of the two lists has an entry. Ascending by feature.
/// Untrusted. Errors: NotFound, Io, Corrupt (one sentence; a feature twice, or beyond `features`).
[[nodiscard]] Result<std::vector<NamedFeature>> read_feature_names(const std::string& path, int features);

}  // namespace gf
