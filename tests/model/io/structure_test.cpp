// Models without weights: their counts are those that papers and checkpoints give, and configs that lie get a sentence.
#include "model/io/structure.h"

#include <gtest/gtest.h>

#include "model/base/numbers.h"
#include "model/model_size.h"
#include "model/session.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

std::shared_ptr<const Weights> shape_named(const std::string& name) {
  const auto weights = load_structure(*resolve_structure(name));
  EXPECT_TRUE(weights) << name << ": " << weights.error().message;
  return weights ? *weights : nullptr;
}

/// Of the model that a config.json in a folder of the test's own describes.
Result<std::shared_ptr<const Weights>> described(const std::string& json, const LoadOptions& options = {}) {
  const auto folder = test::fresh_folder() / "made";
  test::write_text(folder / "config.json", json);
  return load_structure((folder / "config.json").string(), options);
}

/// The published checkpoints of GPT-2 have so many parameters.
TEST(Structure, gpt2_has_the_published_numbers_of_parameters) {
  EXPECT_EQ(shape_named("gpt2")->parameters(), 124'439'808);
  EXPECT_EQ(shape_named("gpt2-medium")->parameters(), 354'823'168);
  EXPECT_EQ(shape_named("gpt2-large")->parameters(), 774'030'080);
  EXPECT_EQ(shape_named("gpt2-xl")->parameters(), 1'557'611'200);
}

/// Table 2.1 of Brown et al. 2020 rounds; the exact number follows from the sizes: embeddings, 96 blocks, the last LayerNorm.
TEST(Structure, gpt3_has_the_numbers_that_its_paper_rounds) {
  const auto gpt3 = shape_named("gpt3");
  EXPECT_EQ(gpt3->name, "gpt3-175b");
  const std::int64_t d = 12288, block = 12 * d * d + 13 * d;
  EXPECT_EQ(gpt3->parameters(), (50257 + 2048) * d + 96 * block + 2 * d);
  EXPECT_EQ(gpt3->parameters(), 174'604'259'328);
  const std::vector<std::pair<const char*, double>> table = {{"gpt3-125m", 125e6}, {"gpt3-350m", 350e6}, {"gpt3-760m", 760e6},
                                                             {"gpt3-1.3b", 1.3e9}, {"gpt3-2.7b", 2.7e9}, {"gpt3-6.7b", 6.7e9},
                                                             {"gpt3-13b", 13e9},   {"gpt3-175b", 175e9}};
  for (const auto& [name, rounded] : table) {
    const auto weights = shape_named(name);
    EXPECT_NEAR(static_cast<double>(weights->parameters()) / rounded, 1, 0.03) << name;
    EXPECT_EQ(weights->config.d_head * weights->config.n_head, weights->config.d_model) << name;
    EXPECT_EQ(weights->config.n_ctx, 2048) << name;
  }
  EXPECT_TRUE(shape_named("gpt3-2.7b")->warnings.empty());
  for (const char* odd : {"gpt3-1.3b", "gpt3-13b"})
    EXPECT_TRUE(shape_named(odd)->warnings.at(0).starts_with("Table 2.1 of the paper gives this size ")) << odd;
}

TEST(Structure, is_the_table_of_its_checkpoint_without_numbers) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  tiny.config["n_inner"] = 8;
  const auto real = load_weights(tiny.write(folder));
  ASSERT_TRUE(real) << real.error().message;
  const auto empty = load_structure(*resolve_structure("config:" + folder.string()));
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_EQ((*empty)->config, (*real)->config);
  EXPECT_EQ((*empty)->name, (*real)->name);
  EXPECT_TRUE((*real)->has_values());
  EXPECT_FALSE((*empty)->has_values());
  const auto a = (*real)->table(), b = (*empty)->table();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].view.shape, b[i].view.shape) << a[i].name;
    EXPECT_TRUE(b[i].view.empty()) << a[i].name;
  }
}

TEST(Structure, parts_add_up_to_the_whole) {
  for (const char* name : {"gpt2", "gpt3"}) {
    const auto weights = shape_named(name);
    std::int64_t sum = 0;
    const auto parts = parts_of(*weights);
    for (const ModelPart& part : parts) sum += part.copies * part.parameters;
    EXPECT_EQ(sum, weights->parameters()) << name;
    EXPECT_EQ(parameters_of_block(parts),
              12 * std::int64_t{weights->config.d_model} * weights->config.d_model + 13 * std::int64_t{weights->config.d_model});
    EXPECT_EQ(parts.front().shape, "50,257 × " + numbers::count(weights->config.d_model));
  }
  const auto untied = described(R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 11, "tie_word_embeddings": false})");
  ASSERT_TRUE(untied) << untied.error().message;
  EXPECT_EQ(parts_of(**untied).back().parameters, 8 * 11);
}

/// A pass over one token multiplies with each matrix once; scores and sums of values add 2 d_model each.
TEST(Structure, flops_of_a_pass_are_those_of_its_products) {
  const ModelConfig c = shape_named("gpt2")->config;
  const double d = c.d_model, matrices = c.n_layer * (4 * d * d + 2 * d * c.d_mlp) + d * c.n_vocab;
  EXPECT_EQ(pass_flops(c, 1), 2 * matrices + 4 * c.n_layer * d);
  double attended = 0;
  for (int query = 0; query < 5; ++query) attended += 4 * c.n_layer * d * (query + 1);
  EXPECT_EQ(pass_flops(c, 5), 5 * 2 * matrices + attended);
  EXPECT_EQ(pass_flops(c, 5, 1), pass_flops(c, 5) - 4 * 2 * d * c.n_vocab);
  EXPECT_EQ(kv_bytes(c, 5), 2U * 12 * 768 * 5 * 4);
  EXPECT_EQ(weights_bytes(*shape_named("gpt2")), 4U * 124'439'808);
}

TEST(Structure, a_config_alone_opens_with_a_tokenizer_and_no_session) {
  const auto folder = test::fresh_folder() / "alone";
  test::write_text(folder / "config.json", R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "n_ctx": 16, "vocab_size": 50257})");
  for (const std::string& path : {folder.string(), (folder / "config.json").string()}) {
    const auto model = open_model(*resolve_model(path));
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->weights->name, "alone");
    EXPECT_EQ((*model)->tokenizer->n_vocab(), 50257);
    const auto session = Session::create(*model, {});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().message,
              "alone is a structure without weights, so it has no values: its shapes and counts are all there is; open a model that has "
              "weights to run it.");
  }
  EXPECT_FALSE(load_weights(folder.string())) << "who needs values is not given a structure";
}

/// A folder whose weights are there but broken, or of another kind, is not opened as if it had none.
TEST(Structure, a_folder_with_files_of_weights_keeps_its_own_sentence) {
  const auto folder = test::fresh_folder();
  test::write_text(folder / "config.json", R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 5})");
  EXPECT_TRUE(is_structure(folder.string()));
  for (const char* name : {"model.h5", "pytorch_model.bin", "adapter_model.safetensors"}) {
    test::write_text(folder / name, "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
    EXPECT_FALSE(is_structure(folder.string())) << name;
    std::filesystem::remove(folder / name);
  }
}

TEST(Structure, bad_configs_get_one_sentence) {
  const auto says = [](const std::string& json) {
    const auto weights = described(json);
    return weights ? std::string("opened") : weights.error().message;
  };
  const auto has = [](const std::string& sentence, const char* part) { return sentence.find(part) != std::string::npos; };
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"n_layer": 1000000, "n_head": 2, "n_embd": 8, "vocab_size": 5})",
       "says n_layer 1,000,000, and a structure is shown up to 1,000;"},
      {R"({"n_layer": 2, "n_head": 0, "n_embd": 8, "vocab_size": 5})", "n_head should be a whole number from 1 to 2147483647."},
      {R"({"n_layer": 2, "n_head": 3, "n_embd": 8, "vocab_size": 5})", "n_head 3 in "},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 2147483646, "vocab_size": 5})", "describes a model that no machine can hold"},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 16777216, "vocab_size": 5})", "says n_embd 16,777,216, and"},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 2147483647})", "says vocab_size 2,147,483,647, and"},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 5, "n_inner": 2147483647})", "says n_inner 2,147,483,647, and"},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 1e99})", "vocab_size should be a whole number"},
      {R"({"n_layer": 1000, "n_head": 1024, "n_embd": 1024, "vocab_size": 5})", "has 1000 blocks of 1024 heads, and"},
      {R"({"n_layer": -3, "n_head": 2, "n_embd": 8, "vocab_size": 5})", "n_layer should be a whole number"},
      {R"({"n_layer": 2, "n_head": 2, "n_embd": 8})", "does not say vocab_size"},
      {R"({"n_head": 2, "n_embd": 8, "vocab_size": 5})", "does not say n_layer, without which there is no model."},
      {R"({"model_type": "llama", "n_layer": 2})", "the type llama, which is not supported"},
      {"[1, 2]", "is not a JSON object."}};
  for (const auto& [json, sentence] : cases) EXPECT_TRUE(has(says(json), sentence)) << json << ": " << says(json);
  EXPECT_EQ(says(R"({"n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": 5})"), "opened");
}

TEST(Structure, names_that_there_are_not_list_those_that_there_are) {
  const auto none = resolve_model("config:gpt5");
  ASSERT_FALSE(none);
  EXPECT_EQ(
      none.error().message,
      "There is no config gpt5; give a config.json, a folder that has one, or one of gpt2, gpt2-medium, gpt2-large, gpt2-xl, gpt3-125m, "
      "gpt3-350m, gpt3-760m, gpt3-1.3b, gpt3-2.7b, gpt3-6.7b, gpt3-13b, gpt3-175b.");
}

}  // namespace
}  // namespace gf
