#include "app/scene/operations/tempo.h"

#include "model/base/error.h"

namespace gf::scene {
namespace {

/// How often the operation at work has been seen since `from`, in this block or another, at this position or another.
int times_seen(const Timeline& timeline, double time, double from) {
  const auto& ops = timeline.ops();
  const auto n = static_cast<long long>(ops.size());
  const auto begin = static_cast<long long>(std::floor(std::max(0.0, from))), now = static_cast<long long>(std::floor(time));
  const auto alike = [&](long long at) {
    const Op &a = ops[static_cast<std::size_t>(at % n)], &b = ops[static_cast<std::size_t>(now % n)];
    return a.hook.kind == b.hook.kind && a.choose == b.choose;
  };
  // After so many times nothing gets shorter any more.
  constexpr int kMost = 8;
  int seen = 0;
  for (long long at = now - 1; at >= begin && seen < kMost; --at) seen += alike(at) ? 1 : 0;
  return seen;
}

}  // namespace

double operations_a_second(Pace pace, const Timeline& timeline, double time, double from) {
  EXPECTS(timeline.positions() > 0, "a pass without positions is not played");
  const double ops = static_cast<double>(timeline.ops().size());
  switch (pace) {
    case Pace::Term: return 1 / kSecondsWithTerms;
    case Pace::Operation: return 1 / seconds_of_operation(times_seen(timeline, std::clamp(time, 0.0, timeline.end() - 0.5), from));
    case Pace::Token: return ops / seconds_of_token((time - from) / ops);
    case Pace::Pass: return timeline.end() / kSecondsOfPass;
  }
  return ops;
}

}  // namespace gf::scene
