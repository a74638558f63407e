#include "app/scene/sheet_axes.h"

#include "app/scene/cards/explain_parts.h"

namespace gf::scene {

SheetAxes axes_of(const PanelInfo& info, const ModelConfig& config) {
  using K = explaining::WeightKind;
  using AxisKind = SheetAxis::Kind;
  const auto is = [](AxisKind kind, int first = 0) { return SheetAxis{kind, first}; };
  if (!info.tensor.is_weight()) {
    const RowShape shape = info_of(info.tensor.hook.kind).shape;
    if (info.mapping == PanelInfo::Mapping::Causal) return {is(AxisKind::Position), is(AxisKind::Position)};
    if (info.mapping != PanelInfo::Mapping::Rows) return {};
    const SheetAxis rows = is(AxisKind::Position, info.row0);
    switch (shape) {
      case RowShape::DModel: return {rows, is(AxisKind::Dimension, info.col0)};
      case RowShape::Heads: return {rows, is(AxisKind::OfHeads, info.col0)};
      case RowShape::HeadsDModel: return {rows, is(AxisKind::Dimension, info.col0 % config.d_model)};
      case RowShape::DMlp: return {rows, is(AxisKind::Neuron, info.col0)};
      case RowShape::NVocab: return {rows, is(AxisKind::Word, info.col0)};
      default: return {rows, {}};
    }
  }
  const auto place = explaining::parse_weight(info.tensor.weight);
  if (!place) return {};
  const auto dims = [&](int first = 0) { return is(AxisKind::Dimension, first); };
  switch (place->kind) {
    case K::Wte: return {is(AxisKind::Word, info.row0), dims(info.col0)};
    case K::Wpe: return {is(AxisKind::None), dims(info.col0)};
    case K::Qkv: return {dims(info.row0), is(AxisKind::OfHeads, info.col0 % config.d_model)};
    case K::QkvBias: return {{}, is(AxisKind::OfHeads, info.col0 % config.d_model)};
    case K::O: return {is(AxisKind::OfHeads, info.row0), dims(info.col0)};
    case K::In: return {dims(info.row0), is(AxisKind::Neuron, info.col0)};
    case K::InBias: return {{}, is(AxisKind::Neuron, info.col0)};
    case K::Out: return {is(AxisKind::Neuron, info.row0), dims(info.col0)};
    case K::LmHead: return {dims(info.row0), is(AxisKind::Word, info.col0)};
    case K::Gamma:
    case K::Beta:
    case K::OBias:
    case K::OutBias: return {{}, dims(info.col0)};
  }
  return {};
}

}  // namespace gf::scene
