#include "model/io/found_tensors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "model/base/text.h"
#include "model/io/formats/huggingface.h"

namespace gf {

int block_of_tensor(std::string_view name) {
  constexpr int kMostBlocks = 100'000;
  if (!name.starts_with("h.")) return -1;
  int block = -1;
  const auto [end, error] = std::from_chars(name.data() + 2, name.data() + name.size(), block);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '.' || block < 0 || block >= kMostBlocks) return -1;
  return block;
}

bool is_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 5> outer = {"wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias", "lm_head.weight"};
  constexpr std::array<std::string_view, 6> inner = {"ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"};
  if (std::ranges::find(outer, name) != outer.end()) return true;
  const std::size_t dot = name.find('.', 2), last = name.rfind('.');
  if (block_of_tensor(name) < 0 || dot >= last) return false;
  const std::string_view part = name.substr(dot + 1, last - dot - 1), kind = name.substr(last + 1);
  return (kind == "weight" || kind == "bias") && std::ranges::find(inner, part) != inner.end();
}

bool is_adapter_key(std::string_view name) {
  return name.find(".lora_") != std::string_view::npos || name.find("lora_magnitude") != std::string_view::npos;
}

Result<bool> FoundTensors::add(const std::string& name, Result<TensorView> view) {
  if (!view && view.error().code == ErrorCode::Unsupported && !is_parameter(name)) {
    others.insert(name);
    return true;
  }
  if (!view) return tl::unexpected(std::move(view).error());
  return tensors.emplace(name, *view).second;
}

bool FoundTensors::has(const std::string& name) const { return tensors.contains(name) || others.contains(name); }

Result<void> FoundTensors::unwrap() {
  constexpr std::string_view embedding = "wte.weight", trunk = "transformer.";
  if (tensors.contains(std::string(embedding))) return {};
  std::vector<std::string> prefixes;
  for (const auto& [name, view] : tensors)
    if (name.ends_with("." + std::string(embedding))) {
      std::string prefix = name.substr(0, name.size() - embedding.size());
      if (prefix.ends_with(trunk)) prefix.resize(prefix.size() - trunk.size());
      prefixes.push_back(std::move(prefix));
    }
  if (prefixes.size() > 1)
    return fail(ErrorCode::Unsupported,
                text("There are the weights of {0} models in {1}, called {2} and {3}; save one of them alone.", prefixes.size(), path,
                     prefixes[0], prefixes[1]),
                "FoundTensors");
  if (prefixes.empty()) return {};
  std::map<std::string, TensorView> renamed;
  for (const auto& [name, view] : tensors)
    renamed.emplace(name.starts_with(prefixes[0]) ? huggingface_key(std::string_view(name).substr(prefixes[0].size())) : name, view);
  tensors = std::move(renamed);
  return {};
}

}  // namespace gf
