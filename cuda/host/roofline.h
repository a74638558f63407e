// The paper roofline: what each kernel moves and computes for one model, counted by the executor, and the time that a
// device needs at least for it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cuda/host/host_api.h"
#include "model/base/error.h"
#include "model/config.h"
#include "model/tensor.h"

namespace gf::cuda::host {

/// A device's limits, from its maker's data sheet.
struct Limits {
  const char* name;
  double gb_per_s;  ///< of its memory
  double gflops;    ///< f32 without tensor cores
};
[[nodiscard]] std::span<const Limits> known_devices();

struct KernelCost {
  std::string kernel;
  Totals totals;  ///< of the whole step
};
struct StepCost {
  std::string phase;  ///< "prefill", "decode"
  int T = 0;          ///< positions once the step is done
  std::vector<KernelCost> kernels;
  std::uint64_t weights_bytes = 0;  ///< each weight that the step needs, once
  std::uint64_t kv_bytes = 0;       ///< keys and values of all T positions, once
  [[nodiscard]] Totals sum() const;
};
/// Seconds at least: the slower of memory and arithmetic.
[[nodiscard]] double least_seconds(const Totals& totals, const Limits& limits);

[[nodiscard]] ModelConfig gpt2_small();
/// A prompt of T tokens without capture, and the token at position T - 1 after the ones before it, with weights of this type.
/// Counted on models of one and two blocks: blocks cost the same, so n_layer of them follow. Errors: those of the backend.
[[nodiscard]] Result<StepCost> cost_of_prefill(const ModelConfig& config, int T, DType weights = DType::F32);
[[nodiscard]] Result<StepCost> cost_of_decode(const ModelConfig& config, int T, DType weights = DType::F32);

}  // namespace gf::cuda::host
