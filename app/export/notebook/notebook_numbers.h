// The numbers that a notebook checks. Internal to app/export/notebook.
#pragma once

#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "app/export/notebook/notebook.h"

namespace gf::exporting {

using NotebookJson = nlohmann::ordered_json;

/// How TransformerLens finds a model.
struct ModelPlace {
  std::string name;     ///< a name on the hub, or a folder, which may begin with ~/
  std::string convert;  ///< the command that makes that folder; empty: it is there
};
[[nodiscard]] ModelPlace model_place(const std::string& model, const Weights& weights);

struct NotebookNumbers {
  NotebookJson ours;      ///< "ids", "position", "base", with edits "edits", "edited", "kl"; and those of the parts
  std::string explained;  ///< what dla speaks of: "for “·Mary” less “·John”"
};
/// Errors: as notebook_of().
[[nodiscard]] Result<NotebookNumbers> numbers_for_notebook(Session& session, const doc::Document& document, const Run& run,
                                                           const NotebookParts& parts, const std::stop_token& stop);

}  // namespace gf::exporting
