#include "model/tokenizer/bpe.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "model/io/loaders.h"

namespace gf {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::shared_ptr<const Tokenizer> gpt2() {
  static const auto tokenizer = gpt2_tokenizer();
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return *tokenizer;
}

std::vector<int> numbers(const std::vector<TokenSpan>& spans) {
  std::vector<int> ids;
  for (const auto& span : spans) ids.push_back(span.id.v);
  return ids;
}

std::string rebuilt(const Tokenizer& tokenizer, std::string_view text, bool special = false) {
  const auto spans = tokenizer.encode(text, special);
  EXPECT_TRUE(spans) << spans.error().message;
  std::string out;
  std::size_t at = 0;
  for (const auto& span : *spans) {
    EXPECT_EQ(span.begin, at);
    EXPECT_EQ(tokenizer.bytes_of(span.id), text.substr(span.begin, span.end - span.begin));
    at = span.end;
    out += tokenizer.bytes_of(span.id);
  }
  return out;
}

TEST(Gpt2Tokenizer, gives_the_ids_of_all_reference_cases) {
  const auto cases = nlohmann::json::parse(text_of(GLASSFORMER_SOURCE_DIR "/tests/golden/tokenizer/gpt2-cases.json"));
  ASSERT_EQ(cases.size(), 600U);
  for (const auto& c : cases) {
    const auto text = c["text"].get<std::string>();
    const auto spans = gpt2()->encode(text);
    ASSERT_TRUE(spans) << spans.error().message;
    EXPECT_EQ(numbers(*spans), c["ids"].get<std::vector<int>>()) << text;
    EXPECT_EQ(rebuilt(*gpt2(), text), text);
  }
}

TEST(Gpt2Tokenizer, any_bytes_come_back) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 60, '\0');
    constexpr std::string_view kMixed = " aA1'\n\xc3\xa9\xff";
    for (char& c : bytes) {
      if (round % 3 == 0) c = static_cast<char>(random() % 256);
      else if (round % 3 == 1) c = static_cast<char>(0x70 + random() % 0x30);
      else c = kMixed[random() % kMixed.size()];
    }
    EXPECT_EQ(rebuilt(*gpt2(), bytes), bytes);
  }
}

TEST(Gpt2Tokenizer, reads_special_tokens_only_where_they_are_asked_for) {
  const std::string text = "a<|endoftext|><|endoftext|> b";
  EXPECT_EQ(numbers(*gpt2()->encode(text, true)), (std::vector<int>{64, 50256, 50256, 275}));
  const auto plain = numbers(*gpt2()->encode(text, false));
  EXPECT_EQ(std::count(plain.begin(), plain.end(), 50256), 0);
  EXPECT_EQ(rebuilt(*gpt2(), text, true), text);
  EXPECT_EQ(rebuilt(*gpt2(), text, false), text);
}

TEST(Gpt2Tokenizer, spaces_are_those_of_unicode) {
  // U+0085 and U+3000 are white space; U+180E is not, though PCRE2's \s has it.
  const auto words = [&](const char* text) { return gpt2()->encode(text)->size(); };
  EXPECT_EQ(rebuilt(*gpt2(), "a\u0085b\u3000c\u180ed"), "a\u0085b\u3000c\u180ed");
  EXPECT_EQ(numbers(*gpt2()->encode("\n\n\u0085x")).back(), 87);
  EXPECT_GT(words("\u180e"), 0U);
}

// The naive twin: look at every pair of strings again after each merge.
std::vector<std::string> naive_merges(std::vector<std::string> parts, const std::map<std::pair<std::string, std::string>, int>& ranks) {
  for (;;) {
    int best = -1;
    std::size_t where = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
      if (const auto it = ranks.find({parts[i], parts[i + 1]}); it != ranks.end() && (best < 0 || it->second < best)) {
        best = it->second;
        where = i;
      }
    if (best < 0) return parts;
    parts[where] += parts[where + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(where) + 1);
  }
}

TEST(Bpe, cuts_short_and_long_words_as_the_naive_twin_does) {
  std::map<std::pair<std::string, std::string>, int> ranks;
  std::stringstream merges(text_of(*asset_path("tokenizer/gpt2/merges.txt")));
  std::string line;
  std::getline(merges, line);
  while (std::getline(merges, line))
    ranks.try_emplace({line.substr(0, line.find(' ')), line.substr(line.find(' ') + 1)}, static_cast<int>(ranks.size()));
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::string word(1 + random() % (round < 40 ? 30 : 400), 'a');
    const auto letters = static_cast<unsigned>(round % 4 == 0 ? 1 : round % 4 == 1 ? 2 : 26);
    for (char& c : word) c = static_cast<char>('a' + random() % letters);
    std::vector<std::string> parts;
    for (const char c : word) parts.emplace_back(1, c);
    std::vector<std::string> got;
    const auto spans = gpt2()->encode(word);
    for (const auto& span : *spans) got.push_back(gpt2()->bytes_of(span.id));
    EXPECT_EQ(got, naive_merges(parts, ranks)) << word;
  }
}

TEST(Bpe, many_threads_get_the_same) {
  const std::string text = text_of(GLASSFORMER_SOURCE_DIR "/tests/golden/README.md");
  const auto wanted = numbers(*gpt2()->encode(text));
  std::vector<std::thread> threads;
  std::vector<int> equal(4, 0);
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) equal[t] += numbers(*gpt2()->encode(text)) == wanted ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(equal, std::vector<int>(4, 20));
}

TEST(Bpe, bad_files_get_their_sentence) {
  const auto message = [](const std::string& vocab, const std::string& merges) {
    const auto made = BpeTokenizer::make(vocab, merges, "M", "k");
    return made ? std::string("made") : made.error().message;
  };
  EXPECT_EQ(message("[]", ""), "vocab.json in M is not an object of tokens and ids.");
  EXPECT_EQ(message("{\"a\":-1}", ""), "vocab.json in M gives the token a the id -1, which is not a token id.");
  EXPECT_EQ(message("{\"a\":99999999}", ""), "vocab.json in M gives the token a the id 99999999, which is not a token id.");
  EXPECT_EQ(message("{}", ""), "vocab.json in M is not an object of tokens and ids.");
  EXPECT_EQ(message("{\"a\":0,\"a\":1}", ""), "vocab.json in M has the token a twice.");
  EXPECT_EQ(message("{\"a\":{\"b\":1}}", ""), "vocab.json in M gives the token a the id {, which is not a token id.");
  EXPECT_EQ(message("{\"a\":0,\"b\":0}", ""), "vocab.json in M gives the id 0 to two tokens.");
  EXPECT_EQ(message("{\"a\":0,\"b\":1}", "#version: 0.2\na\n"),
            "In line 2 of merges.txt in M there should be two tokens with a space between them.");
  EXPECT_EQ(message("{\"a\":0,\"b\":1}", "a b\n"), "The token ab, in line 1 of merges.txt in M, is not in vocab.json.");
  EXPECT_EQ(message("{\"a\":0,\"b\":1,\"ab\":2}", "a b\r\n\n"), "made");
}

}  // namespace
}  // namespace gf
