// nanoGPT's meta.pkl.
#include "model/tokenizer/characters.h"

#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/meta.pkl";
  fuzz::put_file(path, {data, size});
  const auto tokenizer = CharacterTokenizer::read(path);
  if (!fuzz::answered(tokenizer)) return 0;
  const std::string text = "ab\xc3\xa9";
  if (const auto ids = (*tokenizer)->ids_of(text); fuzz::answered(ids))
    EXPECTS((*tokenizer)->decode(*ids) == text, "what was cut up is put together again");
  return 0;
}
