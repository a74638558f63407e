// GGUF: every tensor of the table, the model, the vocabulary inside.
#include "model/io/formats/gguf.h"

#include "model/io/files/gguf_file.h"
#include "model/io/loaders.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/source.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model.gguf";
  fuzz::put_file(path, {data, size});
  {
    const auto file = GgufFile::open(path);
    if (!fuzz::answered(file)) return 0;
    std::vector<std::shared_ptr<const void>> storage;
    for (const GgufTensor& tensor : file->tensors())
      if (const auto view = file->view(tensor, storage); fuzz::answered(view)) fuzz::read_view(*view);
  }
  if (const auto weights = load_gguf(path, {}); fuzz::answered(weights)) fuzz::read_weights(**weights);
  const auto source = gguf_tokenizer(path);
  if (!fuzz::answered(source) || source->kind == TokenizerSource::Kind::None) return 0;
  const auto tokenizer = BpeTokenizer::make(source->vocab, source->merges, path, "fuzz");
  if (fuzz::answered(tokenizer)) {
    const std::string text = "ab a";
    if (const auto ids = (*tokenizer)->ids_of(text); fuzz::answered(ids)) EXPECTS((*tokenizer)->decode(*ids) == text, "lossless");
  }
  return 0;
}
