#include "model/training/training_texts.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "model/base/text.h"
#include "model/sampling/philox.h"

namespace gf::training {
namespace {

/// Numbers below n, one after the other.
class TextChance {
 public:
  explicit TextChance(std::uint32_t of) : of_(of) {}
  std::size_t below(std::size_t n) {
    const auto bits = philox4x32({at_++, 0, of_, 0x74657874U}, {0, 0});
    return static_cast<std::size_t>(bits[0]) % n;  // n is far below 2^32
  }

 private:
  std::uint32_t of_, at_ = 0;
};

/// Strings of 8 to 32 random symbols, each said again and again for eight contexts of 64, so that few sequences have more than
/// one: what comes next can only be known by looking back to where the same symbol stood before. Source: Olsson et al. 2022, "In-context
/// learning and induction heads".
std::string repeated_strings() {
  constexpr std::string_view kSymbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kLength = 2'000'000, kOfString = 512, kShortest = 8, kLongest = 32;
  TextChance chance(1);
  std::string all;
  while (all.size() < kLength) {
    std::string string;
    for (std::size_t left = kShortest + chance.below(kLongest - kShortest + 1); left > 0; --left)
      string += kSymbols[chance.below(kSymbols.size())];
    for (std::size_t i = 0; i < kOfString; ++i) all += string[i % string.size()];
  }
  return all;
}

/// "37+58=95": sums of two numbers below 100.
std::string additions() {
  constexpr int kSums = 100'000;
  constexpr std::size_t kBelow = 100;
  TextChance chance(2);
  std::string all;
  for (int i = 0; i < kSums; ++i) {
    const std::size_t a = chance.below(kBelow), b = chance.below(kBelow);
    all += std::to_string(a) + "+" + std::to_string(b) + "=" + std::to_string(a + b) + "\n";
  }
  return all;
}

constexpr TrainingText kTexts[] = {
    {"repeats", phrase("repeated strings"), phrase("random strings, said again and again: only a model that looks back can go on"),
     "kQ7mZx2WkQ7mZx2WkQ7m", repeated_strings},
    {"sums", phrase("sums"), phrase("37+58=95, line by line: the answer can be computed"), "37+58=", additions},
};

}  // namespace

std::span<const TrainingText> training_texts() { return kTexts; }

const TrainingText* find_training_text(const std::string& data) {
  std::error_code ignored;
  if (std::filesystem::exists(data, ignored)) return nullptr;
  const auto* at = std::ranges::find(kTexts, data, [](const TrainingText& t) { return std::string(t.name); });
  return at == std::end(kTexts) ? nullptr : at;
}

}  // namespace gf::training
