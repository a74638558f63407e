// The logit lens through lenses of files: the entries of those in tests/golden are formulas (lenses.py).
#include <fstream>
#include <gtest/gtest.h>

#include "model/analysis/logit_lens.h"
#include "model/base/logits.h"
#include "model/io/lens_file.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

double lens_entry(int l, int i, int j) { return static_cast<double>((i * 7 + j * 3 + l * 11) % 13 - 6) / 64; }
double lens_bias(int l, int i) { return static_cast<double>((i * 5 + l) % 7 - 3) / 8; }

class Lenses : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model = open_case_model("sort-nano");
  std::unique_ptr<Session> session = session_of(model);
  gf::Run run = [this] {
    RunRequest request;
    request.prompt = ids_of({2, 1, 0, 2, 1});
    return session->run(request).value();
  }();
  static std::string path(const std::string& name) { return golden_folder() + "/lenses/" + name; }
  /// The probability of a token after the map, the final LayerNorm and the unembedding, all in double.
  [[nodiscard]] double naive_logprob(const std::vector<double>& h, TokenId token) const {
    const Weights& w = *model->weights;
    double mean = 0, squares = 0;
    for (const double x : h) mean += x / static_cast<double>(h.size());
    for (const double x : h) squares += (x - mean) * (x - mean) / static_cast<double>(h.size());
    std::vector<float> logits;
    for (int t = 0; t < w.config.n_vocab; ++t) {
      double logit = 0;
      for (std::size_t i = 0; i < h.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const double beta = w.ln_f.beta.empty() ? 0.0 : static_cast<double>(w.ln_f.beta.at(at));
        const double normed =
            (h[i] - mean) / std::sqrt(squares + static_cast<double>(w.config.layer_norm_eps)) * static_cast<double>(w.ln_f.gamma.at(at)) +
            beta;
        logit += normed * static_cast<double>(w.unembed.at(static_cast<int>(i), t));
      }
      logits.push_back(static_cast<float>(logit));
    }
    return logprob_of(logits, token.index());
  }
  /// What a map makes of a row.
  [[nodiscard]] std::vector<double> mapped(HookId hook, int position, int l, bool tuned) const {
    const auto h = run.base->row(hook, position);
    std::vector<double> out(h.size());
    for (std::size_t i = 0; i < h.size(); ++i) {
      out[i] = static_cast<double>(h[i]) + (tuned ? lens_bias(l, static_cast<int>(i)) : 0);
      for (std::size_t j = 0; j < h.size(); ++j)
        out[i] += lens_entry(l, static_cast<int>(i), static_cast<int>(j)) * static_cast<double>(h[j]);
    }
    return out;
  }
};

TEST_F(Lenses, a_tuned_one_adds_its_map_to_each_depth_but_the_last) {
  const auto lens = read_lens(path("tuned"), model->weights->config);
  ASSERT_TRUE(lens) << lens.error().message;
  EXPECT_EQ(lens->kind, LensFile::Kind::Tuned);
  LensOptions options{.k = 1, .target = TokenId(1), .position = 3, .lens = &*lens};
  const auto read = logit_lens(*model, *run.base, options);
  ASSERT_TRUE(read) << read.error().message;
  for (int depth = 0; depth < 3; ++depth)
    EXPECT_NEAR(static_cast<double>(read->logprob_of_target.at(depth)),
                naive_logprob(mapped({HookKind::ResidPre, depth}, 3, depth, true), TokenId(1)), 1e-4)
        << depth;
  const auto plain = logit_lens(*model, *run.base, {.k = 1, .target = TokenId(1), .position = 3});
  EXPECT_EQ(read->logprob_of_target.at(3), plain->logprob_of_target.at(3));
  EXPECT_NE(read->logprob_of_target.at(0), plain->logprob_of_target.at(0));
}

TEST_F(Lenses, kl_to_the_final_distribution_is_that_of_plain_sums) {
  const auto lens = read_lens(path("tuned"), model->weights->config);
  ASSERT_TRUE(lens) << lens.error().message;
  const auto read = logit_lens(*model, *run.base, {.k = 3, .lens = &*lens, .kl = true});
  ASSERT_TRUE(read) << read.error().message;
  for (int depth = 0; depth <= 3; ++depth)
    for (int p = 0; p < 5; ++p) {
      double kl = 0;
      const auto last = run.base->row({HookKind::ResidPost, 2}, p);
      const std::vector<double> end(last.begin(), last.end());
      for (int t = 0; t < model->weights->config.n_vocab; ++t) {
        const double q = naive_logprob(end, TokenId(t));
        const double lens_says = depth == 3 ? q : naive_logprob(mapped({HookKind::ResidPre, depth}, p, depth, true), TokenId(t));
        kl += std::exp(q) * (q - lens_says);
      }
      EXPECT_NEAR(static_cast<double>(read->kl_to_final.at(depth, p)), kl, 1e-4) << depth << ", " << p;
    }
  EXPECT_TRUE(logit_lens(*model, *run.base, {.k = 3})->kl_to_final.values.empty());
}

TEST_F(Lenses, a_jacobian_one_maps_what_leaves_a_block) {
  const auto lens = read_lens(path("jacobian.pt"), model->weights->config);
  ASSERT_TRUE(lens) << lens.error().message;
  EXPECT_EQ(lens->kind, LensFile::Kind::Jacobian);
  const auto read = logit_lens(*model, *run.base, {.k = 1, .target = TokenId(2), .position = 4, .lens = &*lens});
  ASSERT_TRUE(read) << read.error().message;
  for (int block = 0; block < 2; ++block)
    EXPECT_NEAR(static_cast<double>(read->logprob_of_target.at(block + 1)),
                naive_logprob(mapped({HookKind::ResidPost, block}, 4, block, false), TokenId(2)), 1e-4)
        << block;
  EXPECT_FALSE(lens->depths[0]) << "nothing maps the embedding";
}

TEST_F(Lenses, of_another_model_are_refused_with_both_sizes) {
  const auto other = read_lens(path("tuned"), open_case_model("induction-nano")->weights->config);
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().message.find("has the shape [48, 48], but the model's d_model is 64") != std::string::npos)
      << other.error().message;
  EXPECT_FALSE(read_lens(path("nowhere"), model->weights->config));
  EXPECT_FALSE(read_lens(golden_folder() + "/sessions", model->weights->config));
}

}  // namespace
}  // namespace gf::testing
