// The metadata of files that hold a run's numbers.
#pragma once

#include <map>
#include <string>

#include "model/session.h"

namespace gf {

/// "model", "format", "ids" and "tokens" (JSON lists), "n_prompt", "recipe" (JSON; an empty one where there is none), "run"
/// ("base" or "edited": which of the two `trace` is), "program" with its version. Texts are valid UTF-8.
[[nodiscard]] std::map<std::string, std::string> run_metadata(const Model& model, const Run& run, const Trace& trace);

}  // namespace gf
