// Answers to a step's question, judged on the live model.
#pragma once

#include <optional>
#include <string>

#include "app/lessons/lesson.h"
#include "model/session.h"

namespace gf::lessons {

/// The viewer's answer; empty for `Until`, where the run itself is the answer.
struct Answer {
  int layer = -1, head = -1;  ///< Head
  std::string token;          ///< Token, as typed
  int option = -1;            ///< Choice
};
/// Whether it is right. Errors: those of the expression, and InvalidArgument for a text that is not a token.
[[nodiscard]] Result<bool> judge(const Question& question, const Answer& answer, Names& facts, const Model& model);

/// The token that a typed text means: as it stands, or with the space that a word inside a text has. Errors:
/// InvalidArgument where neither is one token.
[[nodiscard]] Result<std::vector<std::string>> tokens_meant(const std::string& typed, const Model& model);

}  // namespace gf::lessons
