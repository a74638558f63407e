// The loops of kernels_body.inc for any machine, and the choice among the three.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "model/cpu/kernels.h"

namespace gf::cpu::plain {

constexpr const char* kName = "plain";

/// Four lanes that any compiler may map to what the machine has.
struct Vec {
  static constexpr std::size_t kWidth = 4;
  float v[kWidth];

  template <class F>
  static Vec make(F lane) {
    return {{lane(0), lane(1), lane(2), lane(3)}};
  }
  static Vec all(float x) { return {{x, x, x, x}}; }
  static Vec load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
  static Vec load_part(const float* p, std::size_t n) {
    return make([&](std::size_t i) { return i < n ? p[i] : 0.0F; });
  }
  static Vec load_f16(const std::uint16_t* p) {
    return make([&](std::size_t i) { return f16_to_f32(p[i]); });
  }
  static Vec load_f16_part(const std::uint16_t* p, std::size_t n) {
    return make([&](std::size_t i) { return i < n ? f16_to_f32(p[i]) : 0.0F; });
  }
  static Vec load_bf16(const std::uint16_t* p) {
    return make([&](std::size_t i) { return bf16_to_f32(p[i]); });
  }
  static Vec load_bf16_part(const std::uint16_t* p, std::size_t n) {
    return make([&](std::size_t i) { return i < n ? bf16_to_f32(p[i]) : 0.0F; });
  }
  void store(float* p) const { store_part(p, kWidth); }
  void store_part(float* p, std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i) p[i] = v[i];
  }

  static Vec add(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] + b.v[i]; });
  }
  static Vec sub(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] - b.v[i]; });
  }
  static Vec mul(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] * b.v[i]; });
  }
  static Vec div(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] / b.v[i]; });
  }
  static Vec min(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Vec max(Vec a, Vec b) {
    return make([&](std::size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Vec fma(Vec a, Vec b, Vec c) {
    return make([&](std::size_t i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  static Vec sqrt(Vec a) {
    return make([&](std::size_t i) { return std::sqrt(a.v[i]); });
  }
  static Vec abs(Vec a) {
    return make([&](std::size_t i) { return __builtin_fabsf(a.v[i]); });
  }
  static Vec round(Vec a) {
    return make([&](std::size_t i) { return __builtin_rintf(a.v[i]); });
  }
  static Vec times_power_of_two(Vec a, Vec n) {
    return make([&](std::size_t i) { return n.v[i] == n.v[i] ? __builtin_ldexpf(a.v[i], static_cast<int>(n.v[i])) : n.v[i]; });
  }
  static Vec zero_where_less(Vec a, Vec x, Vec limit) {
    return make([&](std::size_t i) { return x.v[i] < limit.v[i] ? 0.0F : a.v[i]; });
  }
  static Vec keep_first(Vec a, std::size_t n) {
    return make([&](std::size_t i) { return i < n ? a.v[i] : 0.0F; });
  }
  static unsigned greater(Vec a, Vec b) {
    unsigned mask = 0;
    for (std::size_t i = 0; i < kWidth; ++i) mask |= static_cast<unsigned>(a.v[i] > b.v[i] ? 1 : 0) << i;
    return mask;
  }
  static float sum(Vec a) { return (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]); }
  static float max_lane(Vec a) {
    float best = a.v[0];
    for (const float x : a.v) best = x > best ? x : best;
    return best;
  }
};

#include "model/cpu/kernels_body.inc"

}  // namespace gf::cpu::plain

namespace gf::cpu {

const Kernels* kernels_plain() { return &plain::kTable; }

const Kernels& best_kernels() {
  static const Kernels* const best = [] {
    const char* asked = std::getenv("GLASSFORMER_ISA");
    const std::string_view isa = asked != nullptr ? asked : "";
    if (isa != "plain" && isa != "avx2")
      if (const Kernels* k = kernels_avx512()) return k;
    if (isa != "plain")
      if (const Kernels* k = kernels_avx2()) return k;
    return kernels_plain();
  }();
  return *best;
}

}  // namespace gf::cpu
