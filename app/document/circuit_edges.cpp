#include "app/document/circuit_edges.h"

#include <algorithm>
#include <cmath>

#include "model/analysis/components.h"
#include "model/base/text.h"

namespace gf::doc {

std::vector<scene::CircuitEdge> edges_of(const Question& question, const Answer& answer, const Params& params) {
  std::vector<scene::CircuitEdge> edges;
  const std::string_view name = question.name;
  if (const auto* table = name == "edges" ? answer.get<Answer::Table>("edges") : nullptr) {
    const auto& from = std::get<std::vector<std::string>>(table->find("from")->cells);
    const auto& to = std::get<std::vector<std::string>>(table->find("to")->cells);
    const auto& score = std::get<std::vector<float>>(table->find("score")->cells);
    for (std::size_t i = 0; i < table->rows(); ++i) edges.push_back({from[i], to[i], score[i]});
  } else if (const auto* delta = name == "path" ? answer.get<Grid>("delta") : nullptr) {
    const std::string to = params.rows().empty() ? std::string("logits") : params.text("receiver");
    if (to.find(',') != std::string::npos) return {};  // the effect is that of all receivers together, and an edge leads to one
    for (int layer = 0; layer < delta->shape[0]; ++layer)
      for (int head = 0; head < delta->shape[1]; ++head) edges.push_back({head_name(layer, head), to, delta->at(layer, head)});
    std::ranges::stable_sort(edges, std::greater{}, [](const scene::CircuitEdge& e) { return std::abs(e.effect); });
  }
  std::erase_if(edges, [](const scene::CircuitEdge& e) { return !std::isfinite(e.effect); });
  return edges;
}

int edges_in_all(const Question& question, const Answer& answer) {
  if (std::string_view(question.name) == "edges") return static_cast<int>(answer.number("count"));
  const auto* delta = answer.get<Grid>("delta");
  return delta ? static_cast<int>(delta->values.size()) : 0;
}

std::vector<scene::CircuitEdge> edges_from(const std::vector<scene::CircuitEdge>& edges, double least) {
  std::vector<scene::CircuitEdge> some;
  std::ranges::copy_if(edges, std::back_inserter(some),
                       [least](const scene::CircuitEdge& e) { return static_cast<double>(std::abs(e.effect)) >= least; });
  return some;
}

Result<scene::Circuit> circuit_of(const CircuitGraph& graph, const ModelConfig& config) {
  scene::Circuit circuit{{}, graph.measured, graph.unit, graph.explained};
  for (const CircuitGraph::Edge& edge : graph.edges) {
    for (const std::string& end : {edge.from, edge.to})
      if (!scene::circuit_node(end, config))
        return fail(ErrorCode::InvalidArgument, text("The circuit is one of another model: this one has no part {0}.", end));
    circuit.edges.push_back({edge.from, edge.to, edge.score});
  }
  return circuit;
}

Answer::Table table_of(const std::vector<scene::CircuitEdge>& edges, const std::string& unit) {
  std::vector<std::string> from, to;
  std::vector<float> scores;
  for (const scene::CircuitEdge& edge : edges) {
    from.push_back(edge.from);
    to.push_back(edge.to);
    scores.push_back(edge.effect);
  }
  return {{{"from", "", std::move(from)}, {"to", "", std::move(to)}, {"score", unit, std::move(scores)}}};
}

}  // namespace gf::doc
