// The notices about a prompt and its run.
#include "app/document/lab.h"
#include "model/run/remarks.h"

namespace gf::doc {

void Lab::follow_notices() {
  std::string nan;
  for (const std::string& remark : remarks_on_nan(*run())) nan += (nan.empty() ? "" : "; ") + remark;
  errors_.put(Errors::Notice::NotANumber, std::move(nan));
  errors_.put(Errors::Notice::ModelChanged, remark_on_files(*model()->weights).value_or(std::string()));
  notice_special_token();
}

void Lab::notice_special_token() {
  // The notice of a prompt stands until it is dismissed, or until prompt or model are others, and does not come again.
  const std::string& prompt = document().prompt;
  const bool same_prompt = noticed_prompt_ == prompt, same_model = noticed_model_.lock() == model();
  if (same_prompt && same_model) return;
  noticed_prompt_ = prompt;
  noticed_model_ = model();
  const auto special = remark_on_special(*model()->tokenizer, prompt);
  const bool said = special && !special_prompts_.insert(prompt).second;
  // Another model that reads the same text in the same way leaves the notice where it is.
  const bool stands = same_prompt && errors_.stands(Errors::Notice::SpecialToken);
  errors_.put(Errors::Notice::SpecialToken, special && (!said || stands) ? *special : std::string());
}

}  // namespace gf::doc
