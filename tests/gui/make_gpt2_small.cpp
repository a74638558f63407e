// Writes a GPT-2-small-shaped checkpoint with random weights: a Hugging Face directory of 548 MB (or 274 MB with f16).
// What it predicts is noise; its shapes are those of the real one.
//   make_gpt2_small OUT_DIR [LAYERS]
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr int kHeads = 12, kModel = 768, kVocab = 50257, kContext = 1024;

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  float mean, spread;
};

std::int64_t elements(const Tensor& t) {
  std::int64_t n = 1;
  for (const std::int64_t extent : t.shape) n *= extent;
  return n;
}

std::vector<Tensor> tensors_of(int layers) {
  const std::int64_t d = kModel;
  std::vector<Tensor> list{{"wte.weight", {kVocab, d}, 0, 0.14F}, {"wpe.weight", {kContext, d}, 0, 0.05F}};
  const float out = 0.42F / std::sqrt(2.0F * static_cast<float>(layers));
  for (int l = 0; l < layers; ++l) {
    const std::string h = "h." + std::to_string(l) + ".";
    list.push_back({h + "ln_1.weight", {d}, 1, 0.1F});
    list.push_back({h + "ln_1.bias", {d}, 0, 0.05F});
    list.push_back({h + "attn.c_attn.weight", {d, 3 * d}, 0, 0.1F});
    list.push_back({h + "attn.c_attn.bias", {3 * d}, 0, 0.05F});
    list.push_back({h + "attn.c_proj.weight", {d, d}, 0, out});
    list.push_back({h + "attn.c_proj.bias", {d}, 0, 0.05F});
    list.push_back({h + "ln_2.weight", {d}, 1, 0.1F});
    list.push_back({h + "ln_2.bias", {d}, 0, 0.05F});
    list.push_back({h + "mlp.c_fc.weight", {d, 4 * d}, 0, 0.1F});
    list.push_back({h + "mlp.c_fc.bias", {4 * d}, 0, 0.05F});
    list.push_back({h + "mlp.c_proj.weight", {4 * d, d}, 0, out});
    list.push_back({h + "mlp.c_proj.bias", {d}, 0, 0.05F});
  }
  list.push_back({"ln_f.weight", {d}, 1, 0.1F});
  list.push_back({"ln_f.bias", {d}, 0, 0.05F});
  return list;
}

std::string header_of(const std::vector<Tensor>& list) {
  std::string json = "{";
  std::int64_t at = 0;
  for (const Tensor& t : list) {
    std::string shape;
    for (const std::int64_t extent : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    const std::int64_t end = at + elements(t) * 4;
    json += (at == 0 ? "\"" : ",\"") + t.name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(at) +
            "," + std::to_string(end) + "]}";
    at = end;
  }
  json += "}";
  json.append((8 - json.size() % 8) % 8, ' ');
  return json;
}

/// A sum of four uniform numbers: near enough to a normal one, and quick.
float noise(std::uint64_t& state) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  std::uint64_t x = state ^ (state >> 29U);
  float sum = 0;
  for (int i = 0; i < 4; ++i) sum += static_cast<float>((x >> (16U * static_cast<unsigned>(i))) & 0xFFFFU) / 65536.0F;
  return (sum - 2) * 1.7320508F;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: make_gpt2_small OUT_DIR [LAYERS]\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const int layers = argc > 2 ? std::atoi(argv[2]) : 12;
  std::filesystem::create_directories(folder);
  const std::vector<Tensor> list = tensors_of(layers);
  const std::string header = header_of(list);
  std::ofstream file(folder / "model.safetensors", std::ios::binary);
  const std::uint64_t length = header.size();
  file.write(reinterpret_cast<const char*>(&length), 8);
  file << header;
  std::uint64_t state = 42;
  std::vector<float> row;
  for (const Tensor& t : list) {
    row.resize(static_cast<std::size_t>(elements(t)));
    for (float& x : row) x = t.mean + t.spread * noise(state);
    file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(float)));
  }
  std::ofstream config(folder / "config.json");
  config
      << R"({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "n_ctx": )"
      << kContext << ", \"n_positions\": " << kContext << ", \"n_embd\": " << kModel << ", \"n_head\": " << kHeads
      << ", \"n_layer\": " << layers << ", \"vocab_size\": " << kVocab << "}\n";
  if (!file || !config) {
    std::fprintf(stderr, "make_gpt2_small: cannot write to %s\n", folder.c_str());
    return 1;
  }
  return 0;
}
