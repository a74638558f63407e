// Where the time of one pass went: what a backend tells of it when it is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gf {

/// What a device gives at most. 0: not known.
struct Rates {
  double gb_per_s = 0;  ///< reading memory
  double gflops = 0;    ///< float32, multiply and add counted as two
  [[nodiscard]] bool known() const { return gb_per_s > 0 && gflops > 0; }
};

/// All calls of one operation (of a kernel, on a GPU) in a pass.
struct OperationTimes {
  std::string name;  ///< "qkv matmul"
  std::uint64_t calls = 0;
  double ms = 0;
  std::uint64_t bytes = 0;  ///< that have to be read and written: each value once a call, wherever it lies
  std::uint64_t flops = 0;
};

struct PassTimes {
  int first_position = 0, rows = 0;        ///< the rows that were computed
  double ms = 0;                           ///< of the whole pass
  std::vector<OperationTimes> operations;  ///< in the order of the pass; their times add up to `ms` or less
  Rates limits;                            ///< of the device as its maker gives them; not known of a CPU
};

/// How near an operation is to what the device can: the larger of its shares of both rates. 0 where nothing is known.
/// Above 1 where memory was not what it read from, but a cache.
[[nodiscard]] double share_of_limit(const OperationTimes& times, const Rates& limits);

}  // namespace gf
