// What real files and folders have beside a GPT-2's weights: none of it keeps a model from being opened.
#include <functional>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/config_json.h"
#include "model/io/files/gguf_file.h"
#include "model/io/formats/huggingface.h"
#include "model/io/formats/llmviz.h"
#include "model/io/formats/torch_formats.h"
#include "model/io/loaders.h"
#include "model/tokenizer/source.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

fs::path beside_golden(const std::string& name) { return fs::path(GLASSFORMER_SOURCE_DIR "/tests/golden/models") / name; }

template <class T>
std::string beside_number(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
std::string beside_text(const std::string& s) { return beside_number<std::uint64_t>(s.size()) + s; }

/// Changes the table of a folder's safetensors file, and puts bytes before those of its tensors.
void edit_table(const fs::path& folder, const std::function<void(nlohmann::json&)>& edit, const std::string& in_front = {}) {
  const fs::path path = folder / "model.safetensors";
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  auto table = nlohmann::json::parse(file.substr(8, length));
  edit(table);
  const std::string text = table.dump();
  test::write_text(path, beside_number<std::uint64_t>(text.size()) + text + in_front + file.substr(8 + length));
}

/// The safetensors file of a folder, with another tensor in front.
void add_tensor(const fs::path& folder, const std::string& name, const std::string& dtype, const std::vector<int>& shape,
                std::size_t bytes) {
  const auto edit = [&](nlohmann::json& table) {
    for (auto& entry : table)
      for (auto& offset : entry["data_offsets"]) offset = offset.get<std::size_t>() + bytes;
    table[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {0, bytes}}};
  };
  edit_table(folder, edit, std::string(bytes, '\0'));
}

std::vector<std::string> warnings_of(const std::string& path) {
  const auto weights = load_weights(path);
  return weights ? (*weights)->warnings : std::vector<std::string>{weights.error().message};
}

TEST(Beside, tensors_of_other_types_are_left_out_and_counted) {
  const auto folder = test::fresh_folder();
  const test::TinyModel tiny;
  ASSERT_EQ(tiny.write(folder, "transformer."), folder.string());
  add_tensor(folder, "transformer.position_ids", "I64", {1, 6}, 48);
  add_tensor(folder, "transformer.h.0.attn.bias", "BOOL", {6, 6}, 36);
  add_tensor(folder, "deep", "F32", {1, 1, 1, 1, 1}, 4);
  EXPECT_EQ(warnings_of(folder.string()),
            std::vector<std::string>{"3 tensors of the checkpoint are no part of the model and not used: deep, ..."});
  // An index that lists them promises what is there.
  nlohmann::json map = {{"transformer.position_ids", "model.safetensors"}, {"deep", "model.safetensors"}};
  test::write_text(folder / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  EXPECT_EQ(warnings_of((folder / "model.safetensors.index.json").string()).size(), 1U);
  EXPECT_TRUE(warnings_of((folder / "model.safetensors.index.json").string())[0].starts_with("3 tensors"));
  add_tensor(folder, "transformer.lm_head.weight", "I8", {5, 4}, 20);
  EXPECT_EQ(warnings_of(folder.string())[0], "Tensor transformer.lm_head.weight in " + (folder / "model.safetensors").string() +
                                                 " has the type I8; supported are F32, F16, BF16 and F64.")
      << "a tensor of the model is not left out";
}

// What safetensors.torch.save_model makes of a tied model: lm_head.weight sorts first, and is the one that is written.
TEST(Beside, a_tensor_may_be_written_under_its_other_name) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  const std::vector<float> wte = tiny.values["wte.weight"];
  tiny.remove("wte.weight");
  tiny.add("lm_head.weight", {5, 4});
  ASSERT_EQ(tiny.write(folder, "transformer."), folder.string());
  EXPECT_TRUE(warnings_of(folder.string())[0].starts_with("There is no tensor wte.weight in ")) << "nobody says that it is tied";
  edit_table(folder, [](nlohmann::json& table) {
    table["__metadata__"] = {{"format", "pt"}, {"transformer.wte.weight", "lm_head.weight"}, {"transformer.ln_f.bias", "nothing"}};
  });
  const auto weights = load_weights(folder.string());
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_TRUE((*weights)->config.tied);
  EXPECT_EQ((*weights)->wte.at(7), wte[7]);
}

TEST(Beside, notes_in_json_are_not_tensors) {
  std::ifstream in(beside_golden("llm-viz-json") / "model.json");
  auto json = nlohmann::json::parse(in);
  json["notes"] = {{"author", "somebody"}};
  json["counter"] = {{"shape", {1}}, {"dtype", "torch.int64"}, {"data", "AAAAAAAAAAA="}};
  const auto folder = test::fresh_folder();
  test::write_text(folder / "weights.json", json.dump());
  EXPECT_EQ(warnings_of(folder.string()),
            std::vector<std::string>{"1 tensor of the checkpoint is not part of the model and not used: counter."});
}

TEST(Beside, prefixes_of_wrappers_are_taken_off) {
  EXPECT_EQ(huggingface_key("_orig_mod.transformer.wte.weight"), "wte.weight");
  EXPECT_EQ(huggingface_key("module._orig_mod.lm_head.weight"), "lm_head.weight");
  EXPECT_EQ(huggingface_key("h.0.ln_1.weight"), "h.0.ln_1.weight");
  const auto folder = test::fresh_folder();
  EXPECT_TRUE(warnings_of(test::TinyModel().write(folder, "_orig_mod.transformer.")).empty());
}

TEST(Beside, files_under_names_of_their_own_are_found_by_content) {
  const auto folder = test::fresh_folder();
  const auto renamed = [&](const std::string& from, const std::string& to) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    fs::copy_file(beside_golden(from), folder / to);
    // What others leave there comes first by name.
    test::write_text(folder / "a.bin", "no model");
    test::write_text(folder / "a.pt", "no model");
    test::write_text(folder / "a.gguf", "no model");
    test::write_text(folder / "a.json", "{}");
    test::write_text(folder / "a.safetensors", test::safetensors_bytes("{}", 0));
    const auto weights = load_weights(folder.string(), {.n_head = 2, .activation = {}, .progress = {}});
    return weights ? (*weights)->format : weights.error().message;
  };
  EXPECT_EQ(renamed("hf-openai-keys/model.safetensors", "gpt2.safetensors"), "huggingface-safetensors");
  EXPECT_EQ(renamed("llmc-f32/model.bin", "gpt2_124M.bin"), "llm.c");
  EXPECT_EQ(renamed("gguf-f16/model-f16.gguf", "z.gguf"), "gguf");
  EXPECT_EQ(renamed("mingpt-sort/model.pt", "z.pth"), "mingpt");
  EXPECT_EQ(renamed("nanogpt-char/ckpt.pt", "z.pt"), "nanogpt");
  EXPECT_EQ(renamed("llm-viz-json/model.json", "z.json"), "llm-viz-json");
}

TEST(Beside, the_other_files_of_a_training_run_are_not_weights) {
  const auto folder = test::fresh_folder();
  for (const char* name : {"optimizer.pt", "scheduler.pt", "training_args.bin", "rng_state.pth"})
    fs::copy_file(beside_golden("mingpt-sort/model.pt"), folder / name);
  test::write_text(folder / "pytorch_model.bin.index.json", R"({"weight_map":{"wte.weight":"pytorch_model-1.bin"}})");
  EXPECT_EQ(warnings_of(folder.string())[0],
            (folder / "pytorch_model.bin.index.json").string() +
                " names the file pytorch_model-1.bin, which is not beside it: the download or the copy is not finished, get the rest too.")
      << "the index is read, not the optimizer";
  fs::remove(folder / "pytorch_model.bin.index.json");
  EXPECT_FALSE(probe_torch(folder.string()));
}

// The ninth byte of a safetensors file is '{', which other formats may have there too.
TEST(Beside, a_context_of_123_is_not_safetensors) {
  std::vector<std::int32_t> header(256);
  const std::vector<std::int32_t> sizes = {20240326, 3, 123, 5, 1, 1, 4, 8};
  std::copy(sizes.begin(), sizes.end(), header.begin());
  const std::size_t floats = 8 * 4 + 123 * 4 + (4 + 4 + 12 * 4 + 12 + 4 * 4 + 4 + 4 + 4 + 16 * 4 + 16 + 4 * 16 + 4) + 4 + 4;
  std::string bytes(reinterpret_cast<const char*>(header.data()), 1024);
  ASSERT_EQ(bytes[8], '{');
  const auto path = (test::fresh_folder() / "gpt2.bin").string();
  test::write_text(path, bytes + std::string(floats * sizeof(float), '\0'));
  const auto weights = load_weights(path);
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->format, "llm.c");
  EXPECT_EQ((*weights)->config.n_ctx, 123);
  const std::string gguf = "GGUF" + beside_number(3U) + beside_number<std::uint64_t>(123) + beside_number<std::uint64_t>(0);
  EXPECT_FALSE(looks_like_safetensors(std::as_bytes(std::span(gguf))));
}

TEST(Beside, gguf_arrays_of_arrays_are_skipped) {
  const auto array = [](std::uint32_t type, std::uint64_t count, const std::string& items) {
    return beside_number(type) + beside_number(count) + items;
  };
  const std::string nested = array(9, 3,
                                   array(0, 2, "ab") + array(8, 2, beside_text("x") + beside_text("")) +
                                       array(9, 2, array(6, 1, beside_number(1.0F)) + array(12, 0, "")));
  const auto path = (test::fresh_folder() / "a.gguf").string();
  test::write_text(path, "GGUF" + beside_number(3U) + beside_number<std::uint64_t>(0) + beside_number<std::uint64_t>(2) +
                             beside_text("nested") + beside_number(9U) + nested + beside_text("after") + beside_number(4U) +
                             beside_number(77U));
  const auto file = GgufFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_NE(file->find("after"), nullptr);
  EXPECT_EQ(file->find("after")->integer, 77);
}

TEST(Beside, the_tokenizer_comes_from_the_file_that_is_opened) {
  const auto folder = test::fresh_folder();
  fs::copy_file(beside_golden("gguf-f16/model-f16.gguf"), folder / "model.gguf");
  test::write_text(folder / "config.json", R"({"model_type":"gpt2"})");
  const auto inside = find_tokenizer(folder.string());
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->where, (folder / "model.gguf").string()) << "a config.json alone makes no other format";
  fs::copy_file(beside_golden("hf-bin-f16/pytorch_model.bin"), folder / "pytorch_model.bin");
  EXPECT_EQ(find_tokenizer(folder.string())->kind, TokenizerSource::Kind::None) << "the GGUF is not what is opened";
  EXPECT_EQ(find_tokenizer((folder / "model.gguf").string())->kind, TokenizerSource::Kind::VocabAndMerges);
}

// minGPT's trainer writes its config before the model fills the sizes in.
TEST(Beside, mingpts_model_types_are_sizes) {
  const auto config = parse_mingpt_config(R"({"model":{"model_type":"gpt-mini","n_layer":null,"n_head":null,"n_embd":null}})", "here");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->n_layer, 6);
  EXPECT_EQ(config->n_head, 6);
  EXPECT_EQ(config->d_model, 192);
  const auto said = parse_mingpt_config(R"({"model_type":"gpt-nano","n_layer":2,"n_head":4,"n_embd":24})", "here");
  EXPECT_EQ(said->n_head, 4) << "sizes that are given count";
  EXPECT_FALSE(parse_mingpt_config(R"({"model_type":"gpt-nano","n_layer":2})", "here")->n_head);
  EXPECT_FALSE(parse_mingpt_config(R"({"model_type":"own"})", "here")->n_head);
}

TEST(Beside, checkpoints_are_opened_from_within_their_folders) {
  const auto folder = test::fresh_folder();
  ASSERT_EQ(test::TinyModel().write(folder), folder.string());
  fs::create_directories(folder / "checkpoints");
  fs::copy_file(folder / "model.safetensors", folder / "checkpoints" / "step-00020.safetensors");
  const auto was = fs::current_path();
  fs::current_path(folder);
  EXPECT_EQ(model_folder("checkpoints/step-00020.safetensors"), ".");
  EXPECT_TRUE(warnings_of("checkpoints/step-00020.safetensors").empty()) << "n_head is in the model's config.json";
  fs::current_path(folder / "checkpoints");
  EXPECT_TRUE(warnings_of("step-00020.safetensors").empty());
  EXPECT_EQ(model_name("step-00020.safetensors"), folder.filename().string() + "@20");
  fs::current_path(was);
}

TEST(Beside, pipes_pointers_and_empty_files_are_named) {
  const auto folder = test::fresh_folder();
  const std::string pipe = (folder / "model.safetensors").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(warnings_of(folder.string())[0], pipe + " is not a file.");
  EXPECT_EQ(warnings_of(pipe)[0], pipe + " is not a file.");
  test::write_text(folder / "empty" / "pytorch_model.bin", "");
  EXPECT_EQ(warnings_of((folder / "empty").string())[0], (folder / "empty" / "pytorch_model.bin").string() + " is empty.");
  test::write_text(folder / "shards" / "model.safetensors.index.json", R"({"weight_map":{"wte.weight":"a.safetensors"}})");
  test::write_text(folder / "shards" / "a.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
  EXPECT_EQ(
      warnings_of((folder / "shards").string())[0],
      (folder / "shards" / "a.safetensors").string() + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.");
}

TEST(Beside, a_file_that_may_not_be_read_is_not_called_empty) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const auto locked = (test::fresh_folder() / "locked").string();
  test::write_text(locked, "text");
  fs::permissions(locked, fs::perms::none);
  EXPECT_EQ(warnings_of(locked)[0], "Cannot open " + locked + ": Permission denied.");
}

}  // namespace
}  // namespace gf
