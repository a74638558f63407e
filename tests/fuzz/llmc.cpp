// llm.c's own file.
#include "model/io/formats/llmc.h"

#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model.bin";
  fuzz::put_file(path, {data, size});
  if (const auto weights = load_llmc(path, {}); fuzz::answered(weights)) fuzz::read_weights(**weights);
  return 0;
}
