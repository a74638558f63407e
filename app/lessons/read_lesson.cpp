// Reading a lesson's files. Everything in them is untrusted; what is wrong is collected, not just the first of it.
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/lessons/lesson.h"
#include "app/lessons/read_parts.h"
#include "model/base/json_bounds.h"
#include "model/base/text.h"
#include "model/base/text_file.h"

namespace gf::lessons {
namespace reading {

namespace fs = std::filesystem;
constexpr std::size_t kMostSteps = 100, kMostValues = 50'000;
constexpr std::size_t kLargestFile = 1 << 20;

Result<Json> parsed(std::string_view text, const std::string& name) {
  GF_TRY(check_json_bounds(text, kMostValues, "The lesson's " + name));
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object())
    return fail(ErrorCode::Corrupt, gf::text("The lesson's {0} is not a JSON object; a comma or a quote is missing somewhere.", name));
  return json;
}

StepText read_step_text(const Json& json, Report& report) {
  StepText text;
  const std::array<std::pair<const char*, std::string*>, 4> rows{
      {{"text", &text.text}, {"question", &text.question}, {"hint", &text.hint}, {"right", &text.right}}};
  if (!json.is_object()) {
    report.fault("a step's texts should be an object with 'text'");
    return text;
  }
  for (const auto& [key, value] : json.items()) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&k = key](const auto& r) { return k == r.first; });
    if (row != rows.end()) {
      if (value.is_string()) *row->second = value.get<std::string>();
      else report.fault("'" + key + "' should be text");
    } else if (key == "options" && value.is_array()) {
      for (const Json& option : value)
        if (option.is_string()) text.options.push_back(option.get<std::string>());
        else report.fault("'options' should be a list of texts");
    } else {
      report.fault("there is no text '" + key + "'; a step has text, question, options, hint and right");
    }
  }
  return text;
}

LessonText read_text(const Json& json, Report& report) {
  LessonText text;
  for (const auto& [key, value] : json.items()) {
    report.step.clear();
    if (key == "title" || key == "about") {
      if (value.is_string()) (key == "title" ? text.title : text.about) = value.get<std::string>();
      else report.fault("'" + key + "' should be text");
    } else if (key == "steps" && value.is_object()) {
      for (const auto& [id, step] : value.items()) {
        report.step = id;
        text.steps[id] = read_step_text(step, report);
      }
    } else {
      report.fault("'" + key + "' is not known here; a language has title, about and steps");
    }
  }
  report.step.clear();
  return text;
}

int small_number(const Json& json, const char* key, Report& report) {
  const auto it = json.find(key);
  constexpr int kMost = 100'000;
  if (it != json.end() && it->is_number_integer() && *it >= 0 && *it <= kMost) return it->get<int>();
  report.fault(std::string("'") + key + "' should be a whole number");
  return 0;
}

}  // namespace reading

std::string Fault::sentence() const {
  std::string where;
  if (!step.empty()) where = "step '" + step + "'";
  if (!language.empty()) where += (where.empty() ? "" : ", ") + language;
  return where.empty() ? message : where + ": " + message;
}

Result<Reading> examine_lesson_texts(std::string_view lesson, const std::map<std::string, std::string>& languages) {
  Reading out;
  GF_TRY_ASSIGN(const Json json, reading::parsed(lesson, "lesson.json"));
  for (const auto& [language, text] : languages) {
    Report report{out.faults, {}, language};
    const auto texts = reading::parsed(text, language + ".json");
    if (texts) out.lesson.texts[language] = reading::read_text(*texts, report);
    else report.fault(texts.error().message);
  }
  if (!out.lesson.texts.contains("en"))
    return fail(ErrorCode::Corrupt, gf::text("The lesson has no en.json that can be read; English is the language that every lesson has."));

  Report report{out.faults, {}, {}};
  for (const auto& [key, value] : json.items())
    if (key != "version" && key != "minutes" && key != "order" && key != "steps")
      report.fault("'" + key + "' is not known here; a lesson has version, minutes, order and steps");
  if (json.value("version", Json()) != 1) report.fault("'version' should be 1");
  out.lesson.minutes = reading::small_number(json, "minutes", report);
  out.lesson.order = reading::small_number(json, "order", report);
  const auto steps = json.find("steps");
  if (steps == json.end() || !steps->is_array() || steps->empty() || steps->size() > reading::kMostSteps) {
    report.fault("'steps' should be a list of 1 to 100 steps");
    return out;
  }
  StepReader reader(out);
  for (const Json& step : *steps) reader.read(step);
  return out;
}

Result<Reading> examine_lesson(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(folder).lexically_normal();
  GF_TRY_ASSIGN(const std::string lesson, read_text_file((path / "lesson.json").string(), phrase("lesson"), reading::kLargestFile));
  std::map<std::string, std::string> languages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".json" || name == "lesson") continue;
    GF_TRY_ASSIGN(languages[name], read_text_file(entry.path().string(), phrase("lesson"), reading::kLargestFile));
  }
  GF_TRY_ASSIGN(Reading out, examine_lesson_texts(lesson, languages));
  out.lesson.folder = folder;
  out.lesson.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  return out;
}

}  // namespace gf::lessons
