// Small files that ask for much: memory, recursion, the reader's terminal. Each gets its sentence.
#include <functional>
#include <gtest/gtest.h>

#include "model/base/files/json_bounds.h"
#include "model/edits/recipe.h"
#include "model/io/config_json.h"
#include "model/io/loaders.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer_json.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

using namespace std::string_literals;

std::string nested(std::size_t deep) { return std::string(deep, '[') + std::string(deep, ']'); }

TEST(JsonBounds, count_nesting_and_values_outside_of_texts) {
  EXPECT_TRUE(check_json_bounds(nested(100), 1000, "It"));
  EXPECT_EQ(check_json_bounds(nested(101), 1000, "It").error().message,
            "It nests more than 100 values in each other, as no such file does.");
  EXPECT_TRUE(check_json_bounds("[1,2,3]", 4, "It"));
  EXPECT_EQ(check_json_bounds("[1,2,3,4]", 4, "It").error().message, "It has more than 4 values, as no such file does.");
  EXPECT_TRUE(check_json_bounds(R"({"a": "[[[[,,,,\",,[["})", 3, "It"));
  EXPECT_TRUE(check_json_bounds("\"\\", 1, "It")) << "a text that ends too early is the parser's to refuse";
}

struct Untrusted {
  const char* name;
  std::function<Result<void>(const std::string& path)> open;  ///< `path`: a file of this content
  std::string content, sentence;                              ///< $: the path
};

template <class T>
Result<void> nothing(Result<T> result) {
  if (!result) return tl::unexpected(std::move(result).error());
  return {};
}
Result<void> config(const std::string& path) { return nothing(read_config_json(path)); }
Result<void> tokenizer(const std::string& path) { return nothing(read_tokenizer_json(path)); }
Result<void> characters(const std::string& path) { return nothing(CharacterTokenizer::read(path)); }
Result<void> recipe(const std::string& path) { return nothing(read_recipe(path)); }
Result<void> weights(const std::string& path) { return nothing(load_weights(path)); }
Result<void> vocabulary(const std::string& path) { return nothing(BpeTokenizer::make(*read_file(path, 1000), "", path, "test")); }

template <class T>
std::string untrusted_number(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
std::string untrusted_text(const std::string& s) { return untrusted_number<std::uint64_t>(s.size()) + s; }

// Forty tensors that all lie on the same 2 KB.
std::string overlapping_gguf() {
  std::string s = "GGUF" + untrusted_number(3U) + untrusted_number<std::uint64_t>(40) + untrusted_number<std::uint64_t>(1) +
                  untrusted_text("general.architecture") + untrusted_number(8U) + untrusted_text("gpt2");
  for (int i = 0; i < 40; ++i)
    s += untrusted_text("t" + std::to_string(i)) + untrusted_number(1U) + untrusted_number<std::uint64_t>(512) + untrusted_number(0U) +
         untrusted_number<std::uint64_t>(0);
  return s + std::string(31 - (s.size() + 31) % 32, '\0') + std::string(2048, '\0');
}

// Forty turned tensors of one storage of 32 x 16 numbers, as torch.save wrote them before PyTorch 1.6.
std::string shared_storage() {
  std::string s =
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s.\x80\x02"s
      "ctorch._utils\n_rebuild_tensor_v2\nq\x00"
      "0(U\x07storagectorch\nFloatStorage\nU\x01"
      "9U\x03"
      "cpuM\x00\x02tQq\x01"
      "0}"s;
  s += "U\x0awte.weighth\x00(h\x01K\x00K\x10K \x86K\x01K\x10\x86tRs"s;
  for (int i = 0; i < 40; ++i) s += "U\x01"s + static_cast<char>('A' + i) + "h\x00(h\x01K\x00K\x10K \x86K\x01K\x10\x86tRs"s;
  return s +
         ".\x80\x02]U\x01"
         "9a."s +
         untrusted_number<std::int64_t>(512) + std::string(2048, '\0');
}

const std::vector<Untrusted>& untrusted() {
  static const std::string deep = nested(2'000'000);
  static const std::vector<Untrusted> all = {
      {"config_deep", config, "{\"model_type\":" + deep + "}", "$ nests more than 100 values in each other, as no such file does."},
      {"config_many", config, "[" + std::string(300'000, ',') + "]", "$ has more than 200000 values, as no such file does."},
      {"index_deep", weights, "{\"weight_map\":" + deep + "}", "$ nests more than 100 values in each other, as no such file does."},
      {"viz_deep", weights, "{\"block_size\":" + deep + "}", "$ nests more than 100 values in each other, as no such file does."},
      {"tokenizer_deep", tokenizer, "{\"model\":" + deep + "}", "$ nests more than 100 values in each other, as no such file does."},
      {"recipe_deep", recipe, "{\"version\":" + deep + "}",
       "$: the recipe nests more than 100 values in each other, as no such file does."},
      {"recipe_number", recipe, "{\"version\": 1e400}", "$: the recipe has a number that is larger than any that a computer holds"},
      {"recipe_wraps", recipe, R"({"version": 1, "edits": [{"hook": "logits", "op": "zero", "positions": [18446744073709551615]}]})",
       "$: edit 1: the indices of 'positions' must be whole numbers from -2147483647 to 2147483647"},
      {"recipe_no_file", recipe, R"({"version": 1, "edits": [{"hook": "logits", "op": "add", "vector": {"file": "", "tensor": "v"}}]})",
       "$: edit 1: the file of 'vector' has no name"},
      {"vocabulary_far", vocabulary, R"({"a": 3999999})", "vocab.json in $ has only 1 tokens, but the id 3999999."},
      {"characters_far", characters,
       "\x80\x02}U\x04itos}J\xff\x08=\x00U\x01"
       "ass."s,
       "Cannot read $: its table has only 1 characters, but the id 3999999."},
      {"gguf_overlaps", weights, overlapping_gguf(), "Cannot read $: its tensors claim more than sixteen times the bytes of the file."},
      {"torch_overlaps", weights, shared_storage(), "Cannot read $: its tensors claim more than four times the bytes of the file."},
      {"terminal", weights,
       "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s.\x80\x02}U\x0awte."
       "weight"
       "\x63\x1b[2J\nx\n)Rs.\x80\x02]."s,
       "Tensor wte.weight in $ is a \\x1b[2J.x, which is not run here; save the state_dict of a plain model."},
  };
  return all;
}

class UntrustedFiles : public testing::TestWithParam<std::size_t> {};
TEST_P(UntrustedFiles, get_their_sentences) {
  const Untrusted& bad = untrusted()[GetParam()];
  const std::string path = (test::fresh_folder() / (bad.name == "index_deep"s ? "model.safetensors.index.json" : "file")).string();
  test::write_text(path, bad.content);
  const auto opened = bad.open(path);
  ASSERT_FALSE(opened);
  std::string wanted;
  for (const char c : bad.sentence) wanted += c == '$' ? path : std::string(1, c);
  EXPECT_EQ(opened.error().message, wanted);
}
INSTANTIATE_TEST_SUITE_P(Files, UntrustedFiles, testing::Range<std::size_t>(0, untrusted().size()),
                         [](const auto& p) { return std::string(untrusted()[p.param].name); });

TEST(UntrustedFiles, a_name_of_megabytes_does_not_fill_the_screen) {
  const std::string path = (test::fresh_folder() / "a.safetensors").string();
  test::write_text(path, test::safetensors_bytes("{\"" + std::string(2'000'000, 'n') + "\": 1}", 0));
  const auto opened = load_weights(path);
  ASSERT_FALSE(opened);
  EXPECT_LT(opened.error().message.size(), 1000U);
  EXPECT_NE(opened.error().message.find(" ... "), std::string::npos);
}

}  // namespace
}  // namespace gf
