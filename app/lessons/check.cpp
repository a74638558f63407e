#include "app/lessons/check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/lessons/markdown.h"

namespace gf::lessons {
namespace checking {

/// Faults of one text; `name`: what it is.
void check_one(const std::string& text, const char* name, bool needed, Fault where, std::vector<Fault>& faults) {
  if (text.empty() != needed) {
    for (std::string& fault : markdown_faults(text)) {
      where.message = std::string(name) + ": " + std::move(fault);
      faults.push_back(where);
    }
    return;
  }
  where.message = needed ? std::string("its ") + name + " is missing" : std::string("it has a ") + name + ", but the step asks nothing";
  faults.push_back(std::move(where));
}

void check_step(const Step& step, const std::string& language, const LessonText& texts, std::vector<Fault>& faults) {
  const auto found = texts.steps.find(step.id);
  const Fault where{step.id, language, {}};
  if (found == texts.steps.end()) {
    faults.push_back({step.id, language, "its text is missing"});
    return;
  }
  const StepText& text = found->second;
  const bool asks = step.question.has_value();
  check_one(text.text, "text", true, where, faults);
  check_one(text.question, "question", asks, where, faults);
  check_one(text.right, "right", asks, where, faults);
  if (asks || !text.hint.empty()) check_one(text.hint, "hint", asks, where, faults);
  const std::size_t options = asks && step.question->kind == Question::Kind::Choice ? step.question->holds.size() : 0;
  if (text.options.size() != options)
    faults.push_back(
        {step.id, language, "it has " + std::to_string(text.options.size()) + " options, but the step has " + std::to_string(options)});
  for (const std::string& option : text.options) check_one(option, "option", true, where, faults);
}

}  // namespace checking

std::vector<Fault> text_faults(const Lesson& lesson) {
  std::vector<Fault> faults;
  for (const auto& [language, texts] : lesson.texts) {
    if (texts.title.empty()) faults.push_back({{}, language, "the title is missing"});
    if (texts.about.empty()) faults.push_back({{}, language, "'about', a line for the contents, is missing"});
    std::set<std::string> known;
    for (const Step& step : lesson.steps) {
      known.insert(step.id);
      checking::check_step(step, language, texts, faults);
    }
    for (const auto& [id, text] : texts.steps)
      if (!known.contains(id)) faults.push_back({id, language, "there is a text for it, but no such step"});
  }
  return faults;
}

Result<std::vector<Fault>> check_lesson(const std::string& folder, const std::function<void(double)>& progress) {
  GF_TRY_ASSIGN(Reading reading, examine_lesson(folder));
  std::vector<Fault> faults = std::move(reading.faults);
  for (auto& fault : text_faults(reading.lesson)) faults.push_back(std::move(fault));
  for (auto& fault : live_faults(reading.lesson, progress)) faults.push_back(std::move(fault));
  return faults;
}

}  // namespace gf::lessons
