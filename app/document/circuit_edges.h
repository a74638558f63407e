// From the answers about edges and paths to the circuit that a view shows.
#pragma once

#include <vector>

#include "app/scene/circuit.h"
#include "model/analysis/circuit_graph.h"
#include "model/analysis/question.h"

namespace gf::doc {

/// The edges that an answer tells of, strongest first; empty: it tells of none. Of path patching, which measures one head after the
/// other, each head has an edge to the receiver; where several receive together, there are none.
[[nodiscard]] std::vector<scene::CircuitEdge> edges_of(const Question& question, const Answer& answer, const Params& params);
/// How many edges were measured.
[[nodiscard]] int edges_in_all(const Question& question, const Answer& answer);
/// Those whose effect is at least so large.
[[nodiscard]] std::vector<scene::CircuitEdge> edges_from(const std::vector<scene::CircuitEdge>& edges, double least);
/// What a file of a circuit tells. Errors: InvalidArgument where the model lacks a part that an edge names.
[[nodiscard]] Result<scene::Circuit> circuit_of(const CircuitGraph& graph, const ModelConfig& config);
/// The same as the table that a graph is written of.
[[nodiscard]] Answer::Table table_of(const std::vector<scene::CircuitEdge>& edges, const std::string& unit);

}  // namespace gf::doc
