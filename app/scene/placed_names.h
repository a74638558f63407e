// What a camera changes of a scene's labels: words are cut to their room, names stay in the picture and off what covers it, the rows of a
// line that are lower than letters are listed beside it, and from afar a block's title says what is edited there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/edge_names.h"
#include "app/scene/guides.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

/// A label that is moved on the screen.
struct MovedName {
  std::size_t index = 0;
  glm::vec2 by{0};
  bool hidden = false;  ///< it has no room
  bool tagged = true;   ///< it gets the ground's colour behind it, because it may stand over something
  bool snug = false;    ///< that ground is only as high as the letters, so that it does not cover the names above and below
};

struct PlacedNames {
  std::vector<std::pair<std::size_t, std::string>> said;  ///< labels with the words that they say here
  std::vector<std::size_t> edited;                        ///< titles that say what is edited
  std::vector<std::pair<std::size_t, float>> smaller;     ///< titles that are smaller here, with their size
  std::vector<MovedName> moved;
  std::vector<std::size_t> stay;     ///< labels that are there though their usual size could not be read
  std::vector<std::size_t> covered;  ///< by the path, the map or a board
  std::vector<render::Label> added;
  std::vector<render::Line> lines;
  [[nodiscard]] bool empty() const;
  /// `scene` has the labels of the scene that they were placed for, and maybe more behind them.
  void apply(render::Scene& scene) const;
};

/// What they are placed for.
struct NamingView {
  const render::Camera& camera;
  const Pane& pane;
  const EdgeRoom& room;                 ///< without what a board takes
  std::optional<ScreenBox> board = {};  ///< an enlarged board, which covers the first `of_page` labels
  std::size_t of_page = 0;
  bool tiles = false;                    ///< of a view whose titles stand over tiles
  std::span<const EdgeName> edges = {};  ///< the names of the sheet in focus
  int row = -1;                          ///< the selected one; -1: none
};
[[nodiscard]] PlacedNames placed_names(const ViewScene& scene, const NamingView& at);

/// The names of the sheets of the block in the middle, which can be read before those of the others: where their usual size could not be.
[[nodiscard]] std::vector<std::size_t> early_sheet_names(const ViewScene& scene, const render::Camera& camera, const Pane& pane);

/// From the pane's upper edge to the end of the scene's first so many notes; 0 without notes.
[[nodiscard]] float height_of_notes(const ViewScene& scene, const Pane& pane, std::size_t lines);

/// What a list says that names only one token in so many.
[[nodiscard]] std::string words_of_note(int stride);
/// Of titles, before they are scaled: those of a low picture are smaller, so that they leave room for what they are titles of.
[[nodiscard]] float most_of_title(const Pane& pane);
/// Of a head alone: what its title and the names of its first sheets take above these.
[[nodiscard]] float height_above_sheets(const Pane& pane);

/// Where names may stand in a pane.
[[nodiscard]] EdgeRoom room_of(const Pane& pane, const Guides& guides);

}  // namespace gf::scene
