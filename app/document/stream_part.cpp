#include "app/document/stream_part.h"

#include <algorithm>
#include <charconv>

#include "app/document/part_edits.h"
#include "model/base/text.h"
#include "model/edits/head_cuts.h"

namespace gf::doc {
namespace {

using Part = StreamPart;

/// The whole number that `text` is; nullopt: it is none.
std::optional<int> whole_text(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// The hook that holds what the part writes, or for a neuron its activation.
HookId hook_of_part(const Part& part) {
  switch (part.kind) {
    case Part::Kind::Embed: return {HookKind::Embed, -1};
    case Part::Kind::PosEmbed: return {HookKind::PosEmbed, -1};
    case Part::Kind::Attention:
    case Part::Kind::AttentionBias: return {HookKind::AttnOut, part.layer};
    case Part::Kind::Head: return {HookKind::Pattern, part.layer};
    case Part::Kind::Mlp: return {HookKind::MlpOut, part.layer};
    case Part::Kind::Neuron: return {HookKind::MlpPost, part.layer};
    case Part::Kind::Logits: return {HookKind::Logits, -1};
  }
  return {};
}

Edit cut_of_part(const Part& part) {
  Edit cut;
  cut.hook = name_of(hook_of_part(part));
  cut.op = EditOp::Zero;
  if (part.kind == Part::Kind::Neuron) cut.neurons = Selector::only(part.index);
  return cut;
}

std::string words_of_part(const Part& part) {
  switch (part.kind) {
    case Part::Kind::Embed: return text("token embedding");
    case Part::Kind::PosEmbed: return text("position embedding");
    case Part::Kind::Attention:
    case Part::Kind::AttentionBias: return text("attention of block {0}", part.layer);
    case Part::Kind::Head: return text("head {0} of block {1}", part.index, part.layer);
    case Part::Kind::Mlp: return text("MLP of block {0}", part.layer);
    case Part::Kind::Neuron: return text("neuron {0} of block {1}", part.index, part.layer);
    case Part::Kind::Logits: break;
  }
  return text("logit");
}

}  // namespace

std::optional<StreamPart> stream_part_named(std::string_view name) {
  if (name == "embed") return Part{Part::Kind::Embed};
  if (name == "pos_embed") return Part{Part::Kind::PosEmbed};
  for (const auto& [start, kind] :
       {std::pair{std::string_view("mlp."), Part::Kind::Mlp}, std::pair{std::string_view("attn_bias."), Part::Kind::AttentionBias}})
    if (name.starts_with(start)) {
      const auto layer = whole_text(name.substr(start.size()));
      return layer ? std::optional(Part{kind, *layer}) : std::nullopt;
    }
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto layer = whole_text(name.substr(0, dot)), head = whole_text(name.substr(dot + 1));
  if (!layer || !head) return std::nullopt;
  return Part{Part::Kind::Head, *layer, *head};
}

std::optional<StreamPart> stream_part_at(const scene::CellRef& cell) {
  if (cell.tensor.is_weight()) return std::nullopt;
  const HookId hook = cell.tensor.hook;
  switch (hook.kind) {
    case HookKind::Embed: return Part{Part::Kind::Embed};
    case HookKind::PosEmbed: return Part{Part::Kind::PosEmbed};
    case HookKind::AttnOut: return Part{Part::Kind::Attention, hook.layer};
    case HookKind::MlpOut: return Part{Part::Kind::Mlp, hook.layer};
    case HookKind::MlpPre:
    case HookKind::MlpPost: return Part{Part::Kind::Neuron, hook.layer, cell.index[1]};
    case HookKind::Logits: return Part{Part::Kind::Logits, -1, cell.index[1]};
    default: break;
  }
  const RowShape shape = info_of(hook.kind).shape;
  if (shape == RowShape::Causal) return Part{Part::Kind::Head, hook.layer, cell.index[0]};
  if (shape == RowShape::Heads || shape == RowShape::HeadsDModel || shape == RowShape::PerHead)
    return Part{Part::Kind::Head, hook.layer, cell.index[1]};
  return std::nullopt;
}

std::optional<StreamPart> whole_of(const StreamPart& part) {
  if (part.kind == Part::Kind::Head || part.kind == Part::Kind::AttentionBias) return Part{Part::Kind::Attention, part.layer};
  if (part.kind == Part::Kind::Neuron) return Part{Part::Kind::Mlp, part.layer};
  return std::nullopt;
}

std::optional<scene::CellRef> cell_of(const StreamPart& part, const Trace& run, int position) {
  const HookId hook = hook_of_part(part);
  const scene::TensorRef tensor{hook, {}};
  if (part.kind == Part::Kind::Logits) return scene::CellRef{tensor, {position, std::max(0, part.index), -1}};
  if (!run.has(hook)) return std::nullopt;
  if (part.kind == Part::Kind::Head) {
    const auto row = run.causal_row(hook, part.index, position);
    return scene::CellRef{tensor, {part.index, position, static_cast<int>(std::ranges::max_element(row) - row.begin())}};
  }
  return scene::CellRef{tensor, {position, part.kind == Part::Kind::Neuron ? part.index : 0, -1}};
}

Command select_part(const StreamPart& part, const Trace& run, int position) {
  const auto cell = cell_of(part, run, position);
  return {text("select a cell"),
          [cell, position](Document& d) {
            if (!cell) return;
            d.selection = cell;
            d.selected_position = position;
          },
          "select part"};
}

bool can_be_cut(const StreamPart& part) { return part.kind != Part::Kind::AttentionBias && part.kind != Part::Kind::Logits; }

bool is_part_cut(const Recipe& recipe, const StreamPart& part, const ModelConfig& config) {
  if (part.kind == Part::Kind::Head) return is_cut(recipe, part.layer, part.index, config.n_head);
  if (part.kind == Part::Kind::Mlp) return is_mlp_cut(recipe, part.layer);
  if (!can_be_cut(part)) return false;
  const Edit cut = cut_of_part(part);
  return std::ranges::any_of(recipe.edits, [&](const Edit& edit) {
    const std::vector<Edit> each = at_each_hook(edit, config.n_layer);
    return std::ranges::find(each, cut) != each.end();
  });
}

Command set_part_cut(const StreamPart& part, const ModelConfig& config, bool cut) {
  EXPECTS(can_be_cut(part), "a part that can be cut");
  if (part.kind == Part::Kind::Head) return set_part_cut(BlockPart{part.layer, part.index}, config, cut);
  if (part.kind == Part::Kind::Mlp) return set_part_cut(BlockPart{part.layer}, config, cut);
  const std::string words = words_of_part(part);
  return {cut ? text("cut the {0}", words) : text("restore the {0}", words),
          [part, config, cut](Document& d) {
            const Edit edit = cut_of_part(part);
            std::erase_if(d.recipe.edits, [&](Edit old) {
              old.enabled = true;
              return old == edit;
            });
            if (!cut) return;
            d.recipe.edits.push_back(edit);
            let_edits_act(d);
          },
          {}};
}

}  // namespace gf::doc
