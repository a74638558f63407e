#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "model/analysis/circuit_graph.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"

namespace gf {
namespace {

using GraphFile = nlohmann::json;

constexpr std::size_t kMostGraphEdges = 1000, kMostGraphValues = 200'000, kLongestGraphWords = 400;

tl::unexpected<Error> not_a_graph(const std::string& path, const std::string& why) {
  return fail(ErrorCode::Corrupt, text("{0} is no graph of a circuit: {1}. `analyze --what edges -o FILE.json` writes one.", path, why));
}

/// A member that is a text of bearable length; empty: there is none.
std::string words_at(const GraphFile& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (at == object.end() || !at->is_string()) return {};
  auto words = at->get<std::string>();
  return words.size() > kLongestGraphWords ? std::string() : words;
}

/// The second number of "4_7_13"; -1: there is none.
int index_of_node(const std::string& id) {
  const auto begin = id.find('_'), end = id.find('_', begin + 1);
  if (begin == std::string::npos || end == std::string::npos) return -1;
  int index = -1;
  const char* last = id.data() + end;
  const auto read = std::from_chars(id.data() + begin + 1, last, index);
  return read.ec == std::errc() && read.ptr == last ? index : -1;
}

/// "4.7", "mlp.4", "embed", "logits"; empty: another kind of node.
std::string part_of_node(const GraphFile& node, const std::string& id) {
  const std::string kind = words_at(node, "feature_type"), layer = words_at(node, "layer");
  if (kind == "embedding") return "embed";
  if (kind == "logit") return "logits";
  if (kind == "mlp") return "mlp." + layer;
  if (kind == "attention head" && index_of_node(id) >= 0) return layer + "." + std::to_string(index_of_node(id));
  return {};
}

/// The value as a float; NaN where it is not a number, or is too large for a float.
float weight_of(const GraphFile& value) {
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  return std::abs(number) <= std::numeric_limits<float>::max() ? static_cast<float>(number) : std::nanf("");
}

}  // namespace

Result<CircuitGraph> read_circuit_graph(const std::string& path) {
  GF_TRY_ASSIGN(const std::string all, read_text_file(path, "graph"));
  return circuit_graph_of(all, path);
}

Result<CircuitGraph> circuit_graph_of(std::string_view all, const std::string& path) {
  GF_TRY(check_json_bounds(all, kMostGraphValues, path));
  const GraphFile json = GraphFile::parse(all, nullptr, false);
  const auto list = [&json](const char* key) -> const GraphFile* {
    const auto at = json.is_object() ? json.find(key) : json.end();
    return at == json.end() || !at->is_array() ? nullptr : &*at;
  };
  const GraphFile *nodes = list("nodes"), *links = list("links");
  if (nodes == nullptr || links == nullptr) return not_a_graph(path, text("it lacks nodes and links"));
  std::map<std::string, std::string> parts;
  for (const GraphFile& node : *nodes) {
    const std::string id = words_at(node, "node_id"), part = part_of_node(node, id);
    if (id.empty() || part.empty())
      return fail(ErrorCode::Unsupported, text("{0} has a node of the type \"{1}\"; embeddings, heads, MLPs and logits can be shown.", path,
                                               words_at(node, "feature_type")));
    parts[id] = part;
  }
  CircuitGraph graph;
  const auto add = [&graph](const std::string& from, const std::string& to, const GraphFile& weight) {
    if (const float score = weight_of(weight); std::isfinite(score)) graph.edges.push_back({from, to, score});
  };
  for (const GraphFile& link : *links) {
    const auto from = parts.find(words_at(link, "source")), to = parts.find(words_at(link, "target"));
    if (from == parts.end() || to == parts.end()) return not_a_graph(path, text("a link joins nodes that are not there"));
    const auto inputs = link.find("inputs");
    if (inputs != link.end() && inputs->is_object()) {
      for (const char* input : {"q", "k", "v"})
        if (const auto score = inputs->find(input); score != inputs->end()) add(from->second, to->second + "." + input, *score);
    } else if (const auto score = link.find("weight"); score != link.end()) {
      add(from->second, to->second, *score);
    }
    if (graph.edges.size() > kMostGraphEdges) return not_a_graph(path, text("it has more than {0} edges", kMostGraphEdges));
  }
  std::ranges::stable_sort(graph.edges, std::greater{}, [](const CircuitGraph::Edge& e) { return std::abs(e.score); });
  const auto about = json.find("metadata");
  const GraphFile metadata = about == json.end() ? GraphFile() : *about;
  graph.unit = words_at(metadata, "unit");
  graph.explained = words_at(metadata, "explained");
  graph.measured = static_cast<int>(graph.edges.size());
  if (const auto measured = metadata.is_object() ? metadata.find("edges_measured") : metadata.end();
      measured != metadata.end() && measured->is_number_integer()) {
    const auto said = measured->get<long long>();
    if (said > graph.measured && said <= std::numeric_limits<int>::max()) graph.measured = static_cast<int>(said);
  }
  return graph;
}

}  // namespace gf
