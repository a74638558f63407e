// What a training of a dictionary writes: SAELens's folder, and the state from which it goes on.
#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "model/dictionaries/topk_trainer.h"
#include "model/io/files/safetensors.h"

namespace gf {

namespace {

constexpr const char *kTopkStep = "step", *kTopkScale = "scale", *kTopkSizes = "sizes";

TensorView topk_view(const std::vector<float>& values, std::initializer_list<std::int64_t> shape) {
  return {reinterpret_cast<const std::byte*>(values.data()), DType::F32, Shape(shape)};
}

std::string sizes_of(const TopkOptions& o) { return std::to_string(o.d) + " " + std::to_string(o.n) + " " + std::to_string(o.k); }

/// A count of rows is kept as two numbers below this, which float32 has exactly.
constexpr std::int64_t kTopkPart = std::int64_t{1} << 24;

}  // namespace

Result<void> TopkTrainer::save_dictionary(const std::string& folder, const std::string& metadata) const {
  const std::int64_t d = options_.d, n = options_.n;
  // The scale goes into the biases, so that rows are read as they are and decoder rows keep their length 1.
  const auto divided = [&](std::vector<float> values) {
    for (float& x : values) x = static_cast<float>(static_cast<double>(x) / weights_.scale);
    return values;
  };
  std::vector<float> encoder(weights_.encoder.size());
  for (std::size_t f = 0; f < static_cast<std::size_t>(n); ++f)
    for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i)
      encoder[i * static_cast<std::size_t>(n) + f] = weights_.encoder[f * static_cast<std::size_t>(d) + i];
  const std::vector<float> bias = divided(weights_.bias), centre = divided(weights_.centre);
  const std::array<SafetensorsTensor, 4> tensors = {{{"W_dec", topk_view(weights_.decoder, {n, d})},
                                                     {"W_enc", topk_view(encoder, {d, n})},
                                                     {"b_dec", topk_view(centre, {d})},
                                                     {"b_enc", topk_view(bias, {n})}}};
  const std::filesystem::path place(folder);
  GF_TRY(write_safetensors((place / "sae_weights.safetensors").string(), tensors));
  nlohmann::ordered_json more = nlohmann::ordered_json::parse(metadata, nullptr, false);
  EXPECTS(more.is_object(), "metadata is an object");
  more["sae_lens_version"] = "6.0.0";
  const nlohmann::ordered_json config = {{"architecture", "topk"},
                                         {"d_in", d},
                                         {"d_sae", n},
                                         {"k", options_.k},
                                         {"dtype", "float32"},
                                         {"device", "cpu"},
                                         {"apply_b_dec_to_input", true},
                                         {"normalize_activations", "none"},
                                         {"reshape_activations", metadata.find("hook_z") == std::string::npos ? "none" : "hook_z"},
                                         {"rescale_acts_by_decoder_norm", false},
                                         {"metadata", more}};
  return write_whole_file((place / "cfg.json").string(), config.dump(1) + "\n");
}

Result<void> TopkTrainer::save_state(const std::string& file) const {
  const std::int64_t d = options_.d, n = options_.n;
  std::vector<float> silent;
  for (const std::int64_t rows : silent_rows_) {
    silent.push_back(static_cast<float>(rows / kTopkPart));
    silent.push_back(static_cast<float>(rows % kTopkPart));
  }
  const auto moments = static_cast<std::int64_t>(first_.size());
  const std::array<SafetensorsTensor, 7> tensors = {{{"encoder", topk_view(weights_.encoder, {n, d})},
                                                     {"decoder", topk_view(weights_.decoder, {n, d})},
                                                     {"bias", topk_view(weights_.bias, {n})},
                                                     {"centre", topk_view(weights_.centre, {d})},
                                                     {"first_moment", topk_view(first_, {moments})},
                                                     {"second_moment", topk_view(second_, {moments})},
                                                     {"silent_rows", topk_view(silent, {n, 2})}}};
  const nlohmann::json scale = weights_.scale;
  return write_safetensors(file, tensors,
                           {{kTopkStep, std::to_string(step_)}, {kTopkScale, scale.dump()}, {kTopkSizes, sizes_of(options_)}});
}

Result<std::unique_ptr<TopkTrainer>> TopkTrainer::resume(const TopkOptions& options, const std::string& state, int threads) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(state));
  const auto corrupt = [&] {
    return fail(ErrorCode::Corrupt, text("{0} is not the state of a training of this dictionary; begin another training.", state));
  };
  const auto said = [&](const char* key) {
    const auto at = file.metadata().find(key);
    return at == file.metadata().end() ? std::string() : at->second;
  };
  if (said(kTopkSizes) != sizes_of(options)) return corrupt();
  const auto step = nlohmann::json::parse(said(kTopkStep), nullptr, false), scale = nlohmann::json::parse(said(kTopkScale), nullptr, false);
  if (!step.is_number_unsigned() || !scale.is_number() || !(scale.get<double>() > 0)) return corrupt();
  std::unique_ptr<TopkTrainer> made(new TopkTrainer(options, threads));
  made->step_ = step.get<std::int64_t>();
  made->weights_.scale = scale.get<double>();
  std::vector<std::shared_ptr<const void>> storage;
  const auto d = static_cast<std::size_t>(options.d), n = static_cast<std::size_t>(options.n);
  std::vector<float> silent;
  for (const auto& [name, to, size] : std::initializer_list<std::tuple<const char*, std::vector<float>*, std::size_t>>{
           {"encoder", &made->weights_.encoder, n * d},
           {"decoder", &made->weights_.decoder, n * d},
           {"bias", &made->weights_.bias, n},
           {"centre", &made->weights_.centre, d},
           {"first_moment", &made->first_, 2 * n * d + n + d},
           {"second_moment", &made->second_, 2 * n * d + n + d},
           {"silent_rows", &silent, 2 * n}}) {
    const SafetensorsEntry* entry = file.find(name);
    if (entry == nullptr) return corrupt();
    GF_TRY_ASSIGN(const TensorView view, file.view(*entry, storage));
    if (view.dtype != DType::F32 || static_cast<std::size_t>(view.elements()) != size) return corrupt();
    to->assign(view.f32().begin(), view.f32().end());
  }
  for (std::size_t f = 0; f < n; ++f) {
    const double rows = static_cast<double>(silent[2 * f]) * static_cast<double>(kTopkPart) + static_cast<double>(silent[2 * f + 1]);
    if (!(rows >= 0) || rows > 1e15) return corrupt();
    made->silent_rows_[f] = static_cast<std::int64_t>(rows);
  }
  return made;
}

}  // namespace gf
