#include "model/tensor.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gf {

const char* name_of(DType t) {
  switch (t) {
    case DType::F32: return "f32";
    case DType::F16: return "f16";
    case DType::BF16: return "bf16";
  }
  return "?";
}

Shape::Shape(std::initializer_list<std::int64_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) : rank_(extents.size()) {
  EXPECTS(extents.size() <= kMaxRank, "a shape has at most four extents");
  std::copy(extents.begin(), extents.end(), extents_.begin());
}

std::int64_t Shape::elements() const {
  std::int64_t n = 1;
  for (std::size_t i = 0; i < rank_; ++i) n *= extents_[i];
  return n;
}

std::string Shape::text() const {
  std::string s = "[";
  for (std::size_t i = 0; i < rank_; ++i) s += (i ? ", " : "") + std::to_string(extents_[i]);
  return s + "]";
}

float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t mantissa = bits & 0x3FFU;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24 is exact
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  if (exponent == 31) {  // the quiet bit is set as the hardware conversion does
    const std::uint32_t quiet = mantissa ? 0x400000U : 0U;
    return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13) | quiet);
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
}

float bf16_to_f32(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

float TensorView::at(std::int64_t flat) const {
  EXPECTS(data != nullptr && flat >= 0 && flat < elements(), "element within the tensor");
  const auto i = static_cast<std::size_t>(flat);
  if (dtype == DType::F32) {
    float value = 0;
    std::memcpy(&value, data + i * 4, 4);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, data + i * 2, 2);
  return dtype == DType::F16 ? f16_to_f32(bits) : bf16_to_f32(bits);
}

std::span<const float> TensorView::f32() const {
  EXPECTS(dtype == DType::F32, "only an f32 tensor can be read without widening");
  if (data == nullptr) return {};
  return {reinterpret_cast<const float*>(data), static_cast<std::size_t>(elements())};
}

namespace {
#if defined(__x86_64__)
__attribute__((target("avx2,f16c"))) std::size_t f16_f16c(const std::uint16_t* from, float* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
  return i;
}
__attribute__((target("avx2"))) std::size_t bf16_avx2(const std::uint16_t* from, float* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_slli_epi32(wide, 16));
  }
  return i;
}
#endif
}  // namespace

void widen(const std::byte* from, DType t, float* to, std::size_t count) {
  if (t == DType::F32) {
    if (count > 0) std::memcpy(to, from, count * 4);
    return;
  }
  const auto* half = reinterpret_cast<const std::uint16_t*>(from);
  std::size_t i = 0;
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  static const bool has_f16c = has_avx2 && __builtin_cpu_supports("f16c");
  if (t == DType::F16 && has_f16c) i = f16_f16c(half, to, count);
  if (t == DType::BF16 && has_avx2) i = bf16_avx2(half, to, count);
#endif
  for (; i < count; ++i) to[i] = t == DType::F16 ? f16_to_f32(half[i]) : bf16_to_f32(half[i]);
}

}  // namespace gf
