// The edges of a circuit as a graph that circuit-tracer's viewer shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/analysis/answer.h"
#include "model/session.h"

namespace gf {

/// The question whose answer is such a graph.
inline constexpr std::string_view kGraphQuestion = "edges";

/// What an edge leads to: "4.7.q" is part "4.7" and its input "q"; "mlp.3" and "logits" have one input, which has no name.
struct EdgeReader {
  std::string part, input;
};
[[nodiscard]] EdgeReader reader_of_edge(const std::string& to);

/// What the edges were measured on.
struct CircuitAbout {
  const Model& model;
  std::vector<TokenId> ids;  ///< of the clean prompt
  int position = 0;          ///< whose prediction is explained
  TokenId a;                 ///< the token A
  double probability = 0;    ///< of A after the clean prompt
  int measured = 0;          ///< edges that were measured; those that are listed are some of them
  std::optional<TokenId> b;  ///< the token B that A is compared with
};

/// Writes nodes for embedding, heads, MLPs and logits, and a link for each pair that the listed edges join; a head that is read
/// through several of its inputs has the sum, and what it is made of beside it. An edge's score is a sum over all positions, which
/// each node says; its ctx_idx is the explained position, because the viewer draws a node at one. `edges`: the part "edges" of the
/// answer to that question. Source: circuit_tracer/frontend/graph_models.py of safety-research/circuit-tracer (schema version 1).
/// Errors: Io.
[[nodiscard]] Result<void> write_circuit_graph(const std::string& path, const Answer::Table& edges, const CircuitAbout& about);

/// What such a file says.
struct CircuitGraph {
  struct Edge {
    std::string from, to;  ///< as in the answer: "2.7", "mlp.3"; "4.7.q", "logits"
    float score = 0;
  };
  std::vector<Edge> edges;  ///< strongest first, 1000 at most
  int measured = 0;         ///< edges.size() at least
  std::string unit;         ///< of the scores
  std::string explained;    ///< what the edges change, for people: "logit “ Mary” − logit “ John”"
};
/// Reads what write_circuit_graph() wrote, which may have been changed since: the file is untrusted. A model may lack the parts that it
/// names. Errors: NotFound, Io, Corrupt (no graph), Unsupported (nodes that are no embedding, head, MLP or logits).
[[nodiscard]] Result<CircuitGraph> read_circuit_graph(const std::string& path);
/// The same of a file's text; errors name it by `path`.
[[nodiscard]] Result<CircuitGraph> circuit_graph_of(std::string_view all, const std::string& path);

}  // namespace gf
