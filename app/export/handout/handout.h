// A hand-out: one HTML page that works offline in any browser, with the run's own numbers under the pointer.
#pragma once

#include <string>

#include "app/export/figure/figure.h"

namespace gf::exporting {

/// At most this many attention weights stand in a page; of a longer run only one block's patterns do.
inline constexpr std::size_t kMostHandoutWeights = 2'000'000;

/// The Stream, the patterns of all heads and the table of tokens, of the edited run and, where edits act, of base too. It opens
/// with the Stream where the document shows that, else with the patterns of the selected head or with the tokens. All data is
/// JSON in the element with the id "data": floats have the digits of numbers::exact(), a NaN is null. Blocks. Errors:
/// InvalidArgument (no run), NotCaptured (what the Stream needs), NotFound (the page's template), OutOfMemory.
[[nodiscard]] Result<std::string> handout_of(scene::SceneInput input, const doc::Document& document, const PictureOptions& options);
/// A figure's matrices. Errors: NotFound.
[[nodiscard]] Result<std::string> handout_of(const Figure& figure, const scene::SceneInput& input, const doc::Document& document,
                                             const PictureOptions& options);

}  // namespace gf::exporting
