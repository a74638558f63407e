#include "model/run/remarks.h"

#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/tokenizer/token_words.h"

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

std::optional<std::string> remark_on_stop(const Run& run, const Model& model) {
  if (run.stopped_at_eos)
    return text("Generation stopped at the model's end-of-text token, {0}.",
                quoted_token(model.tokenizer.get(), TokenId(model.weights->config.eos_token_id)));
  if (run.stopped_at) return text("Generation stopped where the text '{0}' was complete.", visible_text(*run.stopped_at));
  if (run.stopped_at_n_ctx) return text("The context of {0} tokens is full; generation stopped.", model.weights->config.n_ctx);
  if (run.nothing_left) return text("Every token was cut; generation stopped.");
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
