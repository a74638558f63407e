// Where everything of the Stream stands: a lattice of tiles, positions downwards and depths to the right. A tile is one
// unit high; the lattice's pitches suit the viewport. Pure geometry.
#pragma once

#include <glm/glm.hpp>

namespace gf::scene {

struct StreamShape {
  int n_layer = 1, n_head = 1, d_model = 1, T = 1;
  float aspect = 16.0F / 9.0F;  ///< of what the viewport leaves free
  float height_px = 720;        ///< of the same
  float presentation = 1;       ///< scales letters
  float above = 0;              ///< room kept free above the titles, in tile heights
  friend bool operator==(const StreamShape&, const StreamShape&) = default;
};

struct StreamLayout {
  int fold_cols = 1, fold_rows = 1;  ///< a position's vector as a rectangle
  int pitch = 1;                     ///< rows of cells from one tile to the next
  float tile_w = 1, step_x = 5, step_y = 1.3F;
  float words = 2;                                     ///< room for a word at a tile's right
  float word_room = 2;                                 ///< how wide a word may be
  bool words_below = false;                            ///< words stand below a tile in place of beside it
  float bars = 0.4F;                                   ///< room for two norms at a tile's left
  float band_top = 0.64F, band_end = 0.8F;             ///< of the stream from tile to tile, below a tile's upper edge
  float letters = 0.5F, titles = 0.6F, tokens = 0.6F;  ///< heights of words, titles, and the tokens at the left
  int plates_across = 1, plates_down = 1;
  float plate = 1, plate_gap = 0.1F;
  float title_y = 0;  ///< baselines of the blocks' titles, above the plates, and of the depths' below them
  float depth_y = 0;
  float plates_y = 0;
  glm::vec3 low{0}, high{0};
  int home_rows = 1;  ///< the first picture shows so many of the last rows, as many as can be read

  [[nodiscard]] float column(int depth) const { return static_cast<float>(depth) * step_x; }
  [[nodiscard]] float row(int position) const { return static_cast<float>(position) * step_y; }
  /// Upper left corner of a tile.
  [[nodiscard]] glm::vec3 tile(int depth, int position) const { return {column(depth), row(position), 0}; }
  /// Where the ribbons of a block begin and end.
  [[nodiscard]] float ribbons_from(int block) const { return column(block) + tile_w + words; }
  [[nodiscard]] float ribbons_to(int block) const { return column(block + 1) - bars; }
  /// Upper left corner of a head's plate.
  [[nodiscard]] glm::vec3 plate_at(int block, int head) const;
  /// Height of a first picture that does not show all rows: those that it shows, below the strip of the titles.
  [[nodiscard]] float home_high() const;
  [[nodiscard]] float home_strip() const;
  /// Of what lies between two columns.
  [[nodiscard]] float middle(int block) const { return column(block) + 0.5F * (tile_w + step_x); }
};

[[nodiscard]] StreamLayout make_stream_layout(const StreamShape& shape);

}  // namespace gf::scene
