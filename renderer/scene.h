// What is drawn: panels of cells, ribbons, lines, labels. No transformers here. Plain values, made anew each frame.
#pragma once

#include <cstdint>
#include <glm/glm.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "renderer/camera.h"
#include "renderer/colormap.h"
#include "renderer/tile_source.h"

namespace gf::render {

using Color = glm::vec4;  ///< straight sRGB values in [0, 1] and alpha; blending happens in that space

[[nodiscard]] inline Color as_color(Rgb8 c, float alpha = 1) { return {glm::vec3(c[0], c[1], c[2]) / 255.0F, alpha}; }

/// A rectangle (or parallelogram) of cells. Cell (row, col) lies at origin + across * col/cols + down * row/rows.
/// Seen from both sides. Fully opaque where it has values and alpha is 1.
struct Panel {
  glm::vec3 origin{0};
  glm::vec3 across{1, 0, 0};  ///< to the right end of the last column
  glm::vec3 down{0, 1, 0};    ///< to the lower end of the last row
  std::shared_ptr<const TileSource> source;
  ColorMap map = ColorMap::Signed;
  float scale = 1;          ///< the value that saturates
  float offset = 0;         ///< subtracted first
  float rows_shown = 1e9F;  ///< rows below this many are there; of the fractional row, that share of its columns
  float alpha = 1;          ///< of the whole panel; < 1 dims it towards the ground
  Color empty{0};           ///< what cells without a value show (not computed, masked): the ground of the frame
  Color frame{1};           ///< border, drawn as an antialiased line
  float frame_px = 1;
  bool hatched = false;  ///< edited: a hatched frame
  float glow = 0;        ///< 0..1: changed downstream of an edit; a halo round the frame in glow_color
  Color glow_color{0};
  int highlight_row = -1, highlight_col = -1;  ///< outlined row, column
  int grid_every = 0;                          ///< a stronger line every so many columns (heads' bands); 0: none
};

/// A band of light from edge a to edge b: at s in [0, 1] it runs along a cubic whose ends leave in `a_out` and
/// arrive along `b_in` (both lengths matter). Drawn translucent, behind panels at equal depth, no depth write.
struct Ribbon {
  glm::vec3 a0{0}, a1{0}, b0{0}, b1{0};
  glm::vec3 a_out{0}, b_in{0};
  Color color{1}, color_end{1};
  float shown = 1;   ///< only s <= shown is drawn: data on its way
  float pulse = -1;  ///< position of a bright spot; < 0: none
  bool cut = false;  ///< ends in a visible cut in its middle
  /// Of one colour all over, without rims, and it covers what lies behind it: a ground for words, a cell. Neither pulse nor cut, and whole.
  bool solid = false;
  int means = -1;  ///< for whoever made the scene: what it stands for; not drawn
};

/// A polyline in space, antialiased, on top of panels where `on_top`.
struct Line {
  std::vector<glm::vec3> points;
  Color color{1};
  float width_px = 1.5F;
  float most_share = 0;  ///< > 0: no wider than this share of the shorter side of its box on the screen; for outlines
  bool on_top = false;
  bool arrow = false;  ///< a head at the last point
};

enum class Align : std::uint8_t { Begin, Middle, End };

/// A line of text, always horizontal on the screen. Its size follows the world (`height` in world units) within
/// [min_px, max_px]; a label that would be under min_px is left out, unless it stays. min_px is never under 11.
struct Label {
  std::string text;  ///< UTF-8
  glm::vec3 anchor{0};
  glm::vec2 offset_px{0};
  Align horizontal = Align::Begin, vertical = Align::Middle;
  float height = 1;
  float min_px = 11, max_px = 22;
  Color color{1};
  Color background{0};  ///< alpha > 0: a rounded tag behind the text
  bool snug = false;    ///< the tag is only as large as the letters, so that the label needs no more room than one without a tag
  float alpha = 1;
  int priority = 0;  ///< where two overlap, the lower one gives way; ties: the earlier stays
  bool bold = false;
  float hide_above_depth = 0;  ///< > 0: left out when its anchor is farther than this
  bool stays = false;          ///< where it would be under min_px it has that size, and is not left out
  int means = -1;              ///< for whoever made the scene: what it stands for; not drawn
};

/// Everything of one frame.
struct Scene {
  Theme theme = Theme::Dark;
  Color ground{0, 0, 0, 1};
  std::vector<Panel> panels;
  std::vector<Ribbon> ribbons;
  bool ribbons_in_order = false;  ///< drawn as listed, not the farthest first; for flat scenes, which have an order of their own
  std::vector<Line> lines;
  std::vector<Label> labels;
  bool labels_fade = false;   ///< of a picture in motion: labels fade as others come near. In one at rest each is there or not
  glm::vec3 low{0}, high{0};  ///< bounds of the whole
  /// Another scene that is drawn left of a vertical line in place of this one; null: none. The overlay is drawn over both.
  std::shared_ptr<const Scene> left;
  float split = 0.5F;  ///< where the line is, as a share of the picture's width
  /// The camera of `left`, where the two are whole pictures beside each other, of half_of() the width each; none: one picture, which
  /// one camera sees and the line divides.
  std::optional<Camera> left_camera;
};

/// The width in pixels of two pictures beside each other. The column between them, where the whole is odd, belongs to neither.
[[nodiscard]] constexpr int half_of(int width) { return width / 2; }

}  // namespace gf::render
