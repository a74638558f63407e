#include <gtest/gtest.h>

#include "model/io/loaders.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

std::shared_ptr<const Tokenizer> tokenizer_of(const std::string& model, int n_vocab, std::string* warning = nullptr) {
  const auto tokenizer = load_tokenizer(model, n_vocab, warning);
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return *tokenizer;
}

TEST(LoadTokenizer, FablesOwn) {
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

TEST(LoadTokenizer, TinyVocabulariesNameTheByteTheyLack) {
  const auto sort = tokenizer_of(*resolve_model("sort-nano"), 3);
  EXPECT_EQ(*sort->ids_of("CBABBCA"), (std::vector<TokenId>{TokenId(2), TokenId(1), TokenId(0), TokenId(1), TokenId(1), TokenId(2), TokenId(0)}));
  EXPECT_EQ(sort->ids_of("AB D").error().message,
            "The model's vocabulary has no token for the byte 0x20 (space) at byte 2 of the text; leave it out.");
  EXPECT_EQ(sort->ids_of("ABD").error().message,
            "The model's vocabulary has no token for the byte 0x44 (D) at byte 2 of the text; leave it out.");
  EXPECT_EQ(tokenizer_of(*resolve_model("sort-nano@150"), 3)->n_vocab(), 3) << "a checkpoint has its model's tokenizer";
}

TEST(LoadTokenizer, GoldenPrompts) {
  for (const auto& [name, model] : {std::pair{"indirect-object", "fable"}, std::pair{"capital", "fable"}, std::pair{"story", "fable"},
                                    std::pair{"sort", "sort-nano"}, std::pair{"repeat", "induction-nano"}}) {
    std::ifstream in(std::string(GLASSFORMER_SOURCE_DIR "/tests/golden/trained/") + name + "/case.json");
    const auto golden = nlohmann::json::parse(in);
    std::vector<TokenId> wanted;
    for (const int id : golden["ids"]) wanted.emplace_back(id);
    EXPECT_EQ(*tokenizer_of(*resolve_model(model), 4096)->ids_of(golden["prompt"].get<std::string>()), wanted) << name;
  }
}

TEST(LoadTokenizer, FallsBackAsTheSizeAllows) {
  const auto folder = test::fresh_folder().string();
  std::string warning;
  EXPECT_EQ(tokenizer_of(folder, 50304, &warning)->kind(), "byte-level BPE (GPT-2's)");
  EXPECT_EQ(warning, "There is no vocab.json with merges.txt in " + folder + "; GPT-2's tokenizer is used.");
  EXPECT_EQ(tokenizer_of(folder, 50257)->n_vocab(), 50257);
  const auto raw = tokenizer_of(folder, 50305, &warning);
  EXPECT_EQ(raw->kind(), "raw ids");
  EXPECT_EQ(warning, "There is no vocab.json with merges.txt in " + folder + ", and GPT-2's does not fit 50305 tokens; text is token ids.");
  EXPECT_EQ(*raw->ids_of("3, 50304"), (std::vector<TokenId>{TokenId(3), TokenId(50304)}));
  EXPECT_EQ(raw->bytes_of(TokenId(3)), "");
  EXPECT_EQ(raw->ids_of("3 50305").error().message, "This model has no tokenizer, so its text is token ids from 0 to 50304 with spaces "
                                                    "between them; byte 2 of the text begins none.");
}

TEST(LoadTokenizer, TooManyTokensForTheModel) {
  const auto tokenizer = load_tokenizer(*resolve_model("sort-nano"), 2);
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().message, "vocab.json in " + *resolve_model("sort-nano") + " has 3 tokens, but the model has 2.");
}

}  // namespace
}  // namespace gf
