// Each instruction set's loops against plain arithmetic in double, at lengths around the vector widths.
#include "model/cpu/kernels.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "model/cpu/plain_gemm.h"
#include "tests/model/cpu/kernels_fixture.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

using cpu::Kernels;

class KernelLoops : public KernelsTest {};

constexpr std::size_t kLengths[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 65, 100, 130};

TEST_P(KernelLoops, gemv_of_both_layouts_and_all_types) {
  for (const DType dtype : {DType::F32, DType::F16, DType::BF16})
    for (const std::size_t n : kLengths)
      for (const std::size_t k_count : {1UL, 7UL, 16UL, 70UL}) {
        const auto w = numbers((n + 3) * k_count), x = numbers(k_count), bias = numbers(n);
        std::vector<std::uint16_t> narrow;
        for (const float v : w) narrow.push_back(dtype == DType::F16 ? to_f16(v) : to_bf16(v));
        const auto* bytes =
            dtype == DType::F32 ? reinterpret_cast<const std::byte*>(w.data()) : reinterpret_cast<const std::byte*>(narrow.data());
        const auto weight = [&](std::size_t i) {
          if (dtype == DType::F32) return static_cast<double>(w[i]);
          return static_cast<double>(dtype == DType::F16 ? f16_to_f32(narrow[i]) : bf16_to_f32(narrow[i]));
        };
        std::vector<float> in_major(n + 1, -77), out_major(n + 1, -77);
        k->gemv_in_major(bytes, dtype, n + 3, x.data(), k_count, n, bias.data(), in_major.data(), bytes);
        k->gemv_out_major(bytes, dtype, x.data(), k_count, n, nullptr, out_major.data());
        for (std::size_t j = 0; j < n; ++j) {
          double a = static_cast<double>(bias[j]), b = 0;
          for (std::size_t i = 0; i < k_count; ++i) {
            a += static_cast<double>(x[i]) * weight(i * (n + 3) + j);
            b += static_cast<double>(x[i]) * weight(j * k_count + i);
          }
          ASSERT_NEAR(static_cast<double>(in_major[j]), a, 2e-5) << name_of(dtype) << " n " << n << " k " << k_count;
          ASSERT_NEAR(static_cast<double>(out_major[j]), b, 2e-5) << name_of(dtype) << " n " << n << " k " << k_count;
        }
        EXPECT_EQ(in_major[n], -77);
        EXPECT_EQ(out_major[n], -77);
      }
}

TEST_P(KernelLoops, streams_read_each_number_once) {
  for (const std::size_t streams : {1UL, 2UL, 4UL, 8UL}) {
    const auto x = numbers(64 * streams * 3);
    double sum = 0;
    for (const float v : x) sum += static_cast<double>(v);
    EXPECT_NEAR(static_cast<double>(k->sum_streams(x.data(), x.size(), streams)), sum, 1e-3) << streams;
  }
}

TEST_P(KernelLoops, columns_do_not_depend_on_how_they_are_split) {
  const std::size_t n = 150, k_count = 45;
  const auto w = numbers(n * k_count), x = numbers(k_count);
  const auto* bytes = reinterpret_cast<const std::byte*>(w.data());
  std::vector<float> whole(n), parts(n);
  k->gemv_in_major(bytes, DType::F32, n, x.data(), k_count, n, nullptr, whole.data(), nullptr);
  for (const std::size_t step : {1UL, 5UL, 16UL, 64UL}) {
    for (std::size_t j = 0; j < n; j += step)
      k->gemv_in_major(bytes + j * 4, DType::F32, n, x.data(), k_count, std::min(step, n - j), nullptr, parts.data() + j, nullptr);
    EXPECT_EQ(parts, whole) << step;
  }
}

TEST_P(KernelLoops, activations) {
  std::vector<float> x;
  for (float v = -12; v < 12; v += 0.0137F) x.push_back(v);
  x.insert(x.end(), {0.0F, -0.0F, 80, -80, 1e4F, -1e4F, 1e-20F});
  std::vector<float> y(x.size());
  k->activate(Activation::GeluTanh, x.data(), x.size(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto v = static_cast<double>(x[i]);
    const double want = 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
    ASSERT_NEAR(static_cast<double>(y[i]), want, 1e-6 * (1 + std::abs(want))) << x[i];
  }
  k->activate(Activation::GeluErf, x.data(), x.size(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto v = static_cast<double>(x[i]);
    const double want = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
    ASSERT_NEAR(static_cast<double>(y[i]), want, 1e-6 * (1 + std::abs(want))) << x[i];
  }
  k->activate(Activation::Relu, x.data(), x.size(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], x[i] > 0 ? x[i] : 0);
}

TEST_P(KernelLoops, softmax_and_its_sums) {
  for (const std::size_t n : kLengths) {
    auto x = numbers(n, 5);
    if (n > 3) x[n - 1] = -std::numeric_limits<float>::infinity();
    double top = -1e30, sum = 0, weighted = 0;
    for (const float v : x) top = std::max(top, static_cast<double>(v));
    for (const float v : x) sum += std::exp(static_cast<double>(v) - top);
    for (const float v : x)
      if (std::isfinite(v)) weighted += (static_cast<double>(v) - top) * std::exp(static_cast<double>(v) - top);
    const auto sums = k->softmax_sums(x.data(), n);
    EXPECT_EQ(static_cast<double>(sums.max), top);
    EXPECT_NEAR(sums.sum, sum, 1e-5 * sum);
    EXPECT_NEAR(sums.weighted_sum, weighted, 1e-5 * (1 + std::abs(weighted)));
    auto y = x;
    k->softmax(y.data(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(static_cast<double>(y[i]), std::exp(static_cast<double>(x[i]) - top) / sum, 2e-6);
  }
  std::vector<float> nothing(21, -std::numeric_limits<float>::infinity());
  k->softmax(nothing.data(), nothing.size());
  EXPECT_EQ(nothing, std::vector<float>(21, 0.0F));
}

TEST_P(KernelLoops, layer_norm) {
  for (const std::size_t n : kLengths) {
    const auto x = numbers(n, 3), gamma = numbers(n), beta = numbers(n);
    double mean = 0, squares = 0;
    for (const float v : x) mean += static_cast<double>(v) / static_cast<double>(n);
    for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / static_cast<double>(n);
    float m = 0;
    const float scale = k->norm_scale(x.data(), n, 1e-5F, &m);
    EXPECT_NEAR(static_cast<double>(m), mean, 1e-5);
    EXPECT_NEAR(static_cast<double>(scale), std::sqrt(squares + 1e-5), 1e-5);
    std::vector<float> y(n), z(n);
    k->normalize(x.data(), n, m, scale, y.data());
    k->affine(y.data(), gamma.data(), beta.data(), n, z.data());
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_FLOAT_EQ(y[i], (x[i] - m) / scale);
      EXPECT_NEAR(z[i], y[i] * gamma[i] + beta[i], 1e-5);
    }
  }
}

TEST_P(KernelLoops, search_and_heads) {
  for (const std::size_t n : kLengths) {
    const auto x = numbers(n);
    EXPECT_EQ(k->count_greater(x.data(), n, 0.3F), static_cast<std::size_t>(std::ranges::count_if(x, [](float v) { return v > 0.3F; })));
    for (std::size_t from = 0; from < n; from += 5)
      EXPECT_EQ(k->find_greater(x.data(), from, n, 0.3F),
                static_cast<std::size_t>(
                    std::find_if(x.begin() + static_cast<std::ptrdiff_t>(from), x.end(), [](float v) { return v > 0.3F; }) - x.begin()));
    const std::size_t heads = 3, rows = 21, stride = heads * n + 2;
    const auto q = numbers(heads * n), key = numbers(rows * stride);
    std::vector<float> out(heads * rows, 9), z(heads * n, 1);
    k->head_dots(q.data(), key.data(), stride, rows, heads, n, 0.5F, out.data(), rows);
    k->head_axpys(out.data(), rows, key.data(), stride, rows, heads, n, z.data());
    for (std::size_t h = 0; h < heads; ++h) {
      std::vector<double> sums(n, 1);
      for (std::size_t r = 0; r < rows; ++r) {
        double want = 0;
        for (std::size_t i = 0; i < n; ++i) {
          want += 0.5 * static_cast<double>(q[h * n + i]) * static_cast<double>(key[r * stride + h * n + i]);
          sums[i] += static_cast<double>(out[h * rows + r]) * static_cast<double>(key[r * stride + h * n + i]);
        }
        EXPECT_NEAR(static_cast<double>(out[h * rows + r]), want, 1e-5 * static_cast<double>(n));
      }
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(static_cast<double>(z[h * n + i]), sums[i], 1e-4);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, KernelLoops, ::testing::Values(&cpu::kernels_plain, &cpu::kernels_avx2, &cpu::kernels_avx512));

TEST(PlainGemm, is_the_product_of_matrices_either_way_they_lie) {
  std::mt19937 engine(5);
  std::uniform_int_distribution<int> digit(-4, 4);  // sums of these are exact
  const auto numbers = [&](std::size_t n) {
    std::vector<float> x(n);
    for (float& v : x) v = static_cast<float>(digit(engine));
    return x;
  };
  for (const char of_a : {'N', 'T'})
    for (const char of_b : {'N', 'T'})
      for (const bool accumulate : {false, true})
        for (const std::size_t n : {1UL, 63UL, 64UL, 130UL}) {
          constexpr std::size_t m = 3, k = 7;
          const std::size_t lda = (of_a == 'T' ? m : k) + 1, ldb = (of_b == 'T' ? k : n) + 2, ldc = n + 3;
          const auto a = numbers(8 * 9), b = numbers(200 * 9), before = numbers(m * ldc);
          std::vector<float> c = before;
          cpu::plain_gemm(of_a, of_b, m, n, k, 0.5F, a.data(), lda, b.data(), ldb, accumulate, c.data(), ldc);
          for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < ldc; ++j) {
              float want = before[i * ldc + j];
              if (j < n) {
                float sum = 0;
                for (std::size_t p = 0; p < k; ++p)
                  sum += (of_a == 'T' ? a[p * lda + i] : a[i * lda + p]) * (of_b == 'T' ? b[j * ldb + p] : b[p * ldb + j]);
                want = (accumulate ? want : 0) + 0.5F * sum;
              }
              ASSERT_EQ(c[i * ldc + j], want) << of_a << of_b << " " << i << ", " << j << " of " << n;
            }
        }
}

}  // namespace
}  // namespace gf::testing
