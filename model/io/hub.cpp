#include "model/io/hub.h"

#include <algorithm>
#include <filesystem>

#include "model/base/environment.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/config_json.h"
#include "model/io/files/mapped_file.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kHubPrefix = "models--";

bool hub_has_weights(const std::string& snapshot) {
  return std::ranges::any_of(formats(), [&](const Format& format) { return format.probe(snapshot); });
}

// The snapshot that refs/main names, or else the newest; one that has weights before one of a tokenizer alone.
// Empty: there is none.
std::string hub_snapshot(const fs::path& model) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, std::string>> snapshots;
  for (const auto& entry : fs::directory_iterator(model / "snapshots", error)) {
    const auto written = entry.last_write_time(error);
    snapshots.emplace_back(written, entry.path().string());
  }
  std::ranges::sort(snapshots, std::greater<>());
  if (const auto main = read_file((model / "refs" / "main").string(), 4096)) {
    const std::string revision = main->substr(0, main->find_first_of(" \r\n"));
    const fs::path snapshot = model / "snapshots" / revision;
    if (!revision.empty() && fs::path(revision).filename() == fs::path(revision) && fs::is_directory(snapshot, error))
      snapshots.emplace(snapshots.begin(), fs::file_time_type::max(), snapshot.string());
  }
  const auto whole = std::ranges::find_if(snapshots, [](const auto& s) { return hub_has_weights(s.second); });
  return whole != snapshots.end() ? whole->second : snapshots.empty() ? std::string() : snapshots[0].second;
}

bool hub_is_gpt2(const std::string& snapshot) {
  const auto config = read_config_json((fs::path(snapshot) / "config.json").string());
  return config && config->n_layer && config->d_model && hub_has_weights(snapshot);
}

}  // namespace

std::string hub_cache_folder(std::string_view name) {
  std::string folder(kHubPrefix);
  int slashes = 0;
  char before = '/';
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!plain && c != '/') return {};
    if (c == '/' && (before == '/' || ++slashes > 1)) return {};
    folder += c == '/' ? "--" : std::string(1, c);
    before = c;
  }
  return before == '/' ? std::string() : folder;
}

std::string hub_model_name(const std::string& folder) {
  if (!folder.starts_with(kHubPrefix)) return {};
  std::string name = folder.substr(kHubPrefix.size());
  if (const auto dashes = name.find("--"); dashes != std::string::npos) name.replace(dashes, 2, "/");
  return name;
}

std::string hub_home() {
  if (std::string home = environment_value("HF_HOME"); !home.empty()) return home;
  return (fs::path(environment_value("HOME")) / ".cache" / "huggingface").string();
}

std::string hub_folder() {
  if (std::string cache = environment_value("HF_HUB_CACHE"); !cache.empty()) return cache;
  return (fs::path(hub_home()) / "hub").string();
}

Result<std::string> resolve_hub_model(std::string_view name) {
  const std::string folder = hub_cache_folder(name);
  if (folder.empty())
    return fail(ErrorCode::InvalidArgument, text("hf:{0} is not a model's name; write hf:NAME or hf:ORG/NAME.", name), "resolve_hub_model");
  std::vector<std::string> candidates = {folder};
  if (name.find('/') == std::string_view::npos) candidates.push_back(std::string(kHubPrefix) + "openai-community--" + std::string(name));
  std::string found;
  for (const std::string& candidate : candidates)
    if (std::string snapshot = hub_snapshot(fs::path(hub_folder()) / candidate); !snapshot.empty()) {
      if (hub_has_weights(snapshot)) return snapshot;
      if (found.empty()) found = std::move(snapshot);
    } else if (const fs::path begun = fs::path(hub_folder()) / candidate / "snapshots" / "x"; unfinished_files(begun.string()) > 0) {
      return tl::unexpected(unfinished_refusal(begun.string()));  // the download has not finished its first file
    }
  if (!found.empty()) return found;
  const std::string known = listed(hub_models(), &BundledModel::name);
  return fail(ErrorCode::NotFound,
              known.empty() ? text("The model hf:{0} is not in Hugging Face's cache {1}; no GPT-2 is there.", name, hub_folder())
                            : text("The model hf:{0} is not in Hugging Face's cache {1}; there are {2}.", name, hub_folder(), known),
              "resolve_hub_model");
}

std::vector<BundledModel> hub_models() {
  std::vector<BundledModel> models;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(hub_folder(), error)) {
    const std::string name = hub_model_name(entry.path().filename().string());
    if (name.empty()) continue;
    const std::string snapshot = hub_snapshot(entry.path());
    if (snapshot.empty() || !hub_is_gpt2(snapshot)) continue;
    models.push_back({"hf:" + name, snapshot, text("from Hugging Face's cache")});
  }
  std::ranges::sort(models, {}, &BundledModel::name);
  return models;
}

}  // namespace gf
