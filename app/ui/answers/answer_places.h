// From the selection to a place on an answer's axes, and back.
#pragma once

#include <string_view>

#include "app/document/document.h"
#include "app/ui/answers/answer_sheet.h"
#include "model/config.h"

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// The indices that the selection and the selected position give, for the axes that they say something about.
[[nodiscard]] AnswerPlace place_of(const doc::Document& document, const ModelConfig& config, int length);
/// Selects the cell at a place: for [layer, head] a cell of the pattern, for a depth the residual stream before that block,
/// for a layer the block's output; a position becomes the selected one. Other axes change nothing.
void select_place(doc::Document& document, const AnswerPlace& place, const ModelConfig& config, int length);
/// The same as a command that can be undone, for an answer about the present run; without a run it does nothing. Consecutive
/// selections in one dock undo as one. `dock`: its id.
void select_place(doc::Lab& lab, const AnswerPlace& place, std::string_view dock);

}  // namespace gf::ui
