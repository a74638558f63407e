// Gradients of parameters: the naive twin against finite differences, the fast pass against the naive twin.
#include <cmath>
#include <gtest/gtest.h>

#include "model/training/naive_gradients.h"
#include "tests/model/training/training_fixture.h"

namespace gf::training::testing {
namespace {

struct GradientCase {
  std::string name;
  ModelConfig config;
  std::set<std::string> without{};
};

std::vector<GradientCase> gradient_cases() {
  std::vector<GradientCase> cases{{"tied", small_config()}, {"untied", small_config()}, {"relu without biases", small_config()}};
  cases[1].config.tied = false;
  cases[1].config.activation = Activation::GeluErf;
  cases[1].config.scale_attn_by_layer = true;
  cases[1].config.d_mlp = 16;
  cases[2].config.activation = Activation::Relu;
  cases[2].config.scale_attn = false;
  for (const ParameterTensor& tensor : ParameterLayout(cases[2].config).tensors)
    if (tensor.name.ends_with(".bias")) cases[2].without.insert(tensor.name);
  return cases;
}

std::vector<double> in_double(std::span<const float> values) { return {values.begin(), values.end()}; }

TEST(Gradients, of_the_naive_twin_are_finite_differences_for_each_parameter_kind) {
  for (const GradientCase& test : gradient_cases()) {
    const Parameters p = small_parameters(test.config, test.without);
    const Batch batch = small_batch(test.config, 2, 7);
    std::vector<double> values = in_double(p.values()), gradients;
    naive_loss(p.layout(), values, batch, &gradients);
    for (const ParameterTensor& tensor : p.layout().tensors) {
      // Three elements of each tensor: the first, one in the middle, and the one that matters most.
      std::size_t most = tensor.begin;
      for (std::size_t i = tensor.begin; i < tensor.begin + tensor.count; ++i)
        if (std::abs(gradients[i]) > std::abs(gradients[most])) most = i;
      EXPECT_NE(gradients[most], 0) << test.name << " " << tensor.name;
      for (const std::size_t i : {tensor.begin, tensor.begin + tensor.count / 2, most}) {
        constexpr double kStep = 1e-5;
        const double before = values[i];
        values[i] = before + kStep;
        const double up = naive_loss(p.layout(), values, batch);
        values[i] = before - kStep;
        const double down = naive_loss(p.layout(), values, batch);
        values[i] = before;
        EXPECT_NEAR(gradients[i], (up - down) / (2 * kStep), 1e-8) << test.name << " " << tensor.name << " element " << i - tensor.begin;
      }
    }
  }
}

TEST(Gradients, are_those_of_the_naive_twin_for_each_parameter) {
  ThreadPool pool(2);
  for (const GradientCase& test : gradient_cases()) {
    const Parameters p = small_parameters(test.config, test.without);
    const Batch batch = small_batch(test.config, 3, 70);  // more than one tile of queries
    std::vector<double> want;
    const double loss = naive_loss(p.layout(), in_double(p.values()), batch, &want);
    std::vector<float> got(p.layout().size, NAN);  // all of it is written
    const auto pass = BatchPass::create(p.layout(), 3, 70, pool);
    ASSERT_TRUE(pass);
    EXPECT_NEAR((*pass)->gradients(p.values(), batch, got), loss, 1e-6) << test.name;
    EXPECT_NEAR((*pass)->loss(p.values(), batch), loss, 1e-6) << test.name;
    for (const ParameterTensor& tensor : p.layout().tensors)
      for (std::size_t i = 0; i < tensor.count; ++i)
        ASSERT_NEAR(got[tensor.begin + i], want[tensor.begin + i], 2e-6 + 1e-4 * std::abs(want[tensor.begin + i]))
            << test.name << " " << tensor.name << " element " << i;
  }
}

// The logits of all rows at once would not fit, so they are made for some rows at a time.
TEST(Gradients, add_up_over_the_parts_of_a_large_vocabulary) {
  ModelConfig config = small_config();
  config.n_layer = 1;
  config.n_vocab = 140'000;
  config.n_ctx = 130;
  const Parameters p = small_parameters(config);
  const Batch batch = small_batch(config, 1, 130);
  ThreadPool pool(2);
  std::vector<double> want;
  const double loss = naive_loss(p.layout(), in_double(p.values()), batch, &want);
  std::vector<float> got(p.layout().size, NAN);
  const auto pass = BatchPass::create(p.layout(), 1, 130, pool);
  ASSERT_TRUE(pass);
  EXPECT_NEAR((*pass)->gradients(p.values(), batch, got), loss, 1e-5);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], 2e-6 + 1e-4 * std::abs(want[i])) << i;
}

TEST(Gradients, are_the_same_bits_at_any_number_of_threads_and_in_smaller_batches) {
  const Parameters p = small_parameters(small_config());
  const Batch batch = small_batch(p.layout().config, 3, 70);
  std::vector<float> first;
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    const auto pass = BatchPass::create(p.layout(), 4, 70, pool);  // room for more sequences than there are
    ASSERT_TRUE(pass);
    std::vector<float> gradients(p.layout().size);
    (*pass)->gradients(p.values(), batch, gradients);
    if (first.empty()) first = gradients;
    EXPECT_EQ(gradients, first) << threads;
  }
}

}  // namespace
}  // namespace gf::training::testing
