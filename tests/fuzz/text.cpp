// GPT-2's tokenizer on any bytes, and what labels and JSON make of them.
#include "model/tokenizer/tokenizer.h"
#include "model/tokenizer/utf8.h"
#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string_view text = fuzz::text_of(data, size);
  static const auto tokenizer = gpt2_tokenizer();
  EXPECTS(tokenizer.has_value(), "GPT-2's vocabulary is among the assets");
  for (const bool special : {false, true}) {
    const auto spans = (*tokenizer)->encode(text, special);
    EXPECTS(spans.has_value(), "GPT-2's vocabulary has every byte");
    std::size_t at = 0;
    for (const TokenSpan& span : *spans) {
      EXPECTS(span.begin == at && span.end > at, "tokens follow each other");
      EXPECTS((*tokenizer)->bytes_of(span.id) == text.substr(at, span.end - at), "a token is its text");
      at = span.end;
    }
    EXPECTS(at == size, "the whole text is cut up");
  }
  EXPECTS(is_valid_utf8(visible_text(text)) && is_valid_utf8(valid_utf8(text)), "labels and JSON are UTF-8");
  return 0;
}
