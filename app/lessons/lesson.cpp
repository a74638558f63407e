#include "app/lessons/lesson.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/io/translations.h"

namespace gf::lessons {

bool goes_with_text(double from, double to, const scene::Timeline& timeline) {
  const auto in_block = std::ranges::count_if(timeline.ops(), [](const scene::Op& op) { return op.hook.layer == 0; });
  return to > from && to - from <= static_cast<double>(in_block);
}

Result<double> time_of(const Moment& moment, const scene::Timeline& timeline) {
  if (moment.kind == Moment::Kind::Start) return 0.0;
  if (moment.kind == Moment::Kind::End) return timeline.end();
  if (!moment.hook) return timeline.start_of(moment.position + 1);
  const auto op = timeline.find_op(*moment.hook);
  if (!op)
    return fail(ErrorCode::InvalidArgument,
                gf::text("the lesson's 'time' has the hook {0}, which is not in this model; name a hook of one of its blocks",
                         name_of(*moment.hook)));
  return timeline.start_of(moment.position, *op + 1);
}

doc::Document document_for(const Step& step, const doc::Document& own) {
  doc::Document document = step.document;
  if (!step.themed) document.theme = own.theme;
  document.speed = own.speed;
  document.pace = own.pace;
  return document;
}

const LessonText& Lesson::text(const std::string& language) const {
  const auto found = texts.find(language);
  return found != texts.end() ? found->second : texts.at("en");
}

Result<const LessonText*> Lesson::text_in(const std::string& language) const {
  if (language.empty()) return &text(language_of(locale_of_environment()));
  const auto found = texts.find(language);
  if (found != texts.end()) return &found->second;
  return fail(ErrorCode::NotFound, gf::text("The lesson {0} has no text in '{1}'; it has {2}.", name, language,
                                            listed(texts, [](const auto& told) { return told.first; })));
}

const std::vector<std::string>& docks_at(const Lesson& lesson, int step) {
  static const std::vector<std::string> kNone;
  for (int i = step; i >= 0; --i)
    if (const auto& docks = lesson.steps[static_cast<std::size_t>(i)].docks; !docks.empty()) return docks;
  return kNone;
}

Result<Lesson> read_lesson(const std::string& folder) {
  GF_TRY_ASSIGN(Reading reading, examine_lesson(folder));
  if (!reading.faults.empty())
    return fail(ErrorCode::InvalidArgument, gf::text("The lesson '{0}' cannot be shown: {1}; 'glassformer lesson --check' tells all.",
                                                     reading.lesson.name, reading.faults.front().sentence()));
  return std::move(reading.lesson);
}

std::vector<std::string> bundled_lessons() {
  namespace fs = std::filesystem;
  std::vector<std::pair<int, std::string>> found;
  const auto folder = asset_path("lessons");
  if (!folder) return {};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(*folder, error)) {
    const auto content = read_text_file((entry.path() / "lesson.json").string(), phrase("lesson"));
    if (!content) continue;
    constexpr std::size_t most_values = 100'000;
    const bool bounded = check_json_bounds(*content, most_values, phrase("lesson")).has_value();
    const auto json = bounded ? nlohmann::json::parse(*content, nullptr, false) : nlohmann::json();
    const bool ordered = json.is_object() && json.contains("order") && json["order"].is_number_integer();
    // One that cannot be read stands last, where its fault is told.
    found.emplace_back(ordered ? json["order"].get<int>() : 1 << 20, entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (auto& [order, name] : found) names.push_back(std::move(name));
  return names;
}

Result<std::string> resolve_lesson(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(fs::path(name) / "lesson.json", error)) return name;
  if (fs::path(name).filename() == "lesson.json" && fs::exists(name, error)) return fs::path(name).parent_path().string();
  std::string known;
  for (const std::string& bundled : bundled_lessons()) {
    if (bundled == name) return asset_path("lessons/" + name);
    known += (known.empty() ? "" : ", ") + bundled;
  }
  return fail(ErrorCode::NotFound, gf::text("There is no lesson '{0}'; the lessons are {1}.", name, known), "resolve_lesson");
}

}  // namespace gf::lessons
