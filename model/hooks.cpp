#include "model/hooks.h"

#include <array>
#include <charconv>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

namespace {
constexpr HookScope hook_scope_of(HookStage stage) { return stage == HookStage::Block ? HookScope::Block : HookScope::Model; }
constexpr std::array<HookInfo, kRowKinds> kRowTable = {{
#define HOOK(kind, stage, name, other_name, shape, unit, operation, place, title, tag, step, doc) \
  {HookKind::kind,                                                                                \
   HookStage::stage,                                                                              \
   name,                                                                                          \
   other_name,                                                                                    \
   RowShape::shape,                                                                               \
   HookUnit::unit,                                                                                \
   Operation::operation,                                                                          \
   HookPlace::place,                                                                              \
   title,                                                                                         \
   tag,                                                                                           \
   step,                                                                                          \
   doc,                                                                                           \
   hook_scope_of(HookStage::stage)},
#include "model/hooks.def"
#undef HOOK
    {HookKind::PatternEntropy, HookStage::Block, "attn.pattern_entropy", "", RowShape::PerHead, HookUnit::Nats, Operation::Entropy,
     HookPlace::Attention, phrase("entropy of the pattern"), "", "", phrase("entropy of each pattern row"), HookScope::Block},
}};
constexpr const char* kOperationNames[] = {
#define OPERATION(kind, name) name,
#include "model/operations.def"
#undef OPERATION
};
constexpr std::string_view kBlockPrefix = "blocks.";
constexpr int kEveryBlock = -2;  ///< the layer of a name with `*`, within this file

/// Takes the block's number, or `*`, and the dot behind it off a name that follows kBlockPrefix.
std::optional<int> take_block(std::string_view& name) {
  if (name.starts_with("*.")) {
    name.remove_prefix(2);
    return kEveryBlock;
  }
  int layer = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  const auto digits = static_cast<std::size_t>(end - name.data());
  if (error != std::errc{} || layer < 0 || digits >= name.size() || name[digits] != '.') return {};
  if (name[0] == '-' || (digits > 1 && name[0] == '0')) return {};  // one spelling for each block
  name.remove_prefix(digits + 1);
  return layer;
}

std::optional<HookId> parse_hook_pattern(std::string_view name) {
  int layer = -1;
  HookScope scope = HookScope::Model;
  if (name.starts_with(kBlockPrefix)) {
    name.remove_prefix(kBlockPrefix.size());
    const auto block = take_block(name);
    if (!block) return {};
    layer = *block;
    scope = HookScope::Block;
  }
  for (const HookInfo& info : std::span(kRowTable).first(kHookKinds))
    if (info.scope == scope && !name.empty() && (info.name == name || info.other_name == name)) return HookId{info.kind, layer};
  return {};
}
}  // namespace

const char* name_of(Operation operation) { return kOperationNames[static_cast<std::size_t>(operation)]; }

std::span<const HookInfo> hook_table() { return std::span(kRowTable).first(kHookKinds); }

const HookInfo& info_of(HookKind kind) { return kRowTable[static_cast<std::size_t>(kind)]; }

bool stands_at(HookKind kind, HookPlace part) {
  return info_of(kind).place == part || kind == HookKind::ResidMid ||
         kind == (part == HookPlace::Attention ? HookKind::ResidPre : HookKind::ResidPost);
}

HookKind split_input_of(HookKind kind) {
  EXPECTS(kind == HookKind::Q || kind == HookKind::K || kind == HookKind::V, "q, k or v");
  return kind == HookKind::Q ? HookKind::QInput : kind == HookKind::K ? HookKind::KInput : HookKind::VInput;
}

std::string name_of(HookId id) {
  const HookInfo& info = info_of(id.kind);
  if (info.scope == HookScope::Model) return std::string(info.name);
  return std::string(kBlockPrefix) + std::to_string(id.layer) + "." + std::string(info.name);
}

int block_of(HookId id, int n_layer) {
  if (id.layer >= 0) return id.layer;
  return info_of(id.kind).stage == HookStage::Before ? 0 : n_layer;
}

HookId stream_hook(int depth, int n_layer) {
  return depth < n_layer ? HookId{HookKind::ResidPre, depth} : HookId{HookKind::ResidPost, n_layer - 1};
}

std::optional<HookId> parse_hook(std::string_view name, int n_layer) {
  const auto found = parse_hook_pattern(name);
  if (!found || found->layer == kEveryBlock || found->layer >= n_layer) return {};
  return found;
}

std::vector<HookId> hooks_named(std::string_view name, int n_layer) {
  const auto found = parse_hook_pattern(name);
  if (!found || found->layer >= n_layer) return {};
  if (found->layer != kEveryBlock) return {*found};
  std::vector<HookId> hooks;
  for (int b = 0; b < n_layer; ++b) hooks.push_back({found->kind, b});
  return hooks;
}

std::optional<HookKind> kind_named(std::string_view name) {
  const auto found = parse_hook_pattern(name);
  return found && found->layer < kAnyLayer ? std::optional(found->kind) : std::nullopt;
}

bool names_hook(std::string_view name, HookId hook) {
  const auto found = parse_hook_pattern(name);
  return found && found->kind == hook.kind && (found->layer == kEveryBlock || found->layer == hook.layer);
}

bool names_every_block(std::string_view name) {
  const auto found = parse_hook_pattern(name);
  return found && found->layer == kEveryBlock;
}

std::string own_hook_name(std::string_view name) {
  const auto found = parse_hook_pattern(name);
  EXPECTS(found.has_value(), "the name of a hook");
  if (found->layer != kEveryBlock) return name_of(*found);
  return std::string(kBlockPrefix) + "*." + std::string(info_of(found->kind).name);
}

std::vector<HookId> all_hooks(int n_layer) {
  std::vector<HookId> hooks;
  bool blocks_done = false;
  for (const HookInfo& info : hook_table()) {
    if (info.scope == HookScope::Model) {
      hooks.push_back({info.kind, -1});
    } else if (!blocks_done) {
      blocks_done = true;
      for (int b = 0; b < n_layer; ++b)
        for (const HookInfo& row : hook_table())
          if (row.scope == HookScope::Block) hooks.push_back({row.kind, b});
    }
  }
  return hooks;
}

std::vector<HookId> all_rows(int n_layer) {
  std::vector<HookId> rows = all_hooks(n_layer);
  for (int b = 0; b < n_layer; ++b) rows.push_back({HookKind::PatternEntropy, b});
  return rows;
}

std::size_t row_size(RowShape shape, const ModelConfig& config, int position) {
  const auto size = [](int n) { return static_cast<std::size_t>(n); };
  switch (shape) {
    case RowShape::One: return 1;
    case RowShape::PerHead: return size(config.n_head);
    case RowShape::DModel: return size(config.d_model);
    case RowShape::Heads: return size(config.n_head) * size(config.d_head);
    case RowShape::HeadsDModel: return size(config.n_head) * size(config.d_model);
    case RowShape::DMlp: return size(config.d_mlp);
    case RowShape::Causal: return size(config.n_head) * size(position + 1);
    case RowShape::NVocab: return size(config.n_vocab);
  }
  return 0;
}

void CapturePlan::want(HookKind kind) {
  kinds[static_cast<std::size_t>(kind)] = true;
  if (kind == HookKind::Logits) all_logits = true;
}

CapturePlan CapturePlan::none() {
  CapturePlan plan;
  for (const HookKind kind : {HookKind::ResidPre, HookKind::K, HookKind::V}) plan.want(kind);
  return plan;
}

CapturePlan CapturePlan::full() {
  CapturePlan plan;
  for (const HookInfo& info : hook_table())
    if (info.kind != HookKind::Result && !is_split_input(info.kind)) plan.want(info.kind);
  return plan;
}

CapturePlan CapturePlan::defaults() {
  CapturePlan plan = full();
  for (const HookKind kind : {HookKind::AttnScores, HookKind::Logits}) plan.kinds[static_cast<std::size_t>(kind)] = false;
  plan.all_logits = false;
  return plan;
}

std::optional<CapturePlan> CapturePlan::named(std::string_view name) {
  if (name == "none") return none();
  if (name == "default") return defaults();
  if (name == "full") return full();
  return {};
}

}  // namespace gf
