#include "model/run/remarks.h"

#include "model/base/text.h"
#include "model/io/files/mapped_file.h"

namespace gf {

std::optional<std::string> remark_on_special(const Tokenizer& tokenizer, std::string_view text) {
  const auto token = tokenizer.special_in(text);
  if (!token) return std::nullopt;
  return gf::text("the text holds {0}, which is read as plain text", visible_text(*token));
}

std::optional<std::string> remark_on_files(const Weights& weights) {
  for (const auto& file : weights.files)
    if (file->overwritten())
      return text("the file {0} was written to while it was open, so the numbers may be of neither model; open the model again",
                  file->path());
  return std::nullopt;
}

std::vector<std::string> remarks_on_nan(const Run& run) {
  std::vector<std::string> remarks;
  if (run.first_nan)
    remarks.push_back(
        text("{0} is the first hook with a value that is not a number (NaN), at position {1}; all that comes of it is NaN too",
             name_of(run.first_nan->hook), run.first_nan->position));
  if (run.stopped_at_nan)
    remarks.push_back(
        text("the logits at position {0} are NaN, so no token can be chosen by them; generation stopped", run.edited->length() - 1));
  return remarks;
}

}  // namespace gf
