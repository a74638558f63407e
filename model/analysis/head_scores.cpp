#include "model/analysis/head_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "model/analysis/question.h"
#include "model/base/text.h"

namespace gf {

namespace {

/// Earlier positions whose token is the query's, shifted by `offset` (0: the copy itself, 1: what followed it).
std::vector<std::size_t> earlier_keys(std::span<const TokenId> ids, std::size_t query, std::size_t offset) {
  std::vector<std::size_t> keys;
  for (std::size_t s = 0; s + offset < query; ++s)
    if (ids[s] == ids[query]) keys.push_back(s + offset);
  return keys;
}

float mean_or_nan(double sum, int count) { return count > 0 ? static_cast<float>(sum / count) : std::numeric_limits<float>::quiet_NaN(); }

}  // namespace

HeadScores head_scores(const Trace& trace, int first_query) {
  const auto first = static_cast<std::size_t>(std::max(first_query, 1));
  const ModelConfig& c = trace.config();
  const auto ids = trace.ids();
  const auto grid = [&] { return Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, ""); };
  HeadScores scores{grid(), grid(), grid(), grid()};
  std::vector<std::vector<std::size_t>> same(ids.size()), after(ids.size());
  for (std::size_t t = 0; t < ids.size(); ++t) {
    same[t] = earlier_keys(ids, t, 0);
    after[t] = earlier_keys(ids, t, 1);
  }
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      double previous = 0, sink = 0, duplicate = 0, induction = 0;
      int n_duplicate = 0, n_induction = 0;
      for (std::size_t t = first; t < ids.size(); ++t) {
        const auto a = trace.causal_row({HookKind::Pattern, layer}, head, static_cast<int>(t));
        previous += static_cast<double>(a[t - 1]);
        sink += static_cast<double>(a[0]);
        for (const auto s : same[t]) duplicate += static_cast<double>(a[s]);
        for (const auto s : after[t]) induction += static_cast<double>(a[s]);
        n_duplicate += same[t].empty() ? 0 : 1;
        n_induction += after[t].empty() ? 0 : 1;
      }
      const int later = static_cast<int>(ids.size()) - static_cast<int>(first);
      scores.previous.at(layer, head) = mean_or_nan(previous, later);
      scores.sink.at(layer, head) = mean_or_nan(sink, later);
      scores.duplicate.at(layer, head) = mean_or_nan(duplicate, n_duplicate);
      scores.induction.at(layer, head) = mean_or_nan(induction, n_induction);
    }
  return scores;
}

namespace {

constexpr std::array kHeadScoresParams{
    Param{.name = "repeat-random", .kind = Param::Kind::Whole, .doc = phrase("score on this many random tokens said twice"), .low = 1},
    Param{.name = "seed", .kind = Param::Kind::Seed, .doc = phrase("of the random tokens"), .fallback = "0"},
};
constexpr std::array kHeadScoresParts{
    PartInfo{
        .name = "previous", .axes = "layer,head", .title = phrase("previous token"), .doc = phrase("mean attention to the previous token")},
    PartInfo{.name = "sink", .axes = "layer,head", .title = phrase("attention sink"), .doc = phrase("mean attention to the first token")},
    PartInfo{.name = "duplicate",
             .axes = "layer,head",
             .title = phrase("duplicate token"),
             .doc = phrase("mean attention to the same token before")},
    PartInfo{.name = "induction",
             .axes = "layer,head",
             .title = phrase("induction"),
             .doc = phrase("mean attention to what followed the same token before")},
    PartInfo{.name = "repeated",
             .axes = "position",
             .title = phrase("scored tokens"),
             .doc = phrase("what the heads were scored on"),
             .kind = PartInfo::Kind::Tokens,
             .only = PartInfo::Only::ByParams},
};

/// `count` random tokens, twice.
Result<std::vector<TokenId>> said_twice(const Asking& asking, int count) {
  const Model& model = asking.model();
  const int n_ctx = model.weights->config.n_ctx;
  if (count > n_ctx / 2)
    return fail(
        ErrorCode::InvalidArgument,
        text("{0} tokens said twice don't fit the model's context of {1}; give --repeat-random {2} or less", count, n_ctx, n_ctx / 2));
  std::mt19937_64 random(asking.params.seed("seed"));
  const int n_text = std::min(model.tokenizer->n_vocab(), model.weights->config.n_vocab);
  std::vector<TokenId> ids;
  for (int i = 0; i < count; ++i) ids.emplace_back(static_cast<int>(random() % static_cast<std::uint64_t>(n_text)));
  const std::vector<TokenId> once = ids;
  ids.insert(ids.end(), once.begin(), once.end());
  return ids;
}

Result<Answer> answer_head_scores(const Asking& asking) {
  HeadScores scores;
  std::vector<TokenId> repeated;
  if (const int count = asking.params.whole("repeat-random"); count > 0) {
    RunRequest twice = asking.request;
    GF_TRY_ASSIGN(repeated, said_twice(asking, count));
    twice.prompt = repeated;
    twice.forced.clear();
    GF_TRY_ASSIGN(const Run run, asking.session.run(twice, asking.stop));
    scores = head_scores(*run.edited, count);
  } else {
    scores = head_scores(asking.trace());
  }
  Answer answer;
  answer.add("previous", std::move(scores.previous));
  answer.add("sink", std::move(scores.sink));
  answer.add("duplicate", std::move(scores.duplicate));
  answer.add("induction", std::move(scores.induction));
  if (repeated.empty() && !asking.wanted.empty() && asking.wants("repeated")) {
    const auto ids = asking.trace().ids();  // the prompt itself was scored
    repeated.assign(ids.begin(), ids.end());
  }
  if (const auto length = static_cast<int>(repeated.size()); length > 0)
    answer.add("repeated", Answer::Tokens{{"position"}, {length}, std::move(repeated), {}, {}, {}});
  return answer;
}

}  // namespace

extern constinit const Question kHeadScoresQuestion{.name = "heads",
                                                    .title = phrase("Head scores"),
                                                    .doc = phrase("which heads look at the previous, the first or a repeated token"),
                                                    .needs = {.instead = "repeat-random"},
                                                    .params = kHeadScoresParams,
                                                    .parts = kHeadScoresParts,
                                                    .answer = answer_head_scores};

}  // namespace gf
