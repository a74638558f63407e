// Each instruction set's slopes against derivatives by complex steps, f'(x) = Im f(x + ih) / h, which are exact to rounding.
#include <cmath>
#include <complex>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "tests/model/cpu/kernels_fixture.h"

namespace gf::testing {
namespace {

using cpu::Kernels;
using Complex = std::complex<double>;
constexpr double kTiny = 1e-30;

class KernelSlopes : public KernelsTest {
 protected:
  /// d/dx_i of sum_j slope_j f(x)_j
  static std::vector<double> by_complex_steps(const std::vector<float>& x, const std::vector<float>& slope,
                                              const std::function<std::vector<Complex>(const std::vector<Complex>&)>& f) {
    std::vector<double> all;
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<Complex> z(x.begin(), x.end());
      z[i] += Complex(0, kTiny);
      const auto y = f(z);
      double sum = 0;
      for (std::size_t j = 0; j < y.size(); ++j) sum += static_cast<double>(slope[j]) * y[j].imag() / kTiny;
      all.push_back(sum);
    }
    return all;
  }
};

constexpr std::size_t kSlopeLengths[] = {1, 2, 7, 8, 9, 15, 16, 17, 33, 64, 100};

TEST_P(KernelSlopes, gelu_with_tanh) {
  for (const std::size_t n : kSlopeLengths) {
    const auto x = numbers(n, 3), slope = numbers(n);
    const auto want = by_complex_steps(x, slope, [](const std::vector<Complex>& z) {
      std::vector<Complex> y;
      for (const Complex& v : z) y.push_back(0.5 * v * (1.0 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))));
      return y;
    });
    auto got = slope;
    k->activate_slope(Activation::GeluTanh, x.data(), n, got.data());
    for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(static_cast<double>(got[i]), want[i], 2e-6 + 2e-6 * std::abs(want[i])) << x[i];
  }
}

TEST_P(KernelSlopes, gelu_with_erf_and_relu) {
  for (const std::size_t n : kSlopeLengths) {
    const auto x = numbers(n, 2), slope = numbers(n);
    auto erf = slope, relu = slope;
    k->activate_slope(Activation::GeluErf, x.data(), n, erf.data());
    k->activate_slope(Activation::Relu, x.data(), n, relu.data());
    for (std::size_t i = 0; i < n; ++i) {
      // No complex error function: central differences in double.
      const auto gelu = [](double v) { return 0.5 * v * (1 + std::erf(v / std::sqrt(2.0))); };
      const auto v = static_cast<double>(x[i]), s = static_cast<double>(slope[i]);
      ASSERT_NEAR(static_cast<double>(erf[i]), s * (gelu(v + 1e-5) - gelu(v - 1e-5)) / 2e-5, 2e-6) << x[i];
      ASSERT_EQ(relu[i], x[i] > 0 ? slope[i] : 0) << x[i];
    }
  }
  const float zero = 0, large = 40, small = -40;
  for (const Activation kind : {Activation::GeluTanh, Activation::GeluErf, Activation::Relu}) {
    float at_zero = 1, at_large = 1, at_small = 1;
    k->activate_slope(kind, &zero, 1, &at_zero);
    k->activate_slope(kind, &large, 1, &at_large);
    k->activate_slope(kind, &small, 1, &at_small);
    EXPECT_NEAR(at_zero, kind == Activation::Relu ? 0 : 0.5, 1e-6);
    EXPECT_NEAR(at_large, 1, 1e-6);
    EXPECT_NEAR(at_small, 0, 1e-6);
  }
}

TEST_P(KernelSlopes, softmax) {
  for (const std::size_t n : kSlopeLengths) {
    const auto x = numbers(n, 2), slope = numbers(n);
    const auto want = by_complex_steps(x, slope, [](std::vector<Complex> z) {
      Complex sum = 0;
      for (Complex& v : z) sum += v = std::exp(v);
      for (Complex& v : z) v /= sum;
      return z;
    });
    auto p = x, got = slope;
    k->softmax(p.data(), n);
    k->softmax_slope(p.data(), n, got.data());
    for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(static_cast<double>(got[i]), want[i], 1e-6) << "of " << n;
  }
}

TEST_P(KernelSlopes, layer_norm) {
  for (const std::size_t n : kSlopeLengths) {
    const auto x = numbers(n, 2), slope = numbers(n), stream = numbers(n);
    const auto want = by_complex_steps(x, slope, [n](std::vector<Complex> z) {
      Complex mean = 0, squares = 0;
      for (const Complex& v : z) mean += v / static_cast<double>(n);
      for (const Complex& v : z) squares += (v - mean) * (v - mean) / static_cast<double>(n);
      for (Complex& v : z) v = (v - mean) / std::sqrt(squares + 1e-2);
      return z;
    });
    float mean = 0, sum = 0;
    const float scale = k->norm_scale(x.data(), n, 1e-2F, &mean);
    const float of_scale = -k->norm_slope_sums(x.data(), slope.data(), n, mean, &sum) / (scale * scale);
    std::vector<float> got(n + 1, -77);
    const auto width = static_cast<float>(n);
    k->norm_slope(stream.data(), slope.data(), x.data(), n, mean, 1 / scale, of_scale / (width * scale), -sum / (width * scale),
                  got.data());
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_NEAR(static_cast<double>(got[i]), static_cast<double>(stream[i]) + want[i], 2e-5) << "of " << n;
    EXPECT_EQ(got[n], -77);
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, KernelSlopes, ::testing::Values(&cpu::kernels_plain, &cpu::kernels_avx2, &cpu::kernels_avx512));

}  // namespace
}  // namespace gf::testing
