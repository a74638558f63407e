// float32 to two bytes and float64 to four, rounded to the nearest, ties to even. Widening is in model/tensor.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gf {

/// Infinite where the number is beyond float16's range.
[[nodiscard]] std::uint16_t f32_to_f16(float value);
[[nodiscard]] std::uint16_t f32_to_bf16(float value);
/// Turns `count` float64 at any address into float32 at the same address; each is rounded once.
void narrow_f64(std::byte* numbers, std::size_t count);

}  // namespace gf
