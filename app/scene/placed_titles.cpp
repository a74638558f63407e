// Titles, tags and names of sheets that are moved: into the picture, off the path and the map, and off what they would hide.
#include <algorithm>
#include <cmath>
#include <map>

#include "app/scene/placing.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/sheet_in_focus.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::scene {

float Placing::most_px(const render::Label& title) const { return std::min(title.max_px, most_of_title(at_.pane) * at_.pane.presentation); }

float Placing::room_of_title(std::size_t label, glm::vec2 at, float px) const {
  constexpr float kGap = 8;
  float end = at_.room.free.high.x;
  for (const ViewScene::Title& other : scene_.titles) {
    const glm::vec3 there = pixel_of(labels_[other.label]);
    const bool beside = there.z > 0 && there.x > at.x + 1 && std::abs(there.y - at.y) < 2 * px;
    if (other.label != label && beside) end = std::min(end, there.x - kGap);
  }
  return end - std::max(at.x, at_.room.free.low.x);
}

void Placing::say(std::size_t index, std::string words) {
  const auto said = std::ranges::find(out_.said, index, &std::pair<std::size_t, std::string>::first);
  if (said != out_.said.end()) said->second = std::move(words);
  else out_.said.emplace_back(index, std::move(words));
}

void Placing::say_head() {
  constexpr float kMuchOfHeight = 0.4F;
  const int middle = scene_.titles.empty() ? -1 : sheet_in_middle(scene_, at_.camera, at_.pane);
  if (middle < 0) return;
  const PanelInfo& info = scene_.panels[static_cast<std::size_t>(middle)];
  const render::Panel& plate = scene_.scene->panels[static_cast<std::size_t>(middle)];
  const auto title = std::ranges::find(scene_.titles, info.tensor.hook.layer, &ViewScene::Title::block);
  if (info.mapping != PanelInfo::Mapping::Causal || title == scene_.titles.end()) return;
  const auto seen = sheet_on_screen(plate, view_);
  if (seen && seen->high.y - seen->low.y > kMuchOfHeight * at_.pane.size.y)
    say(title->label, text("{0} · head {1}", words_of(title->label), info.head));
}

void Placing::raise_title() {
  if (!scene_.title_of_head) return;
  const auto& [index, sheets_top] = *scene_.title_of_head;
  const render::Label& title = labels_[index];
  const float px = title_px(title);
  const glm::vec3 at = pixel_of(title);
  if (px <= 0 || at.z <= 0) return;
  if (px < render::label_px(title, view_)) out_.smaller.emplace_back(index, px);
  constexpr float kAir = 3;
  float above = view_.pixel({title.anchor.x, sheets_top, title.anchor.z}).y;
  for (const std::size_t name : scene_.sheet_names) {
    const render::Label& label = labels_[name];
    if (label.anchor.y > sheets_top) continue;  // of a lower line
    above = std::min(above, view_.pixel(label.anchor).y - kLineOfLabel * std::max(render::label_px(label, view_), label.min_px) - kAir);
  }
  out_.moved.push_back({index, {0, above - at.y}, false, false});
}

void Placing::say_edits() {
  struct Said {
    std::vector<std::string> words;
    int count = 0;
  };
  std::map<int, Said> by_block;
  constexpr float kMostOfSheet = 2.2F;
  for (const ViewScene::EditTag& tag : scene_.edit_tags) {
    const bool titled = tag.block >= 0 && std::ranges::find(scene_.titles, tag.block, &ViewScene::Title::block) != scene_.titles.end();
    if (!titled) continue;
    const render::Label& label = labels_[tag.label];
    const render::Panel& sheet = scene_.scene->panels[tag.panel];
    const glm::vec3 left = view_.pixel(sheet.origin + sheet.down), right = view_.pixel(sheet.origin + sheet.down + sheet.across);
    const float px = render::label_px(label, view_);
    // One that is not in the picture too.
    const auto there = box_of_label(label, view_);
    const bool seen = px > 0 && left.z > 0 && right.z > 0 && there && there->meets({{0, 0}, at_.pane.size});
    if (seen && render::text_width(label.text, px, label.bold) <= kMostOfSheet * std::abs(right.x - left.x)) continue;
    out_.moved.push_back({tag.label, {}, true});
    by_block[tag.block].words.push_back(tag.words);
    by_block[tag.block].count += tag.count;
  }
  for (const auto& [block, edits] : by_block) {
    const std::size_t index = std::ranges::find(scene_.titles, block, &ViewScene::Title::block)->label;
    const render::Label& title = labels_[index];
    const float px = title_px(title);
    out_.edited.push_back(index);
    if (px <= 0) continue;
    const float room = room_of_title(index, glm::vec2(pixel_of(title)), px) - 2 * kTagOfLabel * px;
    for (const std::string& words : {listed(edits.words), counted(edits.count, "{0} edit", "{0} edits")})
      if (std::string said = text("{0}: {1}", words_of(index), words); render::text_width(said, px, true) <= room) {
        say(index, std::move(said));
        break;
      }
  }
}

const std::vector<ScreenBox>& Placing::rather_free() {
  constexpr float kApart = 2;  // a label that is nearer to another gives way to it
  if (rather_free_) return *rather_free_;
  rather_free_.emplace();
  const auto T = static_cast<float>(scene_.row_texts.size());
  for (const ViewScene::RowLine& line : scene_.row_lines)
    if (const auto seen = on_screen({{line.x, line.y, 0}, {scene_.scene->high.x, line.y + T * line.row, 0}}, view_))
      rather_free_->push_back(*seen);
  for (const std::size_t index : scene_.token_names)
    if (const auto box = box_of_label(labels_[index], view_)) rather_free_->push_back(*box);
  for (const EdgeName& name : at_.edges)
    if (name.of_row) rather_free_->push_back({name.box.low - kApart, name.box.high + kApart});
  constexpr float kLargePlate = 0.3F;  // of the picture's height
  for (const SeenPlate& plate : plates_on_screen(scene_, view_))
    if (plate.box.high.y - plate.box.low.y > kLargePlate * at_.pane.size.y) rather_free_->push_back(plate.box);
  return *rather_free_;
}

float Placing::covered_by(const ScreenBox& box) {
  float sum = 0;
  for (const ScreenBox& other : rather_free()) sum += area(common(box, other));
  return sum;
}

std::optional<Placing::Place> Placing::place_in(const ScreenBox& box, const ScreenBox& within, Moves how) {
  const auto clamped = [&](const ScreenBox& wanted) {
    const glm::vec2 most = glm::max(within.low, within.high - (wanted.high - wanted.low));
    return glm::clamp(wanted.low, within.low, most) - box.low;
  };
  std::vector<glm::vec2> tried{clamped(box)};
  const ScreenBox first = shifted(box, tried.front());
  constexpr float kApart = 2;
  const auto try_beside = [&](const std::vector<ScreenBox>& all, bool above_alone) {
    for (const ScreenBox& other : all) {
      if (!other.meets(first)) continue;
      const glm::vec2 below{0, other.high.y + kApart - first.low.y}, above{0, other.low.y - kApart - first.high.y};
      const glm::vec2 right{other.high.x + kApart - first.low.x, 0}, left{other.low.x - kApart - first.high.x, 0};
      if (above_alone) tried.push_back(clamped(shifted(first, above)));
      else
        for (const glm::vec2 by : {below, above, right, left}) tried.push_back(clamped(shifted(first, by)));
    }
  };
  try_beside(taken_, false);
  if (how != Moves::Word) try_beside(rather_free(), how == Moves::Title);
  constexpr float kMostOfWord = 1.5F;  // how far off what is taken, in its widths
  std::optional<Place> best;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    const ScreenBox place = shifted(box, tried[i]);
    if (is_taken(place) || place.low.x < 0 || place.high.x > at_.pane.size.x) continue;
    if (how == Moves::Word && i > 0 && std::abs(tried[i].x) > kMostOfWord * (box.high.x - box.low.x)) continue;
    float covered = how == Moves::Word ? 0 : covered_by(place);
    if (how == Moves::Title)
      for (const ScreenBox& title : other_titles_) covered += area(common(place, title));
    if (!best || covered < best->covered) best = Place{tried[i], covered};
  }
  return best;
}

void Placing::move(std::size_t index, const std::optional<Place>& place, bool tagged) {
  if (!place) out_.moved.push_back({index, {}, true});
  else if (place->by != glm::vec2(0)) out_.moved.push_back({index, place->by, false, tagged});
}

void Placing::keep_title(const ViewScene::Title& title) {
  const render::Label& label = labels_[title.label];
  const float px = title_px(label);
  const glm::vec3 at = pixel_of(label);
  if (px < render::label_px(label, view_)) out_.smaller.emplace_back(title.label, px);
  const auto block = on_screen(scene_.blocks[static_cast<std::size_t>(title.block + 1)], view_);
  if (px <= 0 || at.z <= 0 || !block) return;
  const ScreenBox box = box_of_label(label, words_of(title.label), glm::vec2(at), px), whole{{0, 0}, at_.pane.size};
  // Beside the path too.
  ScreenBox within = at_.room.free;
  within.low.y = std::min(within.low.y, within.low.x);
  const auto hides = [&](const EdgeName& name) { return name.of_row && name.box.meets(box); };
  if (lies_in(box, within) && !is_taken(box) && std::ranges::none_of(at_.edges, hides)) {
    titles_.push_back(box);
    return;
  }
  constexpr float kMuchOfPicture = 0.18F;
  const ScreenBox seen = common(*block, whole);
  const bool here = title.block + 1 == static_cast<int>(middle_) && area(seen) > kMuchOfPicture * area(whole);
  // One that is cut only a little is moved only a little.
  constexpr float kMuchOfTitle = 0.4F, kMuchOfBlock = 0.6F;
  const bool nearly = area(common(box, whole)) > kMuchOfTitle * area(box) && area(seen) > kMuchOfBlock * area(*block);
  if (!here && !nearly) {
    if (box.meets(whole)) out_.moved.push_back({title.label, {}, true});
    return;
  }
  // In a low pane the path says what a bare title would say, and the title would cover names.
  const bool bare = std::ranges::find(out_.edited, title.label) == out_.edited.end();
  if (bare && pane_is_low(at_.pane) && path_is_shown(at_.pane, at_.tiles)) {
    out_.moved.push_back({title.label, {}, true});
    return;
  }
  // Over its block; one that leads to the left from there, as the embedding's, keeps its place as far as it can.
  within.low.x = std::max(within.low.x, std::min(seen.low.x, box.low.x));
  // Where it would cover the block's first sheets or another title it is rather smaller.
  other_titles_.clear();
  for (const ViewScene::Title& other : scene_.titles)
    if (other.label != title.label)
      if (const auto there = box_of_label(labels_[other.label], view_)) other_titles_.push_back(*there);
  ScreenBox stands = box;
  std::optional<Place> place;
  float letters = px;
  for (const float share : {1.0F, 0.8F, 0.65F}) {
    if (share < 1 && share * px < label.min_px * at_.pane.presentation) break;
    const ScreenBox tried = box_of_label(label, words_of(title.label), glm::vec2(at), share * px);
    const auto found = place_in(tried, within, Moves::Title);
    if (place && !(found && found->covered < place->covered)) continue;
    place = found;
    stands = tried;
    letters = share * px;
    if (place && place->covered <= 0) break;
  }
  if (letters < px) {
    std::erase_if(out_.smaller, [&](const auto& smaller) { return smaller.first == title.label; });
    out_.smaller.emplace_back(title.label, letters);
  }
  move(title.label, place, true);
  if (place) titles_.push_back(shifted(stands, place->by));
}

void Placing::keep_whole(std::size_t index) {
  const render::Label& label = labels_[index];
  const float px = render::label_px(label, view_);
  const glm::vec3 at = pixel_of(label);
  if (px <= 0 || at.z <= 0 || label.alpha <= 0 || std::ranges::find(out_.moved, index, &MovedName::index) != out_.moved.end()) return;
  const ScreenBox box = box_of_label(label, words_of(index), glm::vec2(at), px), whole{{0, 0}, at_.pane.size};
  bool seen = box.meets(whole);
  // The tag of a sheet that is in the picture.
  const auto tag = std::ranges::find(scene_.edit_tags, index, &ViewScene::EditTag::label);
  const bool of_sheet = tag != scene_.edit_tags.end();
  if (!seen && of_sheet) {
    const render::Panel& sheet = scene_.scene->panels[tag->panel];
    const auto there = sheet_on_screen(sheet, view_);
    seen = there && there->meets(at_.room.free);
  }
  if (!seen) return;
  // A word of a list is only moved aside: below and above it are others.
  ScreenBox within = at_.room.free;
  const bool word = label.background.a <= 0 && !scene_.home_from;
  if (word) within.low.y = box.low.y, within.high.y = box.high.y;
  if (lies_in(box, within) && !is_taken(box)) return;
  auto place = place_in(box, within, word ? Moves::Word : Moves::Tag);
  // The chosen token stands below the last name. Over another name, or far from its place, it would say what is not so.
  const bool chosen = !word && !of_sheet && !scene_.home_from;
  if (place && chosen && (std::abs(place->by.y) > box.high.y - box.low.y || is_on_name(shifted(box, place->by)))) place.reset();
  move(index, place, false);
}

bool Placing::is_on_name(const ScreenBox& box) const {
  const auto meets = [&](std::size_t index) {
    const auto name = box_of_label(labels_[index], view_);
    return name && name->meets(box);
  };
  return std::ranges::any_of(at_.tiles ? scene_.row_names : scene_.token_names, meets);
}

void Placing::keep_off_next_sheet(std::size_t index, const ScreenBox& box) {
  constexpr float kOver = 0.05F, kLittlePx = 3, kAir = 2, kMuchWider = 1.6F;
  const glm::vec3 anchor = labels_[index].anchor;
  const auto own = std::ranges::find_if(sheets(), [&](const SeenSheetOf& sheet) {
    return std::abs(sheet.corner.x - anchor.x) < kOver && sheet.corner.y >= anchor.y && sheet.corner.y < anchor.y + kOver;
  });
  if (own == sheets().end()) return;
  float end = 1e9F;
  for (const SeenSheetOf& next : sheets())
    if (next.box.low.x >= own->box.high.x - kLittlePx && next.box.low.y < box.high.y - kLittlePx && next.box.high.y > box.low.y + kLittlePx)
      end = std::min(end, next.box.low.x - kAir);
  if (box.high.x <= end + kAir) return;
  const glm::vec2 by{end - box.high.x, 0};
  const ScreenBox aside = shifted(box, by);
  const auto is_on = [&](std::size_t other) {
    if (other == index) return false;
    const auto name = box_of_label(labels_[other], view_);
    return name && name->meets(aside);
  };
  const bool on_name = std::ranges::any_of(scene_.sheet_names, is_on) || std::ranges::any_of(scene_.token_names, is_on);
  // Farther left it would seem to name something else.
  constexpr float kFarthest = 0.8F;
  const float least = std::max(at_.room.free.low.x, own->box.low.x - kFarthest * (own->box.high.x - own->box.low.x));
  if (!on_name && aside.low.x >= least && !is_taken(aside)) return out_.moved.push_back({index, by, false, false});
  if (box.high.x - box.low.x > kMuchWider * (own->box.high.x - own->box.low.x)) out_.moved.push_back({index, {}, true});
}

const std::vector<Placing::SeenSheetOf>& Placing::sheets() {
  if (sheets_) return *sheets_;
  sheets_.emplace();
  for (std::size_t i = 0; i < scene_.panels.size(); ++i) {
    const PanelInfo& info = scene_.panels[i];
    const render::Panel& panel = scene_.scene->panels[i];
    if (info.tensor.is_weight() || info.role != PanelInfo::Role::Activation || panel.down.z != 0) continue;
    if (const auto box = sheet_on_screen(panel, view_); box && box->meets({{0, 0}, at_.pane.size}))
      sheets_->push_back({panel.origin, *box});
  }
  return *sheets_;
}

}  // namespace gf::scene
