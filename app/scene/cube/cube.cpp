#include "app/scene/cube/cube.h"

#include <algorithm>
#include <array>

#include "app/scene/cards/explain_parts.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

Cube opened(HookKind kind, int layer, int head = -1) {
  Cube cube;
  cube.product = {kind, layer};
  cube.head = head;
  return cube;
}

std::optional<Cube> cube_of_weight(const CellRef& cell, const ModelConfig& config) {
  using K = explaining::WeightKind;
  const auto place = explaining::parse_weight(cell.tensor.weight);
  if (!place) return std::nullopt;
  const auto of_column = [&](int column) {
    constexpr std::array kParts{HookKind::Q, HookKind::K, HookKind::V};
    return opened(kParts[static_cast<std::size_t>(std::clamp(column / std::max(1, config.d_model), 0, 2))], place->layer);
  };
  switch (place->kind) {
    case K::Qkv: return of_column(cell.index[1]);
    case K::QkvBias: return of_column(cell.index[0]);
    case K::O:
    case K::OBias: return opened(HookKind::AttnOut, place->layer);
    case K::In:
    case K::InBias: return opened(HookKind::MlpPre, place->layer);
    case K::Out:
    case K::OutBias: return opened(HookKind::MlpOut, place->layer);
    case K::LmHead: return opened(HookKind::Logits, -1);
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Cube> cube_of(const CellRef& cell, const ModelConfig& config) {
  if (cell.tensor.is_weight()) return cube_of_weight(cell, config);
  const auto [kind, layer] = cell.tensor.hook;
  switch (kind) {
    case HookKind::AttnScores:
    case HookKind::Pattern: return opened(HookKind::AttnScores, layer, std::max(0, cell.index[0]));
    case HookKind::Z: return opened(kind, layer, std::max(0, cell.index[1]));
    default: return is_product(kind) ? std::optional(opened(kind, layer)) : std::nullopt;
  }
}

std::string title_of(const Cube& cube) {
  const std::string what = text(info_of(cube.product.kind).title);
  return cube.head < 0 ? what : text("{0} of head {1}", what, cube.head);
}

std::string words_of(CubeOrder order) {
  switch (order) {
    case CubeOrder::Dots: return text("dot products");
    case CubeOrder::Rows: return text("row by row");
    case CubeOrder::Columns: return text("column by column");
    case CubeOrder::Outer: return text("outer products");
  }
  return "";
}

CubeOrder next_order(CubeOrder order) { return static_cast<CubeOrder>((static_cast<std::size_t>(order) + 1) % std::size(kCubeOrderNames)); }

}  // namespace gf::scene
