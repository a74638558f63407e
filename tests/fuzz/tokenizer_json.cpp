// Hugging Face's tokenizer.json.
#include "model/tokenizer/tokenizer_json.h"

#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/tokenizer.json";
  fuzz::put_file(path, {data, size});
  const auto tokenizer = read_tokenizer_json(path);
  if (!fuzz::answered(tokenizer)) return 0;
  // Normalizers and prefix spaces change the text, but spans still name bytes of the original text, in order.
  const std::string text = "abba  a<|end|>b \u00c5ngstr\u00f6m e\u0301 \xff";
  for (const bool special : {false, true}) {
    const auto spans = (*tokenizer)->encode(text, special);
    if (!fuzz::answered(spans)) continue;
    std::size_t last = 0;
    for (const TokenSpan& span : *spans) {
      EXPECTS(span.begin <= span.end && span.end <= text.size() && span.end >= last, "spans lie in the text, one after the other");
      last = span.end;
    }
  }
  static_cast<void>((*tokenizer)->special_in(text));
  return 0;
}
