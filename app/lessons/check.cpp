#include "app/lessons/check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/lessons/markdown.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

/// Faults of one text, whose key is `name`.
void check_one(const std::string& text, const char* name, bool needed, Fault where, std::vector<Fault>& faults) {
  if (text.empty() != needed) {
    for (std::string& fault : markdown_faults(text)) {
      where.message = std::string(name) + ": " + std::move(fault);
      faults.push_back(where);
    }
    return;
  }
  where.message = needed ? gf::text("its {0} is missing", name) : gf::text("it has a {0}, but the step asks nothing", name);
  faults.push_back(std::move(where));
}

void check_step(const Step& step, const std::string& language, const LessonText& texts, std::vector<Fault>& faults) {
  const auto found = texts.steps.find(step.id);
  const Fault where{step.id, language, {}};
  if (found == texts.steps.end()) {
    faults.push_back({step.id, language, gf::text("its {0} is missing", "text")});
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
    faults.push_back({step.id, language, gf::text("it has {0} options, but the step has {1}", text.options.size(), options)});
  for (const std::string& option : text.options) check_one(option, "option", true, where, faults);
}

}  // namespace

std::vector<Fault> text_faults(const Lesson& lesson) {
  std::vector<Fault> faults;
  for (const auto& [language, texts] : lesson.texts) {
    if (texts.title.empty()) faults.push_back({{}, language, gf::text("the title is missing")});
    if (texts.about.empty()) faults.push_back({{}, language, gf::text("'about', a line for the contents, is missing")});
    std::set<std::string> known;
    for (const Step& step : lesson.steps) {
      known.insert(step.id);
      check_step(step, language, texts, faults);
    }
    for (const auto& [id, text] : texts.steps)
      if (!known.contains(id)) faults.push_back({id, language, gf::text("there is a text for it, but no such step")});
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
