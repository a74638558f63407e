// The edges of a run as a graph that circuit-tracer's viewer shows.
#pragma once

#include <string>

#include "app/cli/analyze/analyze.h"

namespace gf::cli {

/// The question whose answer is such a graph.
inline constexpr std::string_view kGraphQuestion = "edges";

/// Writes nodes for embedding, heads, MLPs and logits, and a link for each pair that the listed edges join; a head that is read
/// through several of its inputs has the sum, and what it is made of beside it. Edges have no position of their own, so all nodes
/// stand at the explained one. `edges`: the answer to the question "edges". Source: circuit_tracer/frontend/graph_models.py of
/// safety-research/circuit-tracer (schema version 1). Errors: Io.
[[nodiscard]] Result<void> write_circuit_graph(const std::string& path, const Answered& edges, const Asking& asking);

}  // namespace gf::cli
