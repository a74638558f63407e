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
  const std::string text = "abba a<|end|>b";
  for (const bool special : {false, true})
    if (const auto ids = (*tokenizer)->ids_of(text, special); fuzz::answered(ids))
      EXPECTS((*tokenizer)->decode(*ids) == text, "what was cut up is put together again");
  return 0;
}
