// The optimizer's step: each instruction set against the definition in float64, weight decay and clipping.
#include "model/training/adamw.h"

#include <cmath>
#include <gtest/gtest.h>

#include "model/cpu/kernels.h"
#include "tests/model/training/training_fixture.h"

namespace gf::training::testing {
namespace {

TEST(AdamW, moves_parameters_as_it_is_defined_on_each_instruction_set) {
  constexpr std::size_t kCount = 67;  // whole vectors and a rest
  const cpu::AdamWStep step{
      .of_gradient = 0.5F, .keep = 0.999F, .beta1 = 0.9F, .beta2 = 0.95F, .step_size = 0.01F, .root_correction = 0.3F, .eps = 1e-8F};
  for (const cpu::Kernels* kernels : {cpu::kernels_plain(), cpu::kernels_avx2(), cpu::kernels_avx512()}) {
    if (kernels == nullptr) continue;
    std::vector<float> p, g, m, v;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      p.push_back(noise(i, 10));
      g.push_back(noise(i, 11));
      m.push_back(noise(i, 12));
      v.push_back(std::abs(noise(i, 13)));
    }
    g[5] = m[5] = v[5] = 0;
    auto p_after = p, m_after = m, v_after = v;
    kernels->adamw(step, g.data(), kCount, p_after.data(), m_after.data(), v_after.data());
    for (std::size_t i = 0; i < kCount; ++i) {
      const double slope = 0.5 * static_cast<double>(g[i]);
      const double first = 0.9 * static_cast<double>(m[i]) + 0.1 * slope, second = 0.95 * static_cast<double>(v[i]) + 0.05 * slope * slope;
      EXPECT_NEAR(m_after[i], first, 1e-6) << kernels->name << " " << i;
      EXPECT_NEAR(v_after[i], second, 1e-6) << kernels->name << " " << i;
      const double moved = 0.999 * static_cast<double>(p[i]) - 0.01 * first / (std::sqrt(second) / static_cast<double>(0.3F) + 1e-8);
      EXPECT_NEAR(p_after[i], moved, 2e-6) << kernels->name << " " << i;
    }
  }
}

TEST(AdamW, decays_matrices_alone_and_clips_the_norm_of_all_gradients) {
  ThreadPool pool(2);
  Parameters parameters = small_parameters(small_config());
  const std::vector<float> before(parameters.values().begin(), parameters.values().end());
  AdamWOptions options;
  options.weight_decay = 0.5;
  AdamW still(parameters.layout(), options, pool);
  const std::vector<float> none(parameters.layout().size, 0.0F);
  EXPECT_EQ(still.step(parameters, none, 0.1), 0);
  for (const ParameterTensor& tensor : parameters.layout().tensors)
    for (std::size_t i = tensor.begin; i < tensor.begin + tensor.count; ++i)
      ASSERT_FLOAT_EQ(parameters.values()[i], before[i] * (tensor.is_matrix() ? 0.95F : 1.0F)) << tensor.name;

  // The first moment shows the gradient after clipping: a tenth of it, whatever its norm was.
  AdamW clipped(parameters.layout(), options, pool);
  const std::vector<float> twos(parameters.layout().size, 2.0F);
  const double norm = 2 * std::sqrt(static_cast<double>(parameters.layout().size));
  EXPECT_NEAR(*clipped.step(parameters, twos, 0.1), norm, 1e-3);
  EXPECT_NEAR(clipped.first_moment()[0], 0.1 * 2 / norm, 1e-6);

  std::vector<float> wrong = twos;
  wrong[3] = INFINITY;
  const std::vector<float> kept(parameters.values().begin(), parameters.values().end());
  EXPECT_FALSE(clipped.step(parameters, wrong, 0.1));
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), parameters.values().begin()));
  EXPECT_EQ(clipped.steps(), 1);
}

}  // namespace
}  // namespace gf::training::testing
