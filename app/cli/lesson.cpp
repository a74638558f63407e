// Lessons from the command line: what there are, their text, and whether they are true.
#include "app/lessons/lesson.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/lessons/check.h"
#include "app/lessons/markdown.h"
#include "model/base/text.h"

namespace gf::cli {

namespace {

struct LessonOptions {
  std::string name, language;
  bool check = false, json = false;
};

Result<void> list_lessons(const LessonOptions& o) {
  Json all = Json::array();
  std::vector<std::vector<std::string>> table{{text("name"), text("minutes"), text("title"), text("what it shows")}};
  for (const std::string& name : lessons::bundled_lessons()) {
    GF_TRY_ASSIGN(const std::string folder, lessons::resolve_lesson(name));
    GF_TRY_ASSIGN(const lessons::Lesson lesson, lessons::read_lesson(folder));
    const auto in_language = lesson.text_in(o.language);
    const lessons::LessonText& told = in_language ? **in_language : lesson.text("en");
    Json languages = Json::array();
    for (const auto& [language, unused] : lesson.texts) languages.push_back(language);
    all.push_back({{"name", name},
                   {"title", told.title},
                   {"about", told.about},
                   {"minutes", lesson.minutes},
                   {"steps", lesson.steps.size()},
                   {"languages", languages},
                   {"path", folder}});
    table.push_back({name, std::to_string(lesson.minutes), told.title, told.about});
  }
  if (all.empty())
    return fail(ErrorCode::NotFound, text("no lessons were found beside the program; reinstall it, or name a lesson's folder"));
  if (o.json) print({{"lessons", all}});
  else print_table(table);
  return {};
}

/// Prints one line for each fault. Returns the exit code: 1 if a lesson has a fault, otherwise 0.
Result<int> check_lessons(const LessonOptions& o) {
  std::vector<std::string> names = o.name.empty() ? lessons::bundled_lessons() : std::vector<std::string>{o.name};
  Json all = Json::array();
  std::size_t count = 0;
  for (const std::string& name : names) {
    GF_TRY_ASSIGN(const std::string folder, lessons::resolve_lesson(name));
    ProgressBar bar(text("checking {0}", name));
    const auto faults = lessons::check_lesson(folder, [&bar](double f) { bar.set(f); });
    const std::vector<lessons::Fault> found = faults ? *faults : std::vector<lessons::Fault>{{{}, {}, faults.error().message}};
    count += found.size();
    Json listed = Json::array();
    for (const lessons::Fault& fault : found) {
      listed.push_back({{"step", fault.step}, {"language", fault.language}, {"message", fault.message}});
      if (!o.json) std::printf("%s: %s\n", name.c_str(), fault.sentence().c_str());
    }
    all.push_back({{"name", name}, {"faults", std::move(listed)}});
  }
  if (o.json) print({{"lessons", all}, {"faults", count}});
  else if (count == 0 && names.size() == 1) print_line(text("{0}: every claim holds", names.front()));
  else if (count == 0) print_line(text("{0} lessons: every claim holds", names.size()));
  return count == 0 ? 0 : 1;
}

Result<void> show_lesson(const LessonOptions& o) {
  GF_TRY_ASSIGN(const std::string folder, lessons::resolve_lesson(o.name));
  GF_TRY_ASSIGN(const lessons::Lesson lesson, lessons::read_lesson(folder));
  GF_TRY_ASSIGN(const lessons::LessonText* const in_language, lesson.text_in(o.language));
  const lessons::LessonText& told = *in_language;
  Json steps = Json::array();
  for (const lessons::Step& step : lesson.steps) {
    const auto found = told.steps.find(step.id);
    const lessons::StepText words = found != told.steps.end() ? found->second : lessons::StepText{};
    steps.push_back({{"id", step.id},
                     {"model", step.document.model},
                     {"prompt", step.document.prompt},
                     {"text", words.text},
                     {"question", words.question}});
    if (o.json) continue;
    std::printf("\n[%s] %s: %s\n%s\n", step.id.c_str(), step.document.model.c_str(), step.document.prompt.c_str(),
                lessons::to_plain(words.text).c_str());
    if (!words.question.empty()) std::printf("? %s\n", lessons::to_plain(words.question).c_str());
    for (const std::string& option : words.options) std::printf("  - %s\n", lessons::to_plain(option).c_str());
  }
  if (o.json) print({{"name", lesson.name}, {"title", told.title}, {"steps", steps}});
  return {};
}

}  // namespace

Runner setup_lesson(CLI::App& app) {
  auto o = std::make_shared<LessonOptions>();
  app.add_option("NAME", o->name, text("a bundled lesson or a lesson's folder; without one: all of them"));
  auto* check =
      app.add_flag("--check", o->check, text("whether it is whole in every language, and every claim true on the live model; 1 if not"));
  app.add_option("--language", o->language, text("of the texts, where the lesson has it (default: as the program speaks, or en)"))
      ->excludes(check);
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer lesson first-look --check"));
  return [o] {
    if (o->check) {
      const auto code = check_lessons(*o);
      return code ? *code : failed(code.error());
    }
    return exit_code(o->name.empty() ? list_lessons(*o) : show_lesson(*o));
  };
}

}  // namespace gf::cli
