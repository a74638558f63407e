#include "app/story/story.h"

#include <algorithm>
#include <cmath>

#include "app/story/teller.h"
#include "app/story/way.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::story {
namespace {

std::string share_in_words(double share) {
  constexpr double kWithDigit = 0.0995;  // what rounds to two digits needs none behind the point
  return numbers::percent(share, share >= kWithDigit && share < 0.985 ? 0 : 1);
}

/// The value at a place of a part. Errors: InvalidArgument, where there is none.
struct NumberAt {
  const Fact& fact;

  Result<double> operator()(const Grid& grid) const {
    if (fact.axis) return extent(grid.shape);
    if (!is_in(grid.shape)) return missing();
    return static_cast<double>(grid.values[flat_index(grid.shape, fact.index)]);
  }
  Result<double> operator()(const Answer::Number& number) const { return number.value; }
  Result<double> operator()(const Answer::Tokens& tokens) const {
    if (fact.axis) return extent(tokens.shape);
    if (!is_in(tokens.shape) || tokens.values.empty()) return missing();
    return static_cast<double>(tokens.values[flat_index(tokens.shape, fact.index)]);
  }
  Result<double> operator()(const Answer::Table& table) const {
    const auto* column = table.find(fact.column);
    if (column == nullptr || fact.index.size() != 1) return missing();
    const auto row = static_cast<std::size_t>(fact.index[0]);
    if (const auto* whole = std::get_if<std::vector<int>>(&column->cells); whole != nullptr && row < whole->size())
      return static_cast<double>((*whole)[row]);
    if (const auto* real = std::get_if<std::vector<float>>(&column->cells); real != nullptr && row < real->size())
      return static_cast<double>((*real)[row]);
    return missing();
  }
  Result<double> operator()(const Answer::Words&) const { return missing(); }
  Result<double> operator()(const Answer::Undefined& undefined) const { return fail(ErrorCode::InvalidArgument, undefined.why); }

 private:
  [[nodiscard]] Result<double> missing() const {
    return fail(ErrorCode::InvalidArgument, gf::text("{0} has no such number", fact.question->name));
  }
  [[nodiscard]] Result<double> extent(const std::vector<int>& shape) const {
    const auto axis = static_cast<std::size_t>(*fact.axis);
    return axis < shape.size() ? Result<double>(shape[axis]) : missing();
  }
  [[nodiscard]] bool is_in(const std::vector<int>& shape) const {
    if (shape.size() != fact.index.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i)
      if (fact.index[i] < 0 || fact.index[i] >= shape[i]) return false;
    return true;
  }
};

/// Gives a story of short sentences more time, so that every pass is told in about a minute.
void pace(Story& story) {
  constexpr double kWhole = 52;     // seconds without the ways
  constexpr double kSlowest = 1.3;  // beyond that one waits
  double seconds = 0;
  for (const Step& step : story.steps) seconds += step.seconds;
  const double slower = std::clamp(kWhole / std::max(1.0, seconds), 1.0, kSlowest);
  for (Step& step : story.steps) {
    step.work *= slower;
    step.seconds *= slower;
  }
}

constexpr const Chapter* kChapters[] = {&kWordsChapter, &kJourneyChapter, &kHeadChapter, &kNeuronChapter, &kDepthsChapter, &kChoiceChapter};

}  // namespace

Result<double> number_at(const Fact& fact, const Answer& answer) {
  const Answer::Value* part = answer.find(fact.part);
  if (part == nullptr) return fail(ErrorCode::InvalidArgument, gf::text("{0} has no part '{1}'", fact.question->name, fact.part));
  return std::visit(NumberAt{fact}, *part);
}

std::string said_as(Fact::Form form, double value) {
  switch (form) {
    case Fact::Form::Count: return std::to_string(std::llround(value));
    case Fact::Form::Logit:
      if (std::abs(value) < 0.0095) return numbers::significant(value, 1);
      return numbers::fixed(value, std::abs(value) < 0.095 ? 2 : 1);
    case Fact::Form::Share: return share_in_words(value);
    case Fact::Form::Logprob: return share_in_words(std::exp(value));
    case Fact::Form::Loss: return said_as(Fact::Form::Logit, -value);
    case Fact::Form::Value: break;
  }
  return numbers::fixed(value, 2);
}

Result<double> value_of(const Fact& fact, const Asking& about) {
  Asking asking = about;
  asking.params = fact.params;
  asking.a = fact.a;
  asking.b = fact.b;
  asking.position = fact.position;
  asking.wanted = {fact.part};
  GF_TRY_ASSIGN(const Answer answer, ask(*fact.question, asking));
  return number_at(fact, answer);
}

std::vector<std::string> chapter_names() {
  std::vector<std::string> names;
  for (const Chapter* chapter : kChapters) names.emplace_back(chapter->name);
  return names;
}

Result<Story> tell(const Asking& about, std::span<const std::string> chapters) {
  EXPECTS(about.run.edited && about.trace().length() > 0, "a story is that of a run");
  Teller teller(about);
  GF_TRY(teller.look());
  std::vector<std::pair<double, const Chapter*>> order;
  for (const Chapter* chapter : kChapters) {
    if (!chapters.empty() && std::ranges::find(chapters, chapter->name) == chapters.end()) continue;
    if (const auto when = chapter->when(teller)) order.emplace_back(*when, chapter);
  }
  std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (about.stop.stop_requested()) return fail(ErrorCode::Cancelled, gf::text("The story was stopped."), "tell");
    teller.begin_chapter();
    GF_TRY(order[i].second->tell(teller));
    if (about.progress) about.progress(static_cast<double>(i + 1) / static_cast<double>(order.size()));
  }
  Story story = teller.take();
  if (chapters.empty()) pace(story);
  return story;
}

double reading_seconds(const std::string& sentence) {
  // The pace of subtitles for adults. A Chinese, Japanese or Korean character says as much as about three letters.
  constexpr double kLetters = 20, kBreath = 0.5, kLeast = 2.5, kWide = 3;
  double letters = 0;
  for (const char c : sentence) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) letters += byte >= 0xE3U && byte < 0xF0U ? kWide : 1;
  }
  return std::max(kLeast, kBreath + letters / kLetters);
}

double seconds_of(const Story& story, std::span<const Place> places) {
  EXPECTS(places.size() == story.steps.size(), "a place for each step");
  double seconds = 0;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    seconds += story.steps[i].seconds;
    if (i > 0) seconds += seconds_of(way_between(story.steps[i - 1], story.steps[i], places[i - 1], places[i]));
  }
  return seconds;
}

scene::ViewState view_of(const Step& step, double share, scene::ViewState view) {
  view.view = step.view;
  // A story shows what its step does, whatever product or head is shown alone.
  view.cube.reset();
  view.one_head = step.one_head;
  view.time = step.from + (step.to - step.from) * std::clamp(share, 0.0, 1.0);
  view.selection = step.selection;
  view.highlights = step.marked;
  view.selected_position = step.row;
  view.compare = scene::Compare::Edited;
  return view;
}

}  // namespace gf::story
