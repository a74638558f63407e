// What torch.save wrote, zip and legacy: every tensor of the pickle, then the formats that are made of it.
#include "model/io/files/torch_file.h"
#include "model/io/formats/torch_formats.h"
#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/model.pt";
  fuzz::put_file(path, {data, size});
  {
    const auto file = TorchFile::open(path);
    if (!fuzz::answered(file)) return 0;
    std::vector<std::shared_ptr<const void>> storage;
    for (const PickleNode& node : file->pickle().nodes()) {
      if (node.kind != PickleKind::Tensor) continue;
      const auto view = file->view("w", node, storage);
      if (fuzz::answered(view)) fuzz::read_view(*view);
    }
  }
  const LoadOptions options{.n_head = 1, .activation = {}, .progress = {}};
  if (const auto weights = load_torch(path, options); fuzz::answered(weights)) fuzz::read_weights(**weights);
  return 0;
}
