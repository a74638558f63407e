// Makes a notebook while the window goes on.
#pragma once

#include <functional>

#include "app/document/lab.h"
#include "app/export/notebook/notebook.h"

namespace gf::ui {

/// Runs the document's tokens in a session of its own, writes the notebook and its sidecar. `done` gets the path or the error.
[[nodiscard]] doc::Job make_notebook(doc::Jobs& jobs, scene::SceneInput input, doc::Document document, exporting::NotebookParts parts,
                                     std::string path, std::function<void(Result<std::string>)> done);

}  // namespace gf::ui
