// How many weights are NaN or infinite.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "model/base/error.h"
#include "model/tensor.h"

namespace gf {

/// Counts NaN and infinite elements of all tensors. Reads every byte once, on two threads or as many as the machine
/// has, up to eight; this is also what brings a mapped file into memory, so the first pass finds it there.
/// `progress` is asked on the calling thread as loaders.h says. Errors: Cancelled.
[[nodiscard]] Result<std::int64_t> count_not_finite(std::span<const TensorView> tensors, const std::function<bool(double)>& progress);

/// One tensor, on this thread.
[[nodiscard]] std::int64_t count_not_finite(const std::byte* data, DType t, std::size_t count);

}  // namespace gf
