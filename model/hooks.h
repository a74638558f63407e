// Hook points: names and shapes follow TransformerLens. The table is hooks.def.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace gf {

enum class HookKind : std::uint8_t {
#define HOOK(kind, ...) kind,
#include "model/hooks.def"
#undef HOOK
  /// Not a hook point: a pass can keep it in place of the pattern. The entropy of each row of the pattern as it is used, in
  /// nats. It is not in hook_table(), and recipes and command lines cannot name it.
  PatternEntropy,
};
#define HOOK(...) +1
inline constexpr int kHookKinds = 0
#include "model/hooks.def"
    ;
#undef HOOK
/// The kinds of rows that a trace can have: hook points and PatternEntropy.
inline constexpr int kRowKinds = kHookKinds + 1;

enum class HookStage : std::uint8_t { Before, Block, After };
/// Once in a model, or once in each block.
enum class HookScope : std::uint8_t { Model, Block };
enum class HookUnit : std::uint8_t { Activation, Scale, Score, Probability, Logit, Nats };

/// Where a hook stands: the stream runs past attention and the MLP, between the model's two ends.
enum class HookPlace : std::uint8_t { Embedding, Stream, Attention, Mlp, Unembedding };

/// The operations of a pass.
enum class Operation : std::uint8_t {
#define OPERATION(kind, name) kind,
#include "model/operations.def"
#undef OPERATION
};
#define OPERATION(kind, name) +1
inline constexpr std::size_t kOperations = 0
#include "model/operations.def"
    ;
#undef OPERATION
[[nodiscard]] const char* name_of(Operation operation);  ///< "qkv matmul"

/// What one position contributes. A full activation has the shape in brackets.
enum class RowShape : std::uint8_t {
  One,          ///< 1                    [T, 1]
  PerHead,      ///< n_head               [T, n_head]
  DModel,       ///< d_model              [T, d_model]
  Heads,        ///< n_head * d_head      [T, n_head, d_head]
  HeadsDModel,  ///< n_head * d_model     [T, n_head, d_model]
  DMlp,         ///< d_mlp                [T, d_mlp]
  Causal,       ///< n_head * (q + 1), head-major: row q holds, for each head, keys 0..q   [n_head, T, T]
  NVocab,       ///< n_vocab              [T, n_vocab]
};

/// A row of hooks.def. The phrases are said by text(info.title).
struct HookInfo {
  HookKind kind;
  HookStage stage;
  std::string_view name;        ///< within its scope
  std::string_view other_name;  ///< TransformerLens 4's, where it is another; read, never printed
  RowShape shape;
  HookUnit unit;
  Operation operation;  ///< that makes it
  HookPlace place;
  const char *title, *tag, *step, *doc;
  HookScope scope;  ///< follows from the stage
};

/// All rows of hooks.def, indexed by HookKind.
[[nodiscard]] std::span<const HookInfo> hook_table();
[[nodiscard]] const HookInfo& info_of(HookKind kind);
/// Whether a hook of a block stands in that part of it, Attention or Mlp, or in the stream before or behind it.
[[nodiscard]] bool stands_at(HookKind kind, HookPlace part);
/// Whether the hook is one of TransformerLens's split inputs: a copy of the stream that a head's q, k or v or the MLP alone
/// reads. Passes make them only where a plan or an edit asks for them.
[[nodiscard]] constexpr bool is_split_input(HookKind kind) {
  return kind == HookKind::QInput || kind == HookKind::KInput || kind == HookKind::VInput || kind == HookKind::MlpInput;
}
/// The hook whose copy for each head q, k or v reads. Precondition: `kind` is Q, K or V.
[[nodiscard]] HookKind split_input_of(HookKind kind);

/// A hook point of a particular block. layer is -1 for hooks of the whole model.
struct HookId {
  HookKind kind = HookKind::Embed;
  int layer = -1;
  friend auto operator<=>(const HookId&, const HookId&) = default;
};

[[nodiscard]] std::string name_of(HookId id);  ///< "blocks.3.attn.hook_z"
/// The block whose computation an edit there changes first: 0 before the blocks, n_layer after them.
[[nodiscard]] int block_of(HookId id, int n_layer);
/// The residual stream at a depth: what enters block `depth`, and at n_layer what leaves the last block.
[[nodiscard]] HookId stream_hook(int depth, int n_layer);
/// For parse_hook() where no model is known: any block number is a name.
inline constexpr int kAnyLayer = 1 << 20;
/// Understands both names of a hook. nullopt for one that is not in hooks.def, or whose block is >= n_layer.
[[nodiscard]] std::optional<HookId> parse_hook(std::string_view name, int n_layer);

/// What a name in a recipe stands for: one hook, or with `*` for the block's number that of every block
/// ("blocks.*.attn.hook_z"). The first block comes first. Empty where parse_hook() gives nullopt.
[[nodiscard]] std::vector<HookId> hooks_named(std::string_view name, int n_layer);
/// The kind of those hooks, in a model with any number of blocks.
[[nodiscard]] std::optional<HookKind> kind_named(std::string_view name);
/// Whether `hook` is among them.
[[nodiscard]] bool names_hook(std::string_view name, HookId hook);
/// Whether the name has `*` for the block's number.
[[nodiscard]] bool names_every_block(std::string_view name);
/// The name as hooks.def has it: "blocks.*.hook_resid_post" for "blocks.*.hook_out". Precondition: kind_named() knows it.
[[nodiscard]] std::string own_hook_name(std::string_view name);
/// Every hook of a model, in the order of the forward pass (Embed, PosEmbed, block 0.., LnFinal.., Logits).
[[nodiscard]] std::vector<HookId> all_hooks(int n_layer);
/// Everything that a trace can have rows of: all_hooks(), then each block's PatternEntropy.
[[nodiscard]] std::vector<HookId> all_rows(int n_layer);
/// Numbers in the row of `position` (only Causal depends on it).
[[nodiscard]] std::size_t row_size(RowShape shape, const ModelConfig& config, int position);

/// Which hooks a run keeps.
struct CapturePlan {
  std::vector<bool> kinds = std::vector<bool>(kRowKinds, false);
  bool all_logits = false;  ///< logits of every row (then kinds has Logits too); otherwise of the last row alone
  /// Statistics of the last position alone, however much is kept: the logits of the others, a third of a pass of GPT-2 small,
  /// are then not computed.
  bool last_stats_only = false;
  [[nodiscard]] bool wants(HookKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
  friend bool operator==(const CapturePlan&, const CapturePlan&) = default;

  /// Keeps rows of this kind too; of the logits every row.
  void want(HookKind kind);

  static CapturePlan none();      ///< no more than each trace must have: resid_pre, k, v, the last row's logits
  static CapturePlan defaults();  ///< every hook of full() but scores; logits of the last row
  static CapturePlan full();      ///< every hook but result and split inputs, all logits
  /// "none", "default", "full"; nullopt otherwise.
  static std::optional<CapturePlan> named(std::string_view name);
};

}  // namespace gf
