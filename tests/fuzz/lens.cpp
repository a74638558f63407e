// A Jacobian lens: every map that it has can be applied to a row.
#include "model/io/lens_file.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/lens.pt";
  fuzz::put_file(path, {data, size});
  ModelConfig config;
  config.n_layer = 2;
  config.n_head = 1;
  config.d_model = config.d_head = 2;
  const auto lens = read_lens(path, config);
  if (!fuzz::answered(lens)) return 0;
  EXPECTS(lens->depths.size() == 3, "a place for each depth");
  const float row[] = {1, -2};
  float out[2];
  for (const auto& map : lens->depths)
    if (map) {
      map->apply(row, out);
      fuzz::keep(out);
    }
  return 0;
}
