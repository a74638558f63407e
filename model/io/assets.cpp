// Where the program's own files are, and which models are among them.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include "model/base/files/own_folders.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/formats/huggingface.h"
#include "model/io/hub.h"
#include "model/io/loaders.h"
#include "model/io/structure.h"

namespace gf {

namespace {

namespace fs = std::filesystem;
constexpr const char* kAssetsDefaultModel = "fable";

std::string assets_bundled_names() {
  const std::string names = listed(bundled_models(), &BundledModel::name);
  return names.empty() ? text("none, as the assets were not found") : names;
}

std::string assets_first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// The number in step-00150.safetensors; -1 for other names.
int assets_step_of(const fs::path& file) {
  const std::string stem = file.stem().string();
  if (file.extension() != ".safetensors" || !stem.starts_with("step-")) return -1;
  int step = -1;
  const auto [end, error] = std::from_chars(stem.data() + 5, stem.data() + stem.size(), step);
  return error == std::errc{} && end == stem.data() + stem.size() ? step : -1;
}

std::vector<std::pair<int, fs::path>> assets_steps(const fs::path& model) {
  std::vector<std::pair<int, fs::path>> steps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(model / "checkpoints", error))
    if (const int step = assets_step_of(entry.path()); step >= 0) steps.emplace_back(step, entry.path());
  std::sort(steps.begin(), steps.end());
  return steps;
}

// NAME@STEP, where NAME is known already.
Result<std::string> assets_checkpoint(const std::string& folder, std::string_view name, std::string_view step_text) {
  int wanted = -1;
  const auto [end, error] = std::from_chars(step_text.data(), step_text.data() + step_text.size(), wanted);
  if (error != std::errc{} || end != step_text.data() + step_text.size()) wanted = -1;
  const auto steps = assets_steps(folder);
  for (const auto& [step, file] : steps)
    if (step == wanted) return file.string();
  if (steps.empty())
    return fail(ErrorCode::NotFound, text("{0} has no training checkpoints; leave out @{1}.", name, step_text), "resolve_model");
  const std::string known = listed(steps, [](const auto& step) { return std::to_string(step.first); });
  return fail(ErrorCode::NotFound, text("{0} has no checkpoint at step {1}; its steps are {2}.", name, step_text, known), "resolve_model");
}

Result<std::string> assets_bundled_path(std::string_view name) {
  for (const auto& model : bundled_models())
    if (model.name == name) return model.path;
  return fail(ErrorCode::NotFound,
              text("There is no file, folder or bundled model {0}; the bundled models are {1}.", name, assets_bundled_names()),
              "resolve_model");
}

}  // namespace

std::vector<std::string> weights_beside(const std::string& path) {
  std::vector<std::string> files;
  const fs::path folder = model_folder(path);
  for (const auto& [step, file] : assets_steps(folder)) files.push_back(file.string());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool weights = name == "model.safetensors" || (name.starts_with("model-") && name.ends_with(".safetensors")) ||
                         (name.starts_with("pytorch_model") && name.ends_with(".bin")) || name == "ckpt.pt";
    if (weights) files.push_back(entry.path().string());
  }
  return files;
}

Result<std::string> asset_path(std::string_view relative) {
  std::string looked;
  for (const fs::path& folder : own_folders()) {
    std::error_code error;
    fs::path path = folder / relative;
    if (fs::exists(path, error)) return path.string();
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  return fail(ErrorCode::NotFound, text("The program's file {0} was not found in {1}; install the program again.", relative, looked),
              "asset_path");
}

std::vector<BundledModel> bundled_models() {
  std::vector<BundledModel> models;
  const auto folder = asset_path("models");
  if (!folder) return models;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(*folder, error)) {
    std::error_code ignored;
    if (!fs::exists(entry.path() / "config.json", ignored)) continue;
    models.push_back({entry.path().filename().string(), entry.path().string(), assets_first_line(entry.path() / "description.txt")});
  }
  std::sort(models.begin(), models.end(), [](const BundledModel& a, const BundledModel& b) {
    const bool first_a = a.name == kAssetsDefaultModel, first_b = b.name == kAssetsDefaultModel;
    return first_a != first_b ? first_a : a.name < b.name;
  });
  return models;
}

std::vector<int> training_steps(const std::string& model_path) {
  std::vector<int> numbers;
  for (const auto& [step, file] : assets_steps(model_path)) numbers.push_back(step);
  return numbers;
}

Result<std::string> resolve_model(std::string_view name) {
  if (name.empty()) name = kAssetsDefaultModel;
  std::error_code error;
  if (fs::exists(fs::path(name), error)) return std::string(name);
  if (name.starts_with(kStructurePrefix)) return resolve_structure(name);
  if (name.starts_with("hf:")) return resolve_hub_model(name.substr(3));
  const auto at = name.rfind('@');
  if (at == std::string_view::npos || at == 0) return assets_bundled_path(name);
  const std::string_view model = name.substr(0, at);
  if (fs::is_directory(fs::path(model), error)) return assets_checkpoint(std::string(model), model, name.substr(at + 1));
  GF_TRY_ASSIGN(const std::string folder, assets_bundled_path(model));
  return assets_checkpoint(folder, model, name.substr(at + 1));
}

}  // namespace gf
