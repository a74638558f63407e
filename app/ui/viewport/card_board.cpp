#include "app/ui/viewport/card_board.h"

#include <algorithm>

#include "app/scene/cards/explain_code.h"

namespace gf::ui {
namespace {

constexpr float kLargeLetters = 1.35F;
constexpr std::size_t kMostKnown = 64;

/// The rectangle of a panel's cells [row0, row1) x [col0, col1) on the screen.
std::optional<Box> box_of_cells(const scene::ViewScene& scene, int panel, glm::ivec2 rows, glm::ivec2 cols,
                                const render::Projection& view) {
  const render::Panel& shown = scene.scene->panels[static_cast<std::size_t>(panel)];
  const scene::PanelInfo& info = scene.panels[static_cast<std::size_t>(panel)];
  Box box{glm::vec2(1e9F), glm::vec2(-1e9F)};
  for (const int row : {rows.x, rows.y})
    for (const int col : {cols.x, cols.y}) {
      const float s = static_cast<float>(col) / static_cast<float>(info.cols), t = static_cast<float>(row) / static_cast<float>(info.rows);
      const glm::vec3 at = view.pixel(shown.origin + shown.across * s + shown.down * t);
      if (at.z <= 0) return std::nullopt;
      box.low = glm::min(box.low, glm::vec2(at));
      box.high = glm::max(box.high, glm::vec2(at));
    }
  return box;
}

/// What a card must not hide, the best first: the tile, the cell, the number in the middle of the cell.
std::vector<Box> things_of(const CardScene& s, const scene::ViewScene::Place& place, const render::Projection& view) {
  std::vector<Box> things;
  const Box pane{glm::vec2(0), s.pane.size};
  if (const auto tile = box_of_tile(s.built, place, view); tile && tile->meets(pane)) things.push_back(*tile);
  const auto cell = box_of_cell(s.built, place, view);
  if (!cell || !cell->meets(pane)) return things;
  things.push_back(*cell);
  constexpr glm::vec2 kNumber{70, 26};  // half the size of a number in a large cell
  const glm::vec2 middle = (cell->low + cell->high) / 2.0F, half = glm::min(cell->size() / 2.0F, kNumber * s.pane.presentation);
  things.push_back({middle - half, middle + half});
  return things;
}

}  // namespace

bool is_pinned(const std::vector<PinnedCard>& cards, const scene::CellRef& cell) {
  return std::ranges::find(cards, cell, &PinnedCard::cell) != cards.end();
}

std::optional<Box> box_of_cell(const scene::ViewScene& scene, const scene::ViewScene::Place& place, const render::Projection& view) {
  return box_of_cells(scene, place.panel, {place.row, place.row + 1}, {place.col, place.col + 1}, view);
}

std::optional<Box> box_of_tile(const scene::ViewScene& scene, const scene::ViewScene::Place& place, const render::Projection& view) {
  const scene::PanelInfo& info = scene.panels[static_cast<std::size_t>(place.panel)];
  if (info.mapping != scene::PanelInfo::Mapping::Stacked) return std::nullopt;
  const int first = place.row / info.pitch * info.pitch;
  return box_of_cells(scene, place.panel, {first, first + info.fold_rows}, {0, info.cols}, view);
}

const CardSheet& CardBoard::Known::sheet(const CardLook& look) {
  for (const auto& [written_for, sheet] : sheets)
    if (written_for == look) return sheet;
  return sheets.emplace_back(look, card_sheet(card, look)).second;
}

CardBoard::Known& CardBoard::known(const CardScene& s, const scene::CellRef& cell, bool large, const scene::Card* usual) {
  if (known_for_ != s.built.scene || known_.size() > kMostKnown) known_.clear();
  known_for_ = s.built.scene;
  const bool with_code = s.depth == scene::CardDepth::Code;
  std::erase_if(known_, [&](const Known& made) { return made.cell == cell && with_code && !made.with_code; });
  for (Known& made : known_)
    if (made.cell == cell && made.large == large) return made;
  const int terms = large ? scene::kMostTerms : scene::kUsualTerms;
  scene::Card card = usual != nullptr && !large ? *usual : scene::explain(cell, s.input, s.view, terms);
  std::string text = scene::to_text(card);
  if (with_code) text += card.code = scene::code_of(cell, s.input, s.view);
  return known_.emplace_back(Known{cell, large, with_code, std::move(card), std::move(text)});
}

ShownCard CardBoard::lay_out(const CardScene& s, const PinnedCard& wanted, Known& made, const std::string& hint,
                             const std::vector<ShownCard>& others) {
  const render::Projection view(s.camera, s.pane.size);
  const ModelConfig& config = s.input.model->weights->config;
  ShownCard shown;
  shown.id = wanted.id;
  shown.large = wanted.large;
  const float scale = s.pane.presentation * (wanted.large ? kLargeLetters : 1);
  shown.text = made.text;
  CardSurroundings around;
  around.pane = s.pane.size;
  if (wanted.at) around.at = *wanted.at - s.from;
  if (const auto place = s.built.find(wanted.cell, config)) around.speaks_of = things_of(s, *place, view);
  if (!around.speaks_of.empty()) shown.speaks_of = around.speaks_of.front().moved(s.from);
  for (const ShownCard& other : others) around.others.push_back(other.box.moved(-s.from));
  if (wanted.id == 0)  // only the cell under the pointer has arcs
    for (const scene::CellRef& source : made.card.sources)
      if (const auto from = s.built.find(source, config))
        if (const glm::vec3 at = view.pixel(from->center); at.z > 0) around.ends.emplace_back(at);
  PlacedCard placed = place_card([&](float wide, CardDetail detail,
                                     float letters) { return made.sheet({scale * letters, wide, detail, wanted.id != 0, hint, s.depth}); },
                                 around);
  shown.box = placed.box.moved(s.from);
  shown.scale = placed.sheet.scale;
  shown.head = placed.sheet.head;
  shown.sheet = std::move(placed.sheet);
  return shown;
}

std::vector<ShownCard> CardBoard::pinned(const CardScene& scene, const std::vector<PinnedCard>& pinned) {
  std::vector<ShownCard> shown;
  for (const PinnedCard& card : pinned) shown.push_back(lay_out(scene, card, known(scene, card.cell, card.large), {}, shown));
  return shown;
}

std::optional<ShownCard> CardBoard::pointed(const CardScene& scene, const HoverCard& hover, const std::vector<PinnedCard>& pinned,
                                            const std::vector<ShownCard>& others) {
  if (is_pinned(pinned, hover.cell)) return std::nullopt;
  Known& made = known(scene, hover.cell, hover.large, hover.usual);
  return lay_out(scene, {0, hover.cell, std::nullopt, hover.large}, made, hover.hint, others);
}

}  // namespace gf::ui
