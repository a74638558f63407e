// Copies of the stream that heads and MLPs read alone: values, edits and gradients are PyTorch's (tests/golden/split_inputs.py,
// which is compared with TransformerLens there).
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/edits/recipe.h"
#include "model/io/files/safetensors.h"
#include "model/io/loaders.h"
#include "tests/model/cpu/backward_checks.h"
#include "tests/model/edits/recipe_of.h"
#include "tests/model/reference_trace.h"

namespace gf::testing {
namespace {

class SplitInputs : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = std::filesystem::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/split_inputs";
    want = nlohmann::json::parse(std::ifstream(folder / "sort-nano.json"));
    for (const int id : want["ids"]) ids.push_back(TokenId(id));
    auto loaded = load_weights(*resolve_model("sort-nano"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    weights = *loaded;
    auto opened = SafetensorsFile::open((folder / "sort-nano.safetensors").string());
    ASSERT_TRUE(opened) << opened.error().message;
    reference = std::make_unique<SafetensorsFile>(std::move(*opened));
    backend = std::string_view(GetParam()) == "naive" ? make_naive_backend() : make_cpu_backend(2);
    ASSERT_TRUE(backend->load(weights));
  }

  std::unique_ptr<CompiledEdits> edits() const {
    const auto recipe = parse_recipe(want["recipe"].dump());
    EXPECT_TRUE(recipe) << recipe.error().message;
    const auto T = static_cast<int>(ids.size());
    auto made = compile(*recipe, {.config = weights->config, .n_prompt = T, .n_total = T});
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  /// All that the reference has of a run: "plain.gradient." or "edited.value.", and then the names of hooks.
  void expect_all(const std::string& prefix, const Trace& trace) const {
    int compared = 0;
    for (const HookId hook : all_hooks(weights->config.n_layer)) {
      const auto* entry = reference->find(prefix + name_of(hook));
      if (entry == nullptr) continue;
      std::vector<std::shared_ptr<const void>> storage;
      const auto view = reference->view(*entry, storage);
      ASSERT_TRUE(view) << view.error().message;
      EXPECT_EQ(difference_to(*view, hook, trace), "") << prefix;
      ++compared;
    }
    EXPECT_GE(compared, 6);
  }
  void expect_logits(const char* run, const Trace& trace) const {
    const nlohmann::json& logits = want[run]["last_logits"];
    for (std::size_t i = 0; i < logits.size(); ++i)
      EXPECT_NEAR(static_cast<double>(trace.last_logits()[i]), logits[i].get<double>(), 3e-4) << run << " " << i;
  }

  nlohmann::json want;
  std::vector<TokenId> ids;
  std::shared_ptr<const Weights> weights;
  std::unique_ptr<SafetensorsFile> reference;
  std::unique_ptr<Backend> backend;
};

TEST_P(SplitInputs, are_the_stream_until_an_edit_changes_them) {
  for (const int step : {1 << 20, 2, 1}) {
    Trace plain(weights->config, everything()), edited(weights->config, everything());
    extend(*backend, plain, ids, {step});
    expect_logits("plain", plain);
    const auto recipe = edits();
    extend(*backend, edited, ids, {step}, recipe.get());
    expect_logits("edited", edited);
    expect_all("edited.value.", edited);
    for (const Receipt& receipt : recipe->receipts()) EXPECT_GT(receipt.fired, 0);
  }
}

TEST_P(SplitInputs, act_the_same_where_no_trace_keeps_them) {
  Trace kept(weights->config, everything()), not_kept(weights->config, CapturePlan::none());
  const auto a = edits(), b = edits();
  extend(*backend, kept, ids, {1 << 20}, a.get());
  extend(*backend, not_kept, ids, {1 << 20}, b.get());
  expect_logits("edited", not_kept);
  EXPECT_FALSE(CapturePlan::full().wants(HookKind::QInput) || CapturePlan::full().wants(HookKind::MlpInput))
      << "they are asked for by name";
}

TEST_P(SplitInputs, have_autograds_gradients) {
  const TestObjective m{{static_cast<int>(ids.size()) - 1}};  // logit 1 - logit 0
  Trace plain(weights->config, everything());
  extend(*backend, plain, ids);
  expect_all("plain.gradient.", gradients_of(*backend, plain, m));
  const auto recipe = edits();
  for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
    Trace edited(weights->config, plan);
    extend(*backend, edited, ids, {1 << 20}, recipe.get());
    expect_all("edited.gradient.", gradients_of(*backend, edited, m, recipe.get()));
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, SplitInputs, ::testing::Values("cpu", "naive"), [](const auto& info) { return info.param; });

TEST(EditsOfSplitInputs, are_not_made_beside_the_layernorm_that_the_others_share) {
  ModelConfig c{.n_layer = 2, .n_head = 2, .d_model = 8, .d_head = 4, .d_mlp = 16, .n_ctx = 8, .n_vocab = 9};
  const auto problem = [&](const std::string& edits) {
    const auto made = compile(recipe_of(edits), {.config = c, .n_prompt = 3, .n_total = 3});
    return made ? std::string() : made.error().message;
  };
  const std::string copy = R"({"hook": "blocks.1.hook_k_input", "op": "zero"})",
                    norm = R"({"hook": "blocks.*.ln1.hook_scale", "op": "zero"})";
  EXPECT_NE(problem(copy + "," + norm).find("edit 2: blocks.1.ln1.hook_scale"), std::string::npos) << problem(copy + "," + norm);
  EXPECT_EQ(problem(copy + R"(, {"hook": "blocks.0.ln1.hook_scale", "op": "zero"})"), "");
  EXPECT_EQ(problem(R"({"hook": "blocks.1.hook_mlp_in", "op": "zero"}, {"hook": "blocks.1.ln2.hook_scale", "op": "scale", "factor": 2})"),
            "");
}

}  // namespace
}  // namespace gf::testing
