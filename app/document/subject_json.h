// A subject as members of a JSON object. Internal to app/document.
#pragma once

#include "app/document/document.h"
#include "app/document/json_reader.h"

namespace gf::doc {

[[nodiscard]] nlohmann::json ids_json(const std::vector<TokenId>& ids);
void write_subject(nlohmann::json& to, const Subject& subject);
/// Errors: InvalidArgument of its recipe; those of members stand in the reader.
[[nodiscard]] Result<void> read_subject(JsonReader& from, Subject& subject);

/// The names of the modes in files.
inline constexpr scene::Named<Mode> kModes[] = {{Mode::Observe, "observe"}, {Mode::Intervene, "intervene"}, {Mode::WhatIf, "what-if"}};

}  // namespace gf::doc
