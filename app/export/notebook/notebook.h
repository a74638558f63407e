// A notebook that redoes a run with TransformerLens and checks our numbers.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "app/document/document.h"
#include "model/session.h"

namespace gf::exporting {

/// What a notebook does beside the run itself, which it always does.
struct NotebookParts {
  bool attention = true;  ///< the pattern of the selected head; without one the one that looks most from the position
  bool lens = true;       ///< the logit lens at the selected position
  bool dla = true;        ///< direct logit attribution of heads and MLPs, for A or for A less B
  bool selection = true;  ///< the row of the selected cell
};

/// A Jupyter notebook (nbformat 4.5). Its cells load the model into TransformerLens 4, run the document's tokens, put the recipe's
/// edits in as hooks, and assert our numbers. `request`: the document's, or one with other ids; it is run here. The edits are
/// written as what they do to each element, so that patches, means and noise need no other run there. The document stands in
/// the notebook's metadata, without bookmarks. Blocks. Errors: those of Session::run(); Unsupported where an edit acts on a
/// dictionary's feature; NotFound (the program's own files).
[[nodiscard]] Result<std::string> notebook_of(Session& session, const doc::Document& document, RunRequest request,
                                              const NotebookParts& parts, std::stop_token stop = {},
                                              const std::function<void(double)>& progress = {});

}  // namespace gf::exporting
