#include "app/scene/circuit.h"

#include <charconv>

#include "app/scene/pointed.h"
#include "model/analysis/circuit_graph.h"
#include "model/analysis/params.h"

namespace gf::scene {

std::optional<CircuitNode> circuit_node(std::string_view name, const ModelConfig& config) {
  using Kind = CircuitNode::Kind;
  constexpr std::string_view kMlp = "mlp.";
  if (name == "embed") return CircuitNode{Kind::Embed};
  if (name == "logits") return CircuitNode{Kind::Logits, config.n_layer};
  if (name.starts_with(kMlp)) {
    CircuitNode node{Kind::Mlp};
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + kMlp.size(), end, node.layer);
    return error == std::errc() && rest == end && node.layer >= 0 && node.layer < config.n_layer ? std::optional(node) : std::nullopt;
  }
  CircuitNode node{Kind::Head};
  if (name.size() > 2 && name[name.size() - 2] == '.' && (name.back() == 'q' || name.back() == 'k' || name.back() == 'v')) {
    node.input = name.back();
    name.remove_suffix(2);
  }
  const auto unit = parse_unit(name);
  if (!unit || unit->layer >= config.n_layer || unit->index >= config.n_head) return std::nullopt;
  node.layer = unit->layer;
  node.head = unit->index;
  return node;
}

std::set<std::string> circuit_parts(const std::vector<CircuitEdge>& edges) {
  std::set<std::string> parts;
  for (const CircuitEdge& edge : edges) parts.insert({edge.from, reader_of_edge(edge.to).part});
  return parts;
}

CellRef cell_of(const CircuitNode& node, int position, int a) {
  switch (node.kind) {
    case CircuitNode::Kind::Embed: return first_cell({HookKind::Embed, -1}, position);
    case CircuitNode::Kind::Mlp: return first_cell({HookKind::MlpOut, node.layer}, position);
    case CircuitNode::Kind::Logits: return {{{HookKind::Logits, -1}, {}}, {position, a, -1}};
    case CircuitNode::Kind::Head: break;
  }
  const HookKind hook = node.input == 'q' ? HookKind::Q : node.input == 'k' ? HookKind::K : node.input == 'v' ? HookKind::V : HookKind::Z;
  return first_cell({hook, node.layer}, position, node.head);
}

}  // namespace gf::scene
