// Added tokens, normalizers and prefix spaces, as transformers and tokenizers read them.
#include "model/tokenizer/added_tokens.h"

#include <gtest/gtest.h>
#include <sstream>

#include "model/io/formats/huggingface_write.h"
#include "model/io/loaders.h"
#include "model/tokenizer/normalizer.h"
#include "model/tokenizer/regex_dialect.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kGolden = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/tokenizer";

std::string golden_text(const char* name) {
  std::ifstream in(kGolden / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const Json& golden_cases() {
  static const Json cases = Json::parse(golden_text("added-cases.json"));
  return cases;
}

/// Writes the files of a case, with the vocabulary that all cases share.
void write_case(const Json& files, const fs::path& folder) {
  const bool whole = files.contains("tokenizer.json");
  for (const auto& [name, content] : files.items()) {
    Json filled = content;
    if (name == "tokenizer.json") {
      filled["model"]["vocab"] = Json::parse(golden_text("files/vocab.json"));
      filled["model"]["merges"] = Json::array();
      std::istringstream lines(golden_text("files/merges.txt"));
      std::string line;
      std::getline(lines, line);
      while (std::getline(lines, line))
        if (!line.empty()) filled["model"]["merges"].push_back(line);
    }
    test::write_text(folder / name, filled.dump());
  }
  if (whole) return;
  for (const char* name : {"vocab.json", "merges.txt"})
    test::write_text(folder / name, golden_text((std::string("files/") + name).c_str()));
}

std::vector<int> numbers_of(const std::vector<TokenSpan>& spans) {
  std::vector<int> ids;
  for (const TokenSpan& span : spans) ids.push_back(span.id.v);
  return ids;
}

class AddedCases : public testing::TestWithParam<std::size_t> {};

TEST_P(AddedCases, have_the_reference_ids) {
  const Json& golden = golden_cases()[GetParam()];
  const fs::path folder = test::fresh_folder();
  write_case(golden["files"], folder);
  const auto tokenizer = load_tokenizer(folder.string(), 400);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  for (const Json& row : golden["texts"])
    for (const bool special : {false, true}) {
      const auto text = row["text"].get<std::string>();
      const auto spans = (*tokenizer)->encode(text, special);
      ASSERT_TRUE(spans) << spans.error().message;
      EXPECT_EQ(numbers_of(*spans), row[special ? "special" : "ids"].get<std::vector<int>>())
          << golden["name"] << ": '" << text << "'" << (special ? " with special tokens" : "");
      std::size_t last = 0;
      for (const TokenSpan& span : *spans) {
        EXPECT_LE(span.begin, span.end) << golden["name"] << ": '" << text << "'";
        EXPECT_LE(span.end, text.size()) << golden["name"] << ": '" << text << "'";
        EXPECT_GE(span.end, last) << golden["name"] << ": '" << text << "'";
        last = span.end;
      }
    }
}
INSTANTIATE_TEST_SUITE_P(Files, AddedCases, testing::Range<std::size_t>(0, golden_cases().size()), [](const auto& p) {
  std::string name = golden_cases()[p.param]["name"];
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

TEST(AddedTokens, are_decoded_as_they_are_written) {
  const fs::path folder = test::fresh_folder();
  write_case({{"added_tokens.json", {{"\u00e9\u00e9", 300}, {"<sp eaker>", 301}, {"\u0120x", 302}}}}, folder);
  const auto tokenizer = load_tokenizer(folder.string(), 303);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->bytes_of(TokenId(300)), "\u00e9\u00e9");
  EXPECT_EQ((*tokenizer)->bytes_of(TokenId(301)), "<sp eaker>");
  EXPECT_EQ((*tokenizer)->bytes_of(TokenId(302)), "\u0120x") << "an added token is not in the alphabet of bytes";
}

TEST(AddedTokens, beyond_the_models_vocabulary_are_left_out_and_said) {
  const fs::path folder = test::fresh_folder();
  write_case({{"added_tokens.json", {{"<pad>", 300}, {"<bos>", 301}}}}, folder);
  std::string warning;
  const auto tokenizer = load_tokenizer(folder.string(), 301, &warning);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->n_vocab(), 301);
  EXPECT_EQ(warning, "1 added token of the tokenizer (<bos>) lies beyond the model's 301 tokens and is not recognised.");
}

TEST(AddedTokens, that_are_special_are_told_by_their_spelling) {
  const fs::path folder = test::fresh_folder();
  write_case({{"added_tokens.json", {{"<pad>", 300}, {"word", 301}}}, {"special_tokens_map.json", {{"pad_token", "<pad>"}}}}, folder);
  const auto tokenizer = load_tokenizer(folder.string(), 302);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ((*tokenizer)->special_in("a <pad> b"), "<pad>");
  EXPECT_EQ((*tokenizer)->special_in("a word < pad>"), std::nullopt);
}

TEST(AddedTokens, in_broken_files_get_a_sentence) {
  const fs::path folder = test::fresh_folder();
  const auto message = [&](const char* name, const std::string& content) {
    fs::remove_all(folder);
    write_case(Json::object(), folder);
    test::write_text(folder / name, content);
    const auto tokenizer = load_tokenizer(folder.string(), 400);
    return tokenizer ? std::string("opened") : tokenizer.error().message;
  };
  EXPECT_NE(message("tokenizer_config.json", "[]").find("tokenizer_config.json is not an object"), std::string::npos);
  EXPECT_NE(message("tokenizer_config.json", R"({"added_tokens_decoder": {"x": {"content": "a"}}})").find("added_tokens_decoder"),
            std::string::npos);
  EXPECT_NE(message("added_tokens.json", R"({"<a>": -1})").find("it gives <a> no token id"), std::string::npos);
  EXPECT_NE(message("added_tokens.json", R"({"<a>": 5})").find("gives the id 5 to two tokens"), std::string::npos);
  EXPECT_EQ(message("tokenizer_config.json", R"({"pad_token": null, "chat_template": "{{ x }}"})"), "opened");
}

TEST(Normalizers, of_other_kinds_are_refused_by_name) {
  for (const char* name : {"BertNormalizer", "StripAccents", "Nmt", "Precompiled"}) {
    const auto made =
        Normalizer::parse(R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": ")" + std::string(name) + "\"}]}", "P");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "Cannot read P: it normalises text by " + std::string(name) +
                                        ", which is not supported; NFC, NFD, NFKC, NFKD, Lowercase, Strip, Replace and Prepend are.");
  }
  EXPECT_FALSE(Normalizer::parse(R"({"type": "Replace", "pattern": {"Regex": "("}, "content": ""})", "P"));
  EXPECT_FALSE(Normalizer::parse(R"({"type": "Replace", "content": ""})", "P"));
  EXPECT_TRUE(Normalizer::parse("null", "P")->empty());
}

// What tokenizers does then is on no plan: it repeats characters of the text.
TEST(Normalizers, that_replace_nothing_are_refused) {
  const std::string wanted = "Cannot read P: its normalizer replaces where there is nothing (an empty match), which is not supported.";
  const auto empty = Normalizer::parse(R"({"type": "Replace", "pattern": {"String": ""}, "content": "x"})", "P");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, wanted);
  const auto maybe = Normalizer::parse(R"({"type": "Replace", "pattern": {"Regex": "x*"}, "content": "y"})", "P");
  ASSERT_TRUE(maybe);
  const auto applied = maybe->apply(AlignedText("axx", 0));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().message, wanted);
}

TEST(RegexDialect, writes_for_pcre2_what_oniguruma_reads) {
  EXPECT_EQ(pcre2_dialect(R"(a|\d+\p{L}[^]\]x](?:y)?$)"), R"(a|\d+\p{L}[^]\]x](?:y)?$)");
  EXPECT_EQ(pcre2_dialect(R"(\s[\S-]\u00e9\x{41})"), R"(\p{White_Space}[\P{White_Space}-]\x{00e9}\x{41})");
  EXPECT_EQ(pcre2_dialect(R"(\h[\h_]\H)"), R"([0-9a-fA-F][0-9a-fA-F_][^0-9a-fA-F])");
  EXPECT_EQ(pcre2_dialect(R"((?mi)a(?m-x:b)(?<n>c)(?=d))"), R"((?si)a(?s-x:b)(?<n>c)(?=d))");
  EXPECT_EQ(pcre2_dialect(R"([[:digit:]x])"), R"([\p{Nd}x])");
  for (const char* other : {R"([a&&b])", R"([a[b]])", R"([[:punct:]])", R"([\W])", R"([\H])", R"(\O)", "\\"})
    EXPECT_EQ(pcre2_dialect(other), std::nullopt) << other;
}

TEST(Normalizers, leave_broken_utf8_as_it_is_and_know_where_bytes_come_from) {
  const auto nfc = Normalizer::parse(R"({"type": "NFC"})", "P");
  ASSERT_TRUE(nfc);
  const auto broken =
      nfc->apply(AlignedText("a\xff"
                             "e\u0301\xe2\x82",
                             0));
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->text(), "a\xff\u00e9\xe2\x82");
  EXPECT_EQ(broken->origin_begin(2), 2U);
  EXPECT_EQ(broken->origin_end(4), 5U) << "the bytes of the letter and of its accent";
  EXPECT_EQ(broken->origin_begin(4), 5U);
}

TEST(Convert, keeps_what_the_tokenizer_says) {
  const fs::path folder = test::fresh_folder();
  for (const Json& golden : golden_cases()) {
    const fs::path from = folder / "from", to = folder / "to";
    fs::remove_all(from);
    fs::remove_all(to);
    test::TinyModel tiny;
    tiny.config["vocab_size"] = 310;
    tiny.add("wte.weight", {310, 4});
    static_cast<void>(tiny.write(from));
    write_case(golden["files"], from);
    const auto weights = load_weights(from.string());
    ASSERT_TRUE(weights) << weights.error().message;
    const auto written = write_huggingface(**weights, to.string(), {});
    ASSERT_TRUE(written) << written.error().message;
    const auto a = load_tokenizer(from.string(), 310), b = load_tokenizer(to.string(), 310);
    ASSERT_TRUE(a && b) << golden["name"];
    for (const Json& row : golden["texts"])
      for (const bool special : {false, true})
        EXPECT_EQ(numbers_of(*(*a)->encode(row["text"].get<std::string>(), special)),
                  numbers_of(*(*b)->encode(row["text"].get<std::string>(), special)))
            << golden["name"];
  }
}

}  // namespace
}  // namespace gf
