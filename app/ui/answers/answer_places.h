// From the selection to a place among an answer's axes, and back.
#pragma once

#include "app/document/document.h"
#include "app/ui/answers/answer_sheet.h"
#include "model/config.h"

namespace gf::ui {

/// Whatever axes the selection and the selected position say something of.
[[nodiscard]] AnswerPlace place_of(const doc::Document& document, const ModelConfig& config, int length);
/// Selects what stands there: [layer, head] and a query a cell of the pattern, a depth the residual stream before that
/// block, a block its output, a position itself. Axes that mean none of these change nothing.
void select_place(doc::Document& document, const AnswerPlace& place, const ModelConfig& config, int length);

}  // namespace gf::ui
