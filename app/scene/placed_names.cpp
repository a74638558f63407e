#include "app/scene/placed_names.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/scene/builder_state.h"
#include "app/scene/row_fan.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kLine = 1.4F;   // a line with its tag, in heights of a letter
constexpr float kTagX = 0.42F;  // a tag's air at a side, the same
constexpr float kNotesMargin = 18, kLineOfNote = 1.45F;

float margin_of_notes(const Pane& pane) {
  constexpr float kOfHeight = 0.06F;
  return std::min(kNotesMargin * pane.presentation, kOfHeight * pane.size.y);
}

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

/// Where a label stands, as large as it is with a tag behind it.
ScreenBox box_of_label(const render::Label& label, const std::string& words, glm::vec2 at, float px) {
  const auto begins = [](float length, render::Align align) {
    return align == render::Align::Begin ? 0 : align == render::Align::Middle ? -length / 2 : -length;
  };
  const glm::vec2 size{render::text_width(words, px, label.bold) + 2 * kTagX * px, kLine * px};
  const glm::vec2 low = at + glm::vec2(begins(size.x, label.horizontal), begins(size.y, label.vertical));
  return {low, low + size};
}

float area(const ScreenBox& box) {
  const glm::vec2 size = glm::max(glm::vec2(0), box.high - box.low);
  return size.x * size.y;
}
ScreenBox common(const ScreenBox& a, const ScreenBox& b) { return {glm::max(a.low, b.low), glm::min(a.high, b.high)}; }
ScreenBox shifted(const ScreenBox& box, glm::vec2 by) { return {box.low + by, box.high + by}; }
bool lies_in(const ScreenBox& box, const ScreenBox& other) {
  return box.low.x >= other.low.x && box.low.y >= other.low.y && box.high.x <= other.high.x && box.high.y <= other.high.y;
}

/// The names of one view in the making.
class Placing {
 public:
  Placing(const ViewScene& scene, const NamingView& at)
      : scene_(scene), at_(at), labels_(scene.scene->labels), view_(at.camera, at.pane.size), taken_(at.room.taken) {}

  PlacedNames all() {
    cut_words();
    stuck_columns();
    stuck_rows();
    say_edits();
    if (!scene_.titles.empty()) middle_ = block_in_middle(scene_, at_.camera, at_.pane);
    for (const ViewScene::Title& title : scene_.titles) keep_title(title);
    for (const std::size_t index : scene_.kept_whole) keep_whole(index);
    for (const std::size_t index : scene_.whole_or_not) leave_out_cut(index);
    fan();
    notes();
    early_names();
    far_words();
    covered_words();
    return std::move(out_);
  }

 private:
  [[nodiscard]] const std::string& words_of(std::size_t index) const {
    const auto said = std::ranges::find(out_.said, index, &std::pair<std::size_t, std::string>::first);
    return said == out_.said.end() ? labels_[index].text : said->second;
  }
  [[nodiscard]] glm::vec3 pixel_of(const render::Label& label) const { return view_.pixel(label.anchor) + glm::vec3(label.offset_px, 0); }
  [[nodiscard]] bool is_taken(const ScreenBox& box) const {
    return std::ranges::any_of(taken_, [&](const ScreenBox& other) { return other.meets(box); });
  }

  /// Labels that are longer than their room get the words that fit.
  void cut_words() {
    const glm::vec2 size = view_.size();
    for (const auto& [index, room] : scene_.rooms) {
      const render::Label& label = labels_[index];
      const float px = render::label_px(label, view_);
      if (px <= 0) continue;
      const glm::vec3 at = view_.pixel(label.anchor);
      if (at.x < -size.x || at.x > size.x || at.y < 0 || at.y > size.y) continue;
      std::string words = words_that_fit(label.text, room * (view_.focal_px() / view_.depth(label.anchor)), px, label.bold);
      // A word of the list of tokens that the picture's edge would cut a little.
      const float wide = render::text_width(words, px, label.bold), over = at_.room.free.low.x - (at.x - wide);
      constexpr float kLittle = 0.4F;
      if (label.horizontal == render::Align::End && over > 0 && over < kLittle * wide)
        out_.moved.push_back({index, {over, 0}, false, false});
      if (words != label.text) out_.said.emplace_back(index, std::move(words));
    }
  }

  /// Names of columns that lie above the picture stand at its upper edge.
  void stuck_columns() {
    const glm::vec2 edge = at_.room.free.low;
    constexpr float kTag = 0.9F;  // a tag's sides
    float strip = 0;
    for (const std::size_t index : scene_.column_names) {
      const render::Label& label = labels_[index];
      const float px = render::label_px(label, view_), least = kLine * px + edge.y;  // it stands above its anchor
      const glm::vec3 at = view_.pixel(label.anchor);
      const glm::vec3 end = view_.pixel({label.anchor.x, scene_.scene->high.y, label.anchor.z});
      if (!(at.z > 0 && at.y < least && end.z > 0 && end.y > least + kLine * px + edge.x)) continue;
      // A turned picture's columns lean: the name stands where its own meets the edge.
      const glm::vec2 by = (glm::vec2(end) - glm::vec2(at)) * ((least - at.y) / (end.y - at.y));
      const float middle = at.x + by.x, half = render::text_width(words_of(index), px, label.bold) / 2 + kTag * px;
      const ScreenBox box{{middle - half, least - kLine * px}, {middle + half, least}};
      out_.moved.push_back({index, by, is_taken(box), !at_.tiles});
      if (px > 0) strip = std::max(strip, least);
    }
    if (!at_.tiles || strip <= 0) return;
    // Tiles and words between the titles would be seen in part.
    constexpr float kAir = 2;
    strip_ = ScreenBox{{0, 0}, {at_.pane.size.x, strip + kAir}};
    taken_.push_back(*strip_);
    render::Line ground;
    const float near = 0.01F * at_.camera.distance, middle = strip_->high.y / 2;
    for (const float x : {-at_.pane.size.x, 2 * at_.pane.size.x})
      ground.points.push_back(view_.eye() + view_.direction({x, middle}) * near);
    ground.width_px = strip_->high.y;
    ground.color = {glm::vec3(scene_.scene->ground), 1};
    ground.on_top = true;
    out_.lines.push_back(std::move(ground));
  }

  /// Names of rows that lie left of the picture stand at its left edge.
  void stuck_rows() {
    const glm::vec2 edge = at_.room.free.low;
    constexpr float kTag = 0.9F;
    for (const std::size_t index : scene_.row_names) {
      const render::Label& label = labels_[index];
      const float px = render::label_px(label, view_);
      const glm::vec3 at = view_.pixel(label.anchor);
      if (px <= 0 || at.z <= 0 || at.y < 0 || at.y > at_.pane.size.y) continue;
      // It ends at its anchor, with the tag that it gets behind it.
      const float least = render::text_width(words_of(index), px, label.bold) + kTag * px + edge.x;
      const glm::vec3 end = view_.pixel({scene_.scene->high.x, label.anchor.y, label.anchor.z});
      if (!(at.x < least && end.z > 0 && end.x > 2 * least)) continue;
      const ScreenBox box{{edge.x, at.y - kLine * px / 2}, {least, at.y + kLine * px / 2}};
      out_.moved.push_back({index, {least - at.x, 0}, is_taken(box)});
    }
  }

  /// Titles of a low picture are smaller, so that they leave room for what they are titles of.
  [[nodiscard]] float most_px(const render::Label& title) const {
    constexpr float kOfHeight = 0.085F, kLeast = 13;
    return std::min(title.max_px, std::max(kLeast, kOfHeight * at_.pane.size.y) * at_.pane.presentation);
  }
  [[nodiscard]] float title_px(const render::Label& title) const { return std::min(render::label_px(title, view_), most_px(title)); }

  /// How far right a title's words may reach: to the next title beside it, or to the picture's edge.
  [[nodiscard]] float room_of_title(std::size_t label, glm::vec2 at, float px) const {
    constexpr float kGap = 8;
    float end = at_.room.free.high.x;
    for (const ViewScene::Title& other : scene_.titles) {
      const glm::vec3 there = pixel_of(labels_[other.label]);
      const bool beside = there.z > 0 && there.x > at.x + 1 && std::abs(there.y - at.y) < 2 * px;
      if (other.label != label && beside) end = std::min(end, there.x - kGap);
    }
    return end - std::max(at.x, at_.room.free.low.x);
  }

  /// A sheet's tag that is much wider than the sheet would cover what stands around it: the block's title says its words.
  void say_edits() {
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
      const bool seen = px > 0 && left.z > 0 && right.z > 0;
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
      const float room = room_of_title(index, glm::vec2(pixel_of(title)), px) - 2 * kTagX * px;
      for (const std::string& words : {listed(edits.words, {}, ", "), counted(edits.count, "{0} edit", "{0} edits")})
        if (std::string said = text("{0}: {1}", title.text, words); render::text_width(said, px, true) <= room) {
          out_.said.emplace_back(index, std::move(said));
          break;
        }
    }
  }

  /// What a title or a tag that is moved leaves free where it can: the lines' bands with the stream's values, and the list of tokens.
  [[nodiscard]] const std::vector<ScreenBox>& rather_free() {
    if (rather_free_) return *rather_free_;
    rather_free_.emplace();
    const auto T = static_cast<float>(scene_.row_texts.size());
    for (const ViewScene::RowLine& line : scene_.row_lines)
      if (const auto seen = on_screen({{line.x, line.y, 0}, {scene_.scene->high.x, line.y + T * line.row, 0}}, view_))
        rather_free_->push_back(*seen);
    const auto& [low, high] = scene_.tokens;
    for (const render::Label& label : labels_) {
      const glm::vec3 at = label.anchor;
      const bool listed = label.horizontal == render::Align::End && label.background.a <= 0 && at.x > low.x && at.x <= high.x;
      if (!listed || at.y < low.y || at.y > high.y) continue;
      if (const auto box = gf::scene::box_of_label(label, view_)) rather_free_->push_back(*box);
    }
    return *rather_free_;
  }
  [[nodiscard]] float covered_by(const ScreenBox& box) {
    float sum = 0;
    for (const ScreenBox& other : rather_free()) sum += area(common(box, other));
    return sum;
  }

  /// How a label is moved: a word of a list stays near its own place, whatever is beside it, and a title above what it is the title of.
  enum class Moves : std::uint8_t { Word, Title, Tag };
  struct Place {
    glm::vec2 by{0};
    float covered = 0;  ///< of what is rather free
  };
  /// The best place in `within` that is off what is taken; nullopt: there is none.
  [[nodiscard]] std::optional<Place> place_in(const ScreenBox& box, const ScreenBox& within, Moves how) {
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
  /// Where it finds no place it is hidden.
  void move(std::size_t index, const std::optional<Place>& place, bool tagged) {
    if (!place) out_.moved.push_back({index, {}, true});
    else if (place->by != glm::vec2(0)) out_.moved.push_back({index, place->by, false, tagged});
  }

  /// The title of a block that is much of the picture stays in it; of another that would be cut it is left out.
  void keep_title(const ViewScene::Title& title) {
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
    if (lies_in(box, within) && !is_taken(box)) {
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
    within.low.x = std::max(within.low.x, seen.low.x);
    // Where it would cover the block's first sheets or another title it is rather smaller.
    other_titles_.clear();
    for (const ViewScene::Title& other : scene_.titles)
      if (other.label != title.label)
        if (const auto there = gf::scene::box_of_label(labels_[other.label], view_)) other_titles_.push_back(*there);
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

  /// A label that the picture's edge, the path or the map would cut.
  void keep_whole(std::size_t index) {
    const render::Label& label = labels_[index];
    const float px = render::label_px(label, view_);
    const glm::vec3 at = pixel_of(label);
    if (px <= 0 || at.z <= 0 || label.alpha <= 0 || std::ranges::find(out_.moved, index, &MovedName::index) != out_.moved.end()) return;
    const ScreenBox box = box_of_label(label, words_of(index), glm::vec2(at), px), whole{{0, 0}, at_.pane.size};
    bool seen = box.meets(whole);
    // The tag of a sheet that is in the picture.
    if (const auto tag = std::ranges::find(scene_.edit_tags, index, &ViewScene::EditTag::label); !seen && tag != scene_.edit_tags.end()) {
      const render::Panel& sheet = scene_.scene->panels[tag->panel];
      const auto there = on_screen({sheet.origin, sheet.origin + sheet.across + sheet.down}, view_, sheet.origin.z);
      seen = there && there->meets(at_.room.free);
    }
    if (!seen) return;
    // A word of a list is only moved aside: below and above it are others.
    ScreenBox within = at_.room.free;
    const bool word = label.background.a <= 0 && !scene_.home_from;
    if (word) within.low.y = box.low.y, within.high.y = box.high.y;
    if (!lies_in(box, within) || is_taken(box)) move(index, place_in(box, within, word ? Moves::Word : Moves::Tag), false);
  }

  void leave_out_cut(std::size_t index) {
    const render::Label& label = labels_[index];
    const float px = render::label_px(label, view_);
    const glm::vec3 at = pixel_of(label);
    if (px <= 0 || at.z <= 0) return;
    const ScreenBox box = box_of_label(label, words_of(index), glm::vec2(at), px), whole{{0, 0}, at_.pane.size};
    if (box.meets(whole) && !lies_in(box, whole)) out_.moved.push_back({index, {}, true});
  }

  void fan() {
    if (at_.rows_named || at_.tiles) return;
    std::vector<ScreenBox> taken = taken_;
    if (at_.board) taken.push_back(*at_.board);
    taken.insert(taken.end(), titles_.begin(), titles_.end());
    RowFan fan = row_fan(scene_, at_.camera, at_.pane, {at_.room.free, taken, at_.room.letters}, at_.row);
    for (const std::size_t index : fan.instead_of) {
      const auto moved = std::ranges::find(out_.moved, index, &MovedName::index);
      if (moved != out_.moved.end()) moved->hidden = true;
      else out_.moved.push_back({index, {}, true});
    }
    out_.stay.insert(out_.stay.end(), fan.readable.begin(), fan.readable.end());
    out_.added.insert(out_.added.end(), fan.names.begin(), fan.names.end());
    if (fan.ground) out_.lines.push_back(*std::move(fan.ground));
    out_.lines.insert(out_.lines.end(), fan.threads.begin(), fan.threads.end());
  }

  /// The notes of a scene, one below the other at the upper left corner.
  void notes() {
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

  /// The names of the sheets of the block in the middle can be read before those of the others.
  void early_names() {
    constexpr float kBefore = 0.5F;  // of the size at which the others can be read
    if (scene_.sheet_names.empty() || scene_.blocks.empty()) return;
    const ViewScene::Box& block = scene_.blocks[block_in_middle(scene_, at_.camera, at_.pane)];
    for (const std::size_t index : scene_.sheet_names) {
      const render::Label& label = labels_[index];
      const glm::vec3 at = label.anchor;
      if (at.x < block.low.x || at.x > block.high.x || at.y < block.low.y || at.y > block.high.y) continue;
      const float depth = view_.depth(at), px = depth > 0 ? label.height * view_.focal_px() / depth : 0;
      if (px < label.min_px && px >= kBefore * label.min_px * at_.pane.presentation) out_.stay.push_back(index);
    }
  }

  /// The words of the Stream's far columns, which a tilted picture shows a little smaller than those that can just be read.
  void far_words() {
    constexpr float kLeast = 0.8F;  // of the size that can be read
    if (!at_.tiles) return;
    for (const auto& [index, room] : scene_.rooms) {
      const render::Label& label = labels_[index];
      const float depth = view_.depth(label.anchor), px = depth > 0 ? label.height * view_.focal_px() / depth : 0;
      if (px < label.min_px && px >= kLeast * label.min_px) out_.stay.push_back(index);
    }
  }

  /// Labels that reach below the path or the map, and those of the page that reach below a board, which would hide half of a word. Those
  /// that are moved have been looked after.
  void covered_words() {
    constexpr glm::vec2 kReach{400, 60};  // no label begins farther from what it reaches
    if (taken_.empty() && !at_.board) return;
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
      if (pixel.z <= 0 || placed[i] || (!below && std::ranges::none_of(taken_, near))) continue;
      const float px = std::max(render::label_px(label, view_), stays[i] ? label.min_px : 0);
      if (px <= 0) continue;
      const ScreenBox box = box_of_label(label, label.text, at, px);
      if ((below && at_.board->meets(box)) || is_taken(box)) out_.covered.push_back(i);
    }
  }

  const ViewScene& scene_;
  const NamingView& at_;
  const std::vector<render::Label>& labels_;
  render::Projection view_;
  std::vector<ScreenBox> taken_;
  std::optional<ScreenBox> strip_;
  std::optional<std::vector<ScreenBox>> rather_free_;
  std::size_t middle_ = 0;         ///< the block in the middle, as ViewScene::blocks counts
  std::vector<ScreenBox> titles_;  ///< where they stand
  std::vector<ScreenBox> other_titles_;
  PlacedNames out_;
};

}  // namespace

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
  for (const auto& [index, by, hidden, tagged] : moved) {
    labels[index].offset_px += by;
    if (hidden) labels[index].alpha = 0;
    if (!tagged || hidden || labels[index].background.a > 0) continue;  // the tag of an edit
    labels[index].background = {glm::vec3(scene.ground), 0.85F};
  }
  labels.insert(labels.end(), added.begin(), added.end());
  scene.lines.insert(scene.lines.end(), lines.begin(), lines.end());
}

PlacedNames placed_names(const ViewScene& scene, const NamingView& at) { return Placing(scene, at).all(); }

std::optional<ScreenBox> box_of_label(const render::Label& label, const render::Projection& view) {
  const float px = render::label_px(label, view);
  const glm::vec3 at = view.pixel(label.anchor);
  if (px <= 0 || at.z <= 0 || label.alpha <= 0) return std::nullopt;
  return box_of_label(label, label.text, glm::vec2(at) + label.offset_px, px);
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

}  // namespace gf::scene
