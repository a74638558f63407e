#include "model/io/state_dict.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "model/base/text.h"
#include "model/io/formats/huggingface.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

constexpr int kStateDictDeepest = 3;
constexpr std::size_t kStateDictMostLookedAt = 10'000;
// Where training scripts put the weights, the likeliest first.
constexpr std::array<std::string_view, 4> kStateDictPlaces = {"model", "state_dict", "model_state_dict", "module"};
// These have the same shapes, but are averages and gradients of the weights.
constexpr std::array<std::string_view, 3> kStateDictLast = {"ema", "optim", "callbacks"};

bool state_dict_names(std::string_view key, std::string_view name) {
  const std::string plain = huggingface_key(key);
  return plain == name || plain.ends_with("." + std::string(name));
}

bool is_state_dict(const Pickle& pickle, const PickleNode& dict) {
  for (const auto& [key, value] : pickle.entries(dict))
    if ((value->kind == PickleKind::Tensor || value->kind == PickleKind::Object) && key.ends_with("wte.weight") &&
        state_dict_names(key, "wte.weight"))
      return true;
  return false;
}

std::size_t state_dict_turn(std::string_view key) {
  const auto* const place = std::ranges::find(kStateDictPlaces, key);
  if (place != kStateDictPlaces.end()) return static_cast<std::size_t>(place - kStateDictPlaces.begin());
  const bool last = std::ranges::any_of(kStateDictLast, [&](std::string_view begin) { return key.starts_with(begin); });
  return kStateDictPlaces.size() + (last ? 1 : 0);
}

/// The keys of a dict, at most twelve: "model (transformer.wte.weight, ...), step, ...".
std::string keys_found(const Pickle& pickle, const PickleNode& dict, bool inner = true) {
  const std::size_t most = inner ? 12 : 3;
  std::string keys;
  std::size_t count = 0;
  for (const auto& [key, value] : pickle.entries(dict)) {
    if (count++ == most) return keys + ", ...";
    keys += (keys.empty() ? "" : ", ") + std::string(key.substr(0, 80));
    if (!inner || (value->kind != PickleKind::Dict && value->kind != PickleKind::Object)) continue;
    if (const std::string below = keys_found(pickle, *value, false); !below.empty()) keys += " (" + below + ")";
  }
  return keys;
}

bool is_adapter(const Pickle& pickle, const PickleNode& dict) {
  for (const auto& [key, value] : pickle.entries(dict))
    if (is_adapter_key(key)) return true;
  return false;
}

struct PlaceInPickle {
  const PickleNode* node;
  std::string place;
  int depth;
};

}  // namespace

Result<StateDict> find_state_dict(const TorchFile& file) {
  const Pickle& pickle = file.pickle();
  const std::string& path = file.file()->path();
  const PickleNode *module = nullptr, *adapter = nullptr;
  std::set<const PickleNode*> seen;
  std::deque<PlaceInPickle> left{{&file.root(), "", 0}};
  while (!left.empty() && seen.size() < kStateDictMostLookedAt) {
    const PlaceInPickle at = std::move(left.front());
    left.pop_front();
    if (!seen.insert(at.node).second) continue;
    if (at.node->kind == PickleKind::Object && pickle.find(*at.node, "_parameters") != nullptr) {
      if (module == nullptr) module = at.node;
      continue;
    }
    if (is_state_dict(pickle, *at.node)) return StateDict{at.node, at.place};
    if (adapter == nullptr && is_adapter(pickle, *at.node)) adapter = at.node;
    if (at.depth == kStateDictDeepest) continue;
    std::vector<std::pair<std::size_t, PlaceInPickle>> below;
    for (const auto& [key, value] : pickle.entries(*at.node)) {
      if (value->kind != PickleKind::Dict && value->kind != PickleKind::Object) continue;
      below.push_back(
          {state_dict_turn(key), {value, (at.place.empty() ? "" : at.place + ".") + std::string(key.substr(0, 80)), at.depth + 1}});
      if (below.size() == kStateDictMostLookedAt) break;
    }
    std::ranges::stable_sort(below, {}, [](const auto& b) { return b.first; });
    for (auto& [turn, place] : below) left.push_back(std::move(place));
  }
  const auto refused = [](std::string message) { return fail(ErrorCode::Unsupported, std::move(message), "find_state_dict"); };
  if (module != nullptr)
    return refused(
        text("{0} holds a module of the class {1} that was saved whole, which only its own program can make again; save its "
             "state_dict: torch.save(model.state_dict(), ...).",
             path, module->text));
  if (adapter != nullptr) return tl::unexpected(adapter_refusal(path));
  const std::string keys = keys_found(pickle, file.root());
  const std::string what = keys.empty() ? text("it holds no dict of tensors") : text("there are {0}", keys);
  return refused(text("No GPT-2 was found in {0}, whose embedding would be called wte.weight: {1}; {2}.", path, what, supported_models()));
}

Result<void> add_state_dict(const TorchFile& file, const PickleNode& dict, FoundTensors& found, Weights& weights) {
  const std::string& path = file.file()->path();
  const auto corrupt = [](std::string message) { return fail(ErrorCode::Corrupt, std::move(message), "add_state_dict"); };
  weights.files.push_back(file.file());
  weights.file_bytes += file.file()->bytes().size();
  const Pickle& pickle = file.pickle();
  std::uint64_t claimed = 0;
  for (const auto& [key, value] : pickle.entries(dict)) {
    const std::string name = huggingface_key(key);
    if (value->kind == PickleKind::Object && is_parameter(name))
      return fail(ErrorCode::Unsupported,
                  text("Tensor {0} in {1} is a {2}, which is not run here; save the state_dict of a plain model.", name, path, value->text),
                  "add_state_dict");
    if (value->kind != PickleKind::Tensor || is_mask_tensor(name, pickle.at(value->items[2]).items.size())) continue;
    auto view = file.view(name, *value, weights.storage);
    if (view && file.is_f64(*value)) found.narrowed = true;
    // Tensors may share a storage, but copies of it for a thousand tensors must not fill the memory.
    if (view) claimed += static_cast<std::uint64_t>(view->elements()) * size_of(view->dtype);
    if (claimed / 4 > file.file()->bytes().size())
      return corrupt(text("Cannot read {0}: its tensors claim more than four times the bytes of the file.", path));
    GF_TRY_ASSIGN(const bool added, found.add(name, std::move(view)));
    if (!added) return corrupt(text("Cannot read {0}: the tensor {1} stands twice.", path, name));
  }
  return {};
}

std::vector<std::int64_t> state_dict_sizes(const TorchFile& file, const PickleNode& dict, std::string_view name) {
  std::vector<std::int64_t> sizes;
  const Pickle& pickle = file.pickle();
  for (const auto& [key, value] : pickle.entries(dict)) {
    if (value->kind != PickleKind::Tensor || !state_dict_names(key, name)) continue;
    for (const PickleId id : pickle.at(value->items[2]).items) sizes.push_back(pickle.at(id).integer);
    return sizes;
  }
  return sizes;
}

std::optional<int> heads_beside(const TorchFile& file) {
  constexpr std::array<std::string_view, 7> places = {"model_args", "config",     "model_config", "hyper_parameters",
                                                      "hparams",    "gpt_config", "args"};
  constexpr std::array<std::string_view, 4> names = {"n_head", "n_heads", "num_heads", "num_attention_heads"};
  const Pickle& pickle = file.pickle();
  const auto heads_in = [&](const PickleNode& node) -> std::optional<int> {
    for (const std::string_view name : names)
      if (const PickleNode* value = pickle.find(node, name))
        if (const auto n = pickle.whole_number(*value); n && *n >= 1 && *n <= (1 << 16)) return static_cast<int>(*n);
    return {};
  };
  for (const std::string_view place : places) {
    const PickleNode* node = pickle.find(file.root(), place);
    if (node == nullptr) continue;
    if (const auto heads = heads_in(*node)) return heads;
    for (const std::string_view inner : places)  // Lightning: hyper_parameters.config
      if (const PickleNode* below = pickle.find(*node, inner))
        if (const auto heads = heads_in(*below)) return heads;
  }
  return heads_in(file.root());
}

}  // namespace gf
