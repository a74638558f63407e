// Every form in which dictionaries are saved opens, and what is wrong with one is said.
#include <filesystem>
#include <gtest/gtest.h>

#include "model/dictionaries/coding.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/io/files.h"

namespace gf::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string tests_golden() { return std::string(GLASSFORMER_SOURCE_DIR) + "/tests/golden"; }
fs::path forms_folder() { return fs::path(tests_golden()) / "dictionaries" / "forms"; }
fs::path golden_dictionary(const char* name) { return fs::path(tests_golden()) / "dictionaries" / name; }

/// The sizes of a model of two blocks whose rows fit the small forms.
Weights weights_of_8() {
  Weights weights;
  weights.config = {.n_layer = 2, .n_head = 2, .d_model = 8, .d_head = 4, .d_mlp = 32, .n_ctx = 16, .n_vocab = 10};
  return weights;
}

std::string dictionary_refusal(const fs::path& path) {
  const auto opened = open_dictionary(path.string());
  return opened ? "it opened" : opened.error().message;
}

TEST(DictionaryForms, have_the_features_that_numpy_gives) {
  std::ifstream file(forms_folder() / "forms.json");
  const json golden = json::parse(file);
  const auto rows = golden["rows"].get<std::vector<std::vector<float>>>();
  ASSERT_EQ(golden["forms"].size(), 6U);
  for (const json& form : golden["forms"]) {
    SCOPED_TRACE(form["file"].get<std::string>());
    const auto dictionary = open_dictionary((forms_folder() / form["file"].get<std::string>()).string());
    ASSERT_TRUE(dictionary) << dictionary.error().message;
    const auto fitted = fit_dictionary(*dictionary, weights_of_8());
    ASSERT_TRUE(fitted) << fitted.error().message;
    EXPECT_EQ(name_of((*fitted)->in), form["hook"].get<std::string>());
    EXPECT_EQ(name_of((*fitted)->out), form["hook_out"].get<std::string>());
    const auto active =
        encode(**fitted, [&](int p) { return std::span<const float>(rows[static_cast<std::size_t>(p)]); }, static_cast<int>(rows.size()));
    ASSERT_TRUE(active);
    std::vector<float> out(8);
    for (std::size_t p = 0; p < rows.size(); ++p) {
      for (int f = 0; f < 24; ++f) {
        const double want = form["features"][p][static_cast<std::size_t>(f)];
        EXPECT_NEAR(static_cast<double>(active->at(static_cast<int>(p), f)), want, 1e-5 + 1e-4 * std::abs(want))
            << "row " << p << " feature " << f;
      }
      decode(**fitted, active->features_of(static_cast<int>(p)), active->activations_of(static_cast<int>(p)), rows[p], out);
      for (std::size_t i = 0; i < out.size(); ++i) {
        const double want = form["reconstruction"][p][i];
        EXPECT_NEAR(static_cast<double>(out[i]), want, 1e-4 + 1e-4 * std::abs(want)) << "row " << p << " [" << i << "]";
      }
    }
  }
}

TEST(DictionaryForms, what_was_trained_on_is_known) {
  const auto old = open_dictionary((forms_folder() / "saelens-3").string()).value();
  EXPECT_TRUE(old->config.centred);
  EXPECT_EQ(old->config.bos, true);
  EXPECT_EQ(old->config.context, 64);
  EXPECT_EQ(old->config.model, "gpt2-small");
  const auto transcoder = open_dictionary((forms_folder() / "transcoder.pt").string()).value();
  EXPECT_TRUE(transcoder->transcodes());
  EXPECT_EQ(transcoder->config.context, 128);
  EXPECT_EQ(openai_hook("/x/resid_post_attn_v5_128k/autoencoders/11.pt"), "blocks.11.hook_resid_mid");
  EXPECT_EQ(openai_hook("/x/mlp_post_act/autoencoders/3.pt"), "blocks.3.mlp.hook_post");
  EXPECT_EQ(openai_hook("/x/sae.pt"), "");
}

TEST(DictionaryForms, a_file_in_the_folder_or_the_folder_above_is_enough) {
  const auto whole = open_dictionary(golden_dictionary("topk").string()).value();
  EXPECT_EQ(open_dictionary((golden_dictionary("topk") / "cfg.json").string()).value()->config.path, whole->config.path);
  EXPECT_EQ(open_dictionary(golden_dictionary("topk").string()).value(), whole) << "the same unchanged file is the same object";
  const auto folder = fresh_folder();
  fs::copy(golden_dictionary("topk"), folder / "one", fs::copy_options::recursive);
  EXPECT_TRUE(open_dictionary(folder.string())) << "the only one there is";
  fs::copy(golden_dictionary("gated"), folder / "two", fs::copy_options::recursive);
  EXPECT_EQ(dictionary_refusal(folder), folder.string() + " holds 2 dictionaries; name one of them: one, two.");
  EXPECT_TRUE(looks_like_dictionary(folder.string()));
  EXPECT_FALSE(looks_like_dictionary(tests_golden() + "/models/hf-sharded-bf16"));
  EXPECT_FALSE(looks_like_dictionary(tests_golden() + "/models/hf-bin-legacy"));
}

TEST(DictionaryForms, stand_in_Hugging_Faces_cache) {
  const auto cache = fresh_folder();
  const auto snapshot = cache / "models--someone--saes" / "snapshots" / "abc";
  fs::create_directories(snapshot);
  fs::copy(golden_dictionary("standard"), snapshot / "blocks.3", fs::copy_options::recursive);
  ::setenv("HF_HUB_CACHE", cache.c_str(), 1);
  EXPECT_EQ(open_dictionary("hf:someone/saes/blocks.3").value()->config.hook, "blocks.3.hook_resid_pre");
  EXPECT_TRUE(open_dictionary("hf:someone/saes")) << "the only one there is";
  EXPECT_EQ(dictionary_refusal("hf:someone/other"),
            "hf:someone/other is not in Hugging Face's cache " + cache.string() + "; get it there first.");
  EXPECT_EQ(dictionary_refusal("hf:someone/saes/../../x"),
            "hf:someone/saes/../../x is not a dictionary's name; write hf:ORG/NAME or hf:ORG/NAME/FOLDER.");
  ::unsetenv("HF_HUB_CACHE");
}

/// A copy of a golden dictionary with another config.
fs::path with_config(const char* name, const std::function<void(json&)>& change) {
  const auto folder = fresh_folder() / "d";
  fs::remove_all(folder);
  fs::copy(golden_dictionary(name), folder, fs::copy_options::recursive);
  std::ifstream file(folder / "cfg.json");
  json config = json::parse(file);
  change(config);
  write_text(folder / "cfg.json", config.dump());
  return folder;
}

TEST(DictionaryForms, say_what_cannot_be_used) {
  const auto says = [&](const char* name, const std::function<void(json&)>& change) {
    const fs::path folder = with_config(name, change);
    std::string sentence = dictionary_refusal(folder);
    if (const auto at = sentence.find(folder.string()); at != std::string::npos) sentence.replace(at, folder.string().size(), "D");
    return sentence;
  };
  EXPECT_EQ(says("standard", [](json& c) { c["architecture"] = "temporal"; }),
            "Cannot use the dictionary D/cfg.json: its architecture temporal is not known; standard, topk, batchtopk, jumprelu, gated and "
            "transcoders are.");
  EXPECT_NE(says("standard", [](json& c) { c["normalize_activations"] = "expected_average_only_in"; }).find("expected_average_only_in"),
            std::string::npos);
  EXPECT_EQ(says("standard", [](json& c) { c["normalize_activations"] = "expected_average_only_in", c["norm_scaling_factor"] = 1.0; }),
            "it opened");
  EXPECT_EQ(says("standard", [](json& c) { c["d_sae"] = 97; }),
            "The dictionary D cannot be read: its config has d_sae = 97, but its weights have 96.");
  EXPECT_EQ(says("standard", [](json& c) { c["d_in"] = "many"; }), "In D/cfg.json, d_in should be a whole number from 0 on.");
  EXPECT_EQ(says("topk", [](json& c) { c["k"] = 97; }),
            "The dictionary D cannot be read: it keeps the 97 largest of 96 features; k must be from 1 to 96.");
  EXPECT_EQ(says("standard", [](json& c) { c["architecture"] = "gated"; }),
            "The dictionary D cannot be read: the tensor b_mag is missing.");
  EXPECT_EQ(says("standard", [](json& c) { c["metadata"]["hook_head_index"] = "third"; }),
            "In D/cfg.json, hook_head_index should be a whole number from 0 on.");
  EXPECT_EQ(says("standard", [](json& c) { c = json::array(); }), "D/cfg.json should be an object like {\"d_in\": ..., \"d_sae\": ...}.");
  EXPECT_EQ(dictionary_refusal("/nowhere/at/all"),
            "There is no dictionary /nowhere/at/all; check the path, or name one that comes with the program: fable.");
  EXPECT_NE(dictionary_refusal(tests_golden() + "/models/hf-sharded-bf16").find("holds no dictionary"), std::string::npos);
}

TEST(DictionaryForms, a_factor_that_is_not_one_is_refused) {
  const auto folder = fresh_folder();
  write_text(folder / "cfg.json", R"({"hook_point": "hook_embed", "d_in": 1, "d_sae": 1})");
  const std::vector<float> one = {1}, two = {2};
  const auto view = [](const std::vector<float>& v, std::initializer_list<std::int64_t> shape) {
    return TensorView{reinterpret_cast<const std::byte*>(v.data()), DType::F32, Shape(shape)};
  };
  const std::vector<SafetensorsTensor> tensors = {{"W_dec", view(one, {1, 1})},
                                                  {"W_enc", view(one, {1, 1})},
                                                  {"b_dec", view(one, {1})},
                                                  {"b_enc", view(one, {1})},
                                                  {"scaling_factor", view(two, {1})}};
  ASSERT_TRUE(write_safetensors((folder / "sae_weights.safetensors").string(), tensors));
  EXPECT_NE(dictionary_refusal(folder).find("its scaling_factor is not 1 everywhere (feature 0: 2)"), std::string::npos);
}

TEST(DictionaryForms, say_what_does_not_fit_the_model) {
  const auto says = [](const fs::path& path, const Weights& weights, std::optional<HookId> at = {}) {
    const auto fitted = fit_dictionary(open_dictionary(path.string()).value(), weights, at);
    return fitted ? std::string("it fits") : fitted.error().message;
  };
  Weights small = weights_of_8();
  EXPECT_EQ(says(golden_dictionary("standard"), small),
            "The dictionary dictionaries/standard is one of blocks.3.hook_resid_pre, but the blocks of this model are 0 to 1.");
  small.config.n_layer = 4;
  EXPECT_EQ(says(golden_dictionary("standard"), small),
            "The dictionary dictionaries/standard reads rows of 32 numbers, but blocks.3.hook_resid_pre of this model has 8.");
  EXPECT_EQ(says(golden_dictionary("standard"), small, HookId{HookKind::MlpPost, 0}), "it fits");
  const auto of_head = [](int head) {
    return with_config("standard", [head](json& c) {
      c["metadata"]["hook_name"] = "blocks.0.attn.hook_z";
      c["metadata"]["hook_head_index"] = head;
    });
  };
  EXPECT_NE(says(of_head(9), small).find("is one of head 9 of blocks.0.attn.hook_z, which this model does not have"), std::string::npos);
  EXPECT_NE(says(of_head(0), small).find("has rows of 32 numbers, but a head of blocks.0.attn.hook_z of this model has"),
            std::string::npos);
  const auto folder = fresh_folder();
  fs::copy(forms_folder() / "resid_delta_mlp/autoencoders/0.pt", folder / "sae.pt");
  EXPECT_NE(says(folder / "sae.pt", small).find("does not say at which hook it reads"), std::string::npos);
  EXPECT_EQ(says(folder / "sae.pt", small, HookId{HookKind::ResidPost, 1}), "it fits");
}

TEST(DictionaryForms, cut_files_are_refused_and_not_read_beyond) {
  const auto folder = fresh_folder();
  for (const char* name : {"transcoder.pt", "resid_delta_mlp/autoencoders/0.pt"}) {
    std::ifstream in(forms_folder() / name, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t size = 0; size < whole.size(); size += 97) {
      write_text(folder / "cut.pt", whole.substr(0, size));
      EXPECT_FALSE(open_dictionary((folder / "cut.pt").string())) << name << " cut to " << size;
    }
  }
}

}  // namespace
}  // namespace gf::test
