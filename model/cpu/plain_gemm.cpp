#include "model/cpu/plain_gemm.h"

#include <algorithm>
#include <array>
#include <vector>

namespace gf::cpu {

void plain_gemm(char of_a, char of_b, std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda,
                const float* b, std::size_t ldb, bool accumulate, float* c, std::size_t ldc) {
  // A panel of B lies in cache as rows of kWide floats, and serves each row of A.
  constexpr std::size_t kWide = 64;
  thread_local std::vector<float> panel;
  if (panel.size() < k * kWide) panel.resize(k * kWide);
  for (std::size_t j0 = 0; j0 < n; j0 += kWide) {
    const std::size_t wide = std::min(kWide, n - j0);
    for (std::size_t p = 0; p < k; ++p)
      for (std::size_t j = 0; j < kWide; ++j)
        panel[p * kWide + j] = j >= wide ? 0.0F : of_b == 'T' ? b[(j0 + j) * ldb + p] : b[p * ldb + j0 + j];
    for (std::size_t i = 0; i < m; ++i) {
      std::array<float, kWide> sum{};
      for (std::size_t p = 0; p < k; ++p) {
        const float x = of_a == 'T' ? a[p * lda + i] : a[i * lda + p];
        const float* const row = panel.data() + p * kWide;
        for (std::size_t j = 0; j < kWide; ++j) sum[j] += x * row[j];
      }
      float* const out = c + i * ldc + j0;
      for (std::size_t j = 0; j < wide; ++j) out[j] = accumulate ? out[j] + alpha * sum[j] : alpha * sum[j];
    }
  }
}

}  // namespace gf::cpu
