#include "model/io/formats/torch_formats.h"

#include <array>
#include <filesystem>

#include "model/io/files/torch_file.h"
#include "model/io/formats/huggingface.h"
#include "model/io/formats/mingpt.h"
#include "model/io/formats/nanogpt.h"
#include "model/io/formats/pytorch.h"

namespace gf {

namespace {

struct TorchFormat {
  bool (*knows)(const TorchFile& file, const StateDict& state);
  Result<void> (*load)(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights);
};
// One line for each; the first that knows the file reads it. Hugging Face's takes every file that is left, so that the message
// says what is wrong.
constexpr std::array<TorchFormat, 3> kTorchFormats = {{
    {[](const TorchFile& file, const StateDict&) { return is_nanogpt(file); }, load_nanogpt},
    {is_linear, load_linear},
    {[](const TorchFile&, const StateDict&) { return true; }, load_pytorch},
}};

constexpr const char* kTorchIndex = "pytorch_model.bin.index.json";

// The index at a path or in its folder; empty: there is none, or the weights lie there in one file too.
std::string torch_index(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return path.ends_with(".bin.index.json") ? path : std::string();
  const auto index = std::filesystem::path(path) / kTorchIndex;
  const bool whole = std::filesystem::exists(std::filesystem::path(path) / "pytorch_model.bin", ignored);
  return std::filesystem::exists(index, ignored) && !whole ? index.string() : std::string();
}

}  // namespace

bool probe_torch(const std::string& path) {
  if (!torch_index(path).empty()) return true;
  const std::string file = torch_path(path);
  if (file.empty()) return false;
  const auto mapped = MappedFile::open(file);
  return mapped && looks_like_torch((*mapped)->bytes());
}

Result<std::shared_ptr<const Weights>> load_torch(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  if (const std::string index = torch_index(path); !index.empty()) {
    GF_TRY(load_pytorch_shards(index, options, *weights));
  } else {
    GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(torch_path(path)));
    GF_TRY_ASSIGN(const StateDict state, find_state_dict(file));
    for (const TorchFormat& format : kTorchFormats) {
      if (!format.knows(file, state)) continue;
      GF_TRY(format.load(file, state, options, *weights));
      break;
    }
  }
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
