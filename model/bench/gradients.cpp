// Time of a forward and a backward pass with gradients at every hook.
#include <algorithm>
#include <chrono>

#include "model/backend.h"
#include "model/bench/bench.h"
#include "model/trace.h"

namespace gf::bench {

Result<Gradients> gradients(const std::shared_ptr<const Weights>& weights, int threads, int T) {
  auto backend = make_cpu_backend(threads);
  GF_TRY(backend->load(weights));
  const ModelConfig& c = weights->config;
  T = std::min(T, c.n_ctx);
  std::vector<TokenId> ids;
  for (int i = 0; i < T; ++i) ids.emplace_back(i * 7919 % c.n_vocab);
  LogitSlope slope{T - 1, std::vector<float>(static_cast<std::size_t>(c.n_vocab))};
  slope.values.front() = 1;
  slope.values.back() = -1;
  constexpr int kRuns = 9;
  std::vector<double> forward, both;
  for (int run = 0; run <= kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const auto ms = [start] { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count(); };
    Trace trace(c, CapturePlan::defaults()), gradients(c, CapturePlan::full());
    ForwardStep step;
    step.ids = ids;
    step.n_prompt = T;
    GF_TRY(backend->forward(trace, step));
    const double forward_ms = ms();
    BackwardStep back;
    back.run = &trace;
    back.slopes = {&slope, 1};
    GF_TRY(backend->backward(gradients, back));
    if (run == 0) continue;  // the first run takes fresh memory
    forward.push_back(forward_ms);
    both.push_back(ms());
  }
  std::ranges::sort(forward);
  std::ranges::sort(both);
  return Gradients{T, forward[kRuns / 2], both[kRuns / 2]};
}

}  // namespace gf::bench
