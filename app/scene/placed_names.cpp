#include <algorithm>
#include <cmath>
#include <map>

#include "app/scene/builder_state.h"
#include "app/scene/placing.h"
#include "app/scene/row_fan.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kNotesMargin = 18, kLineOfNote = 1.45F;

float margin_of_notes(const Pane& pane) {
  constexpr float kOfHeight = 0.06F;
  return std::min(kNotesMargin * pane.presentation, kOfHeight * pane.size.y);
}

}  // namespace

PlacedNames Placing::all() {
  cut_words();
  constexpr float kLittle = 0.4F;
  for (const std::size_t index : scene_.token_names) keep_listed(index, kLittle);
  say_left_out();
  fit_column_names();
  stuck_columns();
  stuck_rows();
  say_rows_left_out();
  even_rows();
  say_head();
  say_edits();
  if (!scene_.titles.empty()) middle_ = block_in_middle(scene_, at_.camera, at_.pane);
  for (const ViewScene::Title& title : scene_.titles) keep_title(title);
  // Tags stand beside the titles, which give way to them otherwise.
  const auto without_titles = static_cast<std::ptrdiff_t>(taken_.size());
  taken_.insert(taken_.end(), titles_.begin(), titles_.end());
  for (const std::size_t index : scene_.kept_whole) keep_whole(index);
  taken_.erase(taken_.begin() + without_titles, taken_.end());
  for (const std::size_t index : scene_.whole_or_not) leave_out_cut(index);
  if (at_.tiles)
    for (const std::size_t index : scene_.column_names) leave_out_cut(index);
  raise_title();
  fan();
  notes();
  const std::vector<std::size_t> early = early_sheet_names(scene_, at_.camera, at_.pane);
  out_.stay.insert(out_.stay.end(), early.begin(), early.end());
  for (const std::size_t index : scene_.sheet_names) keep_sheet_name(index);
  far_words();
  covered_words();
  return std::move(out_);
}

void Placing::cut_words() {
  const glm::vec2 size = view_.size();
  // Right of the Stream's last column is nothing.
  float last = -1e9F;
  if (at_.tiles)
    for (const auto& [index, room] : scene_.rooms) last = std::max(last, labels_[index].anchor.x);
  for (const auto& [index, room] : scene_.rooms) {
    const render::Label& label = labels_[index];
    const float px = render::label_px(label, view_);
    if (px <= 0) continue;
    const glm::vec3 at = view_.pixel(label.anchor);
    if (at.x < -size.x || at.x > size.x || at.y < 0 || at.y > size.y) continue;
    float room_px = room * (view_.focal_px() / view_.depth(label.anchor));
    if (at_.tiles && label.anchor.x == last) room_px = std::max(room_px, at_.room.free.high.x - at.x);
    constexpr float kRounded = 0.5F;
    std::string words = words_that_fit(label.text, room_px + kRounded, px, label.bold);
    if (words != label.text) out_.said.emplace_back(index, std::move(words));
  }
}

void Placing::keep_listed(std::size_t index, float most) {
  const render::Label& label = labels_[index];
  const float px = render::label_px(label, view_);
  const glm::vec3 at = pixel_of(label);
  if (px <= 0 || at.z <= 0) return;
  const float wide = render::text_width(words_of(index), px, label.bold), over = at_.room.free.low.x - (at.x - wide);
  if (over <= 0 || at.x <= 0) return;
  const glm::vec2 half{0, kLineOfLabel * px / 2}, left{at.x - wide + over, at.y};
  const bool hidden = over >= most * wide || is_taken({left - half, left + half + glm::vec2(wide, 0)});
  out_.moved.push_back({index, {over, 0}, hidden, false});
}

void Placing::say_left_out() {
  if (!scene_.token_note) return;
  const auto& [label, stride, usual, lesser] = *scene_.token_note;
  const int named = lesser && render::label_px(labels_[*lesser], view_) <= 0 ? usual : stride;
  if (named == 1) return out_.moved.push_back({label, {}, true});
  say(label, words_of_note(named));
  keep_listed(label, 1);
}

void Placing::leave_out_cut(std::size_t index) {
  const render::Label& label = labels_[index];
  const float px = render::label_px(label, view_);
  const glm::vec3 at = pixel_of(label);
  if (px <= 0 || at.z <= 0) return;
  const auto moved = std::ranges::find(out_.moved, index, &MovedName::index);
  const glm::vec2 by = moved == out_.moved.end() ? glm::vec2(0) : moved->by;
  ScreenBox box = box_of_label(label, words_of(index), glm::vec2(at) + by, px);
  const ScreenBox whole{{0, 0}, at_.pane.size};
  if (label.background.a <= 0) {  // without a tag the letters alone count
    const float air = 2 * kTagOfLabel * px;
    box.low.x += label.horizontal == render::Align::End ? air : label.horizontal == render::Align::Middle ? air / 2 : 0;
    box.high.x -= label.horizontal == render::Align::Begin ? air : label.horizontal == render::Align::Middle ? air / 2 : 0;
  }
  if (box.meets(whole) && !lies_in(box, whole)) out_.moved.push_back({index, {}, true});
}

void Placing::keep_sheet_name(std::size_t index) {
  const render::Label& label = labels_[index];
  const bool early = std::ranges::find(out_.stay, index) != out_.stay.end();
  const float px = std::max(render::label_px(label, view_), early ? label.min_px : 0);
  const glm::vec3 at = pixel_of(label);
  if (px <= 0 || at.z <= 0) return;
  const ScreenBox box = box_of_label(label, words_of(index), glm::vec2(at), px), whole{{0, 0}, at_.pane.size};
  if (!box.meets(whole)) return;
  if (lies_in(box, whole)) return keep_off_next_sheet(index, box);
  // One that runs off the right edge a little begins a little before its sheet.
  constexpr float kLittle = 0.5F;
  const float over = box.high.x - at_.room.free.high.x;
  const bool to_left = box.low.x >= 0 && over > 0 && over < kLittle * (box.high.x - box.low.x);
  const glm::vec2 by{to_left ? -over : at_.room.free.low.x - box.low.x, 0};
  const bool at_edge = (to_left || box.low.x < 0) && box.low.y >= 0 && box.high.y <= whole.high.y && !is_taken(shifted(box, by));
  out_.moved.push_back({index, by, !at_edge, false});
}

void Placing::fan() {
  std::vector<ScreenBox> taken = taken_;
  if (at_.board) taken.push_back(*at_.board);
  taken.insert(taken.end(), titles_.begin(), titles_.end());
  for (RowFan& fan : row_fans(scene_, at_.camera, at_.pane, {at_.room.free, taken, at_.room.letters}, at_.row)) {
    // Where the sheet in focus reaches to the picture's edge its rows have their names there, which are the same.
    const auto stands_there = [&](const EdgeName& name) { return name.of_row && fan.list && fan.list->meets(name.box); };
    if (std::ranges::none_of(at_.edges, stands_there)) add(std::move(fan));
  }
}

void Placing::hide(std::size_t index) {
  const auto moved = std::ranges::find(out_.moved, index, &MovedName::index);
  if (moved != out_.moved.end()) moved->hidden = true;
  else out_.moved.push_back({index, {}, true});
}

void Placing::add(RowFan fan) {
  for (const std::size_t index : fan.instead_of) hide(index);
  out_.stay.insert(out_.stay.end(), fan.readable.begin(), fan.readable.end());
  out_.added.insert(out_.added.end(), fan.names.begin(), fan.names.end());
  if (fan.note) out_.added.push_back(*std::move(fan.note));
  if (fan.ground) out_.lines.push_back(*std::move(fan.ground));
  out_.lines.insert(out_.lines.end(), fan.threads.begin(), fan.threads.end());
}

void Placing::notes() {
  constexpr float kNear = 0.5F;  // in front of everything, at any distance
  const EdgeRoom& room = at_.room;
  glm::vec2 at = room.free.low + glm::vec2(kNotesMargin * room.letters, margin_of_notes(at_.pane));
  // Of more than two lines: what they speak of is to be seen too. How the keys are called is said last and in small letters.
  constexpr float kMostOfHeight = 0.5F, kMostOfSmall = 0.32F, kSmallPx = 13;
  int lines = 0;
  for (render::Label note : scene_.notes) {
    const float most = note.max_px < kSmallPx * room.letters ? kMostOfSmall : kMostOfHeight;
    if (++lines > 2 && at.y + kLineOfNote * note.max_px > most * at_.pane.size.y) break;
    note.anchor = view_.eye() + view_.direction(at) * kNear;
    note.horizontal = note.vertical = render::Align::Begin;
    note.text = words_that_fit(note.text, room.free.high.x - at.x - kNotesMargin, note.max_px, note.bold);
    at.y += kLineOfNote * note.max_px;
    out_.added.push_back(std::move(note));
  }
}

void Placing::covered_words() {
  constexpr glm::vec2 kReach{400, 60};  // no label begins farther from what it reaches
  if (taken_.empty() && !at_.board && !rows_ground_) return;
  std::vector<bool> placed(labels_.size(), false), stays(labels_.size(), false);
  for (const MovedName& moved : out_.moved) placed[moved.index] = true;
  for (const ViewScene::Title& title : scene_.titles) placed[title.label] = true;
  for (const std::size_t index : out_.stay) stays[index] = true;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const render::Label& label = labels_[i];
    const glm::vec3 pixel = pixel_of(label);
    const glm::vec2 at(pixel);
    const auto near = [&](const ScreenBox& box) { return ScreenBox{box.low - kReach, box.high + kReach}.contains(at); };
    const bool below = at_.board && i < at_.of_page && near(*at_.board);
    const bool at_rows = rows_ground_ && near(*rows_ground_);
    if (pixel.z <= 0 || placed[i] || (!below && !at_rows && std::ranges::none_of(taken_, near))) continue;
    const float px = std::max(render::label_px(label, view_), stays[i] ? label.min_px : 0);
    if (px <= 0) continue;
    const ScreenBox box = box_of_label(label, words_of(i), at, px);
    if ((below && at_.board->meets(box)) || is_taken(box) || is_below_rows(i, box)) out_.covered.push_back(i);
  }
}

bool PlacedNames::empty() const {
  const bool changed = !said.empty() || !edited.empty() || !smaller.empty() || !moved.empty() || !stay.empty() || !covered.empty();
  return !changed && added.empty() && lines.empty();
}

void PlacedNames::apply(render::Scene& scene) const {
  auto& labels = scene.labels;
  const Palette& colors = palette_of(scene.theme);
  for (const auto& [index, words] : said) labels[index].text = words;
  for (const std::size_t index : edited) {
    render::Label& title = labels[index];
    title.color = colors.ground;
    title.background = colors.edited;
    title.priority = 95;
  }
  for (const auto& [index, px] : smaller) labels[index].max_px = px;
  for (const std::size_t index : stay) labels[index].stays = true;
  for (const std::size_t index : covered) labels[index].alpha = 0;
  for (const auto& [index, by, hidden, tagged, snug] : moved) {
    labels[index].offset_px += by;
    if (hidden) labels[index].alpha = 0;
    if (!tagged || hidden || labels[index].background.a > 0) continue;  // the tag of an edit
    labels[index].background = {glm::vec3(scene.ground), 0.85F};
    labels[index].snug = snug;
  }
  labels.insert(labels.end(), added.begin(), added.end());
  scene.lines.insert(scene.lines.end(), lines.begin(), lines.end());
}

std::string words_of_note(int stride) { return text("1 in {0} named", stride); }

float height_above_sheets(const Pane& pane) {
  constexpr float kNamePx = 15, kLeastNamePx = 11, kOfHeight = 0.06F, kTitlePx = 26, kAir = 8;
  const float name = std::clamp(kOfHeight * pane.size.y, kLeastNamePx, kNamePx), title = std::min(kTitlePx, most_of_title(pane));
  return kLineOfLabel * (name + title) * pane.presentation + kAir;
}

float most_of_title(const Pane& pane) {
  constexpr float kOfHeight = 0.085F, kLeast = 13;
  return std::max(kLeast, kOfHeight * pane.size.y);
}

PlacedNames placed_names(const ViewScene& scene, const NamingView& at) { return Placing(scene, at).all(); }

std::vector<std::size_t> early_sheet_names(const ViewScene& scene, const render::Camera& camera, const Pane& pane) {
  constexpr float kBefore = 0.5F;  // of the size at which the others can be read
  if (scene.sheet_names.empty()) return {};
  const render::Projection view(camera, pane.size);
  // A head alone stands for its block.
  const ViewScene::Box all{scene.scene->low, scene.scene->high};
  const ViewScene::Box& block = scene.blocks.empty() ? all : scene.blocks[block_in_middle(scene, camera, pane)];
  std::vector<std::size_t> early;
  for (const std::size_t index : scene.sheet_names) {
    const render::Label& label = scene.scene->labels[index];
    const glm::vec3 at = label.anchor;
    if (at.x < block.low.x || at.x > block.high.x || at.y < block.low.y || at.y > block.high.y) continue;
    const float depth = view.depth(at), px = depth > 0 ? label.height * view.focal_px() / depth : 0;
    if (px < label.min_px && px >= kBefore * label.min_px) early.push_back(index);
  }
  return early;
}

float height_of_notes(const ViewScene& scene, const Pane& pane, std::size_t lines) {
  float high = scene.notes.empty() ? 0 : margin_of_notes(pane);
  for (std::size_t i = 0; i < std::min(lines, scene.notes.size()); ++i) high += kLineOfNote * scene.notes[i].max_px;
  return high;
}

EdgeRoom room_of(const Pane& pane, const Guides& guides) {
  constexpr float kAir = 3;
  EdgeRoom room{{glm::vec2(kAir), pane.size - kAir}, guides.boxes(), pane.presentation};
  if (!guides.path.empty()) room.free.low.y = guides.bar.high.y + kAir;
  room.free.high.y = std::min(room.free.high.y, pane.size.y * (1 - pane.foot));
  return room;
}

}  // namespace gf::scene
