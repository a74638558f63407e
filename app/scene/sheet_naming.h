// The work behind edge_names(): the names of one sheet in the making. Internal to app/scene; sheet_naming.cpp has what all names share,
// and the rows and columns, sheet_naming_keys.cpp the keys below a pattern.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/scene/builder_state.h"
#include "app/scene/edge_names.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/sheet_axes.h"
#include "renderer/labels.h"

namespace gf::scene {

class SheetNaming {
 public:
  /// All that it is given outlives it.
  SheetNaming(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view, glm::vec3 target,
              const EdgeRoom& room, std::span<const SeenPlate> plates);

  /// Those of rows and columns. Call one of this and keys(), once.
  std::vector<EdgeName> all();
  /// The keys alone, where they have room below the sheet.
  std::vector<EdgeName> keys();

  /// The keys in sight, and those of them that are named.
  struct Keys {
    int all = 0, named = 0;
  };
  [[nodiscard]] const Keys& named_keys() const { return keys_; }
  /// Says how many keys are named: behind the last name, before the first, below them, or in the masked part of the plate.
  std::optional<EdgeName> note_of_keys(std::span<const EdgeName> named, const Keys& keys);

  /// A name's box with the room that others leave it.
  [[nodiscard]] static ScreenBox with_air(const ScreenBox& name) {
    return {name.low - glm::vec2(kApartX, kApartY), name.high + glm::vec2(kApartX, kApartY)};
  }

 private:
  static constexpr float kLetterPx = 11.5F, kLeastLetter = 11;
  static constexpr float kTagX = 0.42F, kTagY = 0.16F, kLineOfLetter = 1.04F;  // a tag's padding and a line's height, in letters
  static constexpr float kAirPx = 5, kApartX = 6, kApartY = 0.8F;              // to the sheet, and between two names
  static constexpr float kLeastSeen = 40;                                      // of the row or column beside a name that stays in sight

  /// `snug`: tags are no larger than their letters.
  void set_letters(float px, bool snug = false) {
    px_ = px;
    snug_ = snug;
    line_ = (kLineOfLetter + (snug ? 0 : 2 * kTagY)) * px;
  }
  [[nodiscard]] float width(const std::string& text, bool bold = false) const {
    return render::text_width(text, px_, bold) + (snug_ ? 0 : 2 * kTagX * px_);
  }
  [[nodiscard]] std::string text_of(const SheetAxis& axis, int index) const;
  /// As much of a name as a column of names has room for.
  [[nodiscard]] std::string cut(const std::string& text) const;
  /// A token's name has the look that it has at its line's beginning: dim while it is to come, absent before it is chosen.
  void look_as(const SheetAxis& axis, int index, render::Label& label) const;
  /// `at`: the box's corner. False where another name or something else has that place.
  bool put(std::string text, glm::vec2 at, bool of_row, int index, const SheetAxis* axis, bool marked = false, int count = 1);
  bool put_note(const std::string& words, glm::vec2 at, bool of_row, int stride);

  void name_rows();
  /// Says how many of the rows are named: at the left of the last name, where no title stands, else above the first one or at its left.
  void note_left_out(int stride);
  [[nodiscard]] bool is_at_work(int row) const;
  [[nodiscard]] bool is_plate() const { return info_.mapping == PanelInfo::Mapping::Causal; }
  /// Whether cell_labels() names the rows, the widest name too. `pitch`: of the nearest ones.
  [[nodiscard]] bool has_usual_names(float pitch, float widest) const;

  void name_columns();
  /// The height at which a column's name begins: over the sheet, or at the picture's edge. `lines`: so many below others.
  [[nodiscard]] std::optional<glm::vec2> header_of(float at_col, int lines_below) const;
  void name_column(int i, bool marked);
  /// "head 3" over the part of its columns that is in sight.
  void name_heads(const IndexSpan& cols);

  /// Above the keys. The first one reaches below the name of the last row, whose letters are larger too.
  [[nodiscard]] float key_air() const { return air_ + kAirPx * (room_.letters - 1); }
  /// Whether every so many names have room in so many lines, each in the first one where it has.
  [[nodiscard]] bool have_room(const IndexSpan& cols, float pitch, int lines, int stride) const;
  /// The keys of a pattern, below it, in lines one under the other where names are wider than columns. Where columns are narrower
  /// than letters are high, only so many have names as stand in one line, because one could not tell whose the others are.
  void name_keys(const IndexSpan& cols, float pitch);
  /// A column whose foot is in the picture or below it.
  [[nodiscard]] std::optional<SeenLine> foot_of_key(int i) const;
  /// In the first of so many lines below the pattern where it has room. `step`: from one line to the next.
  void name_key(int i, int lines, float step);

  const ViewScene& scene_;
  const SceneInput& input_;
  const SheetInFocus& focus_;
  const ModelConfig& config_;
  const render::Panel& panel_;
  const PanelInfo& info_;
  SheetAxes axes_;
  const render::Projection& view_;
  glm::vec3 target_;
  const EdgeRoom& room_;
  std::span<const SeenPlate> plates_;  ///< all that are in sight
  float px_ = 0, line_ = 0;            ///< of letters, and of a name with its tag
  float air_ = kAirPx;                 ///< between names and the sheet, or the frame round it
  bool snug_ = false;                  ///< tags are no larger than their letters
  const Palette& colors_;
  SeenSheet sheet_;
  std::vector<EdgeName> names_;
  float strip_ = -1e9F;   ///< the right end of the names of rows
  float heads_high_ = 0;  ///< of the line of heads above the columns' names
  Keys keys_;
};

}  // namespace gf::scene
