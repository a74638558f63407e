// The notices about a prompt and its run.
#include "app/document/lab.h"
#include "model/run/remarks.h"

namespace gf::doc {

void Lab::follow_notices() {
  std::string nan;
  for (const std::string& remark : remarks_on_nan(*run())) nan += (nan.empty() ? "" : "; ") + remark;
  errors_.put(Errors::Notice::NotANumber, std::move(nan));
  errors_.put(Errors::Notice::ModelChanged, remark_on_files(*model()->weights).value_or(std::string()));
  // The notice of a prompt stands until it is dismissed or the prompt is another one, and does not come again.
  const std::string& prompt = document().prompt;
  if (noticed_prompt_ == prompt) return;
  noticed_prompt_ = prompt;
  const auto special = remark_on_special(*model()->tokenizer, prompt);
  const bool first = special && special_prompts_.insert(prompt).second;
  errors_.put(Errors::Notice::SpecialToken, first ? *special : std::string());
}

}  // namespace gf::doc
