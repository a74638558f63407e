// Scenes of a model and its run: the Machine (every tensor as a block) and the Stream (tokens x depth). A pure function of
// run, view state and time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/scene/view.h"
#include "model/session.h"
#include "renderer/pick.h"
#include "renderer/scene.h"

namespace gf::scene {

struct MachineState;
struct StreamReading;

/// What is looked at. A copy of shared pointers: cheap, immutable, fit for another thread.
struct SceneInput {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Run> run;  ///< null: the model alone (weights, no activations)
  /// Of the run's traces, for the Stream; null while they are made. The same where nothing is edited.
  std::shared_ptr<const StreamReading> base_reading = nullptr, edited_reading = nullptr;
  friend bool operator==(const SceneInput&, const SceneInput&) = default;
};

/// What a panel of the scene shows, parallel to Scene::panels.
struct PanelInfo {
  TensorRef tensor;
  enum class Role : std::uint8_t { Activation, Statistic, Weight } role = Role::Activation;
  enum class Mapping : std::uint8_t {
    Rows,     ///< row = position + row0, col = flat feature + col0
    Causal,   ///< row = query, col = key, of `head`
    Matrix,   ///< row = in + row0, col = out + col0
    Folded,   ///< feature = row * cols + col, of `position` (logits) or of a vector
    Stacked,  ///< each position's vector folded as above, one below the other with a gap: `pitch` rows each
  } mapping = Mapping::Rows;
  int row0 = 0, col0 = 0, head = -1, position = -1;
  int rows = 0, cols = 0;
  int pitch = 0, fold_rows = 0;  ///< of Stacked: rows from one position to the next, and those that hold values
  [[nodiscard]] std::optional<CellRef> cell(int row, int col, const ModelConfig& config) const;
};

/// A scene with its meaning.
struct MachineScene {
  std::shared_ptr<render::Scene> scene;
  std::vector<PanelInfo> panels;
  struct Scale {
    TensorRef tensor;
    render::ColorMap map = render::ColorMap::Signed;
    std::string unit;
    float scale = 0, maximum = 0;
  };
  std::vector<Scale> scales;  ///< for the legend and the scene file
  /// A row of the legend that does not belong to a tensor.
  struct Key {
    std::string title, low, high, detail;
    render::ColorMap map = render::ColorMap::Positive;
  };
  std::vector<Key> keys;
  /// Where a cell stands: panel, row, col.
  struct Place {
    int panel, row, col;
    glm::vec3 center;
  };
  [[nodiscard]] std::optional<Place> find(const CellRef& cell, const ModelConfig& config) const;
  /// Bounds of a block of the model (0..n_layer-1), -1 the embedding, n_layer the head; for flights.
  struct Box {
    glm::vec3 low, high;
  };
  std::vector<Box> blocks;             ///< index block + 1
  Box home{};                          ///< what the first picture shows
  std::vector<std::string> row_texts;  ///< each row's token as visible text; empty without a run
  /// Labels whose words are cut to a room, with its width in world units: how much of them fits depends on the camera.
  std::vector<std::pair<std::size_t, float>> rooms;
  /// Labels that name a column or a row of everything below or beside them: they stay at the upper or left edge of the
  /// picture when their own place is beyond it, as a spreadsheet's frozen panes do.
  std::vector<std::size_t> column_names, row_names;
};

/// The camera that looks at one panel of a scene, for flights.
[[nodiscard]] render::Camera camera_for(const MachineScene& scene, int panel, float aspect);

/// Builds the scenes of all views; keeps layouts and tile sources between calls, so that what is unchanged keeps its identity (and
/// its tiles on the GPU). One object for one viewer; not thread safe.
class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  [[nodiscard]] MachineScene build(const SceneInput& input, const ViewState& view, const Pane& pane = {});
  /// "whole", "front", "block B", "head B.H", "embedding", "logits", ...: cameras by name. Errors: InvalidArgument
  /// with the names that exist.
  [[nodiscard]] Result<render::Camera> camera(const std::string& name, const SceneInput& input, const ViewState& view,
                                              const Pane& pane = {});
  /// The camera of the first picture.
  [[nodiscard]] render::Camera home(const SceneInput& input, const ViewState& view, const Pane& pane = {});
  /// True once every tile source built so far has its pyramid and scale.
  [[nodiscard]] bool settled() const;

 private:
  std::unique_ptr<MachineState> state_;
};

}  // namespace gf::scene
