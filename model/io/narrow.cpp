#include "model/io/narrow.h"

#include <bit>
#include <cstring>

namespace gf {

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  if (size > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U | ((size >> 13) & 0x1FFU));  // NaN stays one
  if (size >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);                           // from 65520 on
  if (size < 0x38800000U) {
    // Below 2^-14: in [0.5, 1) float32 has the step of float16's subnormal numbers, 2^-24, so the addition rounds.
    const float shifted = std::bit_cast<float>(size) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
  }
  const std::uint32_t rounded = size + 0xFFFU + ((size >> 13) & 1U) - (std::uint32_t{127 - 15} << 23);
  return static_cast<std::uint16_t>(sign | (rounded >> 13));
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);  // NaN stays one
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

void narrow_f64(std::byte* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    double wide = 0;
    std::memcpy(&wide, numbers + i * sizeof wide, sizeof wide);
    const auto narrow = static_cast<float>(wide);
    std::memcpy(numbers + i * sizeof narrow, &narrow, sizeof narrow);
  }
}

}  // namespace gf
