// The edges of a circuit over the Stream: arcs from the part that writes to the part that reads, above the plates of the heads.
#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/circuit.h"
#include "app/scene/stream/stream.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "renderer/colormap.h"

namespace gf::scene {
namespace {

constexpr float kWidestArc = 0.3F, kThinnestArc = 0.025F;  // in tile heights
constexpr float kLeastRise = 0.3F;
constexpr float kArcAlpha = 0.72F, kArcAside = 0.2F;

/// Where the names of parts without a plate stand: the line above the blocks' titles.
float line_of_names(const StreamLayout& l) { return l.title_y - 1.2F * l.titles; }

/// Where an arc begins or ends. A head's inputs stand side by side over its plate, its output right of them.
glm::vec3 place_of_node(const StreamLayout& l, const CircuitNode& node) {
  const auto between = [&](int block) { return glm::vec3(l.middle(block) + 0.5F * l.step_x, line_of_names(l) - l.titles, 0); };
  switch (node.kind) {
    case CircuitNode::Kind::Embed: return between(-1);
    case CircuitNode::Kind::Mlp: return between(node.layer);
    case CircuitNode::Kind::Logits: return between(node.layer - 1) + glm::vec3(l.tile_w, 0, 0);
    case CircuitNode::Kind::Head: break;
  }
  const float share = node.input == 'q' ? 0.15F : node.input == 'k' ? 0.38F : node.input == 'v' ? 0.61F : 0.85F;
  return l.plate_at(node.layer, node.head) + glm::vec3(share * l.plate, 0, 0);
}

bool touches(const CircuitNode& node, const StreamFocus& focus) {
  return node.kind == CircuitNode::Kind::Head && node.layer == focus.block && node.head == focus.head;
}

/// The parts that have no plate of their own get a name.
void name_parts(StreamFrame& frame, const Circuit& circuit, const ModelConfig& config, render::Color color) {
  const StreamLayout& l = frame.layout;
  for (const std::string& part : circuit_parts(circuit.edges)) {
    const auto node = circuit_node(part, config);
    if (!node || node->kind == CircuitNode::Kind::Head) continue;
    render::Label label;
    label.text = node->kind == CircuitNode::Kind::Mlp     ? text("MLP {0}", node->layer)
                 : node->kind == CircuitNode::Kind::Embed ? text("embedding")
                                                          : text("logits");
    label.anchor = place_of_node(l, *node);
    label.anchor.y = line_of_names(l);
    label.height = 0.9F * l.titles;
    label.max_px = 18 * frame.key.presentation;
    label.color = color;
    label.priority = 78;
    // The last MLP and the logits stand near each other: their names lead away from there.
    const bool last = node->kind == CircuitNode::Kind::Mlp && node->layer + 1 == config.n_layer;
    label.horizontal = last ? render::Align::End : node->kind == CircuitNode::Kind::Logits ? render::Align::Begin : render::Align::Middle;
    label.vertical = render::Align::End;
    frame.scene.kept_whole.push_back(frame.scene.scene->labels.size());
    frame.add(std::move(label));
  }
}

/// Of so many edges, of which the least and the largest effect are these.
void add_circuit_key(ViewScene& scene, const Circuit& circuit, std::size_t drawn, float least, float full) {
  ViewScene::Key key;
  // A legend without room for details still says how many are left out.
  key.title =
      text("circuit, {0} of {1} edges: {2}", numbers::count(static_cast<long long>(drawn)), numbers::count(circuit.in_all), circuit.about);
  key.low = "−" + numbers::significant(static_cast<double>(full), 3);
  key.high = "+" + numbers::significant(static_cast<double>(full), 3);
  key.detail =
      text("width: effect, summed over all positions; those below {0} are left out", numbers::significant(static_cast<double>(least), 3));
  key.map = render::ColorMap::Signed;
  scene.keys.insert(scene.keys.begin(), std::move(key));  // it was asked for: a low pane shows its row alone
}

}  // namespace

void add_circuit(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  if (!view.circuit || view.circuit->edges.empty()) return;
  const Circuit& circuit = *view.circuit;
  const ModelConfig& config = input.model->weights->config;
  const StreamLayout& l = frame.layout;
  const StreamFocus& focus = frame.key.focus;
  std::vector<const CircuitEdge*> drawn;
  for (const CircuitEdge& edge : circuit.edges)
    if (circuit_node(edge.from, config) && circuit_node(edge.to, config)) drawn.push_back(&edge);
  const auto size = [](const CircuitEdge* e) { return std::abs(e->effect); };
  std::ranges::stable_sort(drawn, {}, size);  // the strongest are drawn last, on top
  if (drawn.empty() || !(size(drawn.back()) > 0)) return;
  const float full = size(drawn.back());
  const int T = frame.shown ? frame.shown->length() : 1;
  const int position = selected_position_in(view, T);
  const float longest = l.column(config.n_layer) + l.tile_w - l.column(0);
  for (const CircuitEdge* edge : drawn) {
    const auto from = circuit_node(edge->from, config), to = circuit_node(edge->to, config);
    const glm::vec3 a = place_of_node(l, *from), b = place_of_node(l, *to);
    const float half = 0.5F * std::max(kThinnestArc, kWidestArc * std::abs(edge->effect) / full);
    // Above the names, and the longer the higher.
    const float over = 0.5F * (a.y + b.y) - (line_of_names(l) - 1.1F * l.titles);
    const float room = kCircuitRoom - 2 * l.titles - kLeastRise - kWidestArc;
    const float rise = over + kLeastRise + room * std::sqrt(std::min(1.0F, std::abs(b.x - a.x) / longest));
    const float pull = 4 * rise;
    render::Ribbon r;
    // The outer edge is as much higher as it is farther out, so that an arc is as wide at its top as at its feet.
    r.a0 = a + glm::vec3(-half, -half, -0.01F);
    r.a1 = a + glm::vec3(half, half, -0.01F);
    r.b0 = b + glm::vec3(half, -half, -0.01F);
    r.b1 = b + glm::vec3(-half, half, -0.01F);
    r.a_out = {0, -pull, 0};
    r.b_in = {0, pull, 0};
    r.color = render::as_color(render::color_of(edge->effect < 0 ? -0.85F : 0.85F, 1, 0, render::ColorMap::Signed, view.theme));
    const bool aside = focus.head >= 0 && !touches(*from, focus) && !touches(*to, focus);
    r.color.a = aside ? kArcAside : kArcAlpha;
    r.color_end = r.color;
    r.means = frame.scene.mean(cell_of(*to, position, 0));
    frame.add(r);
  }
  name_parts(frame, circuit, config, palette_of(view.theme).text);
  add_circuit_key(frame.scene, circuit, drawn.size(), size(drawn.front()), full);
}

}  // namespace gf::scene
