// Which hooks are products, and their names.
#include <algorithm>
#include <array>
#include <charconv>

#include "app/scene/cube/cube.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr std::array kProducts{HookKind::Q,       HookKind::K,      HookKind::V,      HookKind::AttnScores, HookKind::Z,
                               HookKind::AttnOut, HookKind::MlpPre, HookKind::MlpOut, HookKind::Logits};

/// Whether one head's part of it can be opened.
bool has_heads(HookKind kind) { return is_by_head(kind) || kind == HookKind::Q || kind == HookKind::K || kind == HookKind::V; }

}  // namespace

bool is_product(HookKind kind) { return std::ranges::find(kProducts, kind) != kProducts.end(); }
bool is_by_head(HookKind kind) { return kind == HookKind::AttnScores || kind == HookKind::Z; }

std::string cube_name(const Cube& cube) { return name_of(cube.product) + (cube.head < 0 ? "" : "." + std::to_string(cube.head)); }

Result<Cube> cube_named(const std::string& name, const ModelConfig* config) {
  Cube cube;
  const int n_layer = config != nullptr ? config->n_layer : kAnyLayer;
  auto hook = parse_hook(name, n_layer);
  if (const std::size_t dot = name.rfind('.'); !hook && dot != std::string::npos) {
    const char* end = name.data() + name.size();
    const auto [read, error] = std::from_chars(name.data() + dot + 1, end, cube.head);
    if (error == std::errc{} && read == end && cube.head >= 0) hook = parse_hook(name.substr(0, dot), n_layer);
  }
  if (!hook)
    return fail(ErrorCode::InvalidArgument,
                text("\"{0}\" is no product of this model; write a hook, as in blocks.0.mlp.hook_pre, or one head of it, as in "
                     "blocks.0.attn.hook_attn_scores.2.",
                     name),
                "cube");
  cube.product = hook->kind == HookKind::Pattern ? HookId{HookKind::AttnScores, hook->layer} : *hook;
  const HookKind kind = cube.product.kind;
  if (!is_product(kind)) {
    std::string all;
    for (const HookKind k : kProducts) all += (all.empty() ? "" : ", ") + name_of(HookId{k, k == HookKind::Logits ? -1 : 0});
    return fail(ErrorCode::InvalidArgument,
                text("{0} is not made by a product; the products are {1}, and those of other blocks.", name, all), "cube");
  }
  if (cube.head >= 0 && !has_heads(kind))
    return fail(ErrorCode::InvalidArgument, text("{0} is not split by heads; leave the head out.", name_of(cube.product)), "cube");
  if (config != nullptr && cube.head >= config->n_head)
    return fail(ErrorCode::InvalidArgument, text("There is no head {0}; the heads are 0 to {1}.", cube.head, config->n_head - 1), "cube");
  if (is_by_head(kind) && cube.head < 0) cube.head = 0;
  return cube;
}

}  // namespace gf::scene
