// The cards of a frame: those that are pinned, and the one of the cell under the pointer. They are laid out on the pump's thread,
// which knows the scene; the GUI thread gets their boxes, and moves and closes pinned cards by them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/ui/viewport/card_place.h"

namespace gf::ui {

/// A card that stays. It belongs to the window as a dock does, and not to the document: undo, sessions and pictures know the
/// view, and a card only tells what is in it.
struct PinnedCard {
  int id = 0;  ///< > 0
  scene::CellRef cell;
  std::optional<glm::vec2> at = {};  ///< where the user has moved it, logical pixels; none: beside its cell
  bool large = false;                ///< larger letters and more terms
  friend bool operator==(const PinnedCard&, const PinnedCard&) = default;
};
[[nodiscard]] bool is_pinned(const std::vector<PinnedCard>& cards, const scene::CellRef& cell);

/// A card on the screen, for the pointer.
struct CardBox {
  int id = 0;  ///< of the pinned card; 0: the card under the pointer
  Box box;
  float head = 0, scale = 1;     ///< see CardSheet
  std::string text;              ///< all that it says
  std::optional<Box> speaks_of;  ///< the cell or tile; none: not in the picture
};
/// A card as it is drawn.
struct ShownCard : CardBox {
  CardSheet sheet;
  bool large = false;
};

/// The scene that the cards speak of.
struct CardScene {
  const scene::ViewScene& built;
  const render::Camera& camera;
  const scene::SceneInput& input;
  const scene::ViewState& view;
  const scene::Pane& pane;
  scene::CardDepth depth = scene::CardDepth::Formula;  ///< of all cards
  glm::vec2 from{0};                                   ///< where the pane begins in the viewport
};

/// What is pointed at.
struct HoverCard {
  scene::CellRef cell;
  bool large = false;
  std::string hint;
  const scene::Card* usual = nullptr;  ///< its card with kUsualTerms; null: the board makes it
};

class CardBoard {
 public:
  /// In the order in which they are drawn.
  [[nodiscard]] std::vector<ShownCard> pinned(const CardScene& scene, const std::vector<PinnedCard>& pinned);
  /// The card of what is pointed at, clear of the others if that is possible; nullopt where that cell has a pinned one.
  [[nodiscard]] std::optional<ShownCard> pointed(const CardScene& scene, const HoverCard& hover, const std::vector<PinnedCard>& pinned,
                                                 const std::vector<ShownCard>& others);

 private:
  /// A card of the present scene with all that was written of it. While only the camera or the pointer moves, nothing is
  /// written again.
  struct Known {
    scene::CellRef cell;
    bool large, with_code;
    scene::Card card;
    std::string text;
    std::vector<std::pair<CardLook, CardSheet>> sheets = {};  ///< written so far
    const CardSheet& sheet(const CardLook& look);
  };
  [[nodiscard]] static ShownCard lay_out(const CardScene& scene, const PinnedCard& wanted, Known& made, const std::string& hint,
                                         const std::vector<ShownCard>& others);
  /// `usual`: see HoverCard. Valid until the next call.
  [[nodiscard]] Known& known(const CardScene& scene, const scene::CellRef& cell, bool large, const scene::Card* usual = nullptr);

  std::shared_ptr<const render::Scene> known_for_;  ///< the scene that the cards below were made for
  std::vector<Known> known_;
};

/// Where a cell stands on the screen; nullopt where it is behind the eye.
[[nodiscard]] std::optional<Box> box_of_cell(const scene::ViewScene& scene, const scene::ViewScene::Place& place,
                                             const render::Projection& view);
/// The same for the whole tile of the Stream that the cell belongs to; nullopt for other cells.
[[nodiscard]] std::optional<Box> box_of_tile(const scene::ViewScene& scene, const scene::ViewScene::Place& place,
                                             const render::Projection& view);

}  // namespace gf::ui
