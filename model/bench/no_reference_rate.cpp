// Built without oneDNN: there is nothing to be held against.
#include "model/bench/reference_rate.h"

namespace gf::bench {

double matmul_rate(const Weights& /*weights*/, int /*T*/, int /*threads*/) { return 0; }
double machine_matmul_rate(int /*threads*/, const std::stop_token& /*stop*/) { return 0; }

}  // namespace gf::bench
