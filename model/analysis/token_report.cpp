#include "model/analysis/token_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/analysis/analysis.h"

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
  const int n_vocab = session.model().weights->config.n_vocab;
  if (target && (target->v < 0 || target->v >= n_vocab))
    return fail(ErrorCode::InvalidArgument,
                "token id " + std::to_string(target->v) + " is not in the vocabulary, whose ids are 0 to " + std::to_string(n_vocab - 1));
  const auto logprobs = [&](const RunRequest& r) -> Result<std::vector<float>> {
    GF_TRY_ASSIGN(const Run run, session.run(r, stop));
    std::vector<float> x(run.edited->last_logits().begin(), run.edited->last_logits().end());
    log_softmax(x);
    return x;
  };
  GF_TRY_ASSIGN(const auto whole, logprobs(request));
  const std::size_t id = target ? target->index() : static_cast<std::size_t>(std::ranges::max_element(whole) - whole.begin());
  const std::size_t n = request.prompt.size();
  Grid out = Grid::of({"position"}, {static_cast<int>(n)}, "nats");
  for (std::size_t i = 0; i < n && n > 1; ++i) {
    RunRequest without = request;
    without.plan = CapturePlan::none();
    without.prompt.erase(without.prompt.begin() + static_cast<std::ptrdiff_t>(i));
    GF_TRY_ASSIGN(const auto rest, logprobs(without));
    out.values[i] = whole[id] - rest[id];
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(n));
  }
  return out;
}

}  // namespace gf
