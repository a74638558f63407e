// Checkpoints in the forms in which training scripts save them.
#include "model/io/state_dict.h"

#include <cmath>
#include <gtest/gtest.h>

#include "model/io/formats/huggingface.h"
#include "model/io/formats/huggingface_write.h"
#include "model/io/loaders.h"
#include "model/session.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

const fs::path kCheckpoints = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/checkpoints";

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string refusal(const std::string& path) {
  const auto weights = load_weights(path);
  return weights ? "opened" : weights.error().message;
}

struct Saved {
  const char *folder, *format;
  int n_head;
  const char* warns;  ///< a part of its only warning; empty: none
};

class SavedByTraining : public testing::TestWithParam<Saved> {};

// The values are from PyTorch and transformers 5.
TEST_P(SavedByTraining, computes_the_reference_logits) {
  const Saved saved = GetParam();
  const fs::path folder = kCheckpoints / saved.folder;
  LoadOptions options;
  options.n_head = saved.n_head;
  const auto model = open_model(folder.string(), options);
  ASSERT_TRUE(model) << model.error().message;
  const Weights& weights = *(*model)->weights;
  EXPECT_EQ(weights.format, saved.format);
  if (*saved.warns == '\0') EXPECT_TRUE(weights.warnings.empty()) << weights.warnings[0];
  else EXPECT_TRUE(weights.warnings.size() == 1 && weights.warnings[0].find(saved.warns) != std::string::npos) << weights.warnings.size();
  const auto expected = nlohmann::json::parse(content_of(folder / "expected.json"));
  RunRequest request;
  for (const int id : expected["ids"]) request.prompt.emplace_back(id);
  const auto session = Session::create(*model, {.threads = 1, .backend = "cpu"});
  ASSERT_TRUE(session);
  const auto run = (*session)->run(request);
  ASSERT_TRUE(run) << run.error().message;
  const auto logits = run->base->last_logits();
  const auto& wanted = expected["logits_last"];
  ASSERT_EQ(logits.size(), wanted.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float w = wanted[i].get<float>();
    EXPECT_NEAR(logits[i], w, 3e-4F + 1e-4F * std::abs(w)) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Files, SavedByTraining,
                         testing::Values(Saved{"build-nanogpt", "state-dict", 0, "The activation is not given"},
                                         Saved{"lightning-ckpt", "huggingface-pytorch", 0, ""},
                                         Saved{"hf-bare-nested", "huggingface-pytorch", 0, ""}, Saved{"nano-namespace", "nanogpt", 0, ""},
                                         Saved{"nano-numpy-loss", "nanogpt", 0, ""}, Saved{"nano-fork", "nanogpt", 0, ""}),
                         [](const auto& p) {
                           std::string name = p.param.folder;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// Wrappers come in any order, and within the name too.
TEST(Prefixes, of_wrappers_are_taken_off) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"module.transformer.h.0.ln_1.weight", "h.0.ln_1.weight"},
      {"_orig_mod.module.h.0.ln_1.weight", "h.0.ln_1.weight"},
      {"module._orig_mod.model.transformer.wte.weight", "wte.weight"},
      {"model._orig_mod.transformer.wte.weight", "wte.weight"},
      {"net.module.transformer.wte.weight", "wte.weight"},
      {"pretrained_model.transformer.ln_f.bias", "ln_f.bias"},
      {"_fsdp_wrapped_module.transformer.h.1._fsdp_wrapped_module._checkpoint_wrapped_module.attn.c_attn.bias", "h.1.attn.c_attn.bias"},
      {"transformer.h.1._orig_mod.mlp.c_fc.weight", "h.1.mlp.c_fc.weight"},
      {"model.lm_head.weight", "lm_head.weight"},
      {"v_head.summary.weight", "v_head.summary.weight"},
      {"my_orig_mod.weight", "my_orig_mod.weight"}};
  for (const auto& [name, plain] : names) EXPECT_EQ(huggingface_key(name), plain) << name;
}

TEST(Prefixes, that_nobody_knows_are_found_by_the_embedding) {
  for (const char* prefix : {"student.", "my.lm.transformer.", "agent.backbone._orig_mod.module."}) {
    test::TinyModel tiny;
    tiny.add("lm_head.weight", {5, 4});
    tiny.values["lm_head.weight"][0] = 9;
    test::TinyModel wrapped;
    wrapped.shapes.clear();
    wrapped.values.clear();
    for (const auto& [name, shape] : tiny.shapes) {
      std::string outer = prefix;
      if (name == "lm_head.weight" && outer.ends_with("transformer.")) outer.resize(outer.size() - 12);
      wrapped.shapes[outer + name] = shape;
      wrapped.values[outer + name] = tiny.values[name];
    }
    const auto weights = load_weights(wrapped.write(test::fresh_folder() / "m"));
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ((*weights)->table().size(), tiny.shapes.size());
    EXPECT_FALSE((*weights)->config.tied) << prefix;
  }
  test::TinyModel two;
  two.shapes["student.wte.weight"] = two.shapes["teacher.wte.weight"] = two.shapes["wte.weight"];
  two.values["student.wte.weight"] = two.values["teacher.wte.weight"] = two.values["wte.weight"];
  two.remove("wte.weight");
  EXPECT_NE(refusal(two.write(test::fresh_folder() / "two")).find("called student. and teacher.; save one of them alone."),
            std::string::npos);
}

TEST(Heads, that_differ_from_the_embedding_are_used_whatever_the_config_says) {
  test::TinyModel tiny;
  tiny.add("lm_head.weight", {5, 4});
  tiny.values["lm_head.weight"][3] = -7;
  tiny.config["tie_word_embeddings"] = true;
  const auto folder = test::fresh_folder();
  const auto weights = load_weights(tiny.write(folder / "from"));
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_FALSE((*weights)->config.tied);
  EXPECT_EQ((*weights)->unembed.view.at(3), -7);
  ASSERT_EQ((*weights)->warnings.size(), 1U);
  EXPECT_EQ((*weights)->warnings[0], (folder / "from/config.json").string() +
                                         " says tie_word_embeddings true, but lm_head.weight differs from wte.weight; it is used.");
  ASSERT_TRUE(write_huggingface(**weights, (folder / "to").string(), {}));
  const auto again = load_weights((folder / "to").string());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->unembed.view.at(3), -7);
  EXPECT_TRUE((*again)->warnings.empty()) << "the new config is right";
}

/// A safetensors file whose tensors are float64, with the metadata where given.
std::string as_f64(const test::TinyModel& tiny, const std::string& metadata = {}) {
  nlohmann::ordered_json table;
  std::string data;
  for (const auto& [name, shape] : tiny.shapes) {
    const std::size_t begin = data.size();
    for (const float v : tiny.values.at(name)) {
      const double wide = static_cast<double>(v) + 1e-12;
      data.append(reinterpret_cast<const char*>(&wide), sizeof wide);
    }
    table[name] = {{"dtype", "F64"}, {"shape", shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = table.dump();
  if (!metadata.empty()) text.insert(1, metadata);
  return test::safetensors_bytes(text, 0) + data;
}

TEST(Float64, is_narrowed_once_and_said) {
  const auto folder = test::fresh_folder();
  const test::TinyModel tiny;
  test::write_text(folder / "config.json", tiny.config.dump());
  test::write_text(folder / "model.safetensors", as_f64(tiny, R"("__metadata__":null,)"));
  const auto weights = load_weights(folder.string());
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->dtype, DType::F32);
  EXPECT_EQ((*weights)->file_dtype, "F64");
  EXPECT_EQ((*weights)->warnings, std::vector<std::string>{"The weights are float64; each was rounded to float32 once."});
  for (const NamedTensor& row : (*weights)->table())
    for (std::int64_t i = 0; i < row.view.elements(); ++i) EXPECT_EQ(row.view.at(i), static_cast<float>(i + 1)) << row.name;
}

TEST(LinearWeights, of_somebodys_own_safetensors_are_told_by_their_shapes) {
  test::TinyModel tiny;
  for (int b = 0; b < 2; ++b)
    for (const auto& [name, out, in] : {std::tuple{"attn.c_attn.weight", 12, 4}, {"mlp.c_fc.weight", 8, 4}, {"mlp.c_proj.weight", 4, 8}})
      tiny.add("h." + std::to_string(b) + "." + name, {out, in});
  const auto weights = load_weights(tiny.write(test::fresh_folder()));
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_FALSE((*weights)->blocks[0].qkv.in_major);
  EXPECT_EQ((*weights)->blocks[0].in.n_out(), 8);
}

TEST(Refusals, of_what_is_no_checkpoint_say_what_to_do) {
  const std::string module = refusal((kCheckpoints / "whole-module").string());
  EXPECT_NE(module.find("a module of the class torch.nn.modules.container.Sequential"), std::string::npos) << module;
  EXPECT_NE(module.find("torch.save(model.state_dict(), ...)"), std::string::npos) << module;
  const std::string old_module = refusal((kCheckpoints / "whole-module-old").string());
  EXPECT_NE(old_module.find("a module of the class __main__.Net"), std::string::npos) << old_module;
  const std::string pickled = refusal((kCheckpoints / "pickled-tensors").string());
  EXPECT_NE(pickled.find("its tensors were pickled one by one; save them with torch.save"), std::string::npos) << pickled;
  const auto folder = test::fresh_folder();
  const auto at = [&](const char* name, const std::string& bytes) {
    fs::remove_all(folder / "x");
    test::write_text(folder / "x" / name, bytes);
    return refusal((folder / "x").string());
  };
  EXPECT_NE(at("tf_model.h5", "\x89HDF\r\n\x1a\n").find("tf_model.h5 is a TensorFlow checkpoint"), std::string::npos);
  EXPECT_NE(at("model.ckpt.index", "abc").find("a TensorFlow checkpoint"), std::string::npos);
  EXPECT_NE(at("checkpoint", "model_checkpoint_path: \"model.ckpt\"\n").find("a TensorFlow checkpoint"), std::string::npos);
  EXPECT_NE(at("flax_model.msgpack", "abc").find("from_flax=True"), std::string::npos);
  for (const char* name : {"model.safetensors", "pytorch_model.bin", "model.gguf", "other.safetensors"}) {
    EXPECT_NE(at(name, "<!DOCTYPE html>\n<html>").find("is a web page"), std::string::npos) << name;
    EXPECT_NE(at(name, "\n <HTML lang=en>").find("is a web page"), std::string::npos) << name;
    EXPECT_NE(at(name, "<?xml version=\"1.0\"?><Error><Code>AccessDenied").find("is a web page"), std::string::npos) << name;
    EXPECT_NE(at(name, "version https://git-lfs.github.com/spec/v1\n").find("git lfs pull"), std::string::npos) << name;
    EXPECT_NE(at(name, R"({"error":"Repository not found"})").find("is a web page"), std::string::npos) << name;
  }
  const std::string npz = "PK\x03\x04" + std::string(22, '\0') + "\x05" + std::string(3, '\0') + "a.npy" + std::string(40, '\0');
  EXPECT_NE(at("model.pt", npz).find("holds arrays of NumPy's; save the weights as safetensors"), std::string::npos) << at("model.pt", npz);
  EXPECT_NE(at("zero_to_fp32.py", "").find("is a checkpoint of DeepSpeed"), std::string::npos);
  EXPECT_NE(at("__0_0.distcp", "").find("dcp_to_torch"), std::string::npos);
  EXPECT_NE(at("model.safetensors.crdownload", "abc").find("a download that is not finished (model.safetensors.crdownload)"),
            std::string::npos);
  EXPECT_NE(at("notes.txt", "abc").find("which has notes.txt; supported are"), std::string::npos);
}

TEST(Refusals, of_an_adapter_tell_of_the_merge) {
  const auto folder = test::fresh_folder();
  test::TinyModel adapter;
  adapter.shapes.clear();
  adapter.values.clear();
  adapter.add("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight", {4, 4});
  adapter.config = nullptr;
  static_cast<void>(adapter.write(folder));
  fs::rename(folder / "model.safetensors", folder / "adapter_model.safetensors");
  test::write_text(folder / "adapter_config.json", R"({"base_model_name_or_path": "openai-community/gpt2"})");
  for (const std::string& path : {folder.string(), (folder / "adapter_model.safetensors").string()}) {
    const std::string said = refusal(path);
    EXPECT_NE(said.find("is a LoRA adapter without its base model (openai-community/gpt2)"), std::string::npos) << said;
    EXPECT_NE(said.find("merge_and_unload()"), std::string::npos) << said;
  }
  const auto both = load_weights(test::TinyModel().write(folder));
  ASSERT_TRUE(both) << both.error().message;
  ASSERT_EQ((*both)->warnings.size(), 1U);
  EXPECT_NE((*both)->warnings[0].find("LoRA adapter"), std::string::npos) << "the base is opened, and the adapter is not forgotten";
  test::TinyModel wrapped;  // PEFT's own save of base and adapter together
  wrapped.add("h.0.attn.c_attn.base_layer.weight", {4, 12});
  wrapped.add("h.0.attn.c_attn.lora_A.default.weight", {2, 4});
  wrapped.remove("h.0.attn.c_attn.weight");
  const std::string said = refusal(wrapped.write(folder / "wrapped", "base_model.model.transformer."));
  EXPECT_NE(said.find("have a LoRA adapter beside them, which is not merged into them (h.0.attn.c_attn.weight is missing)"),
            std::string::npos)
      << said;
}

// The small files of a model may be what stands in for them too.
TEST(Refusals, of_stand_ins_name_the_file) {
  const auto folder = test::fresh_folder();
  for (const char* name : {"config.json", "model.safetensors.index.json"}) {
    fs::remove_all(folder);
    static_cast<void>(test::TinyModel().write(folder));
    if (std::string(name) != "config.json") fs::remove(folder / "model.safetensors");
    test::write_text(folder / name, "version https://git-lfs.github.com/spec/v1\n");
    EXPECT_EQ(refusal(folder.string()),
              (folder / name).string() + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.");
  }
  fs::remove_all(folder);
  static_cast<void>(test::TinyModel().write(folder));
  test::write_text(folder / "tokenizer.json", "<!DOCTYPE html>");
  const auto tokenizer = load_tokenizer(folder.string(), 5);
  ASSERT_FALSE(tokenizer);
  EXPECT_NE(tokenizer.error().message.find("tokenizer.json is a web page"), std::string::npos) << tokenizer.error().message;
  for (const char* name : {"vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json"}) {
    fs::remove_all(folder);
    static_cast<void>(test::TinyModel().write(folder));
    test::write_text(folder / "vocab.json", R"({"a": 0, "b": 1})");
    test::write_text(folder / "merges.txt", "#version: 0.2\n");
    test::write_text(folder / name, "version https://git-lfs.github.com/spec/v1\n");
    const auto loaded = load_tokenizer(folder.string(), 5);
    ASSERT_FALSE(loaded) << name;
    EXPECT_EQ(loaded.error().message,
              (folder / name).string() + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.");
  }
}

TEST(Refusals, of_an_unfinished_download_say_so) {
  const auto folder = test::fresh_folder();
  const fs::path model = folder / "models--some--gpt", snapshot = model / "snapshots" / "abc";
  fs::create_directories(snapshot);
  test::write_text(model / "blobs" / "1234.incomplete", "half");
  test::write_text(snapshot / "config.json", test::TinyModel().config.dump());
  const std::string wanted =
      "The download of some/gpt is not finished: 1 of its files is incomplete; finish it with: hf download some/gpt.";
  EXPECT_EQ(refusal(snapshot.string()), wanted);
  fs::create_symlink("../../blobs/5678", snapshot / "model.safetensors");
  EXPECT_EQ(refusal(snapshot.string()), wanted) << "a link that leads nowhere";
  fs::remove(model / "blobs" / "1234.incomplete");
  EXPECT_EQ(refusal(snapshot.string()), wanted);
  fs::remove(snapshot / "model.safetensors");
  static_cast<void>(test::TinyModel().write(snapshot));
  EXPECT_EQ(refusal(snapshot.string()), "opened");
  for (const char* name : {"config.json", "tokenizer.json"}) {
    fs::remove(snapshot / name);
    fs::create_symlink("../../blobs/9", snapshot / name);
    EXPECT_EQ(refusal(snapshot.string()), wanted) << name;
    fs::remove(snapshot / name);
  }
  EXPECT_NE(refusal(model.string()).find("give hf:some/gpt, or a folder in its snapshots"), std::string::npos) << refusal(model.string());
  const fs::path local = folder / "local";
  test::write_text(local / ".cache/huggingface/download/x.incomplete", "half");
  EXPECT_NE(refusal(local.string()).find("is not finished"), std::string::npos);
}

TEST(Refusals, list_the_keys_that_were_found) {
  // torch.save's old form: {"epoch": 1, "params": {"embed.weight": 2}}
  using namespace std::string_literals;
  const std::string bytes =
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s."
      "\x80\x02}(U\x05"
      "epochK\x01U\x06params}U\x0c"
      "embed.weightK\x02su.\x80\x02]."s;
  const auto path = test::fresh_folder() / "x.pt";
  test::write_text(path, bytes);
  EXPECT_NE(refusal(path.string()).find("wte.weight: there are epoch, params (embed.weight); "), std::string::npos)
      << refusal(path.string());
}

}  // namespace
}  // namespace gf
