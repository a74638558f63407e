// A graph of a circuit: its edges are finite, strongest first, and each leads from a part to a part's input.
#include "model/analysis/circuit_graph.h"

#include <algorithm>
#include <cmath>

#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const auto graph = circuit_graph_of(fuzz::text_of(data, size), "graph.json");
  if (!fuzz::answered(graph)) return 0;
  const auto strength = [](const CircuitGraph::Edge& edge) { return std::abs(edge.score); };
  EXPECTS(std::ranges::is_sorted(graph->edges, std::greater{}, strength), "the strongest come first");
  for (const CircuitGraph::Edge& edge : graph->edges)
    EXPECTS(std::isfinite(edge.score) && !edge.from.empty() && !edge.to.empty(), "an edge has two ends and a number");
  EXPECTS(graph->measured >= static_cast<int>(graph->edges.size()), "what is listed was measured");
  return 0;
}
