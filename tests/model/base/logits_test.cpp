#include "model/base/logits.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace gf {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();

TEST(Logits, are_probabilities_that_sum_to_one) {
  std::vector<float> x{1, 2, 3, -4};
  const double sum = std::log(std::exp(1.0) + std::exp(2.0) + std::exp(3.0) + std::exp(-4.0));
  EXPECT_NEAR(log_sum_exp(x), sum, 1e-12);
  EXPECT_NEAR(log_sum_exp(x, 2), std::log(std::exp(.5) + std::exp(1.0) + std::exp(1.5) + std::exp(-2.0)), 1e-12);
  EXPECT_NEAR(logprob_of(x, 2), 3 - sum, 1e-12);
  log_softmax(x);
  double total = 0;
  for (const float l : x) total += std::exp(static_cast<double>(l));
  EXPECT_NEAR(total, 1, 1e-6);
}

TEST(Logits, of_any_size_are_stable) {
  EXPECT_NEAR(log_sum_exp(std::vector<float>{1000, 1000}), 1000 + std::log(2.0), 1e-9);
  EXPECT_NEAR(log_sum_exp(std::vector<float>{-1000, -1000}), -1000 + std::log(2.0), 1e-9);
  EXPECT_NEAR(log_sum_exp(std::vector<float>{0, -kInf}), 0, 1e-12);
  EXPECT_EQ(log_sum_exp(std::vector<float>{-kInf, -kInf}), -kInf);
}

TEST(Logits, have_an_entropy) {
  const std::vector<float> even{7, 7, 7, 7}, sure{0, -kInf, -2000};
  EXPECT_NEAR(entropy_of(even, log_sum_exp(even)), std::log(4.0), 1e-12);
  EXPECT_EQ(entropy_of(sure, log_sum_exp(sure)), 0);
}

TEST(Logits, rank_counts_what_is_strictly_larger) {
  const std::vector<float> x{1, 3, 3, 2};
  EXPECT_EQ(rank_of(x, 1), 0);
  EXPECT_EQ(rank_of(x, 2), 0);
  EXPECT_EQ(rank_of(x, 0), 3);
  EXPECT_EQ(largest_of(x), 1U);
}

TEST(Logits, a_nan_makes_nan_of_what_depends_on_it) {
  const std::vector<float> x{1, kNaN, 2}, nothing{kNaN, kNaN};
  EXPECT_TRUE(std::isnan(log_sum_exp(x)));
  EXPECT_TRUE(std::isnan(logprob_of(x, 0)));
  EXPECT_TRUE(std::isnan(entropy_of(x, log_sum_exp(x))));
  EXPECT_EQ(rank_of(x, 1), -1);
  EXPECT_EQ(largest_of(x), 2U);
  EXPECT_TRUE(std::isnan(log_sum_exp(nothing)));
  EXPECT_TRUE(std::isnan(log_sum_exp(std::vector<float>{-kInf, kNaN})));
  EXPECT_TRUE(std::isnan(log_sum_exp(std::vector<float>{kInf, kNaN})));
}

}  // namespace
}  // namespace gf
