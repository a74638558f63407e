// float32 to two bytes, rounded to the nearest, ties to even. Widening is in model/tensor.h.
#pragma once

#include <cstdint>

namespace gf {

/// Infinite where the number is beyond float16's range.
[[nodiscard]] std::uint16_t f32_to_f16(float value);
[[nodiscard]] std::uint16_t f32_to_bf16(float value);

}  // namespace gf
