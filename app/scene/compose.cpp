#include "app/scene/compose.h"

#include <algorithm>
#include <iterator>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/operations/board.h"
#include "app/scene/operations/board_room.h"
#include "app/scene/views.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// Where the sign that begins at `at` ends. A sign is a character, or an escape of visible_text() such as "\\xe2".
std::size_t end_of_sign(const std::string& text, std::size_t at) {
  if (text[at] == '\\' && at + 1 < text.size()) {
    const char mark = text[at + 1];
    return std::min(text.size(), at + (mark == 'x' ? 4 : mark == 'u' ? 6 : 2));
  }
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

/// Labels that are longer than their room in this view, each with the words that fit.
std::vector<std::pair<std::size_t, std::string>> cut_words(const ViewScene& scene, const render::Projection& view) {
  const glm::vec2 size = view.size();
  std::vector<std::pair<std::size_t, std::string>> cut;
  for (const auto& [index, room] : scene.rooms) {
    const render::Label& label = scene.scene->labels[index];
    const float px = render::label_px(label, view);
    if (px <= 0) continue;
    const glm::vec3 at = view.pixel(label.anchor);
    if (at.x < -size.x || at.x > size.x || at.y < 0 || at.y > size.y) continue;
    std::string words = words_that_fit(label.text, room * (view.focal_px() / view.depth(label.anchor)), px, label.bold);
    if (words != label.text) cut.emplace_back(index, std::move(words));
  }
  return cut;
}

/// Where names may stand in a pane.
EdgeRoom room_of(const Pane& pane, const Guides& guides) {
  constexpr float kAir = 3;
  EdgeRoom room{{glm::vec2(kAir), pane.size - kAir}, guides.boxes(), pane.presentation};
  if (!guides.path.empty()) room.free.low.y = guides.bar.high.y + kAir;
  room.free.high.y = std::min(room.free.high.y, pane.size.y * (1 - pane.foot));
  return room;
}

/// Names of rows and columns that lie outside the picture, and how far each is moved to stay at its edge.
std::vector<StuckName> stuck_names(const ViewScene& scene, const render::Projection& view, const EdgeRoom& room) {
  const glm::vec2 size = view.size(), edge = room.free.low;
  constexpr float kLine = 1.4F, kTag = 0.9F;  // a line and a tag's sides in heights of a letter
  std::vector<StuckName> stuck;
  // A name at the left edge leaves the path and the map free.
  const auto moved = [&](std::size_t index, glm::vec2 by, const ScreenBox& box) {
    const bool covered = std::ranges::any_of(room.taken, [&](const ScreenBox& taken) { return taken.meets(box); });
    stuck.push_back({index, by, covered});
  };
  for (const std::size_t index : scene.column_names) {
    const render::Label& label = scene.scene->labels[index];
    const float px = render::label_px(label, view), least = kLine * px + edge.y;  // it stands above its anchor
    const glm::vec3 at = view.pixel(label.anchor);
    const glm::vec3 end = view.pixel({label.anchor.x, scene.scene->high.y, label.anchor.z});
    if (!(at.z > 0 && at.y < least && end.z > 0 && end.y > least + kLine * px + edge.x)) continue;
    const float half = render::text_width(label.text, px, label.bold) / 2 + kTag * px;
    moved(index, {0, least - at.y}, {{at.x - half, least - kLine * px}, {at.x + half, least}});
  }
  for (const std::size_t index : scene.row_names) {
    const render::Label& label = scene.scene->labels[index];
    const float px = render::label_px(label, view);
    const glm::vec3 at = view.pixel(label.anchor);
    if (px <= 0 || at.z <= 0 || at.y < 0 || at.y > size.y) continue;
    // It ends at its anchor, with the tag that it gets behind it.
    const float least = render::text_width(label.text, px, label.bold) + kTag * px + edge.x;
    const glm::vec3 end = view.pixel({scene.scene->high.x, label.anchor.y, label.anchor.z});
    if (!(at.x < least && end.z > 0 && end.x > 2 * least)) continue;
    moved(index, {least - at.x, 0}, {{edge.x, at.y - kLine * px / 2}, {least, at.y + kLine * px / 2}});
  }
  return stuck;
}

/// The notes of a scene, one below the other at the upper left corner.
std::vector<render::Label> placed_notes(const ViewScene& scene, const render::Projection& view, const EdgeRoom& room) {
  constexpr float kMargin = 18, kLine = 1.45F, kNear = 0.5F;  // in front of everything, at any distance
  std::vector<render::Label> placed = scene.notes;
  glm::vec2 at = room.free.low + kMargin * room.letters;
  for (render::Label& note : placed) {
    note.anchor = view.eye() + view.direction(at) * kNear;
    note.horizontal = note.vertical = render::Align::Begin;
    note.text = words_that_fit(note.text, room.free.high.x - at.x - kMargin, note.max_px, note.bold);
    at.y += kLine * note.max_px;
  }
  return placed;
}

/// The names of the sheets of the block in the middle: they can be read before those of the others.
std::vector<std::size_t> early_names(const ViewScene& scene, const render::Camera& camera, const Pane& pane) {
  constexpr float kBefore = 0.65F;  // of the size at which the others can be read
  std::vector<std::size_t> early;
  if (scene.sheet_names.empty() || scene.blocks.empty()) return early;
  const ViewScene::Box& block = scene.blocks[block_in_middle(scene, camera, pane)];
  const render::Projection view(camera, pane.size);
  for (const std::size_t index : scene.sheet_names) {
    const render::Label& label = scene.scene->labels[index];
    const glm::vec3 at = label.anchor;
    if (at.x < block.low.x || at.x > block.high.x || at.y < block.low.y || at.y > block.high.y) continue;
    const float depth = view.depth(at), px = depth > 0 ? label.height * view.focal_px() / depth : 0;
    if (px < label.min_px && px >= kBefore * label.min_px * pane.presentation) early.push_back(index);
  }
  return early;
}

/// Where a label stands, as large as it is with a tag behind it.
ScreenBox box_of_label(const render::Label& label, glm::vec2 at, float px) {
  constexpr float kTagX = 0.42F, kLine = 1.4F;
  const auto begins = [](float length, render::Align align) {
    return align == render::Align::Begin ? 0 : align == render::Align::Middle ? -length / 2 : -length;
  };
  const glm::vec2 size{render::text_width(label.text, px, label.bold) + 2 * kTagX * px, kLine * px};
  const glm::vec2 low = at + glm::vec2(begins(size.x, label.horizontal), begins(size.y, label.vertical));
  return {low, low + size};
}

/// Labels that reach below the path or the map, and those of the page (the first `of_page`) that reach below a board, which would hide half
/// of a word. Those at the picture's edge have been looked after.
std::vector<std::size_t> covered_words(const ViewScene& scene, const render::Projection& view, const std::vector<ScreenBox>& taken,
                                       const std::vector<StuckName>& stuck, std::size_t of_page, const std::optional<ScreenBox>& board) {
  constexpr glm::vec2 kReach{400, 60};  // no label begins farther from what it reaches
  std::vector<std::size_t> covered;
  if (taken.empty() && !board) return covered;
  for (std::size_t i = 0; i < scene.scene->labels.size(); ++i) {
    const render::Label& label = scene.scene->labels[i];
    const glm::vec3 pixel = view.pixel(label.anchor);
    const glm::vec2 at = glm::vec2(pixel) + label.offset_px;
    const auto near = [&](const ScreenBox& box) { return ScreenBox{box.low - kReach, box.high + kReach}.contains(at); };
    const bool below = board && i < of_page && near(*board);
    if (pixel.z <= 0 || (!below && std::ranges::none_of(taken, near))) continue;
    const float px = render::label_px(label, view);
    if (px <= 0 || std::ranges::find(stuck, i, &StuckName::index) != stuck.end()) continue;
    const ScreenBox box = box_of_label(label, at, px);
    if ((below && board->meets(box)) || std::ranges::any_of(taken, [&](const ScreenBox& other) { return other.meets(box); }))
      covered.push_back(i);
  }
  return covered;
}

}  // namespace

std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold) {
  if (text.empty() || render::text_width(text, size_px, bold) <= room_px) return text;
  std::string best = "…";
  for (std::size_t i = end_of_sign(text, 0); i < text.size(); i = end_of_sign(text, i)) {
    const std::string tried = text.substr(0, i) + "…";
    if (render::text_width(tried, size_px, bold) > room_px) break;
    best = tried;
  }
  return best;
}

bool is_split(const SceneInput& input, const ViewState& view) {
  return view.compare == Compare::Split && input.run && input.run->has_edits();
}

void Composer::clear() {
  left_.reset();
  made_ = {};
  built_ = {};
  fresh_ = true;
  card_.reset();
  near_.clear();
  notes_.clear();
  edges_.clear();
  focus_ = {};
  cut_.clear();
  stuck_.clear();
  early_.clear();
  covered_.clear();
  focused_ = {};
  near_to_work_ = false;
  guided_.reset();
  frame_ = {};
}

const ViewScene& Composer::build(const SceneInput& input, const ViewState& view, const Pane& pane, const std::optional<Pane>& page) {
  // A change of the camera or of the pace of playing needs no new scene.
  if (!is_split(input, view)) left_.reset();
  const bool kept = built_.scene && made_.settled && made_.input == input && made_.pane == pane && made_.page == page &&
                    same_scene(made_.view, view, Redraws::Moment);
  made_.view = view;
  if (kept) return built_;
  built_ = builder_.build(input, view, page.value_or(pane));
  made_ = {input, view, pane, page, builder_.settled()};
  home_ = info_of(view.view).camera({}, built_, pane);
  fresh_ = true;
  guided_.reset();
  return built_;
}

const Guides& Composer::guides() {
  const auto& [input, view, pane, page, settled] = made_;
  const render::Camera camera = view.camera.value_or(home_);
  if (guided_ == camera) return guides_;
  guides_ = pane.guides ? guides_for(built_, camera, pane, input, view.view) : Guides{};
  guided_ = camera;
  return guides_;
}

const Frame& Composer::frame(const std::optional<CellRef>& hover, bool moving) {
  EXPECTS(built_.scene, "a frame is made of a scene");
  const auto& [input, view, pane, page, settled] = made_;
  const std::optional<CellRef>& pointed = hover ? hover : view.selection;
  const render::Camera camera = view.camera.value_or(home_);
  const bool same_camera = !fresh_ && camera == frame_.camera;
  const bool same_card = !fresh_ && (card_ ? card_->cell == pointed : !pointed);
  const SheetInFocus named = focus(hover, camera);
  const std::optional<float> line = is_split(input, view) ? std::optional(static_cast<float>(view.split)) : std::nullopt;
  const bool same_line = line == frame_.legend_room.split;
  if (same_card && same_camera && same_line && named == focus_ && moving == moving_) return frame_;
  moving_ = moving;
  // The legend depends on the tensor under the pointer, not on the cell.
  const bool same_legend = same_camera && (card_ && pointed ? card_->cell.tensor == pointed->tensor : !card_ && !pointed);
  if (!same_card) {
    card_.reset();
    if (pointed) card_ = explain(*pointed, input, view);
  }
  if (!same_camera) {
    near_to_work_ = built_.focus && reads(*built_.focus, render::Projection(camera, pane.size));
    if (near_to_work_) focus_on_work(camera);
  }
  frame_.camera = camera;
  if (!same_camera) frame_.guides = guides();
  if (!same_camera || !(named == focus_)) place_names(named, same_camera);
  fresh_ = false;
  assemble(input.model->weights->config);
  if (line) {
    auto both = std::make_shared<render::Scene>(*frame_.scene.scene);
    both->left = left_scene(hover);
    both->split = *line;
    frame_.scene.scene = std::move(both);
  }
  frame_.legend_room = {pane.foot * pane.size.y, spoken_of(), line};
  if (!same_legend) frame_.legend = legend_rows(built_, camera, pane, pointed ? &pointed->tensor : nullptr);
  return frame_;
}

std::shared_ptr<const render::Scene> Composer::left_scene(const std::optional<CellRef>& hover) {
  if (!left_) left_ = std::make_unique<Composer>(builder_);
  ViewState base = made_.view;
  base.compare = Compare::Base;
  base.camera = frame_.camera;
  left_->build(made_.input, base, made_.pane, made_.page);
  return left_->frame(hover, moving_).scene.scene;
}

std::vector<ScreenBox> Composer::spoken_of() const {
  const auto& [input, view, pane, page, settled] = made_;
  const render::Projection seen(frame_.camera, pane.size);
  const ScreenBox whole{glm::vec2(0), pane.size};
  std::vector<ScreenBox> boxes = frame_.guides.boxes();
  const auto add = [&](std::initializer_list<glm::vec3> corners) {
    ScreenBox box{glm::vec2(1e9F), glm::vec2(-1e9F)};
    for (const glm::vec3& corner : corners) {
      const glm::vec3 at = seen.pixel(corner);
      if (at.z <= 0) return;
      box.low = glm::min(box.low, glm::vec2(at));
      box.high = glm::max(box.high, glm::vec2(at));
    }
    if (box.meets(whole)) boxes.push_back(box);
  };
  const auto add_part = [&](const render::Panel& panel, glm::vec2 from, glm::vec2 to) {
    const auto at = [&](float s, float t) { return panel.origin + panel.across * s + panel.down * t; };
    add({at(from.x, from.y), at(to.x, from.y), at(from.x, to.y), at(to.x, to.y)});
  };
  for (const CellRef& cell : view.highlights)
    for (std::size_t i = 0; i < built_.panels.size(); ++i)
      if (is_marked(built_.panels[i], cell)) add_part(built_.scene->panels[i], glm::vec2(0), glm::vec2(1));
  if (card_)
    if (const auto place = built_.find(card_->cell, input.model->weights->config)) {
      const PanelInfo& info = built_.panels[static_cast<std::size_t>(place->panel)];
      const glm::vec2 cells(info.cols, info.rows), at(place->col, place->row);
      add_part(built_.scene->panels[static_cast<std::size_t>(place->panel)], at / cells, (at + 1.0F) / cells);
    }
  if (near_to_work_) {
    const auto board = on_screen(focused_.focus->board, seen, focused_.focus->board.low.z);
    if (board && board->meets(whole)) boxes.push_back(*board);
  }
  return boxes;
}

void Composer::focus_on_work(const render::Camera& camera) {
  const Pane& pane = made_.pane;
  const render::Projection seen(camera, pane.size);
  std::shared_ptr<const ViewScene::Focus> drawn = built_.focus;
  over_page_.reset();
  const EdgeRoom room = room_of(pane, guides());
  if (const auto board = board_to_read(*drawn, built_, seen, room.free)) {
    drawn = draw_show(*drawn->show, built_, *board, made_.input.model->weights->config, pane.presentation);
    over_page_ = on_screen(*board, seen, board->low.z);
  }
  focused_ = with_focus(built_, *drawn);
  focused_.focus = std::move(drawn);
}

SheetInFocus Composer::focus(const std::optional<CellRef>& hover, const render::Camera& camera) const {
  if (hover)
    if (const auto place = built_.find(*hover, made_.input.model->weights->config))
      return {place->panel, glm::ivec2(place->row, place->col), true};
  // While only the pointer moves, the sheet in the middle is the same.
  if (!fresh_ && camera == frame_.camera && !focus_.pointed) return focus_;
  return {sheet_in_middle(built_, camera, made_.pane), std::nullopt, false};
}

void Composer::place_names(const SheetInFocus& focus, bool same_camera) {
  const Pane& pane = made_.pane;
  const render::Projection seen(frame_.camera, pane.size);
  EdgeRoom room = room_of(pane, frame_.guides);
  const std::optional<ScreenBox> board = near_to_work_ ? over_page_ : std::nullopt;
  if (board) room.taken.push_back(*board);
  edges_ = edge_names(built_, made_.input, focus, seen, frame_.camera.target, room);
  focus_ = focus;
  const int named = std::ranges::any_of(edges_, &EdgeName::of_row) ? focus.panel : -1;
  if (!same_camera || named != without_rows_) {
    near_ = cell_labels(shown(), seen, pane.presentation, named);
    if (board) std::erase_if(near_, [&](const render::Label& label) { return board->contains(glm::vec2(seen.pixel(label.anchor))); });
  }
  without_rows_ = named;
  if (same_camera) return;
  notes_ = placed_notes(shown(), seen, room);
  cut_ = cut_words(shown(), seen);
  stuck_ = stuck_names(shown(), seen, room);
  early_ = early_names(shown(), frame_.camera, pane);
  covered_ = covered_words(shown(), seen, frame_.guides.boxes(), stuck_, built_.scene->labels.size(), board);
}

void Composer::assemble(const ModelConfig& config) {
  frame_.scene = shown();
  const bool names =
      !near_.empty() || !notes_.empty() || !edges_.empty() || !cut_.empty() || !stuck_.empty() || !early_.empty() || !covered_.empty();
  if (!card_ && !names && !moving_) return;
  // It stays as it is for the next frame, so its scene is copied.
  frame_.scene.scene = std::make_shared<render::Scene>(*frame_.scene.scene);
  frame_.scene.scene->labels_fade = moving_;
  if (card_) add_arcs(frame_.scene, *card_, config);
  auto& labels = frame_.scene.scene->labels;
  const std::size_t built = built_.scene->labels.size(), with_board = labels.size();
  for (const auto& [index, words] : cut_) labels[index].text = words;
  for (const std::size_t index : early_) labels[index].stays = true;
  for (const std::size_t index : covered_) labels[index].alpha = 0;
  for (const auto& [index, by, covered] : stuck_) {
    labels[index].offset_px += by;
    if (covered) labels[index].alpha = 0;
    if (labels[index].background.a > 0) continue;  // the tag of an edit
    labels[index].background = {glm::vec3(built_.scene->ground), 0.85F};
  }
  labels.insert(labels.end(), near_.begin(), near_.end());
  labels.insert(labels.end(), notes_.begin(), notes_.end());
  for (const EdgeName& name : edges_) labels.push_back(name.label);
  if (!card_) return;
  // An arc that crosses a row's name would strike it out. The words on the board are in front of it.
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i >= built && i < with_board) continue;
    render::Label& label = labels[i];
    if (label.horizontal == render::Align::End && label.background.a <= 0) label.background = {glm::vec3(built_.scene->ground), 0.8F};
  }
}

}  // namespace gf::scene
