// The changes that a tokenizer.json makes to text before it is cut: NFC, NFD, NFKC, NFKD, Lowercase, Strip, Replace, Prepend.
// Source: github.com/huggingface/tokenizers, tokenizers/src/normalizers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/aligned_text.h"

namespace gf {

/// A sequence of steps. Thread safe. Bytes that are not UTF-8 pass unchanged.
class Normalizer {
 public:
  /// `json`: the value of "normalizer"; `path` is for messages. Errors: Unsupported (other kinds, by name), Corrupt.
  [[nodiscard]] static Result<Normalizer> parse(std::string_view json, const std::string& path);

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  /// Errors: OutOfMemory (a regular expression that ran too long), Unsupported (one that matches nothing).
  [[nodiscard]] Result<AlignedText> apply(AlignedText text) const;

 private:
  friend class NormalizerParser;
  struct Regex;
  struct Step {
    enum class Kind { Nfc, Nfd, Nfkc, Nfkd, Lowercase, Strip, Replace, Prepend };
    Kind kind;
    bool left = true, right = true;        ///< Strip
    std::string pattern{}, content{};      ///< Replace; Prepend: `content`
    std::shared_ptr<const Regex> regex{};  ///< Replace by a regular expression
  };
  static Result<AlignedText> applied(const Step& step, const AlignedText& text);
  std::vector<Step> steps_;
};

}  // namespace gf
