// A folder as Hugging Face writes it, in one input: config.json, the index, then one shard, with zero bytes between them.
#include "model/io/formats/huggingface.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "model/io/loaders.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

namespace gf::fuzz {

/// Empty files on disk for the code that asks whether a file exists. Their contents are read from memory.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("glassformer_fuzz_" + std::to_string(getpid()));
  Folder() {
    std::filesystem::create_directories(path);
    for (const char* name : {"config.json", "model.safetensors.index.json"}) std::ofstream(path / name) << "";
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

}  // namespace gf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  static const fuzz::Folder folder;
  std::string_view rest = fuzz::text_of(data, size);
  const std::string_view config = fuzz::next_part(rest), index = fuzz::next_part(rest);
  fuzz::put_file((folder.path / "config.json").string(), fuzz::bytes_of(config));
  fuzz::put_file((folder.path / "model.safetensors.index.json").string(), fuzz::bytes_of(index));
  fuzz::put_file((folder.path / "a.safetensors").string(), fuzz::bytes_of(rest));
  if (const auto weights = load_huggingface(folder.path.string(), {}); fuzz::answered(weights)) fuzz::read_weights(**weights);
  return 0;
}
