#include "model/hook_sources.h"

#include <algorithm>
#include <optional>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

namespace {

struct SourceRow {
  HookKind made;
  std::optional<HookKind> hook;
  std::string_view weight;
  Take take;
};
constexpr SourceRow kSourceRows[] = {
#define SOURCE(made, hook, take) {HookKind::made, HookKind::hook, "", Take::take},
#define WEIGHT(made, name, take) {HookKind::made, std::nullopt, name, Take::take},
#define MADE(made, story, code)
#include "model/hook_sources.def"
#undef SOURCE
#undef WEIGHT
#undef MADE
};

struct MakingRow {
  HookKind made;
  HookMaking making;
};
constexpr MakingRow kMakingRows[] = {
#define SOURCE(made, hook, take)
#define WEIGHT(made, name, take)
#define MADE(made, story, code) {HookKind::made, {story, code}},
#include "model/hook_sources.def"
#undef SOURCE
#undef WEIGHT
#undef MADE
};
static_assert(std::size(kMakingRows) == kHookKinds, "each hook tells how it is made");

/// The first column of q, k or v in the matrix that holds the three side by side.
int first_column(HookKind kind, const ModelConfig& config) {
  if (kind == HookKind::K) return config.d_model;
  return kind == HookKind::V ? 2 * config.d_model : 0;
}

/// Which output of its matrix a cell is.
int output_of(HookId hook, std::array<int, 3> index, const ModelConfig& config) {
  const bool by_head = info_of(hook.kind).shape == RowShape::Heads;
  return first_column(hook.kind, config) + (by_head                         ? index[1] * config.d_head + index[2]
                                            : hook.kind == HookKind::Result ? index[2]
                                                                            : index[1]);
}

/// A whole row of one position.
CellRange row_cells(RowShape shape, int position, const ModelConfig& config) {
  switch (shape) {
    case RowShape::One: return {{position, 0, -1}, {position, 0, -1}};
    case RowShape::PerHead: return {{position, 0, -1}, {position, config.n_head - 1, -1}};
    case RowShape::DModel: return {{position, 0, -1}, {position, config.d_model - 1, -1}};
    case RowShape::DMlp: return {{position, 0, -1}, {position, config.d_mlp - 1, -1}};
    case RowShape::NVocab: return {{position, 0, -1}, {position, config.n_vocab - 1, -1}};
    case RowShape::Heads: return {{position, 0, 0}, {position, config.n_head - 1, config.d_head - 1}};
    case RowShape::HeadsDModel: return {{position, 0, 0}, {position, config.n_head - 1, config.d_model - 1}};
    case RowShape::Causal: break;
  }
  return {{0, position, 0}, {config.n_head - 1, position, position}};
}

CellRange head_cells(int position, int head, const ModelConfig& config) {
  return {{position, head, 0}, {position, head, config.d_head - 1}};
}

/// How many inputs the matrix that makes a hook has.
int inputs_of(HookKind made, const ModelConfig& config) { return made == HookKind::MlpOut ? config.d_mlp : config.d_model; }

}  // namespace

const HookMaking& making_of(HookKind kind) {
  const auto row = std::ranges::find(kMakingRows, kind, &MakingRow::made);
  EXPECTS(row != std::end(kMakingRows), "only hooks are made");
  return row->making;
}

std::string python_name(HookKind kind) {
  std::string name(info_of(kind).name);
  if (name.starts_with("attn.")) name.erase(0, name.find('.') + 1);
  if (name.starts_with("hook_")) return name.substr(name.find('_') + 1);
  if (const std::size_t dot = name.find(".hook_"); dot != std::string::npos) name.replace(dot, 6, "_");
  return name;
}

std::vector<HookSource> sources_of(HookId hook, const ModelConfig& config) {
  if (hook.kind == HookKind::ResidPre) {
    if (hook.layer > 0) return {{{HookKind::ResidPost, hook.layer - 1}, {}, Take::Same}};
    return {{{HookKind::Embed, -1}, {}, Take::Same}, {{HookKind::PosEmbed, -1}, {}, Take::Same}};
  }
  std::vector<HookSource> sources;
  for (const SourceRow& row : kSourceRows) {
    if (row.made != hook.kind) continue;
    HookSource source{{}, {}, row.take};
    if (row.hook) {
      const bool of_block = info_of(*row.hook).scope == HookScope::Block;
      source.hook = {*row.hook, !of_block ? -1 : hook.layer >= 0 ? hook.layer : config.n_layer - 1};
    } else {
      source.weight = (hook.layer >= 0 ? "h." + std::to_string(hook.layer) + "." : "") + std::string(row.weight);
      if (row.made == HookKind::Logits && row.take == Take::Column && config.tied) source.weight = "wte.weight";
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<HookId> source_hooks(HookId hook, const ModelConfig& config) {
  std::vector<HookId> hooks;
  for (const HookSource& source : sources_of(hook, config))
    if (!source.is_weight()) hooks.push_back(source.hook);
  return hooks;
}

bool feeds(HookId from, HookId into, const ModelConfig& config) {
  return std::ranges::any_of(source_hooks(into, config),
                             [&](HookId source) { return source == from || (source.layer == into.layer && feeds(from, source, config)); });
}

CellRange cells_of(const HookSource& source, HookId hook, std::array<int, 3> index, const ModelConfig& config, int token) {
  const RowShape shape = info_of(hook.kind).shape;
  const bool causal = shape == RowShape::Causal;
  const int position = causal ? index[1] : index[0];
  const int head = causal ? index[0] : index[1];  // of hooks that have heads
  const int out = output_of(hook, index, config);
  switch (source.take) {
    case Take::Same:
      if (info_of(source.hook.kind).shape == RowShape::One) return {{position, 0, -1}, {position, 0, -1}};
      return {index, index};
    case Take::SameDim: return {{position, index[2], -1}, {position, index[2], -1}};
    case Take::Row: return row_cells(info_of(source.hook.kind).shape, position, config);
    case Take::Head: return head_cells(position, head, config);
    case Take::EachHead: return {{position, 0, out}, {position, config.n_head - 1, out}};
    case Take::OfQuery: return head_cells(index[1], head, config);
    case Take::OfKey: return head_cells(index[2], head, config);
    case Take::Keys: return {{head, position, 0}, {head, position, position}};
    case Take::EachKey: return {{0, head, index[2]}, {position, head, index[2]}};
    case Take::Token: return {{token, index[1], -1}, {token, index[1], -1}};
    case Take::Position: return {{position, index[1], -1}, {position, index[1], -1}};
    case Take::Column:
      // The token table has a row for each output.
      if (source.weight == "wte.weight") return {{out, 0, -1}, {out, config.d_model - 1, -1}};
      return {{0, out, -1}, {inputs_of(hook.kind, config) - 1, out, -1}};
    case Take::ColumnOfHead: return {{head * config.d_head, out, -1}, {(head + 1) * config.d_head - 1, out, -1}};
    case Take::Entry: return {{out, -1, -1}, {out, -1, -1}};
    case Take::All: return {{0, -1, -1}, {config.d_model - 1, -1, -1}};
  }
  return {};
}

}  // namespace gf
