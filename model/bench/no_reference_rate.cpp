// Built without oneDNN: there is nothing to be held against.
#include "model/bench/reference_rate.h"

namespace gf::bench {

double MatmulLimit::gflops_of_all(int /*T*/) const { return 0; }
double MatmulLimit::gflops_of_last() const { return 0; }
MatmulLimit matmul_limit(const Weights& /*weights*/, int /*T*/, int /*threads*/) { return {}; }
double machine_matmul_rate(int /*threads*/, const std::stop_token& /*stop*/) { return 0; }

}  // namespace gf::bench
