#include "model/analysis/token_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/analysis/analysis.h"
#include "model/analysis/sweeping.h"

namespace gf {

const char* name_of(TokenReport::Confidence c) {
  return c == TokenReport::Confidence::High ? "high" : c == TokenReport::Confidence::Low ? "low" : "medium";
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
    if (std::isnan(stats.entropy) || (p > 0 && stats.rank < 0))
      return fail(ErrorCode::NotCaptured, "the tokens' report needs the statistics of every position; capture the default plan");
    if (p == 0) continue;
    out.logprob.at(p - 1) = stats.logprob;
    out.surprisal.at(p - 1) = -stats.logprob;
    out.rank.at(p - 1) = static_cast<float>(stats.rank);
    const double probability = std::exp(static_cast<double>(stats.logprob));
    out.confidence.push_back(probability > 0.95   ? TokenReport::Confidence::High
                             : probability < 0.60 ? TokenReport::Confidence::Low
                                                  : TokenReport::Confidence::Medium);
    sum += static_cast<double>(stats.logprob);
  }
  out.mean_logprob = T > 1 ? sum / (T - 1) : std::numeric_limits<double>::quiet_NaN();
  out.perplexity = std::exp(-out.mean_logprob);
  return out;
}

Result<Grid> token_importance(Session& session, const RunRequest& request, std::optional<TokenId> target, std::stop_token stop,
                              const std::function<void(double)>& progress) {
  if (target) GF_TRY(sweeping::check_tokens(session, *target, {}));
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  std::vector<float> whole(run.edited->last_logits().begin(), run.edited->last_logits().end());
  log_softmax(whole);
  const std::size_t id = target ? target->index() : static_cast<std::size_t>(std::ranges::max_element(whole) - whole.begin());
  const std::size_t n = request.prompt.size();
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
  if (std::ranges::none_of(request.recipe.edits, &Edit::enabled)) {
    GF_TRY(session.sweep_prompts(run, without, note, std::move(stop)));
    return out;
  }
  for (std::size_t i = 0; i < n; ++i) {  // a recipe's selectors mean other rows in each of the prompts
    RunRequest shorter = request;
    shorter.plan = CapturePlan::none();
    shorter.prompt = without[i];
    GF_TRY_ASSIGN(const Run edited, session.run(shorter, stop));
    note(i, edited.edited->last_logits());
  }
  return out;
}

}  // namespace gf
