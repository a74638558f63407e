// A lesson: lesson.json, a zero byte, and English texts. Every text is set, every claim is evaluated.
#include "app/lessons/lesson.h"

#include <algorithm>

#include "app/lessons/markdown.h"
#include "tests/fuzz/checks.h"

namespace gf::lessons {
namespace {

/// Any name is a number, any call gives text.
struct AnyNames : Names {
  Result<Value> call(const std::string& name, std::span<const Value> arguments) override {
    if (arguments.empty()) return static_cast<double>(name.size());
    return name;
  }
};

void say(const std::string& markdown) {
  static_cast<void>(to_html(markdown));
  static_cast<void>(to_plain(markdown));
  for (const std::string& fault : markdown_faults(markdown)) EXPECTS(!fault.empty(), "a fault is a sentence");
}

}  // namespace
}  // namespace gf::lessons

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf::lessons;
  const std::string text(gf::fuzz::text_of(data, size));
  const std::size_t zero = std::min(text.find('\0'), text.size());
  const auto reading = examine_lesson_texts(text.substr(0, zero), {{"en", text.substr(std::min(zero + 1, text.size()))}});
  if (!reading) {
    EXPECTS(!reading.error().message.empty(), "an error says something");
    return 0;
  }
  for (const Fault& fault : reading->faults) EXPECTS(!fault.sentence().empty(), "a fault is a sentence");
  AnyNames names;
  for (const Step& step : reading->lesson.steps) {
    for (const Expression& claim : step.expect) static_cast<void>(claim.holds(names));
    if (!step.question) continue;
    for (const Expression& option : step.question->holds) static_cast<void>(option.evaluate(names));
  }
  for (const auto& [id, words] : reading->lesson.texts.at("en").steps) {
    say(words.text);
    say(words.question);
    for (const std::string& option : words.options) say(option);
  }
  return 0;
}
