// Training from the reference start, step for step beside PyTorch.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/io/loaders.h"
#include "model/training/trainer.h"

namespace gf::training {
namespace {

constexpr const char* kGolden = GLASSFORMER_SOURCE_DIR "/tests/golden/";

TEST(Training, has_the_losses_and_gradient_norms_of_pytorch_for_a_hundred_steps) {
  const std::string folder = std::string(kGolden) + "training/tiny/";
  std::ifstream in(folder + "case.json");
  const nlohmann::json cases = nlohmann::json::parse(in)["cases"];
  ASSERT_EQ(cases.size(), 2U);
  const auto weights = load_weights(std::string(kGolden) + "models/hf-bin-legacy");
  ASSERT_TRUE(weights) << weights.error().message;
  for (const auto& c : cases) {
    auto ids = read_token_file(folder + "train.bin");
    ASSERT_TRUE(ids);
    const int T = c["T"];
    auto data = TrainingData::make(std::move(*ids), (*weights)->config.n_vocab, T, 0, "train.bin");
    ASSERT_TRUE(data) << data.error().message;
    TrainingOptions options;
    options.batch = c["B"];
    options.context = T;
    options.steps = c["steps"];
    options.order = Order::Sequential;
    options.adamw.weight_decay = c["decay"];
    options.rate = {c["lr"], c["cosine"] ? Schedule::Cosine : Schedule::Constant, c["warmup"], options.steps};
    auto parameters = Parameters::copy_of(**weights);
    ASSERT_TRUE(parameters);
    auto trainer = Trainer::create(std::move(*parameters), std::make_shared<const TrainingData>(std::move(*data)), options);
    ASSERT_TRUE(trainer) << trainer.error().message;
    for (std::size_t s = 0; s < c["losses"].size(); ++s) {
      const auto step = (*trainer)->step();
      ASSERT_TRUE(step) << step.error().message;
      EXPECT_EQ(step->step, static_cast<std::int64_t>(s));
      ASSERT_NEAR(step->loss, c["losses"][s].get<double>(), 2e-5) << c["name"] << " step " << s;
      const double norm = c["gradient_norms"][s];
      ASSERT_NEAR(step->gradient_norm, norm, 2e-4 + 2e-4 * norm) << c["name"] << " step " << s;
    }
    EXPECT_TRUE((*trainer)->done());
    EXPECT_EQ((*trainer)->parameters().revision(), c["losses"].size());
  }
}

TEST(Training, warms_up_and_goes_down_to_a_tenth) {
  const LearningRate rate{1e-3, Schedule::Cosine, 10, 110};
  EXPECT_DOUBLE_EQ(rate.at(0), 1e-4);
  EXPECT_DOUBLE_EQ(rate.at(9), 1e-3);
  EXPECT_DOUBLE_EQ(rate.at(10), 1e-3);
  EXPECT_DOUBLE_EQ(rate.at(60), 0.55e-3);
  EXPECT_DOUBLE_EQ(rate.at(110), 1e-4);
  const LearningRate constant{1e-3, Schedule::Constant, 2, 110};
  EXPECT_DOUBLE_EQ(constant.at(0), 5e-4);
  EXPECT_DOUBLE_EQ(constant.at(109), 1e-3);
}

}  // namespace
}  // namespace gf::training
