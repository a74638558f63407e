#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "model/base/text.h"
#include "model/bench/bench.h"
#include "model/tokenizer/tokenizer.h"

namespace gf::bench {
namespace {

/// Words of the vocabulary, in the order of their merges, which is about that of how often they are used.
std::vector<std::string> vocabulary_words(const Tokenizer& tokenizer) {
  std::vector<std::string> words;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (int id = 0; id < tokenizer.n_vocab(); ++id) {
    std::string word = tokenizer.bytes_of(TokenId(id));
    if (word.size() >= 2 && word[0] == ' ' && std::all_of(word.begin() + 1, word.end(), is_letter)) words.push_back(std::move(word));
  }
  return words;
}

/// Words drawn by Zipf's law, with punctuation. One in 32 is made of two words: it is new, as names are, and takes merges.
std::string text_of(const std::vector<std::string>& words, std::size_t bytes) {
  std::mt19937 engine(1);
  const double log_count = std::log(static_cast<double>(words.size()));
  const auto draw = [&] { return words[static_cast<std::size_t>(std::exp(static_cast<double>(engine()) * 0x1p-32 * log_count)) - 1]; };
  std::string text;
  text.reserve(bytes + 64);
  for (int i = 1; text.size() < bytes; ++i) {
    text += draw();
    if (i % 32 == 0) text += draw().substr(1);
    if (i % 11 == 0) text += i % 3 == 0 ? ".\n" : ",";
  }
  text.resize(bytes);
  return text;
}

}  // namespace

Result<double> tokenize_mb_per_s() {
  constexpr std::size_t kBytes = 14'000'000;
  GF_TRY_ASSIGN(const auto tokenizer, gpt2_tokenizer());
  const std::string text = text_of(vocabulary_words(*tokenizer), kBytes);
  std::vector<double> rates;
  for (int run = 0; run < 3; ++run) {
    const auto start = std::chrono::steady_clock::now();
    GF_TRY_ASSIGN(const auto tokens, tokenizer->encode(text));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (tokens.empty() || tokens.back().end != text.size())
      return fail(ErrorCode::Device, gf::text("the tokenizer did not reach the end of its text"));
    rates.push_back(static_cast<double>(kBytes) / seconds / 1e6);
  }
  std::ranges::sort(rates);
  return rates[1];
}

}  // namespace gf::bench
