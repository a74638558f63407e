#include "app/scene/compose.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/cube/cube.h"
#include "app/scene/framed.h"
#include "app/scene/label_box.h"
#include "app/scene/legend_shape.h"
#include "app/scene/operations/board.h"
#include "app/scene/operations/board_room.h"
#include "app/scene/row_fan.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/views.h"
#include "model/base/text.h"
#include "model/base/translations_set.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// What the pieces of lines cover of the picture.
std::vector<ScreenBox> boxes_along(std::span<const render::Line> lines, const render::Projection& view) {
  std::vector<ScreenBox> boxes;
  for (const render::Line& line : lines) {
    std::optional<glm::vec2> before;
    for (const glm::vec3& point : line.points) {
      const glm::vec3 at = view.pixel(point);
      const auto here = at.z > 0 ? std::optional(glm::vec2(at)) : std::nullopt;
      if (before && here) boxes.push_back({glm::min(*before, *here), glm::max(*before, *here)});
      before = here;
    }
  }
  return boxes;
}

/// Where the titles stand that are seen.
std::vector<ScreenBox> boxes_of_titles(const ViewScene& scene, const PlacedNames& placed, const render::Projection& view) {
  std::vector<ScreenBox> boxes;
  for (const ViewScene::Title& title : scene.titles) {
    render::Label label = scene.scene->labels[title.label];
    for (const auto& [index, words] : placed.said)
      if (index == title.label) label.text = words;
    for (const auto& [index, px] : placed.smaller)
      if (index == title.label) label.max_px = px;
    const auto moved = std::ranges::find(placed.moved, title.label, &MovedName::index);
    if (moved != placed.moved.end() && moved->hidden) continue;
    if (moved != placed.moved.end()) label.offset_px += moved->by;
    if (const auto box = box_of_label(label, view)) boxes.push_back(*box);
  }
  return boxes;
}

void add_list(PlacedNames& placed, RowFan list) {
  placed.added.insert(placed.added.end(), list.names.begin(), list.names.end());
  if (list.note) placed.added.push_back(*std::move(list.note));
  if (list.ground) placed.lines.push_back(*std::move(list.ground));
  placed.lines.insert(placed.lines.end(), list.threads.begin(), list.threads.end());
}

}  // namespace

bool is_split(const SceneInput& input, const ViewState& view) {
  return view.compare == Compare::Split && input.run && input.run->has_edits();
}

void Composer::clear() {
  left_.reset();
  scales_.reset();
  heading_.clear();
  made_ = {};
  built_ = {};
  fresh_ = true;
  card_.reset();
  near_.clear();
  edges_.clear();
  focus_ = {};
  placed_ = {};
  focused_ = {};
  near_to_work_ = false;
  subject_.reset();
  board_.reset();
  guided_.reset();
  alone_.reset();
  frame_ = {};
}

const ViewScene& Composer::build(const SceneInput& input, const ViewState& view, const Pane& pane, const std::optional<Pane>& page) {
  // A change of the camera or of the pace of playing needs no new scene.
  const std::size_t translations = translations_set();
  const bool kept = built_.scene && made_.settled && made_.translations == translations && made_.input == input && made_.pane == pane &&
                    made_.page == page && same_scene(made_.view, view, Redraws::Moment);
  made_.view = view;
  if (!kept) {
    built_ = builder_.build(input, view, page.value_or(pane));
    made_ = {input, view, pane, page, builder_.settled(), translations};
    home_ = info_of(view.view).camera({}, built_, pane);
    fresh_ = true;
    if (guided_) guided_->fresh = false;
    alone_.reset();
  }
  build_left();
  return built_;
}

void Composer::build_left() {
  const auto& [input, view, pane, page, settled, translations] = made_;
  const bool beside = halved();
  if (!beside && !is_split(input, view)) {
    left_.reset();
    heading_.clear();
    return;
  }
  SceneInput there = input;
  ViewState shown = view;
  shown.compare = Compare::Base;
  if (beside && input.beside) {
    there = {input.beside->model, input.beside->run, input.beside->reading, input.beside->reading};
    there.scales = scales_here();
    shown.compare = Compare::Edited;
    shown.time = time_beside(there);
    const ModelConfig& config = there.model->weights->config;
    if (shown.one_head && !is_in(*shown.one_head, config)) shown.one_head.reset();
    if (shown.cube && !why_not_open(there, shown, *shown.cube).empty()) shown.cube.reset();
  }
  there.beside.reset();
  SceneBuilder& builder = there.model->weights == input.model->weights ? builder_ : builder_.beside();
  if (!left_ || &left_->builder_ != &builder) left_ = std::make_unique<Composer>(builder);
  Pane half = pane;
  if (beside) half.legend_rows = 0;  // one legend is for both
  left_->build(there, shown, half, page);
  if (beside) {
    left_->heading_ = input.side_names[0].empty() ? text("base") : input.side_names[0];
    heading_ = !input.side_names[1].empty() ? input.side_names[1] : input.run->has_edits() ? text("edited") : text("edited: no edits yet");
  }
  aim_left();
}

double Composer::time_beside(const SceneInput& there) const {
  const auto timeline_of = [](const SceneInput& of) {
    return Timeline(of.model->weights->config, of.run->edited ? of.run->edited->length() : 0);
  };
  const double end = timeline_of(made_.input).end(), time = made_.view.time;
  if (time >= end) return ViewState().time;  // the longer one is complete as well
  const bool alike = there.model->weights->config == made_.input.model->weights->config;
  return alike || end <= 0 ? time : time / end * timeline_of(there).end();
}

void Composer::look_from(const render::Camera& camera) {
  made_.view.camera = camera;
  if (left_) aim_left();
}

void Composer::aim_left() {
  if (!made_.view.camera && halved()) {
    left_->made_.view.camera.reset();  // each whole page is at home in its half
    return;
  }
  const auto framed = halved() ? framed_by(camera(), built_, made_.pane, made_.input.model->weights->config) : std::nullopt;
  left_->look_from(framed ? camera_for(*framed, left_->built_, made_.pane, left_->made_.input.model->weights->config) : camera());
}

std::shared_ptr<const Scales> Composer::scales_here() {
  Scales now;
  for (const ViewScene::Scale& scale : built_.scales) now.emplace(scale.tensor.name(), scale.scale);
  if (!scales_ || *scales_ != now) scales_ = std::make_shared<const Scales>(std::move(now));
  return scales_;
}

const Guides& Composer::guides(bool moving) {
  const auto& [input, view, pane, page, settled, translations] = made_;
  const render::Camera camera = view.camera.value_or(home_);
  if (guided_ && guided_->fresh && guided_->camera == camera && guided_->moving == moving) return guides_;
  std::optional<MapBefore> before;
  if (guided_ && !guides_.places.empty() && (moving || guided_->camera == camera)) before = {guides_.corner, moving};
  guided_ = {camera, moving, true};
  guides_ = pane.guides ? path_over(built_, camera, pane, input, view.view) : Guides{};
  // A board stands below the path and beside the names of rows, and the map beside all of these.
  const render::Projection seen(camera, pane.size);
  near_to_work_ = built_.focus && reads(*built_.focus, seen);
  subject_ = subject_of(built_, camera, pane, view);
  ShownBesides besides;
  if (near_to_work_ || !guides_.path.empty()) besides = names_besides(camera);
  besides.subject = subject_;
  if (near_to_work_) {
    focus_on_work(camera, besides.names);
    const ViewScene::Box& board = focused_.focus->board;
    if (const auto box = on_screen(board, seen, board.low.z)) besides.boards.push_back(*box);
  }
  add_map(guides_, built_, camera, pane, input, besides, before);
  return guides_;
}

ShownBesides Composer::names_besides(const render::Camera& camera) {
  const auto& [input, view, pane, page, settled, translations] = made_;
  const render::Projection seen(camera, pane.size);
  const EdgeRoom room = room_of(pane, guides_);
  ShownBesides besides;
  const SheetInFocus sheet = focus({}, camera);
  alone_ = NamesAlone{camera, sheet, edge_names(built_, input, sheet, seen, camera.target, room)};
  for (const EdgeName& name : alone_->names) (name.panel == sheet.panel ? besides.names : besides.keys).push_back(name.box);
  const int T = static_cast<int>(built_.row_texts.size());
  std::vector<RowFan> fans = row_fans(built_, camera, pane, room, selected_row(view, T));
  if (auto fan = fan_of_plate(built_, alone_->names, camera, pane, room, selected_row(view, T))) fans.push_back(*std::move(fan));
  for (const RowFan& fan : fans)
    for (const render::Label& name : fan.names)
      if (const auto box = box_of_label(name, seen)) besides.names.push_back(*box);
  return besides;
}

const Frame& Composer::frame(const std::optional<CellRef>& hover, bool moving) {
  EXPECTS(built_.scene, "a frame is made of a scene");
  const auto& [input, view, pane, page, settled, translations] = made_;
  const std::optional<CellRef>& pointed = hover ? hover : view.selection;
  const render::Camera camera = view.camera.value_or(home_);
  const bool same_camera = !fresh_ && camera == frame_.camera && moving == moving_;  // once it rests the map may go elsewhere
  const bool same_card = !fresh_ && (card_ ? card_->cell == pointed : !pointed);
  const SheetInFocus named = focus(hover, camera);
  const std::optional<float> line = is_split(input, view) ? std::optional(static_cast<float>(view.split)) : std::nullopt;
  const bool same_line = line == frame_.legend_room.split;
  const bool same_left = !left_ || (!left_->fresh_ && left_->frame_.camera == left_->camera());
  if (same_card && same_camera && same_line && same_left && named == focus_) return frame_;
  moving_ = moving;
  // The legend depends on the tensor under the pointer, not on the cell.
  const bool same_legend = same_camera && (card_ && pointed ? card_->cell.tensor == pointed->tensor : !card_ && !pointed);
  if (!same_card) {
    card_.reset();
    if (pointed) card_ = explain(*pointed, input, view);
  }
  const Guides& guided = guides(moving);
  if (!same_camera) frame_.guides = guided;
  frame_.camera = camera;
  heading_box_.reset();
  if (!heading_.empty()) {
    heading_box_ = side_heading(heading_, pane);
    // Long words would lie over the path: they stand below it.
    ScreenBox& box = heading_box_->box;
    if (const ScreenBox& path = frame_.guides.bar; !frame_.guides.path.empty() && box.meets(path))
      box = shifted(box, {0, path.high.y + kLegendMargin / 2 - box.low.y});
  }
  frame_.legend_room = {pane.foot * pane.size.y, spoken_of(), line};
  if (!same_legend) frame_.legend = legend_rows(shown(), camera, pane, pointed ? &pointed->tensor : nullptr);
  if (!hover && legend_covers_names()) frame_.legend.clear();
  if (!same_camera) legend_box_ = box_of_legend(hover.has_value());
  if (!same_camera || !(named == focus_)) place_names(named, same_camera);
  fresh_ = false;
  assemble(input.model->weights->config);
  if (left_) {
    auto both = std::make_shared<render::Scene>(*frame_.scene.scene);
    const Frame& beside = left_->frame(hover, moving_);
    both->left = beside.scene.scene;
    if (line) both->split = *line;
    else both->left_camera = beside.camera;
    if (halved()) frame_.legend_room.halves = {*left_->heading_box_, *heading_box_};
    frame_.scene.scene = std::move(both);
  }
  return frame_;
}

std::optional<Pointed> Composer::pointed_at(glm::vec2 pixel) const {
  if (!frame_.scene.scene) return std::nullopt;
  return scene::pointed_at(frame_.scene, frame_.camera, made_.pane.size, pixel);
}

std::optional<Pointed> Composer::on_board(glm::vec2 pixel) const {
  if (!frame_.scene.scene || !near_to_work_ || !focused_.focus) return std::nullopt;
  return scene::on_board(*focused_.focus, frame_.camera, made_.pane.size, pixel);
}

std::vector<ScreenBox> Composer::spoken_of() const {
  const auto& [input, view, pane, page, settled, translations] = made_;
  const render::Projection seen(frame_.camera, pane.size);
  const ScreenBox whole{glm::vec2(0), pane.size};
  std::vector<ScreenBox> boxes = frame_.guides.boxes();
  if (heading_box_) boxes.push_back(heading_box_->box);
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
      const render::Panel& panel = built_.scene->panels[static_cast<std::size_t>(place->panel)];
      add_part(panel, at / cells, (at + 1.0F) / cells);
      // Below a pattern that one looks at stand its keys, beside it the names of its rows.
      constexpr float kLarge = 0.4F, kKeysPx = 22, kHalfKeyPx = 18, kRowsPx = 60;
      const auto plate = sheet_on_screen(panel, seen);
      if (info.mapping == PanelInfo::Mapping::Causal && plate && plate->high.y - plate->low.y > kLarge * pane.size.y) {
        const glm::vec2 rows{kRowsPx * pane.presentation, 0}, keys = glm::vec2(kHalfKeyPx, kKeysPx) * pane.presentation;
        boxes.push_back({{plate->low.x - keys.x, plate->high.y}, plate->high + glm::vec2(0, keys.y)});
        boxes.push_back({plate->low - rows, {plate->low.x, plate->high.y + keys.y / 2}});
      }
    }
  // Notes, tags, and what is written round a cube.
  constexpr float kNotes = 18;
  float wide = 0;
  for (const render::Label& note : built_.notes) wide = std::max(wide, render::text_width(note.text, note.max_px, note.bold));
  if (wide > 0) boxes.push_back({glm::vec2(0), {kNotes * pane.presentation + wide, height_of_notes(built_, pane, built_.notes.size())}});
  // Chips and tags of a page are moved off the legend; it would cover more than a word if it went out of their way.
  if (built_.home_from)
    for (const std::vector<std::size_t>* kept : {&built_.kept_whole, &built_.whole_or_not})
      for (const std::size_t index : *kept)
        if (const auto box = box_of_label(built_.scene->labels[index], seen); box && box->meets(whole)) boxes.push_back(*box);
  // Tokens and answers are read before what a legend would cover in another corner.
  const auto add_labels = [&](const std::vector<std::size_t>& names) {
    for (const std::size_t index : names)
      if (const auto box = box_of_label(built_.scene->labels[index], seen); box && box->meets(whole)) boxes.push_back(*box);
  };
  add_labels(built_.token_names);
  add_labels(built_.answers);
  if (near_to_work_) {
    const auto board = on_screen(focused_.focus->board, seen, focused_.focus->board.low.z);
    if (board && board->meets(whole)) boxes.push_back(*board);
  }
  return boxes;
}

bool Composer::legend_covers_names() const {
  if (made_.pane.legend_rows > 0) return false;  // cameras keep it its room
  const auto box = legend_box(frame_.legend, made_.pane, frame_.legend_room.spoken, true);
  const render::Projection seen(frame_.camera, made_.pane.size);
  const auto is_below = [&](std::size_t index) {
    const auto name = box_of_label(built_.scene->labels[index], seen);
    return name && name->meets(*box);
  };
  if (!box) return false;
  if (std::ranges::any_of(built_.token_names, is_below) || std::ranges::any_of(built_.answers, is_below)) return true;
  // A head alone has nothing else in the picture than its sheets and, left of them, the names of their rows.
  constexpr float kNamesPx = 110;
  return built_.title_of_head && std::ranges::any_of(built_.scene->panels, [&](const render::Panel& sheet) {
           auto at = sheet_on_screen(sheet, seen);
           if (at) at->low.x -= kNamesPx * made_.pane.presentation;
           return at && at->meets(*box);
         });
}

std::optional<ScreenBox> Composer::box_of_legend(bool hovered) const {
  const auto& [input, view, pane, page, settled, translations] = made_;
  if (pane.foot <= 0 && pane.legend_rows > 0) return std::nullopt;  // it has been turned off
  if (!hovered) return legend_box(frame_.legend, pane, frame_.legend_room.spoken, true);
  // Names stay where they are while the pointer moves.
  const auto rows = legend_rows(shown(), frame_.camera, pane, view.selection ? &view.selection->tensor : nullptr);
  return legend_box(rows, pane, frame_.legend_room.spoken, true);
}

void Composer::focus_on_work(const render::Camera& camera, std::span<const ScreenBox> names) {
  const Pane& pane = made_.pane;
  const render::Projection seen(camera, pane.size);
  std::shared_ptr<const ViewScene::Focus> drawn = built_.focus;
  over_page_.reset();
  const EdgeRoom room = room_of(pane, guides_);
  // While the camera glides the board stays where it is as long as it can. Without a glide its place depends on nothing before.
  BoardKept kept{drawn->board.low, camera};
  constexpr float kNear = 0.5F;  // of the distance
  if (board_ && board_->of == kept.of && glm::length(board_->camera.target - camera.target) < kNear * camera.distance)
    if (board_->held || !(board_->camera == camera)) kept.middle = board_->middle;
  kept.held = kept.middle.has_value();
  ScreenBox free = room.free;
  free.high.y = std::min(free.high.y, (1 - pane.spoken) * pane.size.y);
  if (const auto board = board_to_read(*drawn, built_, seen, {free, names, pane.presentation, subject_}, kept.middle)) {
    kept.middle = glm::vec2(board->low + board->high) / 2.0F;
    drawn = draw_show(*drawn->show, built_, *board, made_.input.model->weights->config, pane.presentation);
    over_page_ = on_screen(*board, seen, board->low.z);
  }
  board_ = kept;
  focused_ = with_focus(built_, *drawn);
  focused_.focus = std::move(drawn);
}

SheetInFocus Composer::focus(const std::optional<CellRef>& hover, const render::Camera& camera) const {
  if (hover)
    if (const auto place = built_.find(*hover, made_.input.model->weights->config))
      return {place->panel, glm::ivec2(place->row, place->col), true};
  // The selected cell's row and column are named while no other is pointed at.
  if (made_.view.selection)
    if (const auto place = built_.find(*made_.view.selection, made_.input.model->weights->config)) {
      const glm::vec3 at = render::project(camera, place->center, made_.pane.size);
      if (at.z > 0 && at.x >= 0 && at.y >= 0 && at.x < made_.pane.size.x && at.y < made_.pane.size.y)
        return {place->panel, glm::ivec2(place->row, place->col), false};
    }
  // While only the pointer moves, the sheet in the middle is the same.
  if (!fresh_ && camera == frame_.camera && !focus_.pointed && !focus_.cell) return focus_;
  return {sheet_in_middle(built_, camera, made_.pane), std::nullopt, false};
}

void Composer::place_names(const SheetInFocus& focus, bool same_camera) {
  const Pane& pane = made_.pane;
  const render::Projection seen(frame_.camera, pane.size);
  EdgeRoom room = room_of(pane, frame_.guides);
  if (legend_box_) room.taken.push_back(*legend_box_);
  if (heading_box_ && pane.foot > 0) room.taken.push_back(heading_box_->box);  // it goes with the legend
  const EdgeRoom without_board = room;
  const std::optional<ScreenBox> board = near_to_work_ ? over_page_ : std::nullopt;
  if (board) room.taken.push_back(*board);
  const bool known = alone_ && alone_->camera == frame_.camera && alone_->focus == focus && stand_beside(alone_->names, room.taken);
  edges_ = known ? alone_->names : edge_names(built_, made_.input, focus, seen, frame_.camera.target, room);
  focus_ = focus;
  const int named = std::ranges::any_of(edges_, &EdgeName::of_row) ? focus.panel : -1;
  const bool same_names = same_camera && named == without_rows_;
  if (!same_names) {
    near_ = cell_labels(shown(), seen, pane.presentation, named);
    if (board) std::erase_if(near_, [&](const render::Label& label) { return board->contains(glm::vec2(seen.pixel(label.anchor))); });
    // Half a word beside the legend or the map would say another.
    std::erase_if(near_, [&](const render::Label& label) {
      const auto box = box_of_label(label, seen);
      return box && std::ranges::any_of(without_board.taken, [&](const ScreenBox& taken) { return taken.meets(*box); });
    });
  }
  without_rows_ = named;
  const ViewInfo& view = info_of(made_.view.view);
  const int row = selected_row(made_.view, static_cast<int>(built_.row_texts.size()));
  if (!same_names)
    placed_ = placed_names(shown(), {frame_.camera, pane, without_board, board, built_.scene->labels.size(), view.tiles, edges_, row});
  // The title of the Stream's block that a camera shows alone is there at any size.
  if (const std::vector<std::size_t>& columns = built_.column_names; !same_names && view.tiles && subject_ && subject_->block >= 0)
    placed_.stay.push_back(columns[columns.size() / 2 + 1 + static_cast<std::size_t>(subject_->block)]);
  // A list of a plate's rows stands in place of names that leave out some of them.
  const auto titles = boxes_of_titles(built_, placed_, seen);
  room.taken.insert(room.taken.end(), titles.begin(), titles.end());
  auto list = fan_of_plate(built_, edges_, frame_.camera, pane, room, row);
  if (!list) return;
  std::erase_if(edges_, [&](const EdgeName& name) { return name.of_row && name.panel == focus.panel; });
  if (!same_names) add_list(placed_, *std::move(list));
}

void Composer::assemble(const ModelConfig& config) {
  frame_.scene = shown();
  const bool names = !near_.empty() || !edges_.empty() || !placed_.empty();
  if (!card_ && !names && !moving_ && !subject_) return;
  // It stays as it is for the next frame, so its scene is copied.
  frame_.scene.scene = std::make_shared<render::Scene>(*frame_.scene.scene);
  frame_.scene.scene->labels_fade = moving_;
  if (subject_) make_pale(*frame_.scene.scene, built_, *subject_, built_.scene->labels.size());
  const std::size_t first_arc = frame_.scene.scene->lines.size();
  if (card_) add_arcs(frame_.scene, *card_, config);
  auto& labels = frame_.scene.scene->labels;
  const std::size_t built = built_.scene->labels.size(), with_board = labels.size();
  placed_.apply(*frame_.scene.scene);
  // Numbers and names of pale sheets go first.
  const float aside = subject_ ? std::max(0.0F, 1 - 2 * subject_->pale) : 1;
  const auto add = [&](render::Label label, const auto& of) {
    if (subject_ && !subject_->has(of)) label.alpha *= aside;
    if (label.alpha > 0) labels.push_back(std::move(label));
  };
  constexpr float kBesideSheet = 0.1F;  // from a row's name to what it names
  for (const render::Label& label : near_)
    add(label, label.anchor + glm::vec3(label.horizontal == render::Align::End ? kBesideSheet : 0, 0, 0));
  for (const EdgeName& name : edges_) add(name.label, built_.scene->panels[static_cast<std::size_t>(name.panel)]);
  if (!card_) return;
  // An arc that crosses a row's name would strike it out. The words on the board are in front of it.
  const render::Projection seen(frame_.camera, made_.pane.size);
  const auto& lines = frame_.scene.scene->lines;
  const std::vector<ScreenBox> crossed = boxes_along({lines.begin() + static_cast<std::ptrdiff_t>(first_arc), lines.end()}, seen);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i >= built && i < with_board) continue;
    render::Label& label = labels[i];
    if (label.horizontal != render::Align::End || label.background.a > 0) continue;
    const auto box = box_of_label(label, seen);
    if (!box || std::ranges::none_of(crossed, [&](const ScreenBox& piece) { return piece.meets(*box); })) continue;
    label.background = {glm::vec3(built_.scene->ground), 0.8F};
    label.snug = true;  // each name keeps its place between those above and below it
  }
}

}  // namespace gf::scene
