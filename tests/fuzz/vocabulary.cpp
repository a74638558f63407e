// vocab.json and merges.txt in one input, with a zero byte between them, and a text cut by them.
#include "model/tokenizer/bpe.h"
#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  std::string_view rest = fuzz::text_of(data, size);
  const std::string_view vocab = fuzz::next_part(rest), merges = fuzz::next_part(rest);
  const auto tokenizer = BpeTokenizer::make(vocab, merges, "folder", "fuzz");
  if (!fuzz::answered(tokenizer)) return 0;
  for (const bool special : {false, true}) {
    const auto spans = (*tokenizer)->encode(rest, special);
    if (!fuzz::answered(spans)) continue;
    std::string back;
    for (const TokenSpan& span : *spans) {
      EXPECTS(span.id.v >= 0 && span.id.v < (*tokenizer)->n_vocab(), "ids are in the vocabulary");
      EXPECTS(span.begin == back.size(), "tokens follow each other");
      back += (*tokenizer)->bytes_of(span.id);
      EXPECTS(span.end == back.size(), "a token is as long as its text");
    }
    EXPECTS(back == rest, "what was cut up is put together again");
  }
  return 0;
}
