// The vectors of a recipe: `vector`, `from` and `to` may each be given in four ways.
#pragma once

#include <string_view>
#include <vector>

#include "model/edits/edit_reader.h"

namespace gf {

/// A list of numbers, a tensor of a file, tokens, or two lists of runs. `name`: the key's, for messages.
[[nodiscard]] Result<VectorSource> read_vector(const EditReader& reader, const EditReader::Json& json, std::string_view name);
/// A feature of a dictionary: {"file": ..., "feature": ...}.
[[nodiscard]] Result<VectorSource> read_feature(const EditReader& reader, const EditReader::Json& json);
/// null: there is none.
[[nodiscard]] nlohmann::ordered_json json_of(const std::optional<VectorSource>& vector);

/// Runs: texts, or lists of ids.
[[nodiscard]] Result<std::vector<RunSource>> read_runs(const EditReader& reader, const EditReader::Json& list, bool as_ids);
/// The key under which such runs, which are not empty, stand: "prompts" or "ids".
[[nodiscard]] const char* key_of(const std::vector<RunSource>& runs);
[[nodiscard]] nlohmann::ordered_json json_of(const std::vector<RunSource>& runs);
[[nodiscard]] nlohmann::ordered_json json_of(const std::vector<TokenId>& ids);
/// As the shortest text that reads back as this float32.
[[nodiscard]] nlohmann::ordered_json json_of(float value);

/// What is wrong with the vector at a hook of this kind, as far as that shows without a model; empty: nothing.
[[nodiscard]] std::string problem_of(const VectorSource& vector, const Edit& edit, HookKind kind);

}  // namespace gf
