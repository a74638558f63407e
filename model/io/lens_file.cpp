#include "model/io/lens_file.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"
#include "model/io/files/torch_file.h"

namespace gf {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> wrong_lens(ErrorCode code, std::string sentence) { return fail(code, std::move(sentence), "read_lens"); }

class LensReader {
 public:
  LensReader(std::string path, TorchFile file, const ModelConfig& config)
      : path_(std::move(path)), file_(std::move(file)), config_(config) {
    lens_.depths.resize(static_cast<std::size_t>(config.n_layer) + 1);
  }

  Result<LensFile> tuned() {
    lens_.kind = LensFile::Kind::Tuned;
    for (int l = 0; l < config_.n_layer; ++l) {
      const std::string name = std::to_string(l) + ".";
      const PickleNode* weight = file_.pickle().find(file_.root(), name + "weight");
      if (weight == nullptr) continue;
      LensMap map;
      map.adds = true;
      GF_TRY_ASSIGN(map.weight, matrix(name + "weight", *weight));
      if (const PickleNode* bias = file_.pickle().find(file_.root(), name + "bias")) {
        GF_TRY_ASSIGN(map.bias, file_.view(name + "bias", *bias, lens_.storage));
        if (map.bias->shape.rank() != 1 || map.bias->shape[0] != config_.d_model) return wrong_size(name + "bias", *map.bias);
      }
      lens_.depths[static_cast<std::size_t>(l)] = std::move(map);
    }
    const std::string beyond = std::to_string(config_.n_layer) + ".weight";
    if (file_.pickle().find(file_.root(), beyond) != nullptr)
      return wrong_lens(
          ErrorCode::InvalidArgument,
          text("The lens {0} has a map for depth {1}, but the model has {1} blocks; it is of another model.", path_, config_.n_layer));
    return whole();
  }

  Result<LensFile> jacobian(const PickleNode& maps) {
    lens_.kind = LensFile::Kind::Jacobian;
    for (std::size_t i = 0; i + 1 < maps.items.size(); i += 2) {
      const auto layer = layer_of(file_.pickle().at(maps.items[i]));
      if (!layer)
        return wrong_lens(ErrorCode::Corrupt, text("The lens {0} has a map that is not of a block; its keys are numbers.", path_));
      if (*layer < 0 || *layer >= config_.n_layer)
        return wrong_lens(ErrorCode::InvalidArgument, text("The lens {0} has a map for block {1}, but the model's blocks are 0 to {2}.",
                                                           path_, *layer, config_.n_layer - 1));
      LensMap map;
      GF_TRY_ASSIGN(map.weight, matrix("J." + std::to_string(*layer), file_.pickle().at(maps.items[i + 1])));
      lens_.depths[static_cast<std::size_t>(*layer) + 1] = std::move(map);
    }
    return whole();
  }

 private:
  [[nodiscard]] std::optional<std::int64_t> layer_of(const PickleNode& key) const {
    if (key.kind != PickleKind::Text) return file_.pickle().whole_number(key);
    std::int64_t layer = -1;
    const auto [end, error] = std::from_chars(key.text.data(), key.text.data() + key.text.size(), layer);
    return error == std::errc() && end == key.text.data() + key.text.size() ? std::optional(layer) : std::nullopt;
  }
  [[nodiscard]] tl::unexpected<Error> wrong_size(const std::string& name, const TensorView& view) const {
    return wrong_lens(ErrorCode::InvalidArgument,
                      text("{0} of the lens {1} has the shape {2}, but the model's d_model is {3}; it is of another model.", name, path_,
                           view.shape.text(), config_.d_model));
  }
  Result<TensorView> matrix(const std::string& name, const PickleNode& node) {
    if (node.kind != PickleKind::Tensor) return wrong_lens(ErrorCode::Corrupt, text("{0} of the lens {1} is not a tensor.", name, path_));
    GF_TRY_ASSIGN(const TensorView view, file_.view(name, node, lens_.storage));
    if (view.shape.rank() != 2 || view.shape[0] != config_.d_model || view.shape[1] != config_.d_model) return wrong_size(name, view);
    return view;
  }
  Result<LensFile> whole() {
    for (const auto& depth : lens_.depths)
      if (depth) {
        lens_.storage.push_back(file_.file());
        return std::move(lens_);
      }
    return wrong_lens(ErrorCode::Corrupt, text("The lens {0} has no map for any depth.", path_));
  }

  std::string path_;
  TorchFile file_;
  const ModelConfig& config_;
  LensFile lens_;
};

/// The kind of lens that a folder's config.json names.
Result<std::string> lens_type_of(const std::string& config_file) {
  constexpr std::size_t kMostValues = 100'000;
  GF_TRY_ASSIGN(const std::string json, read_text_file(config_file, phrase("config of the lens")));
  GF_TRY(check_json_bounds(json, kMostValues, config_file));
  const auto config = nlohmann::json::parse(json, nullptr, false);
  if (!config.is_object() || !config.contains("lens_type") || !config["lens_type"].is_string())
    return wrong_lens(ErrorCode::Corrupt, text("{0} does not say its lens_type.", config_file));
  return config["lens_type"].get<std::string>();
}

}  // namespace

void LensMap::apply(std::span<const float> h, std::span<float> out) const {
  const std::size_t d = h.size();
  std::vector<float> row(d);
  for (std::size_t i = 0; i < d; ++i) {
    widen(weight.data + i * d * size_of(weight.dtype), weight.dtype, row.data(), d);
    double sum = adds ? static_cast<double>(h[i]) : 0;
    for (std::size_t j = 0; j < d; ++j) sum += static_cast<double>(row[j]) * static_cast<double>(h[j]);
    if (bias) sum += static_cast<double>(bias->at(static_cast<std::int64_t>(i)));
    out[i] = static_cast<float>(sum);
  }
}

Result<LensFile> read_lens(const std::string& path, const ModelConfig& config) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (folder && fs::exists(fs::path(path) / "config.json", ignored)) {
    GF_TRY_ASSIGN(const std::string type, lens_type_of((fs::path(path) / "config.json").string()));
    if (type != "linear_tuned_lens")
      return wrong_lens(ErrorCode::Unsupported,
                        text("{0} is a lens of the type {1}; linear_tuned_lens is read, and Jacobian lenses.", path, type));
    const std::string params = (fs::path(path) / "params.pt").string();
    GF_TRY_ASSIGN(TorchFile file, TorchFile::open(params));
    return LensReader(params, std::move(file), config).tuned();
  }
  std::string file_path = path;
  if (folder) {
    file_path.clear();
    for (const auto& entry : fs::directory_iterator(path, ignored))
      if (entry.path().extension() == ".pt" && (file_path.empty() || entry.path().string() < file_path)) file_path = entry.path().string();
    if (file_path.empty())
      return wrong_lens(
          ErrorCode::NotFound,
          text("There is no lens in {0}; a tuned lens is a folder with config.json and params.pt, a Jacobian lens a .pt file.", path));
  }
  GF_TRY_ASSIGN(TorchFile file, TorchFile::open(file_path));
  const PickleNode* maps = file.pickle().find(file.root(), "J");
  if (maps == nullptr || maps->kind != PickleKind::Dict)
    return wrong_lens(ErrorCode::Unsupported, text("{0} is not a lens: a Jacobian lens has maps under \"J\".", file_path));
  return LensReader(file_path, std::move(file), config).jacobian(*maps);
}

}  // namespace gf
