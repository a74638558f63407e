// What each hook is made of: one table for cards, arcs, the time line, the layout and its ribbons.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/hooks.h"

namespace gf {

/// Which cells of a source one cell of the result is made of.
enum class Take : std::uint8_t {
  Same,          ///< the one at the same place
  SameDim,       ///< the same position and dimension, of a cell that has a head too
  Row,           ///< all of the same position
  Head,          ///< the same position and head
  EachHead,      ///< the same position and dimension of each head
  OfQuery,       ///< the query's row of the same head
  OfKey,         ///< the key's row of the same head
  Keys,          ///< the same query and head, each key that it sees
  EachKey,       ///< the same head and dimension at each position up to the query's
  Token,         ///< weights: the row of the position's token, the same dimension
  Position,      ///< weights: the row of the position, the same dimension
  Column,        ///< weights: all inputs of this output
  ColumnOfHead,  ///< weights: the same head's inputs of this output
  Entry,         ///< weights: a vector's number of this output
  All,           ///< weights: a whole vector
};

struct HookSource {
  HookId hook;         ///< where `weight` is empty
  std::string weight;  ///< "h.3.attn.c_attn.weight", as Weights::table() names it
  Take take = Take::Same;
  [[nodiscard]] bool is_weight() const { return !weight.empty(); }
};

/// The sources of a hook in the order in which its operation meets them; biases that the model lacks are listed too.
/// The activation function, the scale of scores and eps are not sources: they belong to the model's configuration.
[[nodiscard]] std::vector<HookSource> sources_of(HookId hook, const ModelConfig& config);
/// Those sources that are hooks.
[[nodiscard]] std::vector<HookId> source_hooks(HookId hook, const ModelConfig& config);
/// Whether values of `from` reach `into` through any number of operations that lie within one block or end.
[[nodiscard]] bool feeds(HookId from, HookId into, const ModelConfig& config);

/// How a hook's numbers are told to people, and computed by others: a row of MADE in hook_sources.def.
struct HookMaking {
  const char* story;  ///< a phrase
  const char* code;   ///< a line of PyTorch; empty: an earlier hook's makes it too
};
[[nodiscard]] const HookMaking& making_of(HookKind kind);
/// What the lines of PyTorch call a hook: "z", "ln1_scale", "mlp_pre".
[[nodiscard]] std::string python_name(HookKind kind);

/// Cells [first, last] of a source by its own indices, both included: {position, dim}, {position, head, dim},
/// {head, query, key}; matrices {in, out}, tables {token, dim}, vectors {index}. Unused places are -1.
struct CellRange {
  std::array<int, 3> first{-1, -1, -1}, last{-1, -1, -1};
  [[nodiscard]] bool contains(std::array<int, 3> cell) const {
    for (std::size_t i = 0; i < 3; ++i)
      if (cell[i] < first[i] || cell[i] > last[i]) return false;
    return true;
  }
  friend bool operator==(const CellRange&, const CellRange&) = default;
};
/// What the cell `index` of `hook` takes of a source. `token`: the id at the cell's position, for Take::Token.
[[nodiscard]] CellRange cells_of(const HookSource& source, HookId hook, std::array<int, 3> index, const ModelConfig& config, int token = 0);

}  // namespace gf
