#include "model/analysis/edges.h"

#include <algorithm>
#include <array>

#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kEdgesParams{
    kCleanParam,
    kCorruptParam,
    kObjectiveParam,
    kPairStepsParam,
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("edges that are listed"), .fallback = "20", .low = 1, .high = 1000},
    Param{.name = "keep",
          .kind = Param::Kind::Whole,
          .doc = phrase("the strongest edges that make the circuit whose faithfulness is measured"),
          .low = 0},
};
constexpr std::array kEdgesParts{
    kCleanPart,
    kCorruptPart,
    PartInfo{.name = "edges",
             .title = phrase("strongest edges"),
             .doc = phrase("how much {0} would change if this one reader read the clean prompt's value of this one writer, to first order"),
             .kind = PartInfo::Kind::Table,
             .scale = PartInfo::Scale::Signed},
    PartInfo{
        .name = "count", .title = phrase("edges in all"), .doc = phrase("how many edges the model has"), .kind = PartInfo::Kind::Number},
    PartInfo{.name = "faithfulness",
             .title = phrase("faithfulness"),
             .doc = phrase("how much of the clean prompt's answer the kept edges alone bring back"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::ByParams},
    kCleanProbabilityPart,
};

Result<Answer> answer_edges(const Asking& asking) {
  GF_TRY(check_unedited(asking.request.recipe));
  GF_TRY_ASSIGN(const PromptPair pair, prompt_pair(asking, edge_plan()));
  GF_TRY_ASSIGN(const auto edges, edge_scores(asking, pair, asking.params.whole("steps")));
  const std::span<const EdgeScore> all = edges;
  const auto first = [&](int count) { return all.first(std::min(all.size(), static_cast<std::size_t>(count))); };
  std::vector<std::string> from, to;
  std::vector<float> scores;
  for (const EdgeScore& e : first(asking.params.whole("top"))) {
    from.push_back(e.from);
    to.push_back(e.to);
    scores.push_back(static_cast<float>(e.score));
  }
  const char* unit = pair.objective.unit();
  Answer answer;
  answer.add("clean", Answer::Number{pair.m_clean, unit});
  answer.add("corrupt", Answer::Number{pair.m_corrupt, unit});
  answer.add("edges", Answer::Table{{{"from", "", std::move(from)}, {"to", "", std::move(to)}, {"score", unit, std::move(scores)}}});
  answer.add("count", Answer::Number{static_cast<double>(all.size()), ""});
  if (!asking.wanted.empty() && asking.wants("probability")) answer.add("probability", Answer::Number{pair.p_clean, ""});
  const bool keeps_some = asking.params.given("keep");
  if (!keeps_some && (asking.wanted.empty() || !asking.wants("faithfulness"))) return answer;
  if (!pair.differs()) {
    answer.add("faithfulness", Answer::Undefined{text("the two prompts answer alike, so there is nothing to bring back")});
    return answer;
  }
  GF_TRY_ASSIGN(const double m, circuit_value(asking, pair, first(asking.params.whole(keeps_some ? "keep" : "top"))));
  answer.add("faithfulness", Answer::Number{(m - pair.m_corrupt) / (pair.m_clean - pair.m_corrupt), ""});
  return answer;
}

}  // namespace

extern constinit const Question kEdgesQuestion{
    .name = "edges",
    .title = phrase("Edges"),
    .doc = phrase("which writer of the stream matters to which reader, by gradients, and what a circuit of them does"),
    .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true, .instead = "corrupt"},
    .params = kEdgesParams,
    .parts = kEdgesParts,
    .answer = answer_edges};

}  // namespace gf
