// Names for what a cell stands for: a hook of the trace or a weight of the checkpoint.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>

#include "model/hooks.h"

namespace gf::scene {

/// A hook (weight empty) or a weight by its name in Weights::table().
struct TensorRef {
  HookId hook;
  std::string weight;
  [[nodiscard]] bool is_weight() const { return !weight.empty(); }
  [[nodiscard]] std::string name() const { return is_weight() ? weight : name_of(hook); }
  friend auto operator<=>(const TensorRef&, const TensorRef&) = default;
};

/// One number of a tensor, by its logical axes (unused entries are -1):
///   DModel, One, DMlp, NVocab hooks: {position, index}
///   Heads hooks:                     {position, head, dim}
///   HeadsDModel:                     {position, head, dim}
///   Causal hooks:                    {head, query, key}
///   matrices:                        {in, out} (y = x W), whatever their layout in memory
///   wte, wpe:                        {token, dim}, {position, dim};   vectors: {index}
struct CellRef {
  TensorRef tensor;
  std::array<int, 3> index{-1, -1, -1};
  friend auto operator<=>(const CellRef&, const CellRef&) = default;
};

/// The head of a cell that has one; nullopt: its hook is not split by heads.
[[nodiscard]] inline std::optional<int> head_in(const CellRef& cell) {
  if (cell.tensor.is_weight()) return std::nullopt;
  switch (info_of(cell.tensor.hook.kind).shape) {
    case RowShape::Heads:
    case RowShape::HeadsDModel: return cell.index[1];
    case RowShape::Causal: return cell.index[0];
    default: return std::nullopt;
  }
}

}  // namespace gf::scene
