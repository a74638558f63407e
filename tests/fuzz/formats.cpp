// Any bytes at all: each format that recognises them opens them.
#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model";
  fuzz::put_file(path, {data, size});
  for (const Format& format : formats()) {
    if (!format.probe(path)) continue;
    if (const auto weights = format.load(path, {}); fuzz::answered(weights)) fuzz::read_weights(**weights);
  }
  return 0;
}
