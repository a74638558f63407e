// Where in the scene a finding is.
#pragma once

#include <string>
#include <vector>

#include "model/analysis/answer.h"
#include "model/config.h"

namespace gf::ui {

/// A hook and the indices of a cell, as the actions "select" and "look-at" take them. `answer`: of the question "scan"; `row`: of
/// its findings, in a run of T tokens; `position`: the one that is explained.
[[nodiscard]] std::vector<std::string> place_of_finding(const Answer& answer, int row, const ModelConfig& config, int T, int position);

}  // namespace gf::ui
