// Texts to train on that come with the program. Each is made by a rule, so that the file need not be kept.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gf::training {

struct TrainingText {
  const char* name;    ///< "repeats"
  const char* title;   ///< a phrase: "random strings, repeated"
  const char* doc;     ///< a phrase: what a model can learn from it
  const char* prompt;  ///< begins like the text does, so that what the model has learnt can be seen
  /// Makes the text; each call gives the same one.
  std::string (*make)();
};

[[nodiscard]] std::span<const TrainingText> training_texts();
/// nullptr: no text has that name, or a file of that name exists, which is then used.
[[nodiscard]] const TrainingText* find_training_text(const std::string& data);

}  // namespace gf::training
