// The fields of a view as members of a JSON object, by scene::each_field().
#pragma once

#include "app/document/json_reader.h"
#include "app/scene/view.h"

namespace gf::doc {

/// Adds each field under its key. Leaves out the empty ones: no selection, no camera of its own.
void write_view(nlohmann::json& to, const scene::ViewState& view);
/// Fields that are missing stay as they are. For untrusted input: from.error says what is wrong.
void read_view(JsonReader& from, scene::ViewState& view);

/// A circuit as JSON, and back, for the action that shows one. Errors: InvalidArgument.
[[nodiscard]] std::string circuit_text(const scene::Circuit& circuit);
[[nodiscard]] Result<scene::Circuit> circuit_from_text(std::string_view json);

}  // namespace gf::doc
