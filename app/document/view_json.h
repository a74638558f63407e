// A view's fields as members of a JSON object, by scene::each_field().
#pragma once

#include "app/document/json_reader.h"
#include "app/scene/view.h"

namespace gf::doc {

/// Adds each field under its key; those that hold nothing (no selection, no camera of its own) are left out.
void write_view(nlohmann::json& to, const scene::ViewState& view);
/// Fields that are missing stay as they are. Untrusted: a complaint stands in from.error.
void read_view(JsonReader& from, scene::ViewState& view);

}  // namespace gf::doc
