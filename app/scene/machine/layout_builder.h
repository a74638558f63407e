// Builds the parts of a layout: sheets, shelves, strips, plates and the ribbons between them.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "app/scene/legend.h"
#include "app/scene/machine/layout.h"
#include "model/base/text.h"
#include "model/hook_sources.h"

namespace gf::scene {

/// All in sheet widths. Above a sheet with a shelf there is room enough to see the shelf from above.
struct Metrics {
  float H = 0.5F;          ///< height of a sheet
  float beside = 0.17F;    ///< between the sheets of a loop
  float aisle = 0.34F;     ///< right of a loop: its way up to the band
  float gutter = 0.3F;     ///< left of a block's first slab, for the names of rows
  float apart = 0.3F;      ///< between the rectangles of two blocks on a line
  float below = 0.5F;      ///< between those of two lines, at least: the band to the next line runs there
  float shelf_gap = 0.3F;  ///< above a sheet with a shelf
  float strip = 0.03F, strip_gap = 0.012F;
  float depth = 0.6F;                                                   ///< of a d_model shelf, compressed
  float fold_gap = 0.03F;                                               ///< between folds of one sheet
  static constexpr float kAbove = 0.45F, kFoot = 0.1F, kRight = 0.12F;  ///< of a block's rectangle beyond its sheets

  [[nodiscard]] float attention_width() const { return 3 + 2 * beside; }
  [[nodiscard]] float loop() const { return attention_width() + aisle; }
  /// Both loops and the slab after the second one.
  [[nodiscard]] float block_width() const { return 2 * loop() + 1; }
  [[nodiscard]] float rect_width() const { return gutter + block_width() + kRight; }
  [[nodiscard]] float pitch() const { return rect_width() + apart; }
  /// From the embedding to the first line, and from the last slab to the final LayerNorm: as far as from block to block.
  [[nodiscard]] float embed_room() const { return gutter + std::min(apart, kMostApart) + 0.2F; }
  [[nodiscard]] float head_room() const { return kRight + std::min(apart, kMostApart) + 0.1F; }
  static constexpr float kMostApart = 1.7F;
};

inline constexpr float kWordsGap = 0.3F;  ///< from the logits to the words

/// Where the rows of a block stand, from the upper edge of the band on.
struct BlockRows {
  float copies = 0, norm = 0, qkv = 0, scores = 0, pattern = 0, z = 0, result = 0, out = 0;
  float mlp = 0, mlp_out = 0;
  float bottom = 0;
  int plates_a_row = 1, rows_of_plates = 1;
  float plate = 0.4F;     ///< side of a plate
  float plates_y = 0.5F;  ///< height of all plates of a hook
};

/// A rectangle of the front plane.
struct Area {
  float x = 0, y = 0, w = 1, h = 0.5F;
  [[nodiscard]] float right() const { return x + w; }
  [[nodiscard]] float bottom() const { return y + h; }
};

class LayoutBuilder {
 public:
  LayoutBuilder(const LayoutInput& input, const Metrics& metrics) : in(input), m(metrics) {}

  [[nodiscard]] bool shows(HookKind kind) const { return in.hooks[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const WeightShape* weight(const std::string& name) const;
  [[nodiscard]] int folds() const;            ///< of d_model columns in d_mlp
  [[nodiscard]] float folded_height() const;  ///< of a folded MLP sheet
  [[nodiscard]] BlockRows rows() const;
  /// The name over a hook's sheet.
  [[nodiscard]] std::string tag_of(HookKind kind) const { return sheet_name({{kind, 0}, {}}, in.config); }

  /// A sheet of `cols` features from `col0` on.
  void sheet(HookId hook, const Area& at, int col0, int cols, int grid_every = 0);
  /// T x 1 statistics at the left side of a sheet.
  void scale_strip(HookId hook, const Area& sheet);
  /// One square plate a head, [query x key], in one row or two.
  void plates(HookId hook, float x, float y, const BlockRows& rows);
  [[nodiscard]] Area plate_of(int head, float x, float y, const BlockRows& rows) const;
  /// One sheet a head, side by side.
  void results(HookId hook, const Area& at);
  /// A weight's rectangle receding from height y, `z` behind the front; row 0 at the back.
  void shelf(const std::string& name, float x, float w, float y, float z, float depth, int row0, int rows, int col0, int cols);
  /// A vector as one row of cells.
  void strip(const std::string& name, const Area& at, int col0, int cols);
  /// gamma and beta above a sheet.
  void norm_strips(const std::string& gamma, const std::string& beta, const Area& sheet);
  /// Bias strip and shelf of y = x W + b over a sheet; returns the height where the shelf lies.
  float product(const std::string& w, const std::string& b, const Area& sheet, float depth, int col0, int cols);
  void tag(std::string text, const Area& at);
  void weight_tag(std::string text, const Area& at, float y, float depth = 0);
  /// An empty part of the page for an operation's numbers, see Layout::boards.
  void board(const Area& at) { out.boards.push_back({{at.x, at.y, 0}, {at.right(), at.bottom(), 0}}); }
  /// The one of a loop: right of its LayerNorm, under the band.
  void board_beside(const Area& norm, float band_bottom);
  /// The + where a loop comes back into the band.
  void sum(float x, const Area& band);

  /// a_out and b_in are given as Bezier handles; the renderer's cubic takes tangents. `r.from` has to be a source of `r.into`.
  void ribbon(LayoutRibbon r) {
    EXPECTS(feeds(r.from, r.into, in.config), "a ribbon leads from a source to what is made of it");
    r.a_out *= 3.0F;
    r.b_in *= 3.0F;
    out.ribbons.push_back(r);
  }
  /// Where a ribbon begins or ends: a piece of a horizontal edge, `z` behind the front.
  struct Edge {
    float x0, x1, y, z = 0;
  };
  struct Flow {
    HookId from, into;
    LayoutRibbon::Kind kind = LayoutRibbon::Kind::Flow;
    int head = -1;
    float strength = 1;
  };
  /// Down from one edge to another. A ribbon that leads to the foot of a shelf ends at the shelf's far end, because it would tint
  /// the shelf if it fell before it.
  void pour(const Edge& from, const Edge& to, const Flow& flow);
  /// The band of a head on a sheet's lower or upper edge, `share` of its width.
  [[nodiscard]] Edge edge_of_head(int head, const Area& sheet, float y, float share, float z = 0) const;
  /// Sideways to the right, from one sheet's edge to another's.
  void across(const Area& from, const Area& to, const Flow& flow);
  /// From a tall stack of sheets to the foot of the shelf over the sheet at its lower right.
  void funnel(const Area& stack, const Edge& to, const Flow& flow);
  /// From the right side of a sheet up to the band, whose lower edge is at `y`.
  void rise(const Area& from, float x, float y, const Flow& flow);
  /// From the end of a line to the beginning of the next; it runs left at `y`.
  void carry(const Area& from, const Area& to, float y, const Flow& flow);

  /// Left of the first line, which begins at x, y.
  void embedding(float x, float y);
  /// A whole block; returns its last slab. `stream`: its first.
  Area block(int block, const Area& stream);
  /// Right of the last line, in whose band the final LayerNorm stands. `foot_of_page`: words stand above it.
  void unembedding(float x, float y, float foot_of_page);
  [[nodiscard]] static float words_height(float text_scale);

  const LayoutInput& in;
  Metrics m;
  Layout out;

 private:
  /// Both return the slab of the sum.
  Area attention(int block, const Area& stream, const BlockRows& rows);
  Area mlp(int block, const Area& mid, const BlockRows& rows);
  /// The LayerNorm at the beginning of a loop.
  struct LoopNorm {
    HookKind input, normalized, scale;
    const char* weights;  ///< "ln_1"
  };
  /// Lays out the norm's sheet and its parts. `below`: how far under the upper edge of the stream that it reads.
  Area norm_of_loop(int block, const LoopNorm& norm, const Area& stream, float below);
  void heads(int block, const Area& q, const Area& k, const Area& v, const Area& z, const BlockRows& rows);
};

}  // namespace gf::scene
