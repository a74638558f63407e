// Answers to a step's question, judged on the live model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/lessons/facts.h"
#include "app/lessons/lesson.h"
#include "model/session.h"

namespace gf::lessons {

/// The viewer's answer; empty for `Until`, where the run itself is the answer.
struct Answer {
  int layer = -1, head = -1;  ///< Head
  std::string token;          ///< Token, as typed
  int option = -1;            ///< Choice
};
/// The answer where it is right, with the very token that was meant; none where it is wrong. Errors: those of the expression, and
/// InvalidArgument for a text that is not a token.
[[nodiscard]] Result<std::optional<Answer>> judge(const Question& question, const Answer& answer, Names& facts, const Model& model);

/// The tokens that a typed text may mean: as it stands first, then those that differ from it only in case and in the blanks
/// around it. "·" stands for a blank, as in the window. Errors: InvalidArgument where there is none.
[[nodiscard]] Result<std::vector<std::string>> tokens_meant(const std::string& typed, const Model& model);

/// The answers that can be tried in turn: all heads, the likeliest tokens, or all options; for `Until` the empty one.
[[nodiscard]] std::vector<Answer> possible_answers(const Question& question, const Run& run, const Model& model);
/// The first of the possible answers that is right; none for `Until`, and where no answer is right. Errors: those of the
/// expression.
[[nodiscard]] Result<std::optional<Answer>> right_answer(const Question& question, Facts& facts, const Model& model);

/// Whether the prediction is hidden while this is asked, because the viewer has to name it.
[[nodiscard]] inline bool hides_prediction(const Question& question) { return question.kind == Question::Kind::Token; }
/// Shows a right answer: the prediction may be seen, and the token or the head that was asked for gets a frame.
void reveal(const Question& question, const Answer& answer, const Model& model, scene::ViewState& view);

}  // namespace gf::lessons
