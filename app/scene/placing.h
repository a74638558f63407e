// The work behind placed_names(): one view's names in the making. Internal to app/scene; placed_names.cpp has the words and what is added,
// placed_titles.cpp has the titles and tags that are moved, placed_tiles.cpp the names of rows and columns at the picture's edges.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/row_fan.h"
#include "renderer/labels.h"

namespace gf::scene {

/// The names of one view in the making.
class Placing {
 public:
  Placing(const ViewScene& scene, const NamingView& at)
      : scene_(scene), at_(at), labels_(scene.scene->labels), view_(at.camera, at.pane.size), taken_(at.room.taken) {}

  /// Places all of them. Call it once.
  PlacedNames all();

 private:
  static constexpr float kLineOfName = 1.04F;  // a line without a tag, in heights of a letter
  static constexpr int kNotePriority = 96;     // before names of rows, after the selected one
  [[nodiscard]] const std::string& words_of(std::size_t index) const {
    const auto said = std::ranges::find(out_.said, index, &std::pair<std::size_t, std::string>::first);
    return said == out_.said.end() ? labels_[index].text : said->second;
  }
  [[nodiscard]] glm::vec3 pixel_of(const render::Label& label) const { return view_.pixel(label.anchor) + glm::vec3(label.offset_px, 0); }
  [[nodiscard]] bool is_taken(const ScreenBox& box) const {
    return std::ranges::any_of(taken_, [&](const ScreenBox& other) { return other.meets(box); });
  }
  /// Labels that are longer than their room get the words that fit.
  void cut_words();
  /// A word of the list of tokens that the picture's left edge would cut stands at that edge, if less than `most` of it was beyond.
  void keep_listed(std::size_t index, float most);
  /// How many of the list of tokens are named, where not all are.
  void say_left_out();
  /// Of the Stream: titles of narrow columns are smaller, and depths that have no room between them are left out.
  void fit_column_names();
  /// Names of columns that lie above the picture stand at its upper edge.
  void stuck_columns();
  /// Names of rows that lie left of the picture stand at its left edge.
  void stuck_rows();
  /// How far up or down a row's name at the edge stands beside its tile, off what is taken; 0: nowhere.
  [[nodiscard]] float way_off_taken(const ScreenBox& box, std::size_t row) const;
  /// Of the Stream: where rows are lower than letters every second name stays, or every fourth, and the picture says so.
  void say_rows_left_out();
  /// Where each row of a line has a name that can be read, all are as large as the smallest: from afar some are larger than their row.
  void even_rows();
  void hide(std::size_t index);
  /// Hides what is behind names at an edge of the Stream.
  void lay_ground(const ScreenBox& part);
  /// Whether the ground behind the names of rows at the left edge lies over a label, which is none of these names.
  [[nodiscard]] bool is_below_rows(std::size_t index, const ScreenBox& box) const {
    return rows_ground_ && rows_ground_->meets(box) && std::ranges::find(scene_.row_names, index) == scene_.row_names.end();
  }
  /// Titles of a low picture are smaller, so that they leave room for what they are titles of.
  [[nodiscard]] float most_px(const render::Label& title) const;
  [[nodiscard]] float title_px(const render::Label& title) const { return std::min(render::label_px(title, view_), most_px(title)); }
  /// How far right a title's words may reach: to the next title beside it, or to the picture's edge.
  [[nodiscard]] float room_of_title(std::size_t label, glm::vec2 at, float px) const;
  /// Other words for a label.
  void say(std::size_t index, std::string words);
  /// The block's title names the head whose pattern is much of the picture.
  void say_head();
  /// A sheet's tag that is much wider than the sheet would cover what stands around it: the block's title says its words.
  void say_edits();
  /// What a title or a tag that is moved leaves free where it can: the lines' bands with the stream's values, the list of tokens,
  /// and patterns that one looks at.
  [[nodiscard]] const std::vector<ScreenBox>& rather_free();
  [[nodiscard]] float covered_by(const ScreenBox& box);
  /// How a label is moved: a word of a list stays near its own place, whatever is beside it, and a title above what it is the title of.
  enum class Moves : std::uint8_t { Word, Title, Tag };
  struct Place {
    glm::vec2 by{0};
    float covered = 0;  ///< of what is rather free
  };
  /// The best place in `within` that is off what is taken; nullopt: there is none.
  [[nodiscard]] std::optional<Place> place_in(const ScreenBox& box, const ScreenBox& within, Moves how);
  /// Where it finds no place it is hidden.
  void move(std::size_t index, const std::optional<Place>& place, bool tagged);
  /// The title of a block that is much of the picture stays in it; of another that would be cut it is left out.
  void keep_title(const ViewScene::Title& title);
  /// A label that the picture's edge, the path or the map would cut.
  void keep_whole(std::size_t index);
  /// Whether a token's name stands there.
  [[nodiscard]] bool is_on_name(const ScreenBox& box) const;
  /// A label that says nothing where the picture's edge cuts it.
  void leave_out_cut(std::size_t index);
  /// The name of a sheet that goes on beyond the left edge stands at that edge, and one that runs off the right edge a little begins before
  /// its sheet; another that an edge cuts is left out.
  void keep_sheet_name(std::size_t index);
  /// A name that is longer than its sheet and would lie over the sheet beside it begins earlier; where it has no room there, and is much
  /// longer than its sheet, it is left out: it would name what it lies over.
  void keep_off_next_sheet(std::size_t index, const ScreenBox& box);
  struct SeenSheetOf {
    glm::vec3 corner{0};  ///< upper left
    ScreenBox box;
  };
  /// The upright sheets of activations that are in the picture.
  const std::vector<SeenSheetOf>& sheets();
  /// The title of a head alone stands above the names of its first sheets.
  void raise_title();
  /// Rows that are lower than letters, listed beside their line.
  void fan();
  void add(RowFan fan);
  /// The notes of a scene, one below the other at the upper left corner.
  void notes();
  /// The words of the Stream's far columns, which a tilted picture shows a little smaller than those that can just be read.
  void far_words();
  /// Labels that reach below the path or the map, and those of the page that reach below a board, which would hide half of a word. Those
  /// that are moved have been looked after.
  void covered_words();

  const ViewScene& scene_;
  const NamingView& at_;
  const std::vector<render::Label>& labels_;
  render::Projection view_;
  std::vector<ScreenBox> taken_;
  std::optional<std::vector<ScreenBox>> rather_free_;
  std::optional<std::vector<SeenSheetOf>> sheets_;
  std::size_t middle_ = 0;  ///< the block in the middle, as ViewScene::blocks counts
  std::optional<ScreenBox> rows_ground_;
  std::vector<ScreenBox> titles_;        ///< where they stand
  std::vector<ScreenBox> other_titles_;  ///< those beside the title that is placed
  PlacedNames out_;
};

}  // namespace gf::scene
