#include "app/lessons/question.h"

#include "app/document/request.h"
#include "model/base/text.h"

namespace gf::lessons {

Result<std::vector<std::string>> tokens_meant(const std::string& typed, const Model& model) {
  if (typed.empty()) return fail(ErrorCode::InvalidArgument, gf::text("Type a token first."));
  std::vector<std::string> meant;
  for (const std::string& text : {typed, " " + typed})
    if (doc::token_of(text, model)) meant.push_back(text);
  if (!meant.empty()) return meant;
  GF_TRY(doc::token_of(typed, model));
  return meant;
}

Result<bool> judge(const Question& question, const Answer& answer, Names& facts, const Model& model) {
  switch (question.kind) {
    case Question::Kind::Until: return question.holds.front().holds(facts);
    case Question::Kind::Choice: {
      EXPECTS(answer.option >= 0 && answer.option < static_cast<int>(question.holds.size()), "an option of the question");
      return question.holds[static_cast<std::size_t>(answer.option)].holds(facts);
    }
    case Question::Kind::Head: {
      WithVariables names({{"layer", static_cast<double>(answer.layer)}, {"head", static_cast<double>(answer.head)}}, facts);
      return question.holds.front().holds(names);
    }
    case Question::Kind::Token: break;
  }
  GF_TRY_ASSIGN(const auto meant, tokens_meant(answer.token, model));
  for (const std::string& token : meant) {
    // A typed token stands for itself even where the language of tokens would read "#7" as a number.
    WithVariables names({{"token", token}}, facts);
    GF_TRY_ASSIGN(const bool right, question.holds.front().holds(names));
    if (right) return true;
  }
  return false;
}

}  // namespace gf::lessons
