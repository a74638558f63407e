// llm-viz's JSON, and the base64 in it.
#include "model/io/formats/llmviz.h"

#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model.json";
  fuzz::put_file(path, {data, size});
  const LoadOptions options{.n_head = 1, .activation = {}, .progress = {}};
  if (const auto weights = load_llmviz(path, options); fuzz::answered(weights)) fuzz::read_weights(**weights);
  if (const auto bytes = from_base64(fuzz::text_of(data, size)))
    EXPECTS(bytes->size() <= size / 4 * 3, "four characters are at most three bytes");
  return 0;
}
