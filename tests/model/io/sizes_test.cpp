// Models of any size, from a file to logits: the CPU backend against the naive one.
#include <gtest/gtest.h>
#include <random>

#include "model/backend.h"
#include "model/io/loaders.h"
#include "model/session.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

struct Sizes {
  int n_layer, n_head, d_head, d_mlp, n_ctx, n_vocab;
};

/// Small random weights as a Hugging Face directory.
std::string write_random(const Sizes& s, const std::filesystem::path& folder) {
  const std::int64_t d = std::int64_t{s.n_head} * s.d_head;
  test::TinyModel model;
  model.shapes.clear();
  model.values.clear();
  model.config = {{"model_type", "gpt2"}, {"n_layer", s.n_layer}, {"n_head", s.n_head},     {"n_embd", d},
                  {"n_inner", s.d_mlp},   {"n_ctx", s.n_ctx},     {"vocab_size", s.n_vocab}};
  model.add("wte.weight", {s.n_vocab, d});
  model.add("wpe.weight", {s.n_ctx, d});
  for (int b = 0; b < s.n_layer; ++b) {
    const std::string h = "h." + std::to_string(b) + ".";
    for (const char* name : {"ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias", "attn.c_proj.bias", "mlp.c_proj.bias"})
      model.add(h + name, {d});
    model.add(h + "attn.c_attn.weight", {d, 3 * d});
    model.add(h + "attn.c_attn.bias", {3 * d});
    model.add(h + "attn.c_proj.weight", {d, d});
    model.add(h + "mlp.c_fc.weight", {d, s.d_mlp});
    model.add(h + "mlp.c_fc.bias", {s.d_mlp});
    model.add(h + "mlp.c_proj.weight", {s.d_mlp, d});
  }
  model.add("ln_f.weight", {d});
  model.add("ln_f.bias", {d});
  std::mt19937 random(9);
  std::normal_distribution<float> normal(0, 0.3F);
  for (auto& [name, values] : model.values)
    for (float& x : values) x = normal(random);
  return model.write(folder);
}

TEST(Sizes, of_any_kind_run_as_the_naive_twin_does) {
  for (const Sizes& s : {Sizes{1, 1, 1, 1, 1, 1}, Sizes{1, 1, 2, 3, 2, 2}, Sizes{3, 5, 7, 13, 67, 11}, Sizes{2, 3, 17, 50, 5, 129},
                         Sizes{1, 13, 3, 7, 9, 1000}, Sizes{5, 2, 33, 1, 3, 19}}) {
    const std::string path = write_random(s, test::fresh_folder() / "model");
    const auto model = open_model(path);
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->weights->config;
    EXPECT_EQ(std::tie(c.n_layer, c.n_head, c.d_head, c.d_mlp, c.n_ctx, c.n_vocab),
              std::tie(s.n_layer, s.n_head, s.d_head, s.d_mlp, s.n_ctx, s.n_vocab));
    RunRequest request;
    for (int i = 0; i < s.n_ctx; ++i) request.prompt.emplace_back(i * 5 % s.n_vocab);
    request.plan = CapturePlan::full();
    const auto session = Session::create(*model, {.threads = 2, .backend = "cpu"});
    const auto run = (*session)->run(request);
    ASSERT_TRUE(run) << run.error().message;
    const auto naive = make_naive_backend();
    ASSERT_TRUE(naive->load((*model)->weights));
    Trace twin(c, CapturePlan::full());
    ForwardStep step;
    step.ids = request.prompt;
    step.n_prompt = s.n_ctx;
    ASSERT_TRUE(naive->forward(twin, step));
    int compared = 0;
    for (const HookId hook : all_hooks(s.n_layer)) {
      ASSERT_EQ(run->base->has(hook), twin.has(hook)) << name_of(hook);
      if (!twin.has(hook)) continue;
      ++compared;
      for (int p = 0; p < s.n_ctx; ++p) {
        const auto a = run->base->row(hook, p), b = twin.row(hook, p);
        ASSERT_EQ(a.size(), b.size()) << name_of(hook);
        for (std::size_t i = 0; i < a.size(); ++i)
          ASSERT_NEAR(a[i], b[i], 1e-4F + 1e-4F * std::abs(b[i])) << name_of(hook) << " at " << p << " of n_head " << s.n_head;
      }
    }
    EXPECT_GT(compared, 15 * s.n_layer);
    request.n_generate = 2;
    const auto more = (*session)->run(request);
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_TRUE(more->stopped_at_n_ctx);
  }
}

}  // namespace
}  // namespace gf
