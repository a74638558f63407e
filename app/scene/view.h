// How a run is shown, as one value: it is saved and compared, and window, pictures, films, lessons and sidecars all show it.
// A new field is one line in ViewState and one in each_field().
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/scene/circuit.h"
#include "app/scene/cube/cube.h"
#include "app/scene/one_head.h"
#include "app/scene/operations/timeline.h"
#include "app/scene/sources/tensor_ref.h"
#include "model/base/ids.h"
#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::scene {

enum class View : std::uint8_t { Machine, Stream };  ///< see views.h
/// What of a run with edits is shown. Split: base left of a vertical line, edited right of it. Side: two scenes beside each other, each
/// whole and in half of the picture, left the base run or another subject's (compose.h draws both). All that is not drawn, such as
/// docks, speaks of the edited run then.
enum class Compare : std::uint8_t { Edited, Base, Difference, Split, Side };
/// The quantity that the width of the Stream's attention ribbons shows: the weight, or the norm of the vector that is moved,
/// a * |v W_O|.
enum class RibbonWidth : std::uint8_t { Weight, Moved };

/// The tempo of playing: slow enough to read every term of a sum; to follow each operation; one token after the other; the whole
/// pass in five seconds.
enum class Pace : std::uint8_t { Term, Operation, Token, Pass };

struct ViewState {
  View view = View::Machine;
  std::optional<render::Camera> camera;  ///< none: home
  double time = 1e18;                    ///< in operations, see Timeline; beyond the end: all computed
  double speed = 1;                      ///< of playing, in the tempo that `pace` says
  double split = 0.5;                    ///< of Compare::Split: where the line is, as a share of the picture's width
  Pace pace = Pace::Token;
  Timeline::Unit unit = Timeline::Unit::Block;
  Compare compare = Compare::Edited;
  RibbonWidth ribbons = RibbonWidth::Weight;
  render::Theme theme = render::Theme::Dark;
  std::optional<CellRef> selection;
  int selected_position = -1;  ///< -1: the last
  /// Tensors that get a mark round them. Of a pattern index[0] is the head, -1: all heads; of the logits index[1] is a token, whose
  /// word at the end gets the frame.
  std::vector<CellRef> highlights;
  std::optional<Cube> cube;         ///< an open product, which the Machine shows alone
  std::optional<OneHead> one_head;  ///< a head that the Machine shows alone
  std::optional<Circuit> circuit;   ///< edges that the Stream shows as arcs
  bool follow = false;              ///< the camera goes where the work of the pass is, see operations/follow.h
  bool map = true;                  ///< the window shows where the camera is: a small map and the path
  bool hide_prediction = false;     ///< a question asks what comes next: no word or number tells what the model predicts at the end
  friend bool operator==(const ViewState&, const ViewState&) = default;
};

/// What the Machine shows alone, the whole being left out: the name of a product or of a head; empty: nothing.
[[nodiscard]] std::string alone_name(const ViewState& view);

/// Whether a highlight means a word among the likely ones, and not a tensor.
[[nodiscard]] bool is_word(const CellRef& highlight);
[[nodiscard]] bool is_highlighted(const ViewState& view, TokenId word);

/// The selected position in a run of T tokens; the last one where no position of the run is selected.
[[nodiscard]] inline int selected_position_in(const ViewState& view, int T) {
  return view.selected_position < 0 || view.selected_position >= T ? std::max(0, T - 1) : view.selected_position;
}

/// What a change of a field asks for: nothing of the scene, only what time, selection and pointer change, or a new scene.
enum class Redraws : std::uint8_t { Nothing, Moment, All };

/// Calls visit(key, member, redraws) for each field. The keys stand in session files and sidecars.
template <class Visit>
constexpr void each_field(Visit&& visit) {
  visit("view", &ViewState::view, Redraws::All);
  visit("camera", &ViewState::camera, Redraws::Nothing);
  visit("time", &ViewState::time, Redraws::Moment);
  visit("speed", &ViewState::speed, Redraws::Nothing);
  visit("pace", &ViewState::pace, Redraws::Nothing);
  visit("unit", &ViewState::unit, Redraws::Nothing);
  visit("compare", &ViewState::compare, Redraws::All);
  visit("split", &ViewState::split, Redraws::Nothing);
  visit("ribbons", &ViewState::ribbons, Redraws::All);
  visit("theme", &ViewState::theme, Redraws::All);
  visit("selection", &ViewState::selection, Redraws::Moment);
  visit("selected_position", &ViewState::selected_position, Redraws::Moment);
  visit("highlights", &ViewState::highlights, Redraws::Moment);
  visit("cube", &ViewState::cube, Redraws::Moment);
  visit("one_head", &ViewState::one_head, Redraws::All);
  visit("circuit", &ViewState::circuit, Redraws::All);
  visit("follow", &ViewState::follow, Redraws::Nothing);
  visit("map", &ViewState::map, Redraws::Nothing);
  visit("hide_prediction", &ViewState::hide_prediction, Redraws::All);
}

/// Whether a and b agree in all fields that redraw `least` or more.
[[nodiscard]] bool same_scene(const ViewState& a, const ViewState& b, Redraws least);

/// The surface that a scene is drawn on: the whole picture, or half of it where two scenes stand beside each other. Sizes in logical
/// pixels.
struct Pane {
  glm::vec2 size{1280, 720};
  float presentation = 1;  ///< scales labels
  float foot = 0;          ///< share of the height that the legend covers; cameras that show the whole keep it free
  float spoken = 0;        ///< share of the height that a story's sentence covers from below; boards stand above it
  int legend_rows = 3;     ///< of the legend; fewer than 3: at most that many rows, 3: as many as the picture needs
  bool guides = false;     ///< the path and the map are drawn over it: in the window alone, see guides.h
  [[nodiscard]] float aspect() const { return size.y > 0 ? size.x / size.y : 1.6F; }
  friend bool operator==(const Pane&, const Pane&) = default;
};

/// The pane of a view that a camera was chosen in.
[[nodiscard]] inline Pane pane_of(const render::CameraView& in) { return {in.size, in.letters, in.foot}; }

/// A value of an enumeration with its name in files and on the command line. names_of() lists them; that of View is in views.h.
template <class E>
struct Named {
  E value;
  const char* name;
};
inline constexpr Named<Compare> kCompareNames[] = {{Compare::Edited, "edited"},
                                                   {Compare::Base, "base"},
                                                   {Compare::Difference, "difference"},
                                                   {Compare::Split, "split"},
                                                   {Compare::Side, "side"}};
inline constexpr Named<RibbonWidth> kRibbonNames[] = {{RibbonWidth::Weight, "weight"}, {RibbonWidth::Moved, "norm"}};
inline constexpr Named<render::Theme> kThemeNames[] = {{render::Theme::Dark, "dark"}, {render::Theme::Light, "light"}};
inline constexpr Named<Pace> kPaceNames[] = {
    {Pace::Term, "term"}, {Pace::Operation, "operation"}, {Pace::Token, "token"}, {Pace::Pass, "pass"}};
inline constexpr Named<Timeline::Unit> kUnitNames[] = {
    {Timeline::Unit::Operation, "operation"}, {Timeline::Unit::Block, "block"}, {Timeline::Unit::Token, "token"}};
inline constexpr Named<CubeOrder> kCubeOrderNames[] = {
    {CubeOrder::Dots, "dots"}, {CubeOrder::Rows, "rows"}, {CubeOrder::Columns, "columns"}, {CubeOrder::Outer, "outer"}};
constexpr auto& names_of(Compare) { return kCompareNames; }
constexpr auto& names_of(RibbonWidth) { return kRibbonNames; }
constexpr auto& names_of(render::Theme) { return kThemeNames; }
constexpr auto& names_of(Pace) { return kPaceNames; }
constexpr auto& names_of(Timeline::Unit) { return kUnitNames; }
constexpr auto& names_of(CubeOrder) { return kCubeOrderNames; }
/// "stream"
template <class E>
[[nodiscard]] const char* spelled(E value) {
  for (const auto& row : names_of(value))
    if (row.value == value) return row.name;
  return "";
}
/// nullopt: no value has that name.
template <class E>
[[nodiscard]] std::optional<E> named(std::string_view name) {
  for (const auto& row : names_of(E{}))
    if (row.name == name) return row.value;
  return std::nullopt;
}

}  // namespace gf::scene
