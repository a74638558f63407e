#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include "model/io/finite.h"
#include "model/io/loaders.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

const std::string kGolden = GLASSFORMER_SOURCE_DIR "/tests/golden/models/";

std::shared_ptr<const Weights> opened(const std::string& path, const LoadOptions& options = {}) {
  auto weights = load_weights(path, options);
  EXPECT_TRUE(weights) << weights.error().message;
  return weights ? *weights : std::make_shared<const Weights>();
}

TEST(HuggingFace, openais_keys_are_read_and_masks_are_not_parameters) {
  const auto w = opened(kGolden + "hf-openai-keys");
  EXPECT_EQ(w->config.n_layer, 3);
  EXPECT_EQ(w->config.n_vocab, 50257);
  EXPECT_EQ(w->config.d_mlp, 96);
  EXPECT_EQ(w->config.d_head, 8);
  EXPECT_EQ(w->dtype, DType::F32);
  EXPECT_EQ(w->table().size(), 2U + 3U * 12U + 2U) << "masks are no parameters";
  EXPECT_TRUE(w->warnings.empty()) << w->warnings[0];
  EXPECT_EQ(w->name, "hf-openai-keys");
}

TEST(HuggingFace, shards_of_bf16_are_read_to_the_bit) {
  const auto w = opened(kGolden + "hf-sharded-bf16");
  EXPECT_EQ(w->config.n_layer, 4);
  EXPECT_EQ(w->config.d_mlp, 96);
  EXPECT_EQ(w->config.activation, Activation::GeluErf);
  EXPECT_EQ(w->dtype, DType::BF16);
  EXPECT_EQ(w->files.size(), 2U);
  EXPECT_TRUE(w->warnings.empty()) << w->warnings[0];
  // The trace's hook_embed is wte[ids]: bit-equal after widening.
  const auto trace = SafetensorsFile::open(kGolden + "hf-sharded-bf16/trace.safetensors");
  ASSERT_TRUE(trace);
  std::vector<std::shared_ptr<const void>> storage;
  const auto embed = trace->view(*trace->find("hook_embed"), storage);
  ASSERT_TRUE(embed);
  std::ifstream in(kGolden + "hf-sharded-bf16/case.json");
  const auto ids = nlohmann::json::parse(in)["ids"].get<std::vector<std::int64_t>>();
  for (std::size_t t = 0; t < ids.size(); ++t)
    for (std::int64_t d = 0; d < 32; ++d) EXPECT_EQ(w->wte.at(ids[t] * 32 + d), embed->at(static_cast<std::int64_t>(t) * 32 + d));
}

TEST(HuggingFace, both_key_styles_are_the_same_model) {
  const auto folder = test::fresh_folder();
  const test::TinyModel tiny;
  const auto plain = opened(tiny.write(folder / "plain")), prefixed = opened(tiny.write(folder / "prefixed", "transformer."));
  const auto a = plain->table(), b = prefixed->table();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].view.shape, b[i].view.shape);
    EXPECT_EQ(a[i].view.at(1), 2.0F) << a[i].name;
  }
  EXPECT_EQ(plain->parameters(), 20 + 24 + 2 * (16 + 48 + 12 + 16 + 4 + 32 + 8 + 32 + 4) + 8);
}

TEST(HuggingFace, matrices_are_in_major) {
  const auto w = opened(test::TinyModel().write(test::fresh_folder()));
  EXPECT_EQ(w->blocks[1].qkv.n_in(), 4);
  EXPECT_EQ(w->blocks[1].qkv.n_out(), 12);
  EXPECT_EQ(w->blocks[1].qkv.at(2, 3), 2 * 12 + 3 + 1);
  EXPECT_EQ(w->unembed.n_in(), 4);
  EXPECT_EQ(w->unembed.n_out(), 5);
  EXPECT_EQ(w->unembed.at(1, 3), 3 * 4 + 1 + 1);
}

TEST(HuggingFace, masks_are_dropped_and_the_bias_is_kept) {
  test::TinyModel tiny;
  tiny.add("h.0.attn.bias", {1, 1, 6, 6});
  tiny.add("h.1.attn.bias", {1, 1, 6, 6});
  tiny.add("h.0.attn.masked_bias", {1});
  const auto w = opened(tiny.write(test::fresh_folder(), "transformer."));
  EXPECT_TRUE(w->warnings.empty());
  EXPECT_EQ(w->table().size(), 28U);
  EXPECT_EQ(w->blocks[0].b_qkv.elements(), 12);
}

TEST(HuggingFace, an_absent_or_equal_lm_head_is_tied_and_another_one_is_not) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  EXPECT_TRUE(opened(tiny.write(folder / "absent"))->config.tied);
  tiny.add("lm_head.weight", {5, 4});
  const auto equal = opened(tiny.write(folder / "equal"));
  EXPECT_TRUE(equal->config.tied);
  EXPECT_EQ(equal->unembed.view.data, equal->wte.data);
  EXPECT_EQ(equal->table().size(), 28U);
  tiny.values["lm_head.weight"][3] = -9;
  const auto own = opened(tiny.write(folder / "own"));
  EXPECT_FALSE(own->config.tied);
  EXPECT_EQ(own->unembed.at(3, 0), -9.0F);
  EXPECT_EQ(own->table().back().name, "lm_head.weight");
  EXPECT_FALSE(own->table().back().in_major);
  EXPECT_EQ(own->parameters(), equal->parameters() + 20);
  tiny.config["tie_word_embeddings"] = true;
  const auto insisted = opened(tiny.write(folder / "insisted"));
  EXPECT_FALSE(insisted->config.tied) << "the weights decide, and a warning names the config";
  EXPECT_EQ(insisted->warnings.size(), 1U);
}

TEST(HuggingFace, the_config_is_honoured) {
  test::TinyModel tiny;
  tiny.config.update({{"layer_norm_epsilon", 1e-3},
                      {"activation_function", "relu"},
                      {"scale_attn_weights", false},
                      {"scale_attn_by_inverse_layer_idx", true},
                      {"bos_token_id", 3},
                      {"eos_token_id", 4},
                      {"n_inner", 8}});
  const auto c = opened(tiny.write(test::fresh_folder()))->config;
  EXPECT_EQ(c.layer_norm_eps, 1e-3F);
  EXPECT_EQ(c.activation, Activation::Relu);
  EXPECT_FALSE(c.scale_attn);
  EXPECT_TRUE(c.scale_attn_by_layer);
  EXPECT_EQ(c.bos_token_id, 3);
  EXPECT_EQ(c.eos_token_id, 4);
}

TEST(HuggingFace, activations_are_known_by_their_names) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  for (const auto& [name, wanted] : {std::pair{"gelu_new", Activation::GeluTanh}, std::pair{"gelu_pytorch_tanh", Activation::GeluTanh},
                                     std::pair{"gelu_fast", Activation::GeluTanh}, std::pair{"gelu", Activation::GeluErf}}) {
    tiny.config["activation_function"] = name;
    EXPECT_EQ(opened(tiny.write(folder))->config.activation, wanted) << name;
  }
  LoadOptions options;
  options.activation = "relu";
  EXPECT_EQ(opened(folder.string(), options)->config.activation, Activation::Relu);
}

TEST(HuggingFace, without_a_config_the_sizes_come_from_the_shapes) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  tiny.config = nullptr;
  LoadOptions options;
  options.n_head = 2;
  const auto w = opened(tiny.write(folder), options);
  EXPECT_EQ(w->config.n_layer, 2);
  EXPECT_EQ(w->config.n_ctx, 6);
  EXPECT_EQ(w->config.d_head, 2);
  ASSERT_EQ(w->warnings.size(), 1U);
  EXPECT_EQ(w->warnings[0], "There is no config.json beside " + folder.string() + "; the sizes are taken from the shapes.");
  EXPECT_EQ(opened((folder / "model.safetensors").string(), options)->name, w->name);
}

TEST(HuggingFace, nan_and_infinity_are_counted) {
  test::TinyModel tiny;
  tiny.values["wte.weight"][7] = std::nanf("");
  tiny.values["h.1.mlp.c_fc.weight"][0] = INFINITY;
  tiny.values["ln_f.bias"][3] = -INFINITY;
  const auto w = opened(tiny.write(test::fresh_folder()));
  EXPECT_EQ(w->warnings, std::vector<std::string>{"3 weights are NaN or infinite."});
}

TEST(Finite, counts_as_the_naive_way_does) {
  std::vector<float> values(10000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = i % 37 == 0 ? INFINITY : i % 91 == 0 ? std::nanf("") : static_cast<float>(i) * 1e34F;
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{9999}}) {
    std::int64_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) wanted += std::isfinite(values[i]) ? 0 : 1;
    EXPECT_EQ(count_not_finite(reinterpret_cast<const std::byte*>(values.data()), DType::F32, count), wanted) << count;
  }
  std::vector<std::uint16_t> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  EXPECT_EQ(count_not_finite(reinterpret_cast<const std::byte*>(all.data()), DType::F16, all.size()), 2 * 1024);
  EXPECT_EQ(count_not_finite(reinterpret_cast<const std::byte*>(all.data()), DType::BF16, all.size()), 2 * 128);
}

TEST(HuggingFace, loading_can_be_cancelled) {
  LoadOptions options;
  options.progress = [](double fraction) { return fraction < 0.0; };
  const auto w = load_weights(test::TinyModel().write(test::fresh_folder()), options);
  ASSERT_FALSE(w);
  EXPECT_EQ(w.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace gf
