// Composes a frame of a view, for window, pictures, films and SVG alike: the scene, the arcs of the cell that is pointed at,
// the operation at work where it can be read, the numbers in cells, the tokens beside rows, the names that stay at the picture's
// edges, words cut to their room, the legend, and for the window the path and the map.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/cards/explain.h"
#include "app/scene/edge_names.h"
#include "app/scene/guides.h"
#include "app/scene/legend.h"
#include "app/scene/placed_names.h"
#include "app/scene/pointed.h"
#include "app/scene/scene_builder.h"
#include "app/scene/sheet_in_focus.h"
#include "app/scene/subject.h"

namespace gf::scene {

/// Where two scenes stand beside each other (Scene::left_camera), scene, camera, legend and guides are those of the right one.
struct Frame {
  ViewScene scene;  ///< complete; its scene is never changed afterwards
  render::Camera camera;
  std::vector<LegendRow> legend;
  LegendRoom legend_room;  ///< with the line of a split
  Guides guides;           ///< empty where the pane has none
};

/// Whether a view shows two runs, base left and edited right of a line: there must be edits.
[[nodiscard]] bool is_split(const SceneInput& input, const ViewState& view);
/// Whether a view of a run shows two scenes beside each other. Their pane is half of the picture.
[[nodiscard]] inline bool is_halved(const ViewState& view, bool has_run) { return view.compare == Compare::Side && has_run; }

/// Composes frames. What has not changed since the last frame is kept. One object for one viewer; not thread safe.
class Composer {
 public:
  /// Lifetime: the builder outlives the composer.
  explicit Composer(SceneBuilder& builder) : builder_(builder) {}
  /// Builds the scene alone. Callers find the cell under a pointer in it.
  /// `page`: the pane that it is laid out for, where that is not the one that shows it.
  const ViewScene& build(const SceneInput& input, const ViewState& view, const Pane& pane, const std::optional<Pane>& page = {});
  /// Moves the camera of the newest scene, for callers that need the scene to find it.
  void look_from(const render::Camera& camera);
  [[nodiscard]] render::Camera camera() const { return made_.view.camera.value_or(home_); }
  /// Of two scenes beside each other, what composes the left one, with the inputs that it has been given; null: there is one picture.
  [[nodiscard]] Composer* left_half() const { return halved() ? left_.get() : nullptr; }
  [[nodiscard]] const SceneInput& input() const { return made_.input; }
  [[nodiscard]] const ViewState& view() const { return made_.view; }
  /// True once the newest scenes show every value.
  [[nodiscard]] bool settled() const { return made_.settled && (!left_ || left_->settled()); }
  /// The frame of the newest scene. `hover`: the cell under a pointer; without one, the selection gets arcs and card.
  /// Valid until the next call.
  /// `moving`: the camera is on its way, so that labels fade by degrees.
  const Frame& frame(const std::optional<CellRef>& hover = {}, bool moving = false);
  /// The path and the map of the newest scene, seen by its camera; empty where the pane has none. Valid until the next call of build()
  /// or look_from().
  /// `moving`: as for frame().
  const Guides& guides(bool moving);
  /// The word or ribbon that a pixel of the newest frame shows, for where no panel is; nullopt: nothing that stands for a cell.
  [[nodiscard]] std::optional<Pointed> pointed_at(glm::vec2 pixel) const;
  /// The board that a pixel of the newest frame shows, before whatever lies behind it.
  [[nodiscard]] std::optional<Pointed> on_board(glm::vec2 pixel) const;
  /// The card of the cell that the newest frame points at.
  [[nodiscard]] const std::optional<Card>& card() const { return card_; }
  /// The newest scene before anything is added to it; its scene is null before the first.
  [[nodiscard]] const ViewScene& built() const { return built_; }
  /// The camera of the newest scene for a view without a camera of its own.
  [[nodiscard]] const render::Camera& home() const { return home_; }
  void clear();

 private:
  [[nodiscard]] bool halved() const { return is_halved(made_.view, made_.input.run != nullptr); }
  /// Builds the scene that a split shows left of its line, or that stands left of this one, of the inputs of `made_`.
  void build_left();
  /// The left scene is seen by the same camera; where its page is another, by one that has the same cell in its middle.
  void aim_left();
  /// The moment of the left scene, another run's, at the moment of this one: the same operation, or in another model the same share.
  [[nodiscard]] double time_beside(const SceneInput& there) const;
  /// The scale of each tensor of the newest scene.
  [[nodiscard]] std::shared_ptr<const Scales> scales_here();
  void assemble(const ModelConfig& config);
  /// What the newest frame shows before labels are added.
  [[nodiscard]] const ViewScene& shown() const { return near_to_work_ ? focused_ : built_; }
  /// The sheet that is named at the edges.
  [[nodiscard]] SheetInFocus focus(const std::optional<CellRef>& hover, const render::Camera& camera) const;
  /// The newest scene with the operation at work, on a board that can be read. `names`: what the board is rather beside.
  void focus_on_work(const render::Camera& camera, std::span<const ScreenBox> names);
  /// Where the names of rows and columns would stand if there were neither a board nor a map. Keeps them in `alone_`.
  [[nodiscard]] ShownBesides names_besides(const render::Camera& camera);
  /// The boxes on the screen of what the newest frame tells about.
  [[nodiscard]] std::vector<ScreenBox> spoken_of() const;
  /// Whether the legend of the newest frame, in a pane without room for one, would stand over tokens or answers.
  [[nodiscard]] bool legend_covers_names() const;
  /// Where the legend of the newest frame is drawn, or without a pointer would be; nullopt: there is none.
  [[nodiscard]] std::optional<ScreenBox> box_of_legend(bool hovered) const;
  /// Labels that depend on the camera, and those of the sheet in focus.
  void place_names(const SheetInFocus& focus, bool same_camera);

  SceneBuilder& builder_;
  std::unique_ptr<Composer> left_;        ///< of the scene left of this one
  std::shared_ptr<const Scales> scales_;  ///< of the newest scene, for that scene
  std::string heading_;                   ///< what the scene is, where another stands beside it; empty: none does
  std::optional<SideHeading> heading_box_;
  struct {
    SceneInput input;
    ViewState view;
    Pane pane;
    std::optional<Pane> page;
    bool settled = false;
    std::size_t translations = 0;  ///< translations_set() then
  } made_;                         ///< the inputs of `built_`
  ViewScene built_;
  ViewScene focused_;  ///< `built_` with the operation at work as what it computes, where the camera is near to it
  bool near_to_work_ = false;
  std::optional<Subject> subject_;  ///< of the newest frame
  /// Where the enlarged board of the newest frame stood.
  struct BoardKept {
    glm::vec3 of{0};  ///< where it would stand if it could be read there: one for each operation
    render::Camera camera;
    std::optional<glm::vec2> middle = {};
    bool held = false;  ///< it is there because it was there
  };
  std::optional<BoardKept> board_;
  std::optional<ScreenBox> legend_box_;
  std::optional<ScreenBox> over_page_;  ///< a board that covers parts of the page, so that their words are left out
  bool fresh_ = true;                   ///< `built_` is newer than the newest frame
  bool moving_ = false;
  render::Camera home_;
  Guides guides_;
  /// What `guides_` and `focused_` were made for; none: they are not made yet.
  struct Guided {
    render::Camera camera;
    bool moving = false;
    bool fresh = true;  ///< false: the scene is newer
  };
  std::optional<Guided> guided_;
  /// The names at the edges of the newest scene as they would be placed without board, map and legend. A frame uses them again where
  /// none of these three covers a name.
  struct NamesAlone {
    render::Camera camera;
    SheetInFocus focus;
    std::vector<EdgeName> names;
  };
  std::optional<NamesAlone> alone_;
  std::optional<Card> card_;
  // Labels that depend on the newest frame's camera.
  std::vector<render::Label> near_;
  std::vector<EdgeName> edges_;
  SheetInFocus focus_;
  int without_rows_ = -1;  ///< the sheet whose rows have their names in edges_, and not in near_
  PlacedNames placed_;
  Frame frame_;
};

}  // namespace gf::scene
