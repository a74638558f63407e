// The state that the builder of the Stream keeps between frames. Internal to app/scene; see SceneBuilder::build.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/scene/operations/timeline.h"
#include "app/scene/scene_builder.h"
#include "app/scene/stream/stream_layout.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::scene {

/// The moment from which a part of the picture is shown: when `op` of `position` has been computed. op -1: always.
struct When {
  int op = -1, position = 0;
};

/// The ribbons that the selection picks out: those of a head of a block, or of a node.
struct StreamFocus {
  int block = -1, head = -1;
  int depth = -1, position = -1;
  friend bool operator==(const StreamFocus&, const StreamFocus&) = default;
};
[[nodiscard]] StreamFocus focus_of(const ViewState& view, int n_layer);

/// The inputs of a still frame.
struct StreamKey {
  SceneInput input;
  ViewState view;  ///< compared by the fields that redraw all
  float aspect = 0, height_px = 0, presentation = 0;
  StreamFocus focus;
  friend bool operator==(const StreamKey& a, const StreamKey& b) {
    return a.input == b.input && same_scene(a.view, b.view, Redraws::All) && a.aspect == b.aspect && a.height_px == b.height_px &&
           a.presentation == b.presentation && a.focus == b.focus;
  }
};

/// The parts of a frame that do not depend on time and pointer.
struct StreamFrame {
  StreamKey key;
  ViewScene scene;  ///< its scene is never handed out
  StreamLayout layout;
  std::shared_ptr<const Trace> shown;        ///< null without a run
  std::vector<int> panel_ops;                ///< parallel to panels
  std::vector<When> ribbons, lines, labels;  ///< parallel to those of the scene
  std::size_t token_labels = 0;              ///< where the tokens at the left begin among the labels
  std::optional<std::size_t> word_labels;    ///< where the lens's words begin among them, depth by depth; none without a reading
  Timeline timeline{ModelConfig{}, 0};

  void add(render::Ribbon ribbon, When when = {});
  void add(render::Line line, When when = {});
  void add(render::Label label, When when = {});
  /// An upright rectangle of one colour.
  void add_bar(glm::vec3 low, glm::vec3 high, render::Color color, When when = {});
};
/// The reading of the trace that the view shows; null until it is made.
[[nodiscard]] const StreamReading* shown_reading(const SceneInput& input, Compare compare);
/// A tile's outline. Its line is at most `most_share` of the tile's shorter side wide.
[[nodiscard]] render::Line outline_of(const StreamLayout& layout, int depth, int position, render::Color color, float width_px,
                                      float most_share = 0.1F);

/// How many ribbons a block has at most: the strongest. More of them hide the words and each other.
[[nodiscard]] int most_ribbons(const ModelConfig& config, int T);
/// Says of the legend which ribbons are drawn.
[[nodiscard]] std::string ribbon_words(RibbonWidth width, int most);

/// Parts of a still frame; each appends to the scene.
void add_nodes(StreamFrame& frame, const SceneInput& input, const ViewState& view);      ///< frames, words, bars
void add_attention(StreamFrame& frame, const SceneInput& input, const ViewState& view);  ///< ribbons between columns
void give_words_room(StreamFrame& frame, int n_layer);                                   ///< as far as no ribbon is in their way
void add_stream_labels(StreamFrame& frame, const SceneInput& input, const ViewState& view);
/// Arcs above the plates for the edges of the view's circuit.
void add_circuit(StreamFrame& frame, const SceneInput& input, const ViewState& view);
void add_stream_edits(StreamFrame& frame, const SceneInput& input, const ViewState& view);
/// Adds the parts that depend on the moment, the selection and the pointer.
void apply_stream_time(ViewScene& scene, const StreamFrame& frame, const SceneInput& input, const ViewState& view);

/// The height of the arcs of a circuit above the titles, in tile heights.
inline constexpr float kCircuitRoom = 4.2F;
/// Where the tokens left of the lattice end.
inline constexpr float kTokensEnd = -0.3F;
/// The smallest weight, or share of the largest norm in a block, that gets a ribbon.
inline constexpr float kLeastRibbon = 0.15F;

}  // namespace gf::scene
