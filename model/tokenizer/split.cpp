#include "model/tokenizer/split.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <memory>
#include <pcre2.h>
#include <string>

#include "model/base/text.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

// White_Space of Unicode, spelt out: PCRE2's own \s also counts U+180E, which GPT-2's does not.
#define GF_SPLIT_SPACES "\\x09-\\x0d\\x20\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
constexpr const char* kSplitPattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" GF_SPLIT_SPACES
                                      "\\p{L}\\p{N}]+|"
                                      "[" GF_SPLIT_SPACES "]+(?![^" GF_SPLIT_SPACES "])|[" GF_SPLIT_SPACES "]+";
#undef GF_SPLIT_SPACES

struct SplitFree {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
  void operator()(pcre2_jit_stack* p) const { pcre2_jit_stack_free(p); }
};

struct SplitPattern {
  std::unique_ptr<pcre2_code, SplitFree> code;
  bool jit = false;
};

const SplitPattern& split_pattern() {
  static const SplitPattern pattern = [] {
    SplitPattern p;
    int error = 0;
    PCRE2_SIZE at = 0;
    p.code.reset(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kSplitPattern), PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &at, nullptr));
    // Without JIT (a system that forbids executable memory) the interpreter does the same, slower.
    p.jit = p.code && pcre2_jit_compile(p.code.get(), PCRE2_JIT_COMPLETE) == 0;
    return p;
  }();
  return pattern;
}

// The same length, with a control character in place of each byte that is not UTF-8: neither letter, number nor space.
std::string split_repaired(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = utf8_at(text, at);
    if (!c.valid)
      for (std::size_t i = 0; i < c.bytes; ++i) out[at + i] = '\x01';
    at += c.bytes;
  }
  return out;
}

}  // namespace

Result<void> split_words(std::string_view text, const std::function<bool(std::size_t, std::size_t)>& word) {
  const SplitPattern& pattern = split_pattern();
  const std::unique_ptr<pcre2_match_data, SplitFree> match(pattern.code ? pcre2_match_data_create(1, nullptr) : nullptr);
  if (!match) return fail(ErrorCode::OutOfMemory, gf::text("There is not enough memory to cut the text into words."), "split_words");
  // One match runs over one word, and a word may be megabytes of the same letter: give JIT a stack that can grow.
  const std::unique_ptr<pcre2_match_context, SplitFree> context(pcre2_match_context_create(nullptr));
  const std::unique_ptr<pcre2_jit_stack, SplitFree> stack(
      pattern.jit ? pcre2_jit_stack_create(std::size_t{32} << 10, std::size_t{1} << 20, nullptr) : nullptr);
  if (context && stack) pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  const std::string repaired = is_valid_utf8(text) ? std::string() : split_repaired(text);
  const std::string_view clean = repaired.empty() ? text : std::string_view(repaired);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(clean.data());
  for (std::size_t at = 0; at < clean.size();) {
    const int rc = pattern.jit ? pcre2_jit_match(pattern.code.get(), subject, clean.size(), at, 0, match.get(), context.get())
                               : pcre2_match(pattern.code.get(), subject, clean.size(), at, PCRE2_NO_UTF_CHECK, match.get(), context.get());
    const std::size_t* ends = pcre2_get_ovector_pointer(match.get());
    if (rc < 0 || ends[0] != at || ends[1] <= at)
      return fail(ErrorCode::OutOfMemory, gf::text("The text could not be cut into words at byte {0} (PCRE2 error {1}).", at, rc),
                  "split_words");
    if (!word(at, ends[1])) return {};
    at = ends[1];
  }
  return {};
}

}  // namespace gf
