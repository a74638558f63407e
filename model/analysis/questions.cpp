#include <algorithm>
#include <array>
#include <string>

#include "model/analysis/question.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf {

// One line for each question. Its definition is in the file of the analysis.
#define GF_QUESTIONS(Q)           \
  Q(kEntropyQuestion)             \
  Q(kLogitLensQuestion)           \
  Q(kAttributionQuestion)         \
  Q(kNeuronsQuestion)             \
  Q(kHeadScoresQuestion)          \
  Q(kAblationQuestion)            \
  Q(kPatchSweepQuestion)          \
  Q(kImportanceQuestion)          \
  Q(kSaliencyQuestion)            \
  Q(kActGradQuestion)             \
  Q(kAttributionPatchingQuestion) \
  Q(kPatchscopeQuestion)          \
  Q(kEdgesQuestion)               \
  Q(kPathQuestion)                \
  Q(kWhyAttentionQuestion)        \
  Q(kContrastQuestion)            \
  Q(kTokensQuestion)              \
  Q(kStreamNormsQuestion)         \
  Q(kDirectionsQuestion)          \
  Q(kHeadProbesQuestion)          \
  Q(kLofitQuestion)               \
  Q(kFeaturesQuestion)            \
  Q(kCircuitsQuestion)            \
  Q(kNeuronVocabularyQuestion)    \
  Q(kScanQuestion)                \
  Q(kExamplesQuestion)            \
  Q(kHeadFinderQuestion)          \
  Q(kSparsityQuestion)

#define GF_DECLARE(name) extern const Question name;
GF_QUESTIONS(GF_DECLARE)
#undef GF_DECLARE

std::span<const Question* const> questions() {
#define GF_LIST(name) &name,
  static constexpr std::array kAll{GF_QUESTIONS(GF_LIST)};
#undef GF_LIST
  return kAll;
}
#undef GF_QUESTIONS

const Question* find_question(std::string_view name) {
  const auto at = std::ranges::find_if(questions(), [&](const Question* q) { return name == q->name; });
  return at == questions().end() ? nullptr : *at;
}

Result<void> write_recipe_part(const Answer& answer, const Params& /*params*/, const std::string& path) {
  return write_whole_file(path, answer.words("recipe").words.front() + "\n");
}

int Asking::at(int T) const {
  const int found = position < 0 ? T + position : position;
  EXPECTS(found >= 0 && found < T, "a position of the run");
  return found;
}

bool Asking::wants(std::string_view part) const { return wanted.empty() || std::ranges::find(wanted, part) != wanted.end(); }

std::optional<Lack> lacks(const Question& question, const Asking& asking) {
  const bool bare = asking.params.rows().empty();
  for (const Param& param : question.params)
    if (param.required && (bare || !asking.params.given(param.name))) return Lack{Lack::What::Param, &param};
  const std::string_view instead = question.needs.instead;
  const bool needless = !instead.empty() && !bare && asking.params.changed(instead);
  if (question.needs.prompt && !needless && !asking.run.edited) return Lack{Lack::What::Prompt};
  if (question.needs.set && asking.set == nullptr) return Lack{Lack::What::Set};
  if (question.needs.a == TokenNeed::Required && !asking.a) return Lack{Lack::What::Target};
  if (question.needs.b == TokenNeed::Required && !asking.b) return Lack{Lack::What::Rival};
  return std::nullopt;
}

Result<Answer> ask(const Question& question, Asking asking) {
  if (asking.params.rows().empty()) asking.params = Params(question.params);
  EXPECTS(asking.params.rows().data() == question.params.data(), "parameters of the question that is asked");
  if (const auto lack = lacks(question, asking)) {
    switch (lack->what) {
      case Lack::What::Prompt: return fail(ErrorCode::InvalidArgument, text("{0} needs a prompt", question.name));
      case Lack::What::Target: return fail(ErrorCode::InvalidArgument, text("{0} needs a token to explain", question.name));
      case Lack::What::Rival: return fail(ErrorCode::InvalidArgument, text("{0} needs a second token to compare with", question.name));
      case Lack::What::Set: return fail(ErrorCode::InvalidArgument, text("{0} needs a set of prompts with tags", question.name));
      case Lack::What::Param: break;
    }
    return fail(ErrorCode::InvalidArgument, text("{0} needs '{1}': {2}", question.name, lack->param->name, text(lack->param->doc)));
  }
  if (asking.run.edited) {
    const int T = asking.trace().length();
    if (asking.position >= T || asking.position < -T)
      return fail(ErrorCode::InvalidArgument, text("position {0} is not in the run, whose positions are 0 to {1}", asking.position, T - 1));
  }
  return question.answer(asking);
}

std::string PartRef::name() const {
  const std::string_view own = part == nullptr ? std::string_view() : part->name;
  return own.empty() ? std::string(question->name) : std::string(question->name) + "." + std::string(own);
}

std::optional<PartRef> find_part(std::string_view name) {
  const auto dot = std::min(name.find('.'), name.size());
  const Question* question = find_question(name.substr(0, dot));
  if (question == nullptr) return std::nullopt;
  const std::string_view own = dot < name.size() ? name.substr(dot + 1) : std::string_view();
  if (const PartInfo* part = part_of(*question, own)) return PartRef{question, part};
  return std::nullopt;
}

const PartInfo* part_of(const Question& question, std::string_view name) {
  const auto found = std::ranges::find(question.parts, name, &PartInfo::name);
  return found == question.parts.end() ? nullptr : &*found;
}

std::vector<PartRef> parts_with_axes(std::string_view axes) {
  std::vector<PartRef> found;
  for (const Question* question : questions()) {
    if (question->needs.set || question->needs.text || std::ranges::any_of(question->params, &Param::required)) continue;
    for (const PartInfo& part : question->parts)
      if (part.kind == PartInfo::Kind::Grid && axes == part.axes) found.push_back({question, &part});
  }
  return found;
}

Run base_of(const Run& run) {
  Run base = run;
  base.request.recipe = {};
  base.edited = base.base;
  base.receipts.clear();
  base.kl.reset();
  return base;
}

}  // namespace gf
