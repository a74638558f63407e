#include <gtest/gtest.h>

#include "model/io/loaders.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer.h"
#include "model/tokenizer/tokenizer_json.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

std::shared_ptr<const Tokenizer> tokenizer_of(const std::string& model, int n_vocab, std::string* warning = nullptr) {
  const auto tokenizer = load_tokenizer(model, n_vocab, warning);
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return *tokenizer;
}

TEST(LoadTokenizer, fable_has_a_tokenizer_of_its_own) {
  std::string warning;
  const auto fable = tokenizer_of(*resolve_model("fable"), 4096, &warning);
  EXPECT_EQ(warning, "");
  EXPECT_EQ(fable->n_vocab(), 4096);
  EXPECT_EQ(fable->kind(), "byte-level BPE (model's own)");
  const auto ids = fable->ids_of("The capital of France is");
  ASSERT_TRUE(ids);
  EXPECT_EQ(fable->decode(*ids), "The capital of France is");
  EXPECT_EQ(*fable->ids_of("<|endoftext|>", true), std::vector<TokenId>{TokenId(0)});
}

TEST(LoadTokenizer, tiny_vocabularies_name_the_byte_they_lack) {
  const auto sort = tokenizer_of(*resolve_model("sort-nano"), 3);
  EXPECT_EQ(*sort->ids_of("CBABBCA"),
            (std::vector<TokenId>{TokenId(2), TokenId(1), TokenId(0), TokenId(1), TokenId(1), TokenId(2), TokenId(0)}));
  EXPECT_EQ(sort->ids_of("AB D").error().message,
            "The model's vocabulary has no token for the byte 0x20 (space) at byte 2 of the text; leave it out.");
  EXPECT_EQ(sort->ids_of("ABD").error().message,
            "The model's vocabulary has no token for the byte 0x44 (D) at byte 2 of the text; leave it out.");
  EXPECT_EQ(tokenizer_of(*resolve_model("sort-nano@150"), 3)->n_vocab(), 3) << "a checkpoint has its model's tokenizer";
}

TEST(LoadTokenizer, golden_prompts_get_their_ids) {
  for (const auto& [name, model] : {std::pair{"indirect-object", "fable"}, std::pair{"capital", "fable"}, std::pair{"story", "fable"},
                                    std::pair{"sort", "sort-nano"}, std::pair{"repeat", "induction-nano"}}) {
    std::ifstream in(std::string(GLASSFORMER_SOURCE_DIR "/tests/golden/trained/") + name + "/case.json");
    const auto golden = nlohmann::json::parse(in);
    std::vector<TokenId> wanted;
    for (const int id : golden["ids"]) wanted.emplace_back(id);
    EXPECT_EQ(*tokenizer_of(*resolve_model(model), 4096)->ids_of(golden["prompt"].get<std::string>()), wanted) << name;
  }
}

TEST(LoadTokenizer, falls_back_as_the_size_allows) {
  const auto folder = test::fresh_folder().string();
  std::string warning;
  EXPECT_EQ(tokenizer_of(folder, 50304, &warning)->kind(), "byte-level BPE (GPT-2's)");
  EXPECT_EQ(warning, "There is no tokenizer.json, and no vocab.json with merges.txt, in " + folder + "; GPT-2's tokenizer is used.");
  EXPECT_EQ(tokenizer_of(folder, 50257)->n_vocab(), 50257);
  const auto raw = tokenizer_of(folder, 50305, &warning);
  EXPECT_EQ(raw->kind(), "raw ids");
  EXPECT_EQ(warning, "There is no tokenizer.json, vocab.json with merges.txt or meta.pkl in " + folder +
                         ", and GPT-2's does not fit 50305 tokens; text is token ids.");
  EXPECT_EQ(*raw->ids_of("3, 50304"), (std::vector<TokenId>{TokenId(3), TokenId(50304)}));
  EXPECT_EQ(raw->bytes_of(TokenId(3)), "");
  EXPECT_EQ(raw->ids_of("3 50305").error().message,
            "This model has no tokenizer, so its text is token ids from 0 to 50304 with spaces "
            "between them; byte 2 of the text begins none. Put its tokenizer beside it: tokenizer.json, vocab.json with merges.txt, or for "
            "nanoGPT's characters the meta.pkl of the data folder.");
}

TEST(LoadTokenizer, more_tokens_than_the_model_has_are_refused) {
  const auto tokenizer = load_tokenizer(*resolve_model("sort-nano"), 2);
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().message, "The tokenizer in " + *resolve_model("sort-nano") + " has 3 tokens, but the model has 2.");
}

TEST(LoadTokenizer, characters_of_nanogpt_are_read) {
  const std::string folder = GLASSFORMER_SOURCE_DIR "/tests/golden/models/nanogpt-char";
  const auto characters = tokenizer_of(folder + "/ckpt.pt", 74);
  std::ifstream in(folder + "/case.json");
  const auto golden = nlohmann::json::parse(in);
  std::vector<TokenId> wanted;
  for (const int id : golden["ids"]) wanted.emplace_back(id);
  EXPECT_EQ(*characters->ids_of(golden["prompt"].get<std::string>()), wanted);
  EXPECT_EQ(characters->decode(wanted), golden["prompt"].get<std::string>());
  EXPECT_EQ(characters->kind(), "characters (meta.pkl)");
  EXPECT_EQ(characters->ids_of("be#").error().message,
            "The model's vocabulary has no token for the byte 0x23 (#) at byte 2 of the text; leave it out.");
  const auto too_many = load_tokenizer(folder, 73);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().message, "The tokenizer in " + folder + "/meta.pkl has 74 tokens, but the model has 73.");
}

// Scripts write the table as a list too, or one way only, and in the pickle protocol that escapes characters.
TEST(LoadTokenizer, characters_are_read_from_tables_of_any_form) {
  for (const char* name : {"list", "only-stoi", "protocol-0"}) {
    const auto read =
        CharacterTokenizer::read(std::string(GLASSFORMER_SOURCE_DIR) + "/tests/golden/checkpoints/characters/" + name + ".pkl");
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    std::string all;
    for (int id = 0; id < (*read)->n_vocab(); ++id) all += (*read)->bytes_of(TokenId(id));
    EXPECT_EQ(all, "\n H\u00e9\u20ac\U0001f600") << name;
  }
}

TEST(LoadTokenizer, characters_are_written_as_tokenizer_json_and_read_back) {
  const std::vector<std::pair<std::int64_t, std::string_view>> table = {
      {0, "a"}, {1, "\xC3\xA9"}, {2, "\n"}, {4, "\xF0\x9F\x98\x80"}, {3, "\""}};
  const auto from = CharacterTokenizer::make(table, "here", "test");
  ASSERT_TRUE(from) << from.error().message;
  const auto folder = test::fresh_folder();
  test::write_text(folder / "tokenizer.json", characters_to_json(**from));
  const auto to = tokenizer_of(folder.string(), 5);
  EXPECT_EQ(to->kind(), "characters (tokenizer.json)");
  EXPECT_EQ(to->n_vocab(), 5);
  for (int id = 0; id < 5; ++id) EXPECT_EQ(to->bytes_of(TokenId(id)), (*from)->bytes_of(TokenId(id)));
  EXPECT_EQ(to->ids_of("a\n\xC3\xA9\"").value(), (std::vector<TokenId>{TokenId(0), TokenId(2), TokenId(1), TokenId(3)}));
  EXPECT_EQ(CharacterTokenizer::make({{0, "a"}, {1, "a"}}, "here", "").error().message,
            "Cannot read here: its table has the character a twice.");
  EXPECT_EQ(CharacterTokenizer::make({{0, "ab"}}, "here", "").error().message,
            "Cannot read here: its table has something other than ids with one character each.");
  EXPECT_EQ(CharacterTokenizer::make({}, "here", "").error().message, "Cannot read here: its table has no characters.");
}

TEST(LoadTokenizer, tokens_that_were_added_later_are_read) {
  const auto folder = test::fresh_folder();
  test::write_text(folder / "vocab.json", R"({"a":0,"b":1,"<|end|>":2})");
  test::write_text(folder / "merges.txt", "#version: 0.2\n");
  test::write_text(folder / "added_tokens.json", R"({"<|end|>":2,"<|user|>":3})");
  const auto own = tokenizer_of(folder.string(), 4);
  EXPECT_EQ(own->n_vocab(), 4);
  EXPECT_EQ(own->bytes_of(TokenId(3)), "<|user|>");
  EXPECT_EQ(*own->ids_of("a<|user|>b<|end|>", true), (std::vector<TokenId>{TokenId(0), TokenId(3), TokenId(1), TokenId(2)}));
  const auto message = [&](const std::string& json) {
    test::write_text(folder / "added_tokens.json", json);
    const auto tokenizer = load_tokenizer(folder.string(), 4);
    return tokenizer ? std::string("opened") : tokenizer.error().message;
  };
  EXPECT_EQ(message("[1]"), (folder / "added_tokens.json").string() + " is not an object of tokens and ids.");
  EXPECT_EQ(message(R"({"<|user|>":1})"), "The tokenizer in " + folder.string() + " gives the id 1 to two tokens, <|user|> among them.");
}

TEST(LoadTokenizer, the_tokenizer_inside_a_gguf_is_read) {
  const auto inside = tokenizer_of(GLASSFORMER_SOURCE_DIR "/tests/golden/models/gguf-f16", 400);
  EXPECT_EQ(inside->n_vocab(), 400);
  EXPECT_EQ(inside->bytes_of(TokenId(17)), "t17");
}

// llama.cpp's converter fills a padded vocabulary with tokens of the type "unused".
TEST(LoadTokenizer, the_padding_of_a_gguf_has_no_text) {
  const auto number = [](auto value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto text = [&](const std::string& s) { return number(std::uint64_t{s.size()}) + s; };
  const std::string path = (test::fresh_folder() / "a.gguf").string();
  std::string file = "GGUF" + number(3U) + number(std::uint64_t{0}) + number(std::uint64_t{3});
  file += text("tokenizer.ggml.model") + number(8U) + text("gpt2");
  file += text("tokenizer.ggml.tokens") + number(9U) + number(8U) + number(std::uint64_t{4});
  for (const char* token : {"[PAD0]", "a", "b", "[PAD3]"}) file += text(token);
  file += text("tokenizer.ggml.token_type") + number(9U) + number(5U) + number(std::uint64_t{4});
  for (const int type : {5, 1, 1, 5}) file += number(type);
  test::write_text(path, file);
  const auto own = tokenizer_of(path, 4);
  EXPECT_EQ(own->n_vocab(), 3) << "what is beyond is never sampled";
  EXPECT_EQ(own->bytes_of(TokenId(0)), "");
  EXPECT_EQ(*own->ids_of("ab"), (std::vector<TokenId>{TokenId(1), TokenId(2)}));
  file[16] = 4;  // one key more
  const auto cut_as = [&](const char* name) {
    test::write_text(path, file + text("tokenizer.ggml.pre") + number(8U) + text(name));
    const auto tokenizer = load_tokenizer(path, 4);
    return tokenizer ? std::string("opened") : tokenizer.error().message;
  };
  EXPECT_EQ(cut_as("gpt-2"), "opened");
  EXPECT_EQ(cut_as("qwen2"),
            "Cannot read " + path + ": its tokenizer cuts text into words as qwen2 does, which is not supported; gpt-2's way is.");
}

TEST(LoadTokenizer, tokenizer_json_is_read_with_merges_of_both_kinds) {
  const auto folder = test::fresh_folder();
  const auto path = (folder / "tokenizer.json").string();
  for (const char* merges : {R"(["a b","ab a"])", R"([["a","b"],["ab","a"]])"}) {
    test::write_text(path, std::string(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"aba":3},"merges":)") + merges +
                               R"(},"pre_tokenizer":{"type":"ByteLevel"},"added_tokens":[{"id":4,"content":"<|end|>"}]})");
    const auto own = tokenizer_of(folder.string(), 5);
    EXPECT_EQ(*own->ids_of("abaab<|end|>", true), (std::vector<TokenId>{TokenId(3), TokenId(2), TokenId(4)}));
  }
  const auto message = [&](const std::string& json) {
    test::write_text(path, json);
    const auto own = load_tokenizer(folder.string(), 5);
    return own ? std::string("opened") : own.error().message;
  };
  EXPECT_EQ(message("[]"), "Cannot read " + path + ": it is not a JSON object with a model.");
  EXPECT_EQ(
      message(R"({"model":{"type":"Unigram"}})"),
      "Cannot read " + path + ": it is a tokenizer of the kind Unigram with the pre-tokenizer (none); supported is BPE with ByteLevel.");
  EXPECT_EQ(message(R"({"model":{"type":"BPE"},"pre_tokenizer":{"type":"ByteLevel"}})"),
            "Cannot read " + path + ": its model has no vocab and merges.");
}

}  // namespace
}  // namespace gf
