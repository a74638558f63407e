// Remarks on a prompt and on a run that the command line and the window both make.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"

namespace gf {

/// That the text holds the spelling of a special token, which is read as plain text; nullopt where it holds none.
[[nodiscard]] std::optional<std::string> remark_on_special(const Tokenizer& tokenizer, std::string_view text);
/// That a file of the open model was written to by another program; nullopt where none was.
[[nodiscard]] std::optional<std::string> remark_on_files(const Weights& weights);
/// Why generation ended before it had made as many tokens as were asked for; nullopt where it did not, or at a NaN.
[[nodiscard]] std::optional<std::string> remark_on_stop(const Run& run, const Model& model);
/// The first hook with a value that is not a number, and that generation stopped at one. Empty where the run has no NaN.
[[nodiscard]] std::vector<std::string> remarks_on_nan(const Run& run);

}  // namespace gf
