// Fitting a tuned lens: KL and gradients beside plain loops and differences, what fitting gains on text that it has not seen, and
// the file that it writes.
#include <gtest/gtest.h>
#include <random>

#include "model/analysis/logit_lens.h"
#include "model/io/lens_file.h"
#include "model/lenses/naive_lens.h"
#include "model/lenses/tuned_lens_fit.h"
#include "tests/model/io/files.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class TunedLens : public ::testing::Test {
 protected:
  /// The rows of every depth in a run of these tokens.
  static void add_rows(const Session& session, const Trace& run, LensRows& rows) {
    const int n_layer = session.model().weights->config.n_layer;
    rows.depths.resize(static_cast<std::size_t>(n_layer) + 1);
    for (int depth = 0; depth <= n_layer; ++depth)
      for (int p = 0; p < run.length(); ++p) {
        const auto row = run.row(depth < n_layer ? HookId{HookKind::ResidPre, depth} : HookId{HookKind::ResidPost, n_layer - 1}, p);
        rows.depths[static_cast<std::size_t>(depth)].insert(rows.depths[static_cast<std::size_t>(depth)].end(), row.begin(), row.end());
      }
  }
  static LensRows rows_of(Session& session, const std::vector<std::vector<TokenId>>& prompts) {
    LensRows rows;
    for (const auto& prompt : prompts) {
      RunRequest request;
      request.prompt = prompt;
      const auto run = session.run(request);
      EXPECT_TRUE(run) << run.error().message;
      if (run) add_rows(session, *run->base, rows);
    }
    return rows;
  }
  static std::vector<std::vector<TokenId>> random_prompts(const ModelConfig& c, int count, int length, unsigned seed) {
    std::mt19937 engine(seed);
    std::vector<std::vector<TokenId>> all(static_cast<std::size_t>(count));
    for (auto& prompt : all)
      for (int i = 0; i < length; ++i) prompt.emplace_back(static_cast<int>(engine() % static_cast<unsigned>(c.n_vocab)));
    return all;
  }
};

TEST_F(TunedLens, its_kl_and_gradient_are_those_of_plain_loops_and_differences) {
  const auto session = session_of(open_case_model("sort-nano"));
  const Weights& w = *session->model().weights;
  const LensRows rows = rows_of(*session, random_prompts(w.config, 3, 5, 1));
  const auto fit = TunedLensFit::create(w, {.rate = 0.02, .steps = 10}, 2).value();
  for (int step = 0; step < 3; ++step) static_cast<void>(fit->step(rows));  // so that the maps are not 0
  const auto measured = fit->measure(rows);
  for (int depth = 0; depth < w.config.n_layer; ++depth) {
    std::vector<float> gradient;
    const double kl = fit->kl_and_gradient(rows, depth, gradient);
    const std::vector<float>& map = fit->map(depth);
    std::vector<double> values(map.begin(), map.end());
    EXPECT_NEAR(kl, naive_lens_kl(w, rows, depth, values), 1e-5);
    EXPECT_NEAR(kl, measured[static_cast<std::size_t>(depth)], 1e-9);
    EXPECT_GT(kl, 0);
    double largest = 0;
    for (const float g : gradient) largest = std::max(largest, std::abs(static_cast<double>(g)));
    EXPECT_GT(largest, 1e-4) << "depth " << depth;
    for (std::size_t i = 0; i < values.size(); i += 37) {
      constexpr double h = 1e-5;
      const double before = values[i];
      values[i] = before + h;
      const double more = naive_lens_kl(w, rows, depth, values);
      values[i] = before - h;
      const double less = naive_lens_kl(w, rows, depth, values);
      values[i] = before;
      EXPECT_NEAR(static_cast<double>(gradient[i]), (more - less) / (2 * h), 1e-5 + 1e-3 * largest) << "depth " << depth << ", " << i;
    }
  }
}

TEST_F(TunedLens, is_fitted_step_for_step_as_PyTorch_fits_it) {
  const Json golden = Json::parse(std::ifstream(golden_folder() + "/lenses/fit.json"));
  const auto model = open_case_model("sort-nano");
  const Weights& w = *model->weights;
  const int d = w.config.d_model, m = golden["rows"];
  LensRows rows;
  for (int depth = 0; depth <= w.config.n_layer; ++depth) {
    auto& of_depth = rows.depths.emplace_back();
    for (int r = 0; r < m; ++r)
      for (int i = 0; i < d; ++i)
        of_depth.push_back(static_cast<float>(2 * std::sin(0.37 * (r + 1) * (i + 1) + depth) + std::cos(0.11 * (i + 1) * (depth + 1))));
  }
  const auto fit = TunedLensFit::create(w, {.rate = golden["rate"], .steps = golden["steps"]}, 2).value();
  for (const Json& want : golden["kl"]) {
    const auto kl = fit->step(rows);
    for (std::size_t depth = 0; depth < kl.size(); ++depth) expect_near(kl[depth], want[depth], 1e-5, 1e-4, "KL");
  }
  for (int depth = 0; depth < w.config.n_layer; ++depth)
    for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i) {
      const auto at = static_cast<std::size_t>(depth), row = static_cast<std::size_t>(d);
      expect_near(static_cast<double>(fit->map(depth)[3 * row + i]), golden["weight"][at][i], 2e-4, 1e-3, "weight");
      expect_near(static_cast<double>(fit->map(depth)[row * row + i]), golden["bias"][at][i], 2e-4, 1e-3, "bias");
    }
}

TEST_F(TunedLens, without_maps_it_is_the_logit_lens) {
  const auto session = session_of(open_case_model("sort-nano"));
  const Weights& w = *session->model().weights;
  const LensRows rows = rows_of(*session, random_prompts(w.config, 2, 6, 2));
  const auto fit = TunedLensFit::create(w, {}, 1).value();
  EXPECT_EQ(fit->measure(rows), fit->measure(rows, true)) << "the first maps change nothing";
  static_cast<void>(fit->step(rows));
  EXPECT_NE(fit->measure(rows), fit->measure(rows, true));
}

TEST_F(TunedLens, fitting_lowers_the_kl_at_every_depth_on_text_that_it_has_not_seen) {
  const auto session = session_of(open_case_model("induction-nano"));
  const ModelConfig& c = session->model().weights->config;
  const LensRows seen = rows_of(*session, random_prompts(c, 60, 24, 3)), other = rows_of(*session, random_prompts(c, 20, 24, 4));
  const auto fit = TunedLensFit::create(*session->model().weights, {.rate = 5e-3, .steps = 80}, 2).value();
  for (int step = 0; step < 80; ++step) static_cast<void>(fit->step(seen));
  EXPECT_EQ(fit->steps(), 80);
  const auto tuned = fit->measure(other), plain = fit->measure(other, true);
  for (std::size_t depth = 0; depth < tuned.size(); ++depth) EXPECT_LT(tuned[depth], 0.8 * plain[depth]) << "depth " << depth;
}

TEST_F(TunedLens, is_the_same_at_any_number_of_threads) {
  const auto session = session_of(open_case_model("sort-nano"));
  const Weights& w = *session->model().weights;
  const LensRows rows = rows_of(*session, random_prompts(w.config, 12, 6, 5));
  const auto one = TunedLensFit::create(w, {}, 1).value(), three = TunedLensFit::create(w, {}, 3).value();
  for (int step = 0; step < 3; ++step) EXPECT_EQ(one->step(rows), three->step(rows));
  EXPECT_EQ(one->map(1), three->map(1));
}

TEST_F(TunedLens, what_it_writes_is_read_as_a_lens_of_these_numbers) {
  const auto session = session_of(open_case_model("sort-nano"));
  const Weights& w = *session->model().weights;
  const LensRows rows = rows_of(*session, random_prompts(w.config, 4, 6, 6));
  const auto fit = TunedLensFit::create(w, {.rate = 0.05, .steps = 5}, 2).value();
  for (int step = 0; step < 5; ++step) static_cast<void>(fit->step(rows));
  const std::string folder = test::fresh_folder().string();
  const auto saved = fit->save(folder);
  ASSERT_TRUE(saved) << saved.error().message;
  const auto lens = read_lens(folder, w.config);
  ASSERT_TRUE(lens) << lens.error().message;
  EXPECT_EQ(lens->kind, LensFile::Kind::Tuned);
  const auto d = static_cast<std::size_t>(w.config.d_model);
  for (int depth = 0; depth < w.config.n_layer; ++depth) {
    const auto& map = lens->depths[static_cast<std::size_t>(depth)];
    ASSERT_TRUE(map && map->adds && map->bias);
    for (std::size_t i = 0; i < d * d; ++i) ASSERT_EQ(map->weight.at(static_cast<std::int64_t>(i)), fit->map(depth)[i]);
    for (std::size_t i = 0; i < d; ++i) ASSERT_EQ(map->bias->at(static_cast<std::int64_t>(i)), fit->map(depth)[d * d + i]);
  }
  EXPECT_FALSE(lens->depths.back()) << "the last depth is read as it is";
  // The question reads through it what the fit measured: p(next) at a depth.
  RunRequest request;
  request.prompt = random_prompts(w.config, 1, 5, 7).front();
  const auto run = session->run(request).value();
  const auto tuned = logit_lens(session->model(), *run.base, {.k = 1, .target = TokenId(1), .position = 4, .lens = &*lens});
  ASSERT_TRUE(tuned) << tuned.error().message;
  const auto plain = logit_lens(session->model(), *run.base, {.k = 1, .target = TokenId(1), .position = 4});
  const float last = plain->logprob_of_target.at(w.config.n_layer);
  EXPECT_NE(tuned->logprob_of_target.at(0), plain->logprob_of_target.at(0));
  EXPECT_EQ(tuned->logprob_of_target.at(w.config.n_layer), last);
}

}  // namespace
}  // namespace gf::testing
