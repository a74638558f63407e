#include "model/analysis/circuit_graph.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "model/analysis/params.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf {
namespace {

using GraphJson = nlohmann::json;

/// One number for two (Cantor), which the viewer's features have.
long long cantor_pair(long long x, long long y) { return (x + y) * (x + y + 1) / 2 + y; }

std::string graph_text(const Model& model, TokenId id) { return valid_utf8(model.tokenizer->bytes_of(id)); }

/// A block's component by name: "2.7" or "mlp.3".
struct GraphPart {
  int layer = 0, index = 0;  ///< the MLP's index follows those of the heads
  bool mlp = false;
};
GraphPart graph_part(const std::string& name, int n_head) {
  const bool mlp = name.starts_with("mlp.");
  GraphPart part{0, n_head, mlp};
  if (mlp) {
    std::from_chars(name.data() + 4, name.data() + name.size(), part.layer);
  } else if (const auto unit = parse_unit(name)) {
    part.layer = unit->layer;
    part.index = unit->index;
  }
  return part;
}

class GraphWriter {
 public:
  GraphWriter(const Answer::Table& edges, const CircuitAbout& about) : about_(about), model_(about.model) {
    const auto &from = words(edges, "from"), &to = words(edges, "to");
    const auto& score = std::get<std::vector<float>>(edges.find("score")->cells);
    unit_ = edges.find("score")->unit;
    for (std::size_t i = 0; i < edges.rows(); ++i) {
      const auto [reader, input] = reader_of_edge(to[i]);
      GraphJson& link = links_.emplace(std::pair(from[i], reader), GraphJson{{"weight", 0.0}}).first->second;
      link["weight"] = link["weight"].get<double>() + static_cast<double>(score[i]);
      if (!input.empty()) link["inputs"][input] = std::isfinite(score[i]) ? GraphJson(score[i]) : GraphJson();
      for (const std::string& name : {from[i], reader}) nodes_.emplace(name, GraphJson());
    }
    for (auto& [name, node] : nodes_) node = node_of(name);
  }

  [[nodiscard]] GraphJson json() const {
    GraphJson nodes = GraphJson::array(), links = GraphJson::array();
    for (const auto& [name, node] : nodes_) nodes.push_back(node);
    for (const auto& [ends, link] : links_) {
      GraphJson row = link;
      row["source"] = nodes_.at(ends.first)["node_id"];
      row["target"] = nodes_.at(ends.second)["node_id"];
      links.push_back(std::move(row));
    }
    GraphJson tokens = GraphJson::array();
    for (const TokenId id : about_.ids) tokens.push_back(graph_text(model_, id));
    const std::string prompt = valid_utf8(model_.tokenizer->decode(about_.ids));
    return {
        {"metadata",
         {{"slug", "edges"},
          {"scan", model_.weights->name},
          {"transcoder_list", GraphJson::array()},
          {"prompt_tokens", tokens},
          {"prompt", prompt},
          {"node_threshold", nullptr},
          {"schema_version", 1},
          {"positions", "all"},
          {"position_note",
           "each weight is a sum over all positions of the prompt; only the logit stands at a position of its own, and the other nodes "
           "have its ctx_idx because the viewer asks for one"},
          {"edges_measured", about_.measured},
          {"unit", unit_},
          {"explained", explained()},
          {"generator", {{"name", "glassformer"}, {"version", GLASSFORMER_VERSION}}}}},
        {"qParams",
         {{"pinnedIds", GraphJson::array()}, {"supernodes", GraphJson::array()}, {"linkType", "both"}, {"clickedId", ""}, {"sg_pos", ""}}},
        {"nodes", nodes},
        {"links", links}};
  }

 private:
  static const std::vector<std::string>& words(const Answer::Table& table, const char* column) {
    return std::get<std::vector<std::string>>(table.find(column)->cells);
  }
  [[nodiscard]] std::string explained() const {
    const std::string a = graph_text(model_, about_.a);
    return about_.b ? text("logit “{0}” − logit “{1}”", a, graph_text(model_, *about_.b)) : text("logit “{0}”", a);
  }
  [[nodiscard]] GraphJson node_of(const std::string& name) const {
    const std::string at = std::to_string(about_.position);
    const auto node = [&](const std::string& layer, long long index, long long feature, const char* type, const std::string& words) {
      const std::string first = layer + "_" + std::to_string(index);
      return GraphJson{{"node_id", first + "_" + at}, {"feature", feature},       {"layer", layer},           {"ctx_idx", about_.position},
                       {"feature_type", type},        {"jsNodeId", first + "-0"}, {"clerp", words},           {"influence", nullptr},
                       {"activation", nullptr},       {"token_prob", 0.0},        {"is_target_logit", false}, {"run_idx", 0},
                       {"reverse_ctx_idx", 0},        {"positions", "all"}};
    };
    const std::string everywhere = name + " (all positions)";
    if (name == "embed") return node("E", 0, 0, "embedding", everywhere);
    if (name == "logits") {
      GraphJson logit =
          node(std::to_string(model_.weights->config.n_layer + 1), about_.a.v, about_.a.v, "logit", graph_text(model_, about_.a));
      logit["is_target_logit"] = true;
      logit["token_prob"] = about_.probability;
      logit["positions"] = GraphJson::array({about_.position});
      return logit;
    }
    const GraphPart part = graph_part(name, model_.weights->config.n_head);
    return node(std::to_string(part.layer), part.index, cantor_pair(part.layer, part.index), part.mlp ? "mlp" : "attention head",
                everywhere);
  }

  const CircuitAbout& about_;
  const Model& model_;
  std::string unit_;
  std::map<std::string, GraphJson> nodes_;
  std::map<std::pair<std::string, std::string>, GraphJson> links_;
};

}  // namespace

EdgeReader reader_of_edge(const std::string& to) {
  const auto dot = to.rfind('.');
  const std::string last = dot == std::string::npos ? std::string() : to.substr(dot + 1);
  if (last == "q" || last == "k" || last == "v") return {to.substr(0, dot), last};
  return {to, {}};
}

Result<void> write_circuit_graph(const std::string& path, const Answer::Table& edges, const CircuitAbout& about) {
  return write_whole_file(path, GraphWriter(edges, about).json().dump(1, ' ', false, GraphJson::error_handler_t::replace) + "\n");
}

}  // namespace gf
