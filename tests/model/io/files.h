// Small checkpoints made by the tests themselves.
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/io/files/safetensors.h"

namespace gf::test {

/// A folder of this test's own, empty at the start.
inline std::filesystem::path fresh_folder() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info->test_suite_name()) + "." + info->name();
  for (char& c : name)
    if (c == '/') c = '_';
  const auto folder = std::filesystem::path(GLASSFORMER_BUILD_DIR) / "test-files" / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A safetensors file from its parts: the length that it claims may lie.
inline std::string safetensors_bytes(const std::string& table, std::size_t data_bytes, std::int64_t claimed = -1) {
  const std::uint64_t length = claimed < 0 ? table.size() : static_cast<std::uint64_t>(claimed);
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + table + std::string(data_bytes, '\0');
}

/// A GPT-2 of 2 blocks, 2 heads, d_model 4, d_mlp 8, n_ctx 6, n_vocab 5, in float32; element i of each tensor is i + 1.
struct TinyModel {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  std::map<std::string, std::vector<float>> values;
  nlohmann::json config = {{"model_type", "gpt2"}, {"n_layer", 2}, {"n_head", 2}, {"n_embd", 4}, {"n_positions", 6}, {"vocab_size", 5}};

  TinyModel() {
    add("wte.weight", {5, 4});
    add("wpe.weight", {6, 4});
    for (int b = 0; b < 2; ++b) {
      const std::string h = "h." + std::to_string(b) + ".";
      for (const char* norm : {"ln_1", "ln_2"})
        for (const char* part : {".weight", ".bias"}) add(h + norm + part, {4});
      add(h + "attn.c_attn.weight", {4, 12});
      add(h + "attn.c_attn.bias", {12});
      add(h + "attn.c_proj.weight", {4, 4});
      add(h + "attn.c_proj.bias", {4});
      add(h + "mlp.c_fc.weight", {4, 8});
      add(h + "mlp.c_fc.bias", {8});
      add(h + "mlp.c_proj.weight", {8, 4});
      add(h + "mlp.c_proj.bias", {4});
    }
    add("ln_f.weight", {4});
    add("ln_f.bias", {4});
  }
  void add(const std::string& name, std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const auto extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<float> v(count);
    for (std::size_t i = 0; i < count; ++i) v[i] = static_cast<float>(i + 1);
    shapes[name] = std::move(shape);
    values[name] = std::move(v);
  }
  void remove(const std::string& name) {
    shapes.erase(name);
    values.erase(name);
  }
  /// As a Hugging Face directory.
  [[nodiscard]] std::string write(const std::filesystem::path& folder, const std::string& prefix = {}) const {
    std::filesystem::create_directories(folder);
    std::vector<SafetensorsTensor> tensors;
    for (const auto& [name, s] : shapes) {
      TensorView view{reinterpret_cast<const std::byte*>(values.at(name).data()), DType::F32, {}};
      if (s.size() == 1) view.shape = {s[0]};
      if (s.size() == 2) view.shape = {s[0], s[1]};
      if (s.size() == 4) view.shape = {s[0], s[1], s[2], s[3]};
      tensors.push_back({(name == "lm_head.weight" ? "" : prefix) + name, view});
    }
    const auto written = write_safetensors((folder / "model.safetensors").string(), tensors);
    EXPECT_TRUE(written) << written.error().message;
    if (!config.is_null()) write_text(folder / "config.json", config.dump());
    return folder.string();
  }
};

}  // namespace gf::test
