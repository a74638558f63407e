// The bars that split a score of the Attention dock, read off an answer to why-attention.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "app/document/stream_part.h"
#include "model/analysis/answer.h"

namespace gf::ui {

struct SplitBar {
  QString name;                         ///< as people call it
  std::optional<doc::StreamPart> part;  ///< what wrote it; of a pair, what wrote the query's row
  double value = 0;                     ///< what it adds to the score
};

/// The components of one side, the strongest first. `part`: "query_parts" or "key_parts".
[[nodiscard]] std::vector<SplitBar> bars_of_side(const Answer& answer, const char* part);
/// The strongest pairs that the answer lists; what it leaves out of the score is the caller's rest.
[[nodiscard]] std::vector<SplitBar> bars_of_pairs(const Answer& answer);

}  // namespace gf::ui
