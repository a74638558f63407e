// The edges of a circuit as a view shows them: which writer of the stream matters how much to which reader.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/scene/sources/tensor_ref.h"
#include "model/config.h"

namespace gf::scene {

struct CircuitEdge {
  std::string from, to;  ///< as answers name them: "embed", "2.7", "mlp.3"; "4.0.q", "mlp.4", "logits"
  float effect = 0;      ///< summed over all positions
  friend bool operator==(const CircuitEdge&, const CircuitEdge&) = default;
};

struct Circuit {
  std::vector<CircuitEdge> edges;  ///< those that are shown
  int in_all = 0;                  ///< how many edges were measured
  std::string unit;                ///< of an effect: "logit"
  std::string about;               ///< what the effects change, for people: "logit “·Mary” − logit “·John”, after “·to” at 13"
  friend bool operator==(const Circuit&, const Circuit&) = default;
};

/// An end of an edge.
struct CircuitNode {
  enum class Kind : std::uint8_t { Embed, Head, Mlp, Logits } kind = Kind::Embed;
  int layer = -1, head = -1;
  char input = 0;  ///< 'q', 'k' or 'v' of a head that reads
  friend bool operator==(const CircuitNode&, const CircuitNode&) = default;
};
/// nullopt: the model has no such part.
[[nodiscard]] std::optional<CircuitNode> circuit_node(std::string_view name, const ModelConfig& config);
/// The parts that the edges join, each once.
[[nodiscard]] std::set<std::string> circuit_parts(const std::vector<CircuitEdge>& edges);
/// What stands for the node in a scene: of a head its q, k or v, or its z where it writes; of the logits that of token `a`.
[[nodiscard]] CellRef cell_of(const CircuitNode& node, int position, int a);

}  // namespace gf::scene
