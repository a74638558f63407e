#include "model/io/formats/huggingface.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "model/base/text.h"
#include "model/io/assemble.h"
#include "model/io/files/safetensors.h"
#include "model/io/files/shard_index.h"
#include "model/io/hub.h"

namespace gf {

namespace {

namespace fs = std::filesystem;
constexpr const char* kHuggingfaceFile = "model.safetensors";
constexpr const char* kHuggingfaceIndex = "model.safetensors.index.json";

// What training leaves beside the weights in files like theirs.
constexpr std::array<std::string_view, 7> kHuggingfaceBeside = {"optimizer",     "scheduler",     "scaler",     "rng_state",
                                                                "training_args", "adapter_model", "config.json"};

bool huggingface_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A trace or a file of vectors is safetensors too, but has no embedding.
bool huggingface_has_embedding(std::span<const std::byte> bytes) {
  if (!looks_like_safetensors(bytes)) return false;
  std::uint64_t table_bytes = 0;
  std::memcpy(&table_bytes, bytes.data(), 8);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(8, static_cast<std::size_t>(table_bytes)).find("wte.weight\"") != std::string_view::npos;
}
std::string huggingface_renamed(const std::string& path) {
  return weight_file(path, {kHuggingfaceFile}, {".safetensors"}, huggingface_has_embedding);
}

// Whether these are weights of Linear modules, [n_out, n_in] in every block, and not of Hugging Face's Conv1D.
bool huggingface_is_linear(const FoundTensors& found) {
  bool any = false;
  for (const auto& [name, view] : found.tensors) {
    if (!name.ends_with(".attn.c_attn.weight")) continue;
    any = true;
    if (view.shape.rank() != 2 || view.shape[1] < 1 || view.shape[0] != 3 * view.shape[1]) return false;
  }
  return any;
}

bool huggingface_is_index(const fs::path& path) { return path.filename().string().ends_with(".safetensors.index.json"); }

Result<void> huggingface_add(const std::string& path, FoundTensors& found, Weights& weights) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  weights.files.push_back(file.file());
  weights.file_bytes += file.file()->bytes().size();
  for (const SafetensorsEntry& entry : file.entries()) {
    const std::string name = huggingface_key(entry.name);
    if (is_mask_tensor(name, entry.shape.size())) continue;
    auto view = file.view(entry, weights.storage);
    if (view && entry.dtype == "F64") found.narrowed = true;
    GF_TRY_ASSIGN(const bool added, found.add(name, std::move(view)));
    if (!added) return fail(ErrorCode::Corrupt, text("The tensor {0} stands twice in {1}.", name, found.path), "load_huggingface");
  }
  // safetensors.torch.save_model writes tensors that share memory once, under the name that sorts first (so lm_head.weight
  // of a tied model), and says in the metadata which other name stands for it.
  for (const auto& [alias, name] : file.metadata())
    if (const auto shared = found.tensors.find(huggingface_key(name)); file.find(name) != nullptr && shared != found.tensors.end())
      found.tensors.emplace(huggingface_key(alias), shared->second);
  return {};
}

}  // namespace

std::string model_folder(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return path;
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  // "." may be the folder of checkpoints too.
  if (fs::absolute(folder / "x", ignored).lexically_normal().parent_path().filename() == "checkpoints" &&
      !huggingface_exists(folder / "config.json") && huggingface_exists(folder / ".." / "config.json")) {
    if (folder.filename() != "checkpoints") return (folder / "..").string();
    return folder.has_parent_path() ? folder.parent_path().string() : ".";
  }
  return folder.string();
}

std::string config_json_of(const std::string& path) { return (fs::path(model_folder(path)) / "config.json").string(); }

std::string model_name(const std::string& text) {
  const fs::path path = text;
  const fs::path folder = fs::path(model_folder(path.string())).lexically_normal();
  std::error_code ignored;
  fs::path full = fs::absolute(folder, ignored).lexically_normal();
  if (full.filename().empty()) full = full.parent_path();
  std::string base = full.filename().string();
  // models--ORG--NAME/snapshots/REVISION of Hugging Face's cache
  if (const std::string model = hub_model_name(full.parent_path().parent_path().filename().string());
      full.parent_path().filename() == "snapshots" && !model.empty())
    base = model;
  std::string stem = path.stem().string();
  if (fs::is_directory(path, ignored) || path.filename().string().ends_with(".index.json") || stem == "model" || stem == "pytorch_model" ||
      stem == "ckpt")
    return base;
  if (stem.starts_with("step-") && path.parent_path() != folder) {
    const auto digit = stem.find_first_not_of('0', 5);
    return base + "@" + (digit == std::string::npos ? "0" : stem.substr(digit));
  }
  return stem;
}

bool is_mask_tensor(std::string_view name, std::size_t rank) {
  return name.ends_with(".attn.masked_bias") || (name.ends_with(".attn.bias") && rank == 4);
}

std::string huggingface_key(std::string_view name) {
  std::string key(name);
  // FSDP, torch.compile and activation checkpoints wrap a module, and put these before the names of its parts.
  constexpr std::array<std::string_view, 3> wrappers = {"_fsdp_wrapped_module.", "_orig_mod.", "_checkpoint_wrapped_module."};
  for (const std::string_view wrapper : wrappers)
    for (auto at = key.find(wrapper); at != std::string::npos; at = key.find(wrapper, at))
      if (at == 0 || key[at - 1] == '.') key.erase(at, wrapper.size());
      else at += wrapper.size();
  // Data parallel training, Lightning, TRL and Hugging Face hold the model itself in a member of one of these names.
  constexpr std::array<std::string_view, 6> holders = {"module.", "model.", "net.", "network.", "pretrained_model.", "transformer."};
  std::size_t begin = 0;
  const auto held = [&](std::string_view holder) { return std::string_view(key).substr(begin).starts_with(holder); };
  for (const auto* holder = std::ranges::find_if(holders, held); holder != holders.end(); holder = std::ranges::find_if(holders, held))
    begin += holder->size();
  return key.substr(begin);
}

std::string weight_file(const std::string& path, std::initializer_list<std::string_view> names,
                        std::initializer_list<std::string_view> extensions, bool (*looks)(std::span<const std::byte>)) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  for (const std::string_view name : names)
    if (huggingface_exists(fs::path(path) / name)) return (fs::path(path) / name).string();
  std::string first;
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    const std::string file = entry.path().string(), name = entry.path().filename().string();
    if (!first.empty() && file > first) continue;
    if (std::ranges::find(extensions, entry.path().extension().string()) == extensions.end()) continue;
    if (std::ranges::any_of(kHuggingfaceBeside, [&](std::string_view begin) { return name.starts_with(begin); })) continue;
    if (const auto content = MappedFile::open(file); content && looks((*content)->bytes())) first = file;
  }
  return first;
}

bool probe_huggingface(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return huggingface_exists(fs::path(path) / kHuggingfaceFile) || huggingface_exists(fs::path(path) / kHuggingfaceIndex);
  if (huggingface_is_index(path)) return true;
  const auto file = MappedFile::open(path);
  // A file of the right name is opened even where its content is broken: the message then says what is wrong.
  return file && (looks_like_safetensors((*file)->bytes()) || fs::path(path).extension() == ".safetensors");
}

bool probe_huggingface_renamed(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) && !huggingface_renamed(path).empty();
}

Result<std::shared_ptr<const Weights>> load_huggingface(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "huggingface-safetensors";
  GF_TRY_ASSIGN(const ConfigFile config, read_config_json(config_json_of(path)));
  FoundTensors found;
  found.path = path;
  std::error_code ignored;
  const bool directory = fs::is_directory(path, ignored);
  const bool sharded = directory && huggingface_exists(fs::path(path) / kHuggingfaceIndex);
  if (huggingface_is_index(path) || (sharded && !huggingface_exists(fs::path(path) / kHuggingfaceFile))) {
    const std::string index = directory ? (fs::path(path) / kHuggingfaceIndex).string() : path;
    GF_TRY(add_shards(index, found, [&](const std::string& shard) { return huggingface_add(shard, found, *weights); }));
  } else {
    GF_TRY(huggingface_add(huggingface_renamed(path), found, *weights));
  }
  if (huggingface_is_linear(found)) {
    found.in_major = false;
    found.biases_optional = std::ranges::none_of(found.tensors, [](const auto& row) { return row.first.ends_with(".c_attn.bias"); });
    warn_of_activation(config, options, *weights);
  }
  GF_TRY(assemble(std::move(found), config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  warn_of_missing_config(config, *weights);
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
