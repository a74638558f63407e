// What is wrong with a checkpoint is said in one sentence, with both numbers where two contradict each other.
#include <functional>
#include <gtest/gtest.h>

#include "model/io/loaders.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

struct Refusal {
  const char* name;
  std::function<void(test::TinyModel&)> change;
  ErrorCode code;
  std::string sentence;  ///< $ stands for the folder
};

const std::string kShape = "Glassformer opens models of GPT-2's shape (learned positions, LayerNorm, one MLP and one attention a block).";

const std::vector<Refusal>& refusals() {
  using T = test::TinyModel;
  static const std::vector<Refusal> all = {
      {"n_layer", [](T& t) { t.config["n_layer"] = 12; }, ErrorCode::Corrupt,
       "$/config.json says n_layer 12, but the weights in $ have 2 blocks."},
      {"n_embd", [](T& t) { t.config["n_embd"] = 8; }, ErrorCode::Corrupt,
       "$/config.json says n_embd 8, but the weights in $ have 4 columns in wte.weight."},
      {"vocab_size", [](T& t) { t.config["vocab_size"] = 6; }, ErrorCode::Corrupt,
       "$/config.json says vocab_size 6, but the weights in $ have 5 rows in wte.weight."},
      {"n_positions", [](T& t) { t.config["n_positions"] = 7; }, ErrorCode::Corrupt,
       "$/config.json says n_positions 7, but the weights in $ have 6 rows in wpe.weight."},
      {"n_inner", [](T& t) { t.config["n_inner"] = 16; }, ErrorCode::Corrupt,
       "$/config.json says n_inner 16, but the weights in $ have 8 neurons in h.0.mlp.c_fc.weight."},
      {"n_head", [](T& t) { t.config["n_head"] = 3; }, ErrorCode::Corrupt,
       "n_head 3 in $/config.json does not divide d_model 4 of the weights in $."},
      {"n_head_unknown", [](T& t) { t.config.erase("n_head"); }, ErrorCode::InvalidArgument,
       "The number of heads of $ is not given and does not follow from d_model 4; give it with --n-head."},
      {"n_head_zero", [](T& t) { t.config["n_head"] = 0; }, ErrorCode::Corrupt,
       "In $/config.json, n_head should be a whole number from 1 to 2147483647."},
      {"n_layer_text", [](T& t) { t.config["n_layer"] = "two"; }, ErrorCode::Corrupt,
       "In $/config.json, n_layer should be a whole number from 1 to 2147483647."},
      {"n_layer_huge", [](T& t) { t.config["n_layer"] = 99999999999; }, ErrorCode::Corrupt,
       "In $/config.json, n_layer should be a whole number from 1 to 2147483647."},
      {"epsilon", [](T& t) { t.config["layer_norm_epsilon"] = -1; }, ErrorCode::Corrupt,
       "In $/config.json, layer_norm_epsilon should be a number from 0."},
      {"scale", [](T& t) { t.config["scale_attn_weights"] = 1; }, ErrorCode::Corrupt,
       "In $/config.json, scale_attn_weights should be true or false."},
      {"no_object", [](T& t) { t.config = 5; }, ErrorCode::Corrupt, "$/config.json is not a JSON object."},
      {"activation", [](T& t) { t.config["activation_function"] = "silu"; }, ErrorCode::Unsupported,
       "$/config.json asks for the activation silu, which is not supported; gelu_new, gelu_pytorch_tanh, gelu_fast, gelu and relu are."},
      {"cross_attention", [](T& t) { t.config["add_cross_attention"] = true; }, ErrorCode::Unsupported,
       "$/config.json asks for add_cross_attention, which is not supported: " + kShape},
      {"llama", [](T& t) { t.config["model_type"] = "llama"; }, ErrorCode::Unsupported,
       "$/config.json describes a model of the type llama, which is not supported: " + kShape},
      {"tensor_missing", [](T& t) { t.remove("h.1.ln_2.bias"); }, ErrorCode::Corrupt,
       "The tensor h.1.ln_2.bias is missing in $, which has h.0.attn.c_attn.bias, h.0.attn.c_attn.weight, h.0.attn.c_proj.bias, "
       "h.0.attn.c_proj.weight, h.0.ln_1.bias, h.0.ln_1.weight, h.0.ln_2.bias, h.0.ln_2.weight, ...; the checkpoint is not complete."},
      {"wte_missing",
       [](T& t) {
         t.remove("wte.weight");
         t.add("embed_tokens.weight", {5, 4});
       },
       ErrorCode::Unsupported,
       "There is no tensor wte.weight in $, which has embed_tokens.weight, h.0.attn.c_attn.bias, h.0.attn.c_attn.weight, "
       "h.0.attn.c_proj.bias, "
       "h.0.attn.c_proj.weight, h.0.ln_1.bias, h.0.ln_1.weight, h.0.ln_2.bias, ...; " +
           kShape},
      {"wrong_shape", [](T& t) { t.add("h.1.attn.c_attn.weight", {4, 11}); }, ErrorCode::Corrupt,
       "The tensor h.1.attn.c_attn.weight in $ has the shape [4, 11], but d_model 4 needs [4, 12]."},
      {"linear", [](T& t) { t.add("h.0.attn.c_attn.weight", {12, 4}); }, ErrorCode::Corrupt,
       "The tensor h.0.attn.c_attn.weight in $ has the shape [12, 4], but d_model 4 needs [4, 12]."},
      {"wte_rank", [](T& t) { t.add("wte.weight", {20}); }, ErrorCode::Corrupt,
       "The tensor wte.weight in $ has the shape [20], not two dimensions."},
      {"no_tokens", [](T& t) { t.add("wte.weight", {0, 4}); }, ErrorCode::Corrupt,
       "The tensor wte.weight in $ has the shape [0, 4], which no model can have."},
      {"lm_head_missing", [](T& t) { t.config["tie_word_embeddings"] = false; }, ErrorCode::Corrupt,
       "$/config.json says tie_word_embeddings false, but there is no lm_head.weight in $."},
  };
  return all;
}

class RefusedModel : public testing::TestWithParam<std::size_t> {};

TEST_P(RefusedModel, gets_its_sentence) {
  const Refusal& refusal = refusals()[GetParam()];
  test::TinyModel tiny;
  refusal.change(tiny);
  const std::string folder = tiny.write(test::fresh_folder());
  const auto weights = load_weights(folder);
  ASSERT_FALSE(weights);
  std::string wanted;
  for (const char c : refusal.sentence) wanted += c == '$' ? folder : std::string(1, c);
  EXPECT_EQ(weights.error().message, wanted);
  EXPECT_EQ(weights.error().code, refusal.code);
}
INSTANTIATE_TEST_SUITE_P(Models, RefusedModel, testing::Range<std::size_t>(0, refusals().size()),
                         [](const auto& p) { return std::string(refusals()[p.param].name); });

TEST(RefusedShards, each_has_its_sentence) {
  const auto folder = test::fresh_folder();
  const std::string index = (folder / "model.safetensors.index.json").string();
  const auto message = [&](const std::string& text) {
    test::write_text(index, text);
    const auto weights = load_weights(folder.string());
    return weights ? std::string("opened") : weights.error().message;
  };
  EXPECT_EQ(message("[]"), index + " has no weight_map.");
  EXPECT_EQ(message(R"({"weight_map":{}})"), index + " lists no tensors.");
  EXPECT_EQ(message(R"({"weight_map":{"w":"../../x.safetensors"}})"), index + " does not name a file of its own folder for w.");
  EXPECT_EQ(message(R"({"weight_map":{"w":"/etc/passwd"}})"), index + " does not name a file of its own folder for w.");
  EXPECT_EQ(message(R"({"weight_map":{"w":"a.safetensors"}})"),
            index + " names the file a.safetensors, which is not beside it: the download or the copy is not finished, get the rest too.");
  test::write_text(folder / "a.safetensors", test::safetensors_bytes("{}", 0));
  EXPECT_EQ(message(R"({"weight_map":{"w":"a.safetensors"}})"), index + " promises the tensor w in a.safetensors, which does not have it.");
}

}  // namespace
}  // namespace gf
