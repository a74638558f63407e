// What the tests of an instruction set's loops share.
#pragma once

#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "model/cpu/kernels.h"

namespace gf::testing {

/// Skips where the machine lacks the instruction set.
class KernelsTest : public ::testing::TestWithParam<const cpu::Kernels* (*)()> {
 protected:
  void SetUp() override {
    k = GetParam()();
    if (k == nullptr) GTEST_SKIP() << "this machine lacks the instruction set";
  }
  std::vector<float> numbers(std::size_t n, float size = 1) {
    std::vector<float> x(n);
    std::normal_distribution<float> normal(0, size);
    for (float& v : x) v = normal(engine);
    return x;
  }
  const cpu::Kernels* k = nullptr;
  std::mt19937 engine{3};
};

}  // namespace gf::testing
