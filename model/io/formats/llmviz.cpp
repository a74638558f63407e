#include "model/io/formats/llmviz.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/assemble.h"
#include "model/io/files/mapped_file.h"
#include "model/io/formats/huggingface.h"

namespace gf {

namespace {

constexpr std::size_t kLlmvizMaxBytes = 1U << 30, kLlmvizMaxValues = 1'000'000;
constexpr std::size_t kLlmvizLook = 64U << 10;

using LlmvizJson = nlohmann::json;

bool llmviz_looks_right(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto first = text.substr(0, kLlmvizLook).find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  const auto has = [](std::string_view part) {
    return part.find("\"block_size\"") != std::string_view::npos || part.find("wte.weight\"") != std::string_view::npos;
  };
  return has(text.substr(0, kLlmvizLook)) || has(text.substr(text.size() - std::min(text.size(), kLlmvizLook)));
}

std::string llmviz_file(const std::string& path) {
  return weight_file(path, {"model.json", "gpt-nano-sort-model.json"}, {".json"}, llmviz_looks_right);
}

int llmviz_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

tl::unexpected<Error> llmviz_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, gf::text("Cannot read {0}: {1}.", path, problem), "load_llmviz");
}

Result<Shape> llmviz_shape(const LlmvizJson& shape, const std::string& name, const std::string& path) {
  std::array<std::int64_t, Shape::kMaxRank> e{};
  if (!shape.is_array() || shape.size() > e.size())
    return llmviz_corrupt(path, gf::text("tensor {0} has no shape of at most four numbers", name));
  std::int64_t elements = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!shape[i].is_number_unsigned() || shape[i].get<std::uint64_t>() > (1U << 30))
      return llmviz_corrupt(
          path, gf::text("tensor {0} has {1} in its shape", name, shape[i].dump(-1, ' ', true, LlmvizJson::error_handler_t::replace)));
    e[i] = shape[i].get<std::int64_t>();
    if (__builtin_mul_overflow(elements, e[i], &elements) || elements > (std::int64_t{1} << 40))
      return llmviz_corrupt(path, gf::text("the shape of tensor {0} is too large", name));
  }
  return Shape(std::span(e).first(shape.size()));
}

Result<TensorView> llmviz_tensor(const LlmvizJson& json, const std::string& name, const std::string& path, Weights& weights) {
  const auto shape_at = json.find("shape"), dtype_at = json.find("dtype"), data_at = json.find("data");
  if (shape_at == json.end() || dtype_at == json.end() || data_at == json.end() || !data_at->is_string())
    return llmviz_corrupt(path, gf::text("tensor {0} has no shape, dtype and data", name));
  if (*dtype_at != "torch.float32")
    return fail(ErrorCode::Unsupported,
                gf::text("Tensor {0} in {1} has a dtype that is not torch.float32; no other is supported.", name, path), "load_llmviz");
  GF_TRY_ASSIGN(const Shape shape, llmviz_shape(*shape_at, name, path));
  const auto& text = data_at->get_ref<const std::string&>();
  const auto needed = static_cast<std::uint64_t>(shape.elements()) * sizeof(float);
  if (text.size() != (needed + 2) / 3 * 4)
    return llmviz_corrupt(path, gf::text("tensor {0} {1} needs {2} bytes, which its {3} characters of data do not hold", name, shape.text(),
                                         needed, text.size()));
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != needed) return llmviz_corrupt(path, gf::text("the data of tensor {0} is not base64", name));
  const auto floats = std::make_shared<std::vector<float>>(bytes->size() / sizeof(float));
  if (!bytes->empty()) std::memcpy(floats->data(), bytes->data(), bytes->size());
  weights.storage.push_back(std::shared_ptr<const void>(floats, floats->data()));
  return TensorView{reinterpret_cast<const std::byte*>(floats->data()), DType::F32, shape};
}

}  // namespace

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::vector<std::byte> out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t padding =
        at + 4 < text.size() ? 0 : static_cast<std::size_t>(text[at + 3] == '=') + (text[at + 2] == '=' && text[at + 3] == '=');
    unsigned value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int digit = i + padding >= 4 ? 0 : llmviz_digit(text[at + i]);
      if (digit < 0) return {};
      value = value << 6 | static_cast<unsigned>(digit);
    }
    for (std::size_t i = 0; i < 3 - padding; ++i) out.push_back(static_cast<std::byte>(value >> (16 - 8 * i)));
  }
  return out;
}

bool probe_llmviz(const std::string& path) {
  const std::string name = llmviz_file(path);
  if (name.empty()) return false;
  const auto file = MappedFile::open(name);
  return file && llmviz_looks_right((*file)->bytes());
}

Result<std::shared_ptr<const Weights>> load_llmviz(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "llm-viz-json";
  const std::string file = llmviz_file(path);
  GF_TRY_ASSIGN(const std::string text, read_file(file, kLlmvizMaxBytes));
  weights->file_bytes = text.size();
  GF_TRY(check_json_bounds(text, kLlmvizMaxValues, file));
  const LlmvizJson json = LlmvizJson::parse(text, nullptr, false);
  if (!json.is_object()) return llmviz_corrupt(file, gf::text("it is not a JSON object"));
  ConfigFile config;
  if (const auto it = json.find("config"); it != json.end() && it->is_object()) {
    GF_TRY_ASSIGN(config, parse_mingpt_config(it->dump(-1, ' ', true, LlmvizJson::error_handler_t::replace), file));
  }
  FoundTensors found;
  found.path = file;
  found.in_major = false;
  for (const auto& [key, value] : json.items()) {
    if (key == "config" || !value.is_object()) continue;
    const std::string name = huggingface_key(key);
    const auto shape = value.find("shape");
    if (shape == value.end() && !value.contains("data")) continue;  // notes, not a tensor
    if (is_mask_tensor(name, shape != value.end() && shape->is_array() ? shape->size() : 0)) continue;
    GF_TRY_ASSIGN(const bool added, found.add(name, llmviz_tensor(value, name, file, *weights)));
    if (!added) return llmviz_corrupt(file, gf::text("the tensor {0} stands twice", name));
  }
  GF_TRY(assemble(std::move(found), config, options, *weights));
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
