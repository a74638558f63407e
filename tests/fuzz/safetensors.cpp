// One safetensors file: every tensor of the table, then the model without a config.json.
#include "model/io/files/safetensors.h"

#include "model/io/formats/huggingface.h"
#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model.safetensors";
  fuzz::put_file(path, {data, size});
  {
    const auto file = SafetensorsFile::open(path);
    if (!fuzz::answered(file)) return 0;
    std::vector<std::shared_ptr<const void>> storage;
    for (const SafetensorsEntry& entry : file->entries()) {
      EXPECTS(file->find(entry.name) != nullptr, "every tensor is found by its name");
      if (const auto view = file->view(entry, storage); fuzz::answered(view)) fuzz::read_view(*view);
    }
  }
  const LoadOptions options{.n_head = 1, .activation = {}, .progress = {}};
  if (const auto weights = load_huggingface(path, options); fuzz::answered(weights)) fuzz::read_weights(**weights);
  return 0;
}
