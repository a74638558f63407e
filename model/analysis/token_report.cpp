#include "model/analysis/token_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "model/analysis/question.h"
#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf {

const char* name_of(TokenReport::Confidence c) {
  switch (c) {
    case TokenReport::Confidence::High: return "high";
    case TokenReport::Confidence::Medium: return "medium";
    case TokenReport::Confidence::Low: return "low";
    case TokenReport::Confidence::Undefined: break;
  }
  return "";
}

Result<TokenReport> token_report(const Trace& trace) {
  const int T = trace.length();
  TokenReport out{Grid::of({"position"}, {T - 1}, "nats"),
                  Grid::of({"position"}, {T - 1}, ""),
                  Grid::of({"position"}, {T - 1}, "nats"),
                  {},
                  Grid::of({"position"}, {T}, "nats")};
  double sum = 0;
  for (int p = 0; p < T; ++p) {
    const TokenStats& stats = trace.stats(p);
    out.entropy.at(p) = stats.entropy;
    // A position whose logits are all NaN has no likeliest tokens either, under any plan.
    if (stats.top.empty() && !keeps_all_stats(trace.plan()))
      return fail(ErrorCode::NotCaptured, text("the tokens' report needs the statistics of every position; capture the default plan"));
    if (p == 0) continue;
    out.logprob.at(p - 1) = stats.logprob;
    out.surprisal.at(p - 1) = -stats.logprob;
    if (!std::isnan(stats.logprob)) out.rank.at(p - 1) = static_cast<float>(stats.rank);
    const double probability = std::exp(static_cast<double>(stats.logprob));
    out.confidence.push_back(std::isnan(probability) ? TokenReport::Confidence::Undefined
                             : probability > 0.95    ? TokenReport::Confidence::High
                             : probability < 0.60    ? TokenReport::Confidence::Low
                                                     : TokenReport::Confidence::Medium);
    sum += static_cast<double>(stats.logprob);
  }
  out.mean_logprob = T > 1 ? sum / (T - 1) : std::numeric_limits<double>::quiet_NaN();
  out.perplexity = std::exp(-out.mean_logprob);
  return out;
}

Result<Grid> token_importance(Session& session, const RunRequest& asked, std::optional<TokenId> target, std::stop_token stop,
                              const std::function<void(double)>& progress, int position) {
  if (target) GF_TRY(check_tokens(session.model().weights->config, *target, {}));
  const bool edits = std::ranges::any_of(asked.recipe.edits, &Edit::enabled);
  const std::size_t n = position < 0 ? asked.prompt.size() : static_cast<std::size_t>(position) + 1;
  EXPECTS(n <= asked.prompt.size(), "a position of the prompt");
  RunRequest request = asked;
  if (!edits) request.prompt.resize(n, TokenId(0));  // but a recipe's selectors may count from the end
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  GF_TRY_ASSIGN(auto whole, logits_at(session, run, static_cast<int>(n) - 1, stop));
  log_softmax(whole);
  const std::size_t id = target ? target->index() : largest_of(whole);
  Grid out = Grid::of({"position"}, {static_cast<int>(n)}, "nats");
  if (n < 2) return out;
  std::vector<std::vector<TokenId>> without(n, request.prompt);
  for (std::size_t i = 0; i < n; ++i) without[i].erase(without[i].begin() + static_cast<std::ptrdiff_t>(i));
  const auto note = [&](std::size_t i, std::span<const float> logits) {
    std::vector<float> rest(logits.begin(), logits.end());
    log_softmax(rest);
    out.values[i] = whole[id] - rest[id];
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(n));
  };
  if (!edits) {
    GF_TRY(session.sweep_prompts(run, without, note, std::move(stop)));
    return out;
  }
  for (std::size_t i = 0; i < n; ++i) {  // in each prompt the recipe's selectors pick other rows
    RunRequest shorter = request;
    shorter.plan = CapturePlan::none();
    shorter.prompt = without[i];
    auto edited = session.run(shorter, stop);
    if (!edited && edited.error().code == ErrorCode::InvalidArgument)
      edited.error().message = text("importance runs the prompt without token {0}, and there {1}", i, edited.error().message);
    GF_TRY(edited);
    GF_TRY_ASSIGN(const auto logits, logits_at(session, *edited, static_cast<int>(n) - 2, stop));
    note(i, logits);
  }
  return out;
}

namespace {

constexpr std::array kTokensParts{
    PartInfo{.name = "logprob",
             .axes = "position",
             .unit = "nats",
             .title = phrase("log-probability"),
             .doc = phrase("of each token given what stands before it"),
             .first_position = 1},
    PartInfo{
        .name = "rank", .axes = "position", .title = phrase("rank"), .doc = phrase("how many tokens were likelier"), .first_position = 1},
    PartInfo{.name = "surprisal",
             .axes = "position",
             .unit = "nats",
             .title = phrase("surprisal"),
             .doc = phrase("how little each token was expected"),
             .first_position = 1},
    PartInfo{.name = "confidence",
             .axes = "position",
             .title = phrase("confidence"),
             .doc = phrase("high above 95 %, low below 60 %"),
             .kind = PartInfo::Kind::Words,
             .first_position = 1},
    PartInfo{.name = "entropy",
             .axes = "position",
             .unit = "nats",
             .title = phrase("entropy of the prediction"),
             .doc = phrase("how unsure the prediction made at each position is")},
    PartInfo{.name = "mean_logprob",
             .unit = "nats",
             .title = phrase("mean log-probability"),
             .doc = phrase("over all tokens but the first"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "perplexity",
             .title = phrase("perplexity"),
             .doc = phrase("among how many tokens the model chose, so to speak"),
             .kind = PartInfo::Kind::Number},
};

Result<Answer> answer_tokens(const Asking& asking) {
  GF_TRY_ASSIGN(auto t, token_report(asking.trace()));
  Answer::Words confidence{{"position"}, t.logprob.shape, {}};
  for (const auto c : t.confidence) confidence.words.emplace_back(name_of(c));
  Answer answer;
  answer.add("logprob", std::move(t.logprob));
  answer.add("rank", std::move(t.rank));
  answer.add("surprisal", std::move(t.surprisal));
  answer.add("confidence", std::move(confidence));
  answer.add("entropy", std::move(t.entropy));
  if (asking.trace().length() < 2) {
    const Answer::Undefined alone{text("the prompt has one token, and nothing stands before it")};
    answer.add("mean_logprob", alone);
    answer.add("perplexity", alone);
    return answer;
  }
  answer.add("mean_logprob", Answer::Number{t.mean_logprob, "nats"});
  answer.add("perplexity", Answer::Number{t.perplexity, ""});
  return answer;
}

constexpr std::array kImportanceParts{
    PartInfo{
        .axes = "position",
        .unit = "nats",
        .title = phrase("importance of tokens"),
        .doc = phrase(
            "log-probability of the target, or of the likeliest token, that is lost when this token is left out; NaN for the only token"),
        .scale = PartInfo::Scale::Signed},
};

Result<Answer> answer_importance(const Asking& asking) {
  GF_TRY_ASSIGN(auto importance, token_importance(asking.session, asking.request, asking.a, asking.stop, asking.progress, asking.at()));
  return Answer(std::move(importance));
}

}  // namespace

extern constinit const Question kTokensQuestion{.name = "tokens",
                                                .title = phrase("Tokens"),
                                                .doc = phrase("what the run thought of its own tokens"),
                                                .needs = {.pattern = false},
                                                .params = {},
                                                .parts = kTokensParts,
                                                .answer = answer_tokens};
extern constinit const Question kImportanceQuestion{.name = "importance",
                                                    .title = phrase("Importance"),
                                                    .doc = phrase("how much each token of the prompt matters for the prediction"),
                                                    .needs = {.a = TokenNeed::Optional, .position = true, .sweeps = true},
                                                    .params = {},
                                                    .parts = kImportanceParts,
                                                    .answer = answer_importance};

}  // namespace gf
