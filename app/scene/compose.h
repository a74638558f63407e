// A frame of a view, composed in one place for window, pictures, films and SVG: the scene, the arcs of what is pointed at,
// the numbers in cells, the tokens beside rows, words cut to their room, and the legend.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/cards/explain.h"
#include "app/scene/legend.h"
#include "app/scene/machine.h"

namespace gf::scene {

struct Frame {
  MachineScene scene;  ///< with everything; its scene never changes once it is here
  render::Camera camera;
  std::vector<LegendRow> legend;
};

/// The text as far as it fits at this size, with dots for the rest; a byte written as "\\xe2" is not taken apart.
[[nodiscard]] std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold);

/// Composes frames and keeps from one to the next what has not changed. One object for one viewer; not thread safe.
class Composer {
 public:
  /// The machine outlives it.
  explicit Composer(Machine& machine) : machine_(machine) {}
  /// The scene alone: what lies under a pointer is found in it.
  const MachineScene& build(const SceneInput& input, const ViewState& view, const Pane& pane);
  /// Of the newest scene. `hover`: the cell under a pointer; without one the selection is what is pointed at. Valid until
  /// the next call.
  const Frame& frame(const std::optional<CellRef>& hover = {});
  /// Of what the newest frame points at.
  [[nodiscard]] const std::optional<Card>& card() const { return card_; }
  /// The newest scene before anything is added to it; its scene is null before the first.
  [[nodiscard]] const MachineScene& built() const { return built_; }
  /// Where the camera of the newest scene stands if the view has none of its own.
  [[nodiscard]] const render::Camera& home() const { return home_; }
  void clear();

 private:
  void assemble(const ModelConfig& config);

  Machine& machine_;
  struct {
    SceneInput input;
    ViewState view;
    Pane pane;
    bool settled = false;
  } made_;  ///< what `built_` is made of
  MachineScene built_;
  bool fresh_ = true;  ///< built since the newest frame
  render::Camera home_;
  std::optional<Card> card_;
  // What the newest frame's camera makes of the labels: those that it adds, and for an index in `built_` the words that fit
  // and how far the label is moved.
  std::vector<render::Label> near_;
  std::vector<std::pair<std::size_t, std::string>> cut_;
  std::vector<std::pair<std::size_t, glm::vec2>> stuck_;
  Frame frame_;
};

}  // namespace gf::scene
