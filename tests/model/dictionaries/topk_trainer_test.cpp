// Training a TopK dictionary: gradients as differences give them, what it finds in rows that are sparse sums, and going on.
#include "model/dictionaries/topk_trainer.h"

#include <gtest/gtest.h>
#include <random>

#include "model/dictionaries/coding.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/io/files.h"

namespace gf::test {
namespace {

std::vector<float> normal_rows(std::mt19937& engine, std::size_t count) {
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& x : values) x = normal(engine);
  return values;
}

/// Rows that are sums of a few of `n` directions of length 1, [n, d], and a little noise.
struct SparseRows {
  int d, n, active;
  std::vector<float> directions;
  std::mt19937 engine{11};
  SparseRows(int d_, int n_, int active_)
      : d(d_), n(n_), active(active_), directions(normal_rows(engine, static_cast<std::size_t>(d_ * n_))) {
    for (std::size_t f = 0; f < static_cast<std::size_t>(n); ++f) {
      float squares = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i)
        squares += std::pow(directions[f * static_cast<std::size_t>(d) + i], 2.0F);
      for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i) directions[f * static_cast<std::size_t>(d) + i] /= std::sqrt(squares);
    }
  }
  std::vector<float> rows(int m) {
    std::vector<float> all(static_cast<std::size_t>(m * d));
    std::normal_distribution<float> noise(0, 0.01F);
    std::uniform_real_distribution<float> strength(1, 3);
    for (std::size_t r = 0; r < static_cast<std::size_t>(m); ++r) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i) all[r * static_cast<std::size_t>(d) + i] = 0.5F + noise(engine);
      for (int a = 0; a < active; ++a) {
        const std::size_t f = engine() % static_cast<std::size_t>(n);
        const float s = strength(engine);
        for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i)
          all[r * static_cast<std::size_t>(d) + i] += s * directions[f * static_cast<std::size_t>(d) + i];
      }
    }
    return all;
  }
};

TEST(TopkTrainer, gradients_are_those_of_differences) {
  std::mt19937 engine(3);
  const auto rows = normal_rows(engine, 7 * 5);
  const TopkOptions options{.d = 5, .n = 9, .k = 3, .steps = 10, .seed = 1};
  const auto trainer = TopkTrainer::create(options, rows, 1).value();
  std::vector<float> gradient, ignored;
  static_cast<void>(trainer->loss_and_gradient(rows, gradient));
  ASSERT_EQ(gradient.size(), 2U * 45 + 9 + 5);
  // The weights are the trainer's own; a test may move them and put them back.
  auto& w = const_cast<TopkWeights&>(trainer->weights());
  int seen = 0;
  const auto check = [&](std::vector<float>& values, std::size_t first, const char* name) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      constexpr float h = 2e-3F;
      const float before = values[i];
      values[i] = before + h;
      const double more = trainer->loss_and_gradient(rows, ignored);
      values[i] = before - h;
      const double less = trainer->loss_and_gradient(rows, ignored);
      values[i] = before;
      EXPECT_NEAR(static_cast<double>(gradient[first + i]), (more - less) / (2 * static_cast<double>(h)), 2e-3) << name << " " << i;
      seen += std::abs(gradient[first + i]) > 1e-3F ? 1 : 0;
    }
  };
  check(w.encoder, 0, "encoder");
  check(w.decoder, 45, "decoder");
  check(w.bias, 90, "bias");
  check(w.centre, 99, "centre");
  EXPECT_GT(seen, 40) << "the gradients that were compared are not all 0";
}

TEST(TopkTrainer, finds_the_directions_that_rows_are_made_of) {
  SparseRows source(16, 24, 2);
  const TopkOptions options{.d = 16, .n = 48, .k = 3, .rate = 5e-3, .steps = 1200, .dead_rows = 20'000, .seed = 2};
  const auto trainer = TopkTrainer::create(options, source.rows(256), 2).value();
  const double before = trainer->measure(source.rows(512)).unexplained;
  TopkTrainer::Report report;
  for (int s = 0; s < 1200; ++s) report = trainer->step(source.rows(256));
  EXPECT_EQ(report.step, 1200);
  const double after = trainer->measure(source.rows(512)).unexplained;
  EXPECT_LT(after, 0.1) << "from " << before;
  int found = 0;
  const auto& decoder = trainer->weights().decoder;
  for (std::size_t f = 0; f < 24; ++f) {
    float best = 0;
    for (std::size_t g = 0; g < 48; ++g) {
      float dot = 0;
      for (std::size_t i = 0; i < 16; ++i) dot += decoder[g * 16 + i] * source.directions[f * 16 + i];
      best = std::max(best, dot);
    }
    found += best > 0.9F ? 1 : 0;
  }
  EXPECT_GE(found, 18) << "of 24 directions";
  for (std::size_t g = 0; g < 48; ++g) {
    float squares = 0;
    for (std::size_t i = 0; i < 16; ++i) squares += decoder[g * 16 + i] * decoder[g * 16 + i];
    EXPECT_NEAR(squares, 1, 1e-4) << "decoder rows have length 1";
  }
}

TEST(TopkTrainer, what_it_saves_opens_and_explains_as_much) {
  SparseRows source(8, 12, 2);
  const TopkOptions options{.d = 8, .n = 24, .k = 4, .steps = 200, .seed = 2};
  const auto trainer = TopkTrainer::create(options, source.rows(128), 2).value();
  for (int s = 0; s < 200; ++s) trainer->step(source.rows(128));
  const auto folder = fresh_folder();
  ASSERT_TRUE(trainer->save_dictionary(folder.string(), R"({"hook_name": "blocks.0.hook_resid_post"})"));
  const auto dictionary = open_dictionary(folder.string());
  ASSERT_TRUE(dictionary) << dictionary.error().message;
  Weights weights;
  weights.config = {.n_layer = 1, .n_head = 2, .d_model = 8, .d_head = 4, .d_mlp = 32, .n_ctx = 16, .n_vocab = 10};
  const auto fitted = fit_dictionary(*dictionary, weights).value();
  const auto rows = source.rows(64);
  const auto read = [&](int p) { return std::span(rows).subspan(static_cast<std::size_t>(p) * 8, 8); };
  const auto active = encode(*fitted, read, 64).value();
  double errors = 0, distances = 0;
  std::vector<double> mean(8);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % 8] += static_cast<double>(rows[i]) / 64;
  std::vector<float> out(8);
  for (int p = 0; p < 64; ++p) {
    decode(*fitted, active.features_of(p), active.activations_of(p), read(p), out);
    for (std::size_t i = 0; i < 8; ++i)
      errors += std::pow(static_cast<double>(out[i]) - static_cast<double>(read(p)[i]), 2),
          distances += std::pow(static_cast<double>(read(p)[i]) - mean[i], 2);
  }
  const auto measured = trainer->measure(rows);
  EXPECT_NEAR(errors / distances, measured.unexplained, 1e-4);
  EXPECT_NEAR(static_cast<double>(active.features.size()) / 64, measured.l0, 1e-9);
}

TEST(TopkTrainer, goes_on_as_if_it_had_not_stopped) {
  const auto rows_of = [](int step) {
    std::mt19937 engine(static_cast<unsigned>(step) + 5);
    return normal_rows(engine, 32 * 6);
  };
  const TopkOptions options{.d = 6, .n = 12, .k = 2, .steps = 20, .dead_rows = 64, .seed = 4};
  const auto whole = TopkTrainer::create(options, rows_of(0), 2).value(), half = TopkTrainer::create(options, rows_of(0), 2).value();
  for (int s = 0; s < 20; ++s) whole->step(rows_of(s));
  for (int s = 0; s < 10; ++s) half->step(rows_of(s));
  const std::string state = (fresh_folder() / "training.safetensors").string();
  ASSERT_TRUE(half->save_state(state));
  const auto again = TopkTrainer::resume(options, state, 2);
  ASSERT_TRUE(again) << again.error().message;
  for (int s = 10; s < 20; ++s) (*again)->step(rows_of(s));
  EXPECT_EQ((*again)->steps(), 20);
  EXPECT_EQ((*again)->weights().encoder, whole->weights().encoder);
  EXPECT_EQ((*again)->weights().decoder, whole->weights().decoder);
  EXPECT_EQ((*again)->weights().bias, whole->weights().bias);
  TopkOptions other = options;
  other.n = 13;
  EXPECT_NE(TopkTrainer::resume(other, state, 2).error().message.find("is not the state of a training of this dictionary"),
            std::string::npos);
}

}  // namespace
}  // namespace gf::test
