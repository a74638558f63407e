#include "model/io/dictionaries/open_dictionary.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <sys/stat.h>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "model/io/dictionaries/names_file.h"
#include "model/io/files/safetensors.h"
#include "model/io/files/torch_file.h"
#include "model/io/hub.h"
#include "model/io/loaders.h"

namespace gf {

namespace {

namespace fs = std::filesystem;

constexpr const char *kSaelensConfig = "cfg.json", *kSaelensWeights = "sae_weights.safetensors", *kTracerConfig = "config.yaml",
                     *kBundledDictionaries = "dictionaries";

bool dictionary_file_is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_saelens_folder(const fs::path& folder) {
  return dictionary_file_is_there(folder / kSaelensConfig) && dictionary_file_is_there(folder / kSaelensWeights);
}

bool is_tracer_layer(const fs::path& file) {
  return file.extension() == ".safetensors" && file.filename().string().starts_with("layer_") &&
         dictionary_file_is_there(file.parent_path() / kTracerConfig);
}

/// Whether a file of torch.save is a dictionary: looks at the names in its pickle.
bool is_torch_dictionary(const std::string& path) {
  const auto file = TorchFile::open(path);
  if (!file) return false;
  const Pickle& pickle = file->pickle();
  const PickleNode* inner = pickle.find(file->root(), "state_dict");
  for (const PickleNode* dict : {&file->root(), inner})
    if (dict != nullptr && (pickle.find(*dict, "W_enc") != nullptr ||
                            (pickle.find(*dict, "encoder.weight") != nullptr && pickle.find(*dict, "latent_bias") != nullptr)))
      return true;
  return false;
}

/// What a file or folder was when it was read.
struct DictionaryStamp {
  std::uint64_t inode = 0;
  std::int64_t size = 0, written_s = 0, written_ns = 0;
  friend bool operator==(const DictionaryStamp&, const DictionaryStamp&) = default;
};
struct DictionaryFiles {
  std::vector<std::pair<std::string, DictionaryStamp>> stamps;
  friend bool operator==(const DictionaryFiles&, const DictionaryFiles&) = default;
};

DictionaryFiles files_of_dictionary(const std::string& path) {
  DictionaryFiles files;
  for (const fs::path& file : {fs::path(path), fs::path(path) / kSaelensConfig, fs::path(path) / kSaelensWeights,
                               fs::path(path) / kFeatureNamesFile, fs::path(path).parent_path() / kTracerConfig}) {
    struct stat status{};
    if (stat(file.c_str(), &status) != 0) continue;
    files.stamps.emplace_back(file.string(), DictionaryStamp{status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec});
  }
  return files;
}

/// Those that are open, so that equal recipes have equal dictionaries, and the newest few, so that they stay in memory.
class OpenDictionaries {
 public:
  std::shared_ptr<const Dictionary> find(const std::string& path, const DictionaryFiles& files) {
    const std::scoped_lock lock(mutex_);
    const auto at = known_.find(path);
    if (at == known_.end() || at->second.files != files) return nullptr;
    return at->second.dictionary.lock();
  }
  std::shared_ptr<const Dictionary> add(const std::string& path, DictionaryFiles files, std::shared_ptr<const Dictionary> dictionary) {
    const std::scoped_lock lock(mutex_);
    Known& known = known_[path];
    // Two threads may have read the same file at once.
    if (auto other = known.dictionary.lock(); other && known.files == files) return other;
    known = {std::move(files), dictionary};
    newest_.push_front(dictionary);
    if (newest_.size() > kKept) newest_.pop_back();
    return dictionary;
  }

 private:
  static constexpr std::size_t kKept = 4;
  struct Known {
    DictionaryFiles files;
    std::weak_ptr<const Dictionary> dictionary;
  };
  std::mutex mutex_;
  std::map<std::string, Known> known_;
  std::deque<std::shared_ptr<const Dictionary>> newest_;
};

Result<std::shared_ptr<const Dictionary>> read_dictionary(const std::string& path) {
  std::error_code ignored;
  const fs::path place(path);
  if (!fs::exists(place, ignored)) {
    const auto bundled = bundled_dictionaries();
    if (bundled.empty()) return fail(ErrorCode::NotFound, text("There is no dictionary {0}; check the path.", path));
    return fail(ErrorCode::NotFound, text("There is no dictionary {0}; check the path, or name one that comes with the program: {1}.", path,
                                          listed(bundled, &BundledDictionary::name)));
  }
  if (fs::is_directory(place, ignored)) {
    if (is_saelens_folder(place)) return read_saelens_dictionary(path);
    const auto inside = dictionaries_in(path);
    if (inside.size() == 1) return read_dictionary(inside.front());
    if (inside.empty())
      return fail(ErrorCode::NotFound, text("{0} holds no dictionary: neither cfg.json with sae_weights.safetensors, nor a .pt file, nor "
                                            "circuit-tracer's config.yaml with layer_0.safetensors.",
                                            path));
    constexpr std::size_t most = 8;
    std::vector<std::string> names;
    for (const std::string& one : inside) names.push_back(fs::relative(one, place, ignored).string());
    const std::size_t all = names.size();
    if (all > most) names.resize(most), names.emplace_back("...");
    return fail(ErrorCode::InvalidArgument, text("{0} holds {1} dictionaries; name one of them: {2}.", path, all, listed(names)));
  }
  if (is_tracer_layer(place)) return read_circuit_tracer_dictionary(path);
  if (is_saelens_folder(place.parent_path()) && (place.filename() == kSaelensConfig || place.filename() == kSaelensWeights))
    return read_saelens_dictionary(place.parent_path().string());
  GF_TRY_ASSIGN(const auto mapped, MappedFile::open(path));
  if (looks_like_safetensors(mapped->bytes()))
    return fail(ErrorCode::Unsupported, text("{0} has no config beside it: a dictionary needs SAELens's cfg.json with "
                                             "sae_weights.safetensors, or circuit-tracer's config.yaml.",
                                             path));
  if (looks_like_torch(mapped->bytes())) return read_torch_dictionary(path);
  return fail(ErrorCode::Unsupported,
              text("{0} is no dictionary: known are SAELens's folders, OpenAI's and SAELens's .pt files and circuit-tracer's sets.", path));
}

}  // namespace

std::vector<std::string> dictionaries_in(const std::string& folder, std::size_t most) {
  std::vector<std::string> found;
  constexpr int deepest = 3;
  constexpr std::size_t most_looked_at = 20'000;
  std::error_code error;
  std::size_t looked_at = 0;
  if (is_saelens_folder(folder)) return {folder};
  for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (++looked_at > most_looked_at || found.size() >= most) break;
    if (it.depth() >= deepest) it.disable_recursion_pending();
    const fs::path& path = it->path();
    if (it->is_directory(error)) {
      if (is_saelens_folder(path)) found.push_back(path.string()), it.disable_recursion_pending();
    } else if (is_tracer_layer(path) || (path.extension() == ".pt" && is_torch_dictionary(path.string()))) {
      found.push_back(path.string());
    }
  }
  std::ranges::sort(found);
  return found;
}

bool looks_like_dictionary(const std::string& path) {
  std::error_code ignored;
  const fs::path place(path);
  if (fs::is_directory(place, ignored))
    return std::ranges::none_of(formats(), [&](const Format& format) { return format.probe(path); }) && !dictionaries_in(path, 1).empty();
  if (place.filename() == kSaelensConfig || place.filename() == kSaelensWeights) return is_saelens_folder(place.parent_path());
  if (is_tracer_layer(place)) return true;
  const auto mapped = MappedFile::open(path);
  return mapped && looks_like_torch((*mapped)->bytes()) && is_torch_dictionary(path);
}

std::vector<BundledDictionary> bundled_dictionaries() {
  std::vector<BundledDictionary> found;
  const auto folder = asset_path(kBundledDictionaries);
  std::error_code error;
  if (!folder) return found;
  // A bundled dictionary has the name of the bundled model that it was trained on.
  for (const auto& entry : fs::directory_iterator(*folder, error))
    if (is_saelens_folder(entry.path()))
      found.push_back({entry.path().filename().string(), entry.path().string(), entry.path().filename().string()});
  std::ranges::sort(found, {}, &BundledDictionary::name);
  return found;
}

bool names_bundled_dictionary(std::string_view name) {
  std::error_code ignored;
  return std::ranges::any_of(bundled_dictionaries(), [&](const BundledDictionary& one) { return one.name == name; }) &&
         !fs::exists(fs::path(std::string(name)), ignored);
}

Result<std::string> resolve_dictionary(std::string_view name, const std::string& folder_of_relative) {
  if (!name.starts_with("hf:")) {
    const fs::path place = fs::path(folder_of_relative) / std::string(name);
    std::error_code ignored;
    if (!fs::exists(place, ignored))
      for (const BundledDictionary& one : bundled_dictionaries())
        if (one.name == name) return one.path;
    return place.string();
  }
  const std::string_view rest = name.substr(3);
  const auto first = rest.find('/'), second = first == std::string_view::npos ? first : rest.find('/', first + 1);
  const std::string_view repository = rest.substr(0, second);
  const std::string folder = hub_cache_folder(repository);
  const fs::path below = second == std::string_view::npos ? fs::path() : fs::path(std::string(rest.substr(second + 1)));
  if (folder.empty() || below.is_absolute() || std::ranges::find(below, fs::path("..")) != below.end())
    return fail(ErrorCode::InvalidArgument, text("{0} is not a dictionary's name; write hf:ORG/NAME or hf:ORG/NAME/FOLDER.", name));
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> snapshots;
  for (const auto& entry : fs::directory_iterator(fs::path(hub_folder()) / folder / "snapshots", error))
    if (fs::exists(entry.path() / below, error)) snapshots.emplace_back(entry.last_write_time(error), entry.path() / below);
  if (snapshots.empty())
    return fail(ErrorCode::NotFound, text("{0} is not in Hugging Face's cache {1}; get it there first.", name, hub_folder()));
  return std::ranges::max_element(snapshots)->second.string();
}

Result<std::shared_ptr<const Dictionary>> open_dictionary(std::string_view name) {
  static OpenDictionaries open;
  GF_TRY_ASSIGN(const std::string path, resolve_dictionary(name));
  const DictionaryFiles files = files_of_dictionary(path);
  if (auto known = open.find(path, files); known && !known->truncated()) return known;
  GF_TRY_ASSIGN(auto dictionary, read_dictionary(path));
  return open.add(path, files, std::move(dictionary));
}

Result<std::shared_ptr<const FittedDictionary>> open_fitted(std::string_view name, const std::string& hook, const Weights& weights) {
  GF_TRY_ASSIGN(auto dictionary, open_dictionary(name));
  std::optional<HookId> at;
  if (!hook.empty()) {
    at = hook_of_name(hook, weights.config.n_layer);
    if (!at) return fail(ErrorCode::InvalidArgument, text("there is no hook '{0}' in this model", hook));
  }
  return fit_dictionary(std::move(dictionary), weights, at);
}

}  // namespace gf
