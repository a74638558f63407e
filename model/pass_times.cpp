#include "model/pass_times.h"

#include <algorithm>

namespace gf {

double share_of_limit(const OperationTimes& times, const Rates& limits) {
  if (times.ms <= 0) return 0;
  const double per_s = 1e3 / times.ms;
  const double memory = limits.gb_per_s > 0 ? static_cast<double>(times.bytes) * per_s / (limits.gb_per_s * 1e9) : 0;
  const double arithmetic = limits.gflops > 0 ? static_cast<double>(times.flops) * per_s / (limits.gflops * 1e9) : 0;
  return std::max(memory, arithmetic);
}

}  // namespace gf
