// Reads a lesson's files. Everything in them is untrusted; all faults are collected, not only the first.
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/lessons/lesson.h"
#include "app/lessons/read_parts.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"
#include "model/edits/keys_once.h"

namespace gf::lessons {
namespace {

constexpr std::size_t kMostSteps = 100, kMostLessonValues = 50'000;
constexpr std::size_t kLargestLessonFile = 1 << 20;

Result<Json> lesson_json_of(std::string_view text, const std::string& name) {
  GF_TRY(check_json_bounds(text, kMostLessonValues, gf::text("The lesson's {0}", name)));
  KeysOnce keys;
  Json json = Json::parse(text, [&](int, Json::parse_event_t event, const Json& value) { return keys.see(event, value); }, false);
  if (json.is_discarded() || !json.is_object())
    return fail(ErrorCode::Corrupt, gf::text("The lesson's {0} is not a JSON object; a comma or a quote is missing somewhere.", name));
  if (keys.doubled())
    return fail(ErrorCode::Corrupt,
                gf::text("The key '{0}' of the lesson's {1} stands twice; leave one of them out.", *keys.doubled(), name));
  return json;
}

StepText read_step_text(const Json& json, Report& report) {
  StepText text;
  const std::array<std::pair<const char*, std::string*>, 4> rows{
      {{"text", &text.text}, {"question", &text.question}, {"hint", &text.hint}, {"right", &text.right}}};
  if (!json.is_object()) {
    report.fault(gf::text("a step's texts should be an object with 'text'"));
    return text;
  }
  for (const auto& [key, value] : json.items()) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&k = key](const auto& r) { return k == r.first; });
    if (row != rows.end()) {
      if (value.is_string()) *row->second = value.get<std::string>();
      else report.fault(gf::text("'{0}' should be text", key));
    } else if (key == "options" && value.is_array()) {
      for (const Json& option : value)
        if (option.is_string()) text.options.push_back(option.get<std::string>());
        else report.fault(gf::text("'options' should be a list of texts"));
    } else {
      report.fault(gf::text("there is no text '{0}'; a step has text, question, options, hint and right", key));
    }
  }
  return text;
}

LessonText read_lesson_text(const Json& json, Report& report) {
  LessonText text;
  for (const auto& [key, value] : json.items()) {
    report.step.clear();
    if (key == "title" || key == "about") {
      if (value.is_string()) (key == "title" ? text.title : text.about) = value.get<std::string>();
      else report.fault(gf::text("'{0}' should be text", key));
    } else if (key == "steps" && value.is_object()) {
      for (const auto& [id, step] : value.items()) {
        report.step = id;
        text.steps[id] = read_step_text(step, report);
      }
    } else {
      report.fault(gf::text("'{0}' is not known here; a language has title, about and steps", key));
    }
  }
  report.step.clear();
  return text;
}

int small_number_at(const Json& json, const char* key, Report& report) {
  const auto it = json.find(key);
  constexpr int kMost = 100'000;
  if (it != json.end() && it->is_number_integer() && *it >= 0 && *it <= kMost) return it->get<int>();
  report.fault(gf::text("'{0}' should be a whole number", key));
  return 0;
}

}  // namespace

std::string Fault::sentence() const {
  std::string where;
  if (!step.empty()) where = gf::text("step '{0}'", step);
  if (!language.empty()) where += (where.empty() ? "" : ", ") + language;
  return where.empty() ? message : where + ": " + message;
}

Result<Reading> examine_lesson_texts(std::string_view lesson, const std::map<std::string, std::string>& languages) {
  Reading out;
  GF_TRY_ASSIGN(const Json json, lesson_json_of(lesson, "lesson.json"));
  for (const auto& [language, text] : languages) {
    Report report{out.faults, {}, language};
    const auto texts = lesson_json_of(text, language + ".json");
    if (texts) out.lesson.texts[language] = read_lesson_text(*texts, report);
    else report.fault(texts.error().message);
  }
  if (!out.lesson.texts.contains("en"))
    return fail(ErrorCode::Corrupt, gf::text("The lesson has no en.json that can be read; English is the language that every lesson has."));

  Report report{out.faults, {}, {}};
  for (const auto& [key, value] : json.items())
    if (key != "version" && key != "minutes" && key != "order" && key != "steps")
      report.fault(gf::text("'{0}' is not known here; a lesson has version, minutes, order and steps", key));
  if (json.value("version", Json()) != 1) report.fault(gf::text("'version' should be 1"));
  out.lesson.minutes = small_number_at(json, "minutes", report);
  out.lesson.order = small_number_at(json, "order", report);
  const auto steps = json.find("steps");
  if (steps == json.end() || !steps->is_array() || steps->empty() || steps->size() > kMostSteps) {
    report.fault(gf::text("'steps' should be a list of 1 to {0} steps", kMostSteps));
    return out;
  }
  StepReader reader(out);
  for (const Json& step : *steps) reader.read(step);
  return out;
}

Result<Reading> examine_lesson(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(folder).lexically_normal();
  GF_TRY_ASSIGN(const std::string lesson, read_text_file((path / "lesson.json").string(), phrase("lesson"), kLargestLessonFile));
  std::map<std::string, std::string> languages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".json" || name == "lesson") continue;
    GF_TRY_ASSIGN(languages[name], read_text_file(entry.path().string(), phrase("lesson"), kLargestLessonFile));
  }
  GF_TRY_ASSIGN(Reading out, examine_lesson_texts(lesson, languages));
  out.lesson.folder = folder;
  out.lesson.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  return out;
}

}  // namespace gf::lessons
