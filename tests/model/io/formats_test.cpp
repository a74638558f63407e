// Every format's files: what they load as, and what their damaged ones are told.
#include <gtest/gtest.h>

#include "model/io/files/gguf_blocks.h"
#include "model/io/files/gguf_file.h"
#include "model/io/files/torch_file.h"
#include "model/io/files/zip.h"
#include "model/io/formats/llmviz.h"
#include "model/io/loaders.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

std::string golden(const std::string& name) { return std::string(GLASSFORMER_SOURCE_DIR "/tests/golden/models/") + name; }
std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Known {
  const char *path, *format, *name;
  ModelConfig config;
  DType dtype;
};
ModelConfig sizes(int n_layer, int n_head, int d_model, int n_ctx, int n_vocab, bool tied, Activation activation = Activation::GeluTanh) {
  ModelConfig c;
  c.n_layer = n_layer, c.n_head = n_head, c.d_model = d_model, c.d_head = d_model / n_head, c.d_mlp = 4 * d_model;
  c.n_ctx = n_ctx, c.n_vocab = n_vocab, c.tied = tied, c.activation = activation;
  return c;
}
const std::vector<Known>& known() {
  static const std::vector<Known> all = {
      {"nanogpt-char", "nanogpt", "nanogpt-char", sizes(3, 4, 32, 64, 74, true, Activation::GeluErf), DType::F32},
      {"nanogpt-char/ckpt.pt", "nanogpt", "nanogpt-char", sizes(3, 4, 32, 64, 74, true, Activation::GeluErf), DType::F32},
      {"mingpt-sort", "mingpt", "mingpt-sort", sizes(3, 3, 48, 11, 3, true), DType::F32},
      {"llmc-f32", "llm.c", "llmc-f32", sizes(2, 4, 32, 32, 500, true), DType::F32},
      {"llmc-bf16/model.bin", "llm.c", "llmc-bf16", sizes(2, 4, 32, 32, 500, true), DType::BF16},
      {"gguf-f16", "gguf", "gguf-f16", sizes(3, 4, 32, 48, 400, true), DType::F16},
      {"gguf-q8_0/model-q8_0.gguf", "gguf", "model-q8_0", sizes(3, 4, 32, 48, 400, true), DType::F32},
      {"llm-viz-json", "llm-viz-json", "llm-viz-json", sizes(2, 3, 24, 11, 3, true), DType::F32},
  };
  return all;
}
TEST(Formats, load_as_what_they_are) {
  for (const Known& want : known()) {
    const auto weights = load_weights(golden(want.path));
    ASSERT_TRUE(weights) << want.path << ": " << weights.error().message;
    const Weights& w = **weights;
    EXPECT_EQ(w.format, want.format) << want.path;
    EXPECT_EQ(w.name, want.name) << want.path;
    EXPECT_EQ(w.dtype, want.dtype) << want.path;
    EXPECT_TRUE(w.warnings.empty()) << want.path << ": " << w.warnings[0];
    const ModelConfig &c = w.config, &k = want.config;
    EXPECT_EQ(std::tie(c.n_layer, c.n_head, c.d_model, c.d_head, c.d_mlp, c.n_ctx, c.n_vocab, c.tied, c.activation),
              std::tie(k.n_layer, k.n_head, k.d_model, k.d_head, k.d_mlp, k.n_ctx, k.n_vocab, k.tied, k.activation))
        << want.path;
  }
}

// Cuts and changed bytes: an error with a sentence, or a model; never anything else. The sanitizers look on.
TEST(Formats, damaged_files_are_errors_or_models) {
  const auto folder = test::fresh_folder();
  for (const char* file : {"hf-bin-f16/pytorch_model.bin", "hf-bin-legacy/pytorch_model.bin", "nanogpt-char/ckpt.pt",
                           "mingpt-sort/model.pt", "llmc-f32/model.bin", "gguf-q8_0/model-q8_0.gguf", "llm-viz-json/model.json"}) {
    const fs::path copy = folder / fs::path(file).filename();
    const std::string whole = bytes_of(golden(file));
    ASSERT_FALSE(whole.empty()) << file;
    for (std::size_t i = 0; i < 40; ++i) {
      test::write_text(copy, whole.substr(0, whole.size() * i / 40));
      const auto weights = load_weights(copy.string());
      ASSERT_FALSE(weights) << file << " cut to " << i << "/40";
      EXPECT_TRUE(weights.error().message.ends_with(".")) << weights.error().message;
    }
    std::uint32_t random = 12345;
    for (int i = 0; i < 100; ++i) {
      std::string changed = whole;
      for (int k = 0; k < 3; ++k) {
        random = random * 1664525 + 1013904223;
        // Mostly in the tables, which lie at both ends.
        const std::size_t window = std::min<std::size_t>(whole.size(), 9000), place = (random >> 8) % window;
        changed[random & 64 ? place : whole.size() - 1 - place] = static_cast<char>(random >> 24);
      }
      test::write_text(copy, changed);
      if (const auto weights = load_weights(copy.string()); !weights) {
        EXPECT_TRUE(weights.error().message.ends_with(".")) << weights.error().message;
      }
    }
  }
}

template <class T>
std::string number(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

struct BadFormat {
  const char *name, *file;
  std::string bytes, sentence;  ///< $: the path
};
std::string gguf_header(std::uint32_t version, std::uint64_t tensors, std::uint64_t values) {
  return "GGUF" + number(version) + number(tensors) + number(values);
}
std::string gguf_text(const std::string& s) { return number<std::uint64_t>(s.size()) + s; }
/// Arrays of one array each.
std::string gguf_nested(int deep) {
  std::string bytes;
  for (int i = 0; i < deep; ++i) bytes += number(9U) + number(1ULL);
  return bytes;
}
std::string gguf_gpt2() { return gguf_text("general.architecture") + number(8U) + gguf_text("gpt2"); }
std::string llmc_bytes(std::vector<std::int32_t> header) {
  header.resize(256);
  std::string bytes;
  for (const auto v : header) bytes += number(v);
  return bytes;
}
const std::vector<BadFormat>& bad_formats() {
  static const std::vector<BadFormat> all = {
      {"zip_of_nothing", "a.bin", "PK\x03\x04" + std::string(30, '\0') + "PK\x05\x06" + std::string(18, '\0'),
       "Cannot read $: it is a zip file without data.pkl, so no checkpoint of PyTorch."},
      {"zip_claims_entries", "a.bin",
       "PK\x03\x04" + std::string(30, '\0') + "PK\x05\x06" + std::string(4, '\0') + "\xff\x7f\xff\x7f"s + std::string(10, '\0'),
       "Cannot read $: the table of the zip file claims 32767 entries in 0 bytes."},
      {"zip_table_far_away", "a.bin",
       "PK\x03\x04" + std::string(30, '\0') + "PK\x05\x06" + std::string(8, '\0') + "\xff\xff\xff\x7f\0\0\0\0\0\0"s,
       "Cannot read $: the table of the zip file ends beyond the file; the file may be cut short, get it again."},
      {"pickle_of_another", "a.pt", "\x80\x02N."s,
       "Cannot read $: it is a pickle that PyTorch did not write; save the weights with torch.save(model.state_dict(), ...)."},
      {"llmc_version", "a.bin", llmc_bytes({20240326, 7}),
       "Cannot read $: it has llm.c's version 7; supported are 3 (float32) and 5 (bfloat16)."},
      {"llmc_negative", "a.bin", llmc_bytes({20240326, 3, -1, 10, 1, 1, 4, 16}),
       "Cannot read $: its header has sizes that no model can have: n_ctx -1, n_vocab 10 of 16, n_layer 1, n_head 1, d_model 4."},
      {"llmc_huge", "a.bin", llmc_bytes({20240326, 3, 1 << 20, 1 << 20, 10'000, 1, 1 << 20, 1 << 20}),
       "Cannot read $: its header asks for 527774922693411840 bytes, but it has 1024; the file may be cut short, get it again."},
      {"llmc_too_long", "a.bin", llmc_bytes({20240326, 3, 1, 1, 1, 1, 1, 1}) + std::string(1000, '\0'),
       "Cannot read $: its header asks for 1140 bytes, but it has 2024."},
      {"gguf_version", "a.gguf", gguf_header(9, 0, 0), "Cannot read $: it has GGUF's version 9; supported are 2 and 3."},
      {"gguf_huge_counts", "a.gguf", gguf_header(3, ~0ULL, 5),
       "Cannot read $: its header claims 18446744073709551615 tensors and 5 values, more than the file has room for."},
      {"gguf_huge_array", "a.gguf", gguf_header(3, 0, 1) + gguf_text("a") + number(9U) + number(8U) + number(~0ULL >> 1),
       "Cannot read $: the array a claims 9223372036854775807 elements, more than the file has room for."},
      {"gguf_nested_array", "a.gguf", gguf_header(3, 0, 1) + gguf_text("a") + number(9U) + number(9U) + number(1ULL),
       "Cannot read $: the array a claims 1 elements, more than the file has room for."},
      {"gguf_deep_array", "a.gguf", gguf_header(3, 0, 1) + gguf_text("a") + number(9U) + gguf_nested(17) + number(0U) + number(0ULL),
       "Cannot read $: the array a nests more than 16 arrays."},
      {"gguf_element_type", "a.gguf", gguf_header(3, 0, 1) + gguf_text("a") + number(9U) + number(13U) + number(1ULL),
       "Cannot read $: the array a has elements of the unknown type 13."},
      {"gguf_big_endian", "a.gguf", "GGUF" + number(3U << 24) + number(0ULL) + number(0ULL),
       "Cannot read $: its numbers are big-endian; convert the model again for a little-endian machine."},
      {"gguf_value_type", "a.gguf", gguf_header(3, 0, 1) + gguf_text("a") + number(77U),
       "Cannot read $: the value of a has the unknown type 77."},
      {"gguf_other_model", "a.gguf", gguf_header(3, 0, 1) + gguf_text("general.architecture") + number(8U) + gguf_text("llama"),
       "$ has a model of the architecture llama, which is not supported: "},
      {"gguf_quantised", "a.gguf",
       gguf_header(3, 1, 1) + gguf_gpt2() + gguf_text("token_embd.weight") + number(1U) + number(256ULL) + number(16U) + number(0ULL),
       "Tensor token_embd.weight in $ has the type IQ2_XXS; supported are F32, F16, BF16, F64, Q8_0, Q5_0, Q5_1, Q4_0, Q4_1, IQ4_NL, Q6_K, "
       "Q5_K, Q4_K, Q3_K, Q2_K."},
      {"gguf_rows", "a.gguf", gguf_header(3, 1, 1) + gguf_gpt2() + gguf_text("w") + number(1U) + number(33ULL) + number(8U) + number(0ULL),
       "Cannot read $: tensor w is Q8_0, but its rows are no multiple of 32 numbers."},
      {"gguf_overflow", "a.gguf",
       gguf_header(3, 1, 1) + gguf_gpt2() + gguf_text("w") + number(2U) + number(1ULL << 40) + number(1ULL << 40) + number(0U) +
           number(0ULL),
       "Cannot read $: the shape of tensor w is too large."},
      {"gguf_beyond", "a.gguf",
       gguf_header(3, 1, 1) + gguf_gpt2() + gguf_text("w") + number(1U) + number(1ULL << 40) + number(0U) + number(0ULL),
       "Cannot read $: tensor w needs 4398046511104 bytes, which the file does not have; it may be cut short, get it again."},
      {"gguf_twice", "a.gguf",
       gguf_header(3, 2, 0) + (gguf_text("w") + number(0U) + number(0U) + number(0ULL)) +
           (gguf_text("w") + number(0U) + number(0U) + number(0ULL)),
       "Cannot read $: the tensor w stands twice."},
      {"viz_no_object", "a.json", "{\"block_size\"", "Cannot read $: it is not a JSON object."},
      {"viz_shape", "a.json", R"({"config":{"block_size":1},"w":{"shape":[-1],"dtype":"torch.float32","data":""}})",
       "Cannot read $: tensor w has -1 in its shape."},
      {"viz_huge", "a.json", R"({"config":{"block_size":1},"w":{"shape":[1073741824],"dtype":"torch.float32","data":"AAAA"}})",
       "Cannot read $: tensor w [1073741824] needs 4294967296 bytes, which its 4 characters of data do not hold."},
      {"viz_dtype", "a.json", R"({"config":{"block_size":1},"wte.weight":{"shape":[1],"dtype":"torch.int8","data":""}})",
       "Tensor wte.weight in $ has a dtype that is not torch.float32; no other is supported."},
      {"viz_base64", "a.json", R"({"config":{"block_size":1},"w":{"shape":[1],"dtype":"torch.float32","data":"!!!!AA=="}})",
       "Cannot read $: the data of tensor w is not base64."},
      {"viz_config", "a.json", R"({"config":{"block_size":"many"}})", "In $, block_size should be a whole number from 1 to 2147483647."},
  };
  return all;
}
class BadFormats : public testing::TestWithParam<std::size_t> {};
TEST_P(BadFormats, get_their_sentences) {
  const BadFormat& bad = bad_formats()[GetParam()];
  const std::string path = (test::fresh_folder() / bad.file).string();
  test::write_text(path, bad.bytes);
  const auto weights = load_weights(path);
  ASSERT_FALSE(weights);
  std::string wanted;
  for (const char c : bad.sentence) wanted += c == '$' ? path : std::string(1, c);
  // A sentence without an end stands for its beginning.
  EXPECT_EQ(wanted.ends_with('.') ? weights.error().message : weights.error().message.substr(0, wanted.size()), wanted);
}
INSTANTIATE_TEST_SUITE_P(Files, BadFormats, testing::Range<std::size_t>(0, bad_formats().size()),
                         [](const auto& p) { return std::string(bad_formats()[p.param].name); });

// A legacy file with one storage of four floats, 1 2 3 4, and one tensor.
std::string legacy_file(const std::string& sizes, const std::string& strides, int offset, std::int64_t claimed = 4) {
  std::string s =
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s.\x80\x02}U\x01w"s;
  s += "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"
       "9U\x03"
       "cpuK\x04tQK"s +
       std::string(1, static_cast<char>(offset)) + sizes + strides + "tRs.";
  s += "\x80\x02]U\x01"
       "9a."s +
       number(claimed);
  for (const float v : {1.F, 2.F, 3.F, 4.F}) s += number(v);
  return s;
}
Result<TensorView> legacy_view(const std::string& bytes, std::vector<std::shared_ptr<const void>>& storage) {
  const std::string path = (test::fresh_folder() / "x.pt").string();
  test::write_text(path, bytes);
  GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(path));
  storage.push_back(std::shared_ptr<const void>(file.file(), file.file().get()));
  auto view = file.view("w", *file.pickle().find(file.root(), "w"), storage);
  if (!view) view.error().message.replace(view.error().message.find(path), path.size(), "$");
  return view;
}
TEST(TorchFile, strides_are_honoured) {
  std::vector<std::shared_ptr<const void>> storage;
  const auto plain = legacy_view(legacy_file("K\x02K\x02\x86"s, "K\x02K\x01\x86"s, 0), storage);
  const auto turned = legacy_view(legacy_file("K\x02K\x02\x86"s, "K\x01K\x02\x86"s, 0), storage);
  const auto second = legacy_view(legacy_file("K\x02\x85"s, "K\x02\x85"s, 1), storage);
  ASSERT_TRUE(plain && turned && second);
  EXPECT_EQ(std::vector<float>({plain->at(0), plain->at(1), plain->at(2), plain->at(3)}), std::vector<float>({1, 2, 3, 4}));
  EXPECT_EQ(std::vector<float>({turned->at(0), turned->at(1), turned->at(2), turned->at(3)}), std::vector<float>({1, 3, 2, 4}));
  EXPECT_EQ(std::vector<float>({second->at(0), second->at(1)}), std::vector<float>({2, 4}));
}
TEST(TorchFile, nothing_reaches_beyond_a_storage) {
  std::vector<std::shared_ptr<const void>> storage;
  const auto message = [&](const std::string& sizes, const std::string& strides, int offset) {
    const auto view = legacy_view(legacy_file(sizes, strides, offset), storage);
    return view ? "opened"s : view.error().message;
  };
  EXPECT_EQ(message("K\x04\x85"s, "K\x01\x85"s, 1), "Cannot read $: tensor w reaches beyond its storage of 4 elements.");
  EXPECT_EQ(message("K\x02\x85"s, "K\x04\x85"s, 0), "Cannot read $: tensor w reaches beyond its storage of 4 elements.");
  EXPECT_EQ(message("J\xff\xff\xff\x7f\x85"s, "K\x00\x85"s, 0), "Cannot read $: tensor w repeats its storage of 4 elements too often.");
  EXPECT_EQ(message("J\xff\xff\xff\xff\x85"s, "K\x01\x85"s, 0), "Cannot read $: tensor w has sizes or strides that no tensor can have.");
  EXPECT_EQ(message("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x04\x86"s, "K\x04K\x01\x86"s, 0),
            "Cannot read $: tensor w has sizes or strides that no tensor can have.");
  EXPECT_EQ(message("(K\x01K\x01K\x01K\x01K\x01t"s, "(K\x01K\x01K\x01K\x01K\x01t"s, 0),
            "Tensor w in $ has 5 dimensions; at most four are supported.");
}

TEST(Q8, blocks_are_scales_times_numbers) {
  std::string block = number<std::uint16_t>(0x3800);  // 0.5
  for (int i = 0; i < 32; ++i) block += static_cast<char>(i * 8 - 128);
  std::array<float, 32> numbers{};
  gguf_type(8)->widen(reinterpret_cast<const std::byte*>(block.data()), 1, numbers.data());
  for (int i = 0; i < 32; ++i) EXPECT_EQ(numbers[static_cast<std::size_t>(i)], 0.5F * static_cast<float>(i * 8 - 128));
}

TEST(Base64, reads_what_the_standard_says) {  // RFC 4648, section 10
  const auto text = [](std::string_view in) {
    const auto bytes = from_base64(in);
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : "no"s;
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("Zg=="), "f");
  EXPECT_EQ(text("Zm8="), "fo");
  EXPECT_EQ(text("Zm9vYmFy"), "foobar");
  EXPECT_EQ(text("Zg="), "no");
  EXPECT_EQ(text("Zg==Zg=="), "no");
  EXPECT_EQ(text("Z==="), "no");
}

}  // namespace
}  // namespace gf
