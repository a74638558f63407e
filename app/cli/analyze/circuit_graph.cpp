#include "app/cli/analyze/circuit_graph.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "model/base/files/whole_file.h"

namespace gf::cli {
namespace {

/// "4.3" of "4.3.q"; and "q", or nothing.
std::pair<std::string, std::string> reader_of(const std::string& to) {
  const auto dot = to.rfind('.');
  const std::string last = dot == std::string::npos ? std::string() : to.substr(dot + 1);
  if (last == "q" || last == "k" || last == "v") return {to.substr(0, dot), last};
  return {to, {}};
}

/// One number for two (Cantor), which the viewer's features have.
long long paired(long long x, long long y) { return (x + y) * (x + y + 1) / 2 + y; }

/// A block's component by name: "2.7" or "mlp.3".
struct BlockPart {
  int layer = 0, index = 0;  ///< the MLP's index follows those of the heads
  bool mlp = false;
};
BlockPart block_part(const std::string& name, int n_head) {
  const bool mlp = name.starts_with("mlp.");
  BlockPart part{0, n_head, mlp};
  if (mlp) {
    std::from_chars(name.data() + 4, name.data() + name.size(), part.layer);
  } else if (const auto unit = parse_unit(name)) {
    part.layer = unit->layer;
    part.index = unit->index;
  }
  return part;
}

class CircuitGraph {
 public:
  CircuitGraph(const Answered& edges, const Asking& asking) : asking_(asking), model_(asking.model()) {
    const std::vector<TokenId> clean = edges.params.given("clean") ? edges.params.prompt("clean") : asking.request.prompt;
    ids_ = clean;
    position_ = asking.at(static_cast<int>(ids_.size()));
    const Answer::Table& table = edges.answer.table("edges");
    const auto &from = words(table, "from"), &to = words(table, "to");
    const auto& score = std::get<std::vector<float>>(table.find("score")->cells);
    for (std::size_t i = 0; i < table.rows(); ++i) {
      const auto [reader, input] = reader_of(to[i]);
      Json& link = links_.emplace(std::pair(from[i], reader), Json{{"weight", 0.0}}).first->second;
      link["weight"] = link["weight"].get<double>() + static_cast<double>(score[i]);
      if (!input.empty()) link["inputs"][input] = number(score[i]);
      for (const std::string& name : {from[i], reader}) nodes_.emplace(name, Json());
    }
    for (auto& [name, node] : nodes_) node = node_of(name);
  }

  [[nodiscard]] Json json() const {
    Json nodes = Json::array(), links = Json::array();
    for (const auto& [name, node] : nodes_) nodes.push_back(node);
    for (const auto& [ends, link] : links_) {
      Json row = link;
      row["source"] = nodes_.at(ends.first)["node_id"];
      row["target"] = nodes_.at(ends.second)["node_id"];
      links.push_back(std::move(row));
    }
    Json tokens = Json::array();
    for (const TokenId id : ids_) tokens.push_back(text_of(model_, id));
    const std::string prompt = valid_utf8(model_.tokenizer->decode(ids_));
    return {
        {"metadata",
         {{"slug", "edges"},
          {"scan", model_.weights->name},
          {"transcoder_list", Json::array()},
          {"prompt_tokens", tokens},
          {"prompt", prompt},
          {"node_threshold", nullptr},
          {"schema_version", 1},
          {"generator", {{"name", "glassformer"}, {"version", GLASSFORMER_VERSION}}}}},
        {"qParams", {{"pinnedIds", Json::array()}, {"supernodes", Json::array()}, {"linkType", "both"}, {"clickedId", ""}, {"sg_pos", ""}}},
        {"nodes", nodes},
        {"links", links}};
  }

 private:
  static const std::vector<std::string>& words(const Answer::Table& table, const char* column) {
    return std::get<std::vector<std::string>>(table.find(column)->cells);
  }
  [[nodiscard]] Json node_of(const std::string& name) const {
    const std::string at = std::to_string(position_);
    const auto node = [&](const std::string& layer, long long index, long long feature, const char* type, const std::string& words) {
      const std::string first = layer + "_" + std::to_string(index);
      return Json{{"node_id", first + "_" + at}, {"feature", feature},       {"layer", layer},           {"ctx_idx", position_},
                  {"feature_type", type},        {"jsNodeId", first + "-0"}, {"clerp", words},           {"influence", nullptr},
                  {"activation", nullptr},       {"token_prob", 0.0},        {"is_target_logit", false}, {"run_idx", 0},
                  {"reverse_ctx_idx", 0}};
    };
    if (name == "embed") return node("E", ids_[static_cast<std::size_t>(position_)].v, position_, "embedding", name);
    if (name == "logits") {
      Json logit =
          node(std::to_string(model_.weights->config.n_layer + 1), asking_.a->v, asking_.a->v, "logit", text_of(model_, *asking_.a));
      logit["is_target_logit"] = true;
      logit["token_prob"] = probability();
      return logit;
    }
    const BlockPart part = block_part(name, model_.weights->config.n_head);
    return node(std::to_string(part.layer), part.index, paired(part.layer, part.index), part.mlp ? "mlp" : "attention head", name);
  }
  /// Of A in the clean run, where it is among the likeliest; else 0.
  [[nodiscard]] double probability() const {
    RunRequest request;
    request.prompt = ids_;
    const auto run = asking_.session.run(request, asking_.stop);
    if (!run) return 0;
    for (const TokenStats::Top& top : run->base->stats(position_).top)
      if (top.id == *asking_.a) return std::exp(static_cast<double>(top.logprob));
    return 0;
  }

  const Asking& asking_;
  const Model& model_;
  std::vector<TokenId> ids_;
  int position_ = 0;
  std::map<std::string, Json> nodes_;
  std::map<std::pair<std::string, std::string>, Json> links_;
};

}  // namespace

Result<void> write_circuit_graph(const std::string& path, const Answered& edges, const Asking& asking) {
  return write_whole_file(path, CircuitGraph(edges, asking).json().dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace gf::cli
