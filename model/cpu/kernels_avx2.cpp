// The loops of kernels_body.inc for AVX2 with FMA and F16C.
#include <cstdint>

#include "model/cpu/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,popcnt")

namespace gf::cpu::avx2 {

constexpr const char* kName = "AVX2";

struct Vec {
  static constexpr std::size_t kWidth = 8;
  __m256 v;

  static __m256i first(std::size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Vec all(float x) { return {_mm256_set1_ps(x)}; }
  static Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vec load_part(const float* p, std::size_t n) { return {_mm256_maskload_ps(p, first(n))}; }
  static __m128i load_16bit(const std::uint16_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static __m128i load_16bit_part(const std::uint16_t* p, std::size_t n) {
    std::uint16_t part[kWidth] = {};
    for (std::size_t i = 0; i < n; ++i) part[i] = p[i];
    return load_16bit(part);
  }
  static Vec widen_bf16(__m128i x) { return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16))}; }
  static Vec load_f16(const std::uint16_t* p) { return {_mm256_cvtph_ps(load_16bit(p))}; }
  static Vec load_f16_part(const std::uint16_t* p, std::size_t n) { return {_mm256_cvtph_ps(load_16bit_part(p, n))}; }
  static Vec load_bf16(const std::uint16_t* p) { return widen_bf16(load_16bit(p)); }
  static Vec load_bf16_part(const std::uint16_t* p, std::size_t n) { return widen_bf16(load_16bit_part(p, n)); }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store_part(float* p, std::size_t n) const { _mm256_maskstore_ps(p, first(n), v); }

  static Vec add(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
  static Vec sub(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
  static Vec mul(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
  static Vec div(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
  static Vec min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
  static Vec max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
  static Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  static Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
  static Vec abs(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0F), a.v)}; }
  static Vec round(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  static Vec times_power_of_two(Vec a, Vec n) {  // n is whole and within [-126, 127]
    const __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127)), 23);
    return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(bits))};
  }
  static Vec zero_where_less(Vec a, Vec x, Vec limit) { return {_mm256_and_ps(a.v, _mm256_cmp_ps(x.v, limit.v, _CMP_NLT_UQ))}; }
  static Vec keep_first(Vec a, std::size_t n) { return {_mm256_and_ps(a.v, _mm256_castsi256_ps(first(n)))}; }
  static unsigned greater(Vec a, Vec b) { return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ))); }
  static float sum(Vec a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  static float max_lane(Vec a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
  }
};

#include "model/cpu/kernels_body.inc"

}  // namespace gf::cpu::avx2
#pragma GCC pop_options

namespace gf::cpu {
const Kernels* kernels_avx2() {
  const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  return has ? &avx2::kTable : nullptr;
}
}  // namespace gf::cpu

#else
namespace gf::cpu {
const Kernels* kernels_avx2() { return nullptr; }
}  // namespace gf::cpu
#endif
