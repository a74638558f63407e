// Scenes of a model and its run: the Machine (every tensor as a block) and the Stream (tokens x depth). A pure function of
// run, view state and time.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/scene/view.h"
#include "model/session.h"
#include "renderer/pick.h"
#include "renderer/scene.h"

namespace gf::scene {

struct BuilderState;
struct StreamReading;

/// A run that Compare::Side shows left of the input's own: of another model, training step, prompt or recipe.
struct RunBeside {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Run> run;
  std::shared_ptr<const StreamReading> reading = nullptr;  ///< of what it shows, for the Stream; null until it is made
  friend bool operator==(const RunBeside&, const RunBeside&) = default;
};
/// Through what the Stream's readings are made.
struct ReadingThrough {
  std::string lens;                         ///< a tuned or Jacobian lens, as read_lens() takes it; empty: the logit lens
  std::string dictionary, dictionary_hook;  ///< whose features are marked, as open_fitted() takes it; empty: none
  friend bool operator==(const ReadingThrough&, const ReadingThrough&) = default;
};
/// The scales of tensors by their names.
using Scales = std::map<std::string, float>;

/// The model and run that a scene shows. Shared pointers to immutable objects: cheap to copy, usable on any thread.
struct SceneInput {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Run> run;  ///< null: the model alone (weights, no activations)
  /// Readings of the run's two traces, for the Stream; null until they are made. Both are the same object without edits.
  std::shared_ptr<const StreamReading> base_reading = nullptr, edited_reading = nullptr;
  ReadingThrough through = {};
  int marked_feature = -1;  ///< the feature whose activations the Stream marks; -1: the strongest ones at each tile
  /// What the panels of weights show in place of them, tensor by tensor, such as a gradient; null: the weights.
  std::shared_ptr<const Weights> in_place = nullptr;
  const char* in_place_name = "";  ///< a phrase: "gradient"
  /// Without a run: the tokens that the page's rows stand for, so that it is as long as the prompt; empty: a few rows.
  std::vector<TokenId> tokens{};
  std::optional<RunBeside> beside = {};        ///< none: Compare::Side shows the base run there
  std::array<std::string, 2> side_names = {};  ///< what stands left and right; empty: base and edited
  /// Of the scene that this one stands beside, so that a colour means the same number in both; null: its own.
  std::shared_ptr<const Scales> scales = nullptr;
  /// The scale of a tensor whose own is `own`.
  [[nodiscard]] float scale_of(const TensorRef& tensor, float own) const {
    const auto found = scales ? scales->find(tensor.name()) : Scales::const_iterator{};
    return scales && found != scales->end() ? found->second : own;
  }
  friend bool operator==(const SceneInput&, const SceneInput&) = default;
};

/// What a panel of the scene shows, parallel to Scene::panels.
struct PanelInfo {
  TensorRef tensor;
  enum class Role : std::uint8_t {
    Activation,
    Statistic,
    Weight,
    Lit  ///< a part of another panel, before it: what is multiplied in a cube
  } role = Role::Activation;
  enum class Mapping : std::uint8_t {
    Rows,     ///< row = position + row0, col = flat feature + col0
    Causal,   ///< row = query - row0, col = key - col0, of `head`
    Matrix,   ///< row = in + row0, col = out + col0
    Folded,   ///< feature = row * cols + col, of `position` (logits) or of a vector
    Stacked,  ///< each position's vector folded as above, one below the other with a gap: `pitch` rows each
    Terms,    ///< products in a cube: each belongs to the cell of its sum, in the row `at_row` or the column `at_col` of the result
  } mapping = Mapping::Rows;
  int row0 = 0, col0 = 0, head = -1, position = -1;
  int rows = 0, cols = 0;
  int pitch = 0, fold_rows = 0;  ///< of Stacked: rows from one position to the next, and those that hold values
  int at_row = -1, at_col = -1;  ///< of Terms; -1: that of the panel
  [[nodiscard]] std::optional<CellRef> cell(int row, int col, const ModelConfig& config) const;
};

struct Show;

/// A scene of any view, the Machine or the Stream, with what its parts mean.
struct ViewScene {
  std::shared_ptr<render::Scene> scene;
  std::vector<PanelInfo> panels;
  /// The cells that words and ribbons stand for: their `means` is an index of this list (pointed.h).
  std::vector<CellRef> meanings;
  [[nodiscard]] int mean(CellRef cell) {
    meanings.push_back(std::move(cell));
    return static_cast<int>(meanings.size()) - 1;
  }
  struct Scale {
    TensorRef tensor;
    render::ColorMap map = render::ColorMap::Signed;
    std::string unit;       ///< words for people
    float scale = 0;        ///< the |value| that saturates
    float maximum = 0;      ///< the largest |value| shown, of the whole tensor
    bool in_place = false;  ///< of a weight: it shows something else, which `unit` names
  };
  std::vector<Scale> scales;  ///< for the legend and the scene file
  /// A row of the legend for what is not a tensor; without `low` and `high` it explains no colours. The tensors' rows come from `scales`.
  struct Key {
    std::string title, low, high, detail;
    render::ColorMap map = render::ColorMap::Positive;
  };
  std::vector<Key> keys;
  /// The place of a cell: panel, row, col.
  struct Place {
    int panel, row, col;
    glm::vec3 center;
  };
  [[nodiscard]] std::optional<Place> find(const CellRef& cell, const ModelConfig& config) const;
  /// Bounds of a block of the model (0..n_layer-1), of the embedding (-1), or of the unembedding, final LayerNorm and logits (n_layer); for
  /// flights.
  struct Box {
    glm::vec3 low, high;
  };
  std::vector<Box> blocks;  ///< index block + 1
  Box home{};               ///< bounds of the first picture
  /// The direction of its camera, where that is the scene's own: of a cube.
  struct Direction {
    float yaw = 0, pitch = 0, fov_y = render::Camera().fov_y;
  };
  std::optional<Direction> home_from;
  Box tokens{};                          ///< of the Machine: where the tokens are listed; empty without tokens
  std::vector<std::size_t> token_names;  ///< labels of that list
  std::vector<std::size_t> answers;      ///< labels of the likely words and of their shares
  /// Of the Machine: says that not every token of the list is named.
  struct TokenNote {
    std::size_t label = 0;
    int stride = 1, usual = 1;               ///< one token in so many is listed, and so many have room for their letters at any size
    std::optional<std::size_t> lesser = {};  ///< a label that only a near camera shows
  };
  std::optional<TokenNote> token_note;
  std::vector<Box> boards;             ///< of the Machine: where the numbers of operations at work stand, see operations/board.h
  std::vector<std::string> row_texts;  ///< each row's token as visible text; empty without a run
  /// Labels that are cut to a room, each with the room's width in world units. The camera decides how many words fit.
  std::vector<std::pair<std::size_t, float>> rooms;
  /// Of a cube: the rows of panels that are multiplied, and the row that is made. Their names stand out.
  std::vector<std::pair<std::size_t, int>> rows_at_work;
  /// Lines at the upper left corner of the picture, wherever the camera is. Their anchors are not used.
  std::vector<render::Label> notes;
  /// Labels that name the column below or the row beside them. When their place is outside the picture, they are drawn at its
  /// upper or left edge, like the frozen panes of a spreadsheet.
  std::vector<std::size_t> column_names, row_names;
  std::vector<std::size_t> sheet_names;  ///< labels that name the sheet below them
  /// Labels that are never cut by the picture's edge: they are moved into it, off the path and the map (placed_names.h).
  std::vector<std::size_t> kept_whole;
  std::vector<std::size_t> whole_or_not;  ///< labels that are left out where the picture's edge would cut them
  /// Of the Machine: the label with a head's number over its plate.
  struct PlateName {
    std::size_t label = 0, panel = 0;
  };
  std::vector<PlateName> plate_names;
  /// Of the Machine: the label over a block, or over the embedding (-1).
  struct Title {
    std::size_t label = 0;
    int block = -1;
  };
  std::vector<Title> titles;
  /// Of a head alone: the label of its title, and where its first sheets begin.
  struct TitleOfHead {
    std::size_t label = 0;
    float sheets_top = 0;
  };
  std::optional<TitleOfHead> title_of_head;
  /// Of the Machine: what the edits of a sheet are, said by a label at its foot. From afar the block's title says it.
  struct EditTag {
    std::size_t label = 0, panel = 0;
    int block = -1;
    std::string words;
    int count = 1;  ///< of edits
  };
  std::vector<EditTag> edit_tags;
  /// Of the Machine: where a line of the page begins. The names of its rows are labels, one after the other.
  struct RowLine {
    std::size_t first_label = 0;
    float x = 0, y = 0;  ///< upper left corner of its first sheet
    float row = 1;       ///< height of a row
  };
  std::vector<RowLine> row_lines;
  /// The operation at work as what it computes, apart from the rest: it is shown by cameras that are near enough to read it
  /// (operations/board.h). Null: nothing is at work.
  struct Focus {
    Box board;          ///< where its numbers stand
    float letters = 1;  ///< height of its words in the world
    std::vector<render::Ribbon> ribbons;
    std::vector<render::Line> lines;
    std::vector<render::Label> labels;
    std::vector<std::pair<std::size_t, float>> rooms;  ///< as above, of these labels
    struct Change {
      std::size_t panel = 0;
      std::optional<float> rows_shown;
      std::optional<int> highlight_col;
    };
    std::vector<Change> changes;  ///< of panels
    /// A plate's name while it shows something else than usual.
    struct Renamed {
      std::size_t label = 0;
      std::string words;
      render::Color color{1}, background{0};
    };
    std::optional<Renamed> renamed;
    std::size_t laid_in = 0;           ///< the plate in whose row the show's cells stand, where it has any
    std::optional<Key> key;            ///< what its colours mean that are not those of a panel
    std::shared_ptr<const Show> show;  ///< what is drawn, for another board
  };
  std::shared_ptr<const Focus> focus;
};

/// The camera that looks at one panel of a scene, for flights.
[[nodiscard]] render::Camera camera_for(const ViewScene& scene, int panel, float aspect);

/// Builds the scenes of all views. Keeps layouts and tile sources between calls, so that an unchanged source keeps its
/// identity and its tiles on the GPU. One object for one viewer; not thread safe.
class SceneBuilder {
 public:
  SceneBuilder();
  ~SceneBuilder();
  SceneBuilder(const SceneBuilder&) = delete;
  SceneBuilder& operator=(const SceneBuilder&) = delete;
  [[nodiscard]] ViewScene build(const SceneInput& input, const ViewState& view, const Pane& pane = {});
  /// "whole", "front", "block B", "head B.H", "embedding", "logits", a tensor's name, ...: cameras by name. `pane`: the one that the scene
  /// is built for, since the layout depends on it; `foot`: the share of its height to keep free where that is more than its own. Errors:
  /// InvalidArgument with the names that exist.
  [[nodiscard]] Result<render::Camera> camera(const std::string& name, const SceneInput& input, const ViewState& view,
                                              const Pane& pane = {}, float foot = 0);
  /// The camera of the first picture.
  [[nodiscard]] render::Camera home(const SceneInput& input, const ViewState& view, const Pane& pane = {});
  /// True once the newest scene shows every value, with its pyramid and scale.
  [[nodiscard]] bool settled() const;
  /// A builder for another model, whose scenes are shown beside those of this one.
  [[nodiscard]] SceneBuilder& beside();

 private:
  std::unique_ptr<BuilderState> state_;
  std::unique_ptr<SceneBuilder> beside_;
};

}  // namespace gf::scene
