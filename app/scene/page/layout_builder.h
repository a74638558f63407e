// Builds the parts of a layout: sheets, shelves, strips, plates and the ribbons between them.
#pragma once

#include <string>

#include "app/scene/page/layout.h"
#include "model/base/text.h"
#include "model/hook_sources.h"

namespace gf::scene {

/// All in sheet widths. Above a sheet with a shelf there is room enough to see the shelf from above.
struct Metrics {
  float H = 0.5F;           ///< height of a sheet
  float beside = 0.24F;     ///< stream to MLP
  float aisle = 0.36F;      ///< attention to stream: the way up to the next column runs here
  float head_room = 0.34F;  ///< above a block: its title
  float shelf_gap = 0.27F;
  float strip = 0.03F, strip_gap = 0.012F;
  float depth = 0.6F;      ///< of a d_model shelf, compressed
  float fold_gap = 0.03F;  ///< between bands of one folded sheet
  [[nodiscard]] float pitch() const { return 2.0F + beside + aisle; }
};

/// A rectangle of the front plane.
struct Area {
  float x = 0, y = 0, w = 1, h = 0.5F;
  [[nodiscard]] float right() const { return x + w; }
  [[nodiscard]] float bottom() const { return y + h; }
};

/// The tag beside a hook's block.
[[nodiscard]] inline std::string tag_of(HookKind kind) { return text(info_of(kind).tag); }

class LayoutBuilder {
 public:
  LayoutBuilder(const LayoutInput& input, const Metrics& metrics) : in(input), m(metrics) {}

  [[nodiscard]] bool shows(HookKind kind) const { return in.hooks[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const WeightShape* weight(const std::string& name) const;
  [[nodiscard]] int bands() const;            ///< of d_model columns in d_mlp
  [[nodiscard]] float folded_height() const;  ///< of a folded MLP sheet
  [[nodiscard]] float block_height() const;

  /// A sheet of `cols` features from `col0` on.
  void sheet(HookId hook, const Area& at, int col0, int cols, int grid_every = 0);
  /// T x 1 statistics at the left side of a sheet.
  void scale_strip(HookId hook, const Area& sheet);
  /// One plate a head under the heads' bands.
  void plates(HookId hook, const Area& at);
  /// A weight's rectangle receding from height y, `z` behind the front; row 0 at the back.
  void shelf(const std::string& name, float x, float w, float y, float z, float depth, int row0, int rows, int col0, int cols);
  /// A vector as one row of cells.
  void strip(const std::string& name, const Area& at, int col0, int cols);
  /// gamma and beta above a sheet.
  void norm_strips(const std::string& gamma, const std::string& beta, const Area& sheet);
  /// Bias strip and shelf of y = x W + b over a sheet; returns the height where the shelf lies.
  float product(const std::string& w, const std::string& b, const Area& sheet, float depth, int col0, int cols);
  void tag(std::string text, const Area& at);
  void weight_tag(std::string text, const Area& at, float y);

  /// a_out and b_in are given as Bezier handles; the renderer's cubic takes tangents. `r.from` has to be behind `r.into`.
  void ribbon(LayoutRibbon r) {
    EXPECTS(feeds(r.from, r.into, in.config), "a ribbon leads from a source to what is made of it");
    r.a_out *= 3.0F;
    r.b_in *= 3.0F;
    out.ribbons.push_back(r);
  }
  /// Straight down between two heights. `back`: so far into the depth, to the far end of a shelf, which it would tint
  /// if it fell before it.
  void fall(float x0, float x1, float from, float to, HookId source, HookId into, LayoutRibbon::Kind kind, int head = -1,
            float strength = 1, float back = 0);
  /// A thread for each head, down between two heights.
  void threads(const Area& sheet, float from, float to, HookId source, HookId into, float width, float back = 0);
  /// Sideways from one sheet's edge to another's.
  void across(const Area& from, const Area& to, bool to_left, HookId source, HookId into);
  /// Out at a side and in again at the same side further down.
  void around(const Area& from, const Area& to, bool left, HookId source, HookId into, float strength = 1);
  /// From the foot of one tower column up the aisle to the head of the next.
  void climb(const Area& foot, const Area& head, float lowest, HookId source, HookId into);
  /// From the right side of the embedding over the first block's attention to the head of the stream.
  void over(const Area& from, const Area& head, HookId source, HookId into);

  void embedding(float x, float y);
  /// Both return where the slab of the sum stands.
  Area attention(int block, const Area& stream);
  Area mlp(int block, const Area& mid);
  void head(float x, float y);
  [[nodiscard]] static float head_height(const LayoutInput& input, const Metrics& metrics);

  const LayoutInput& in;
  Metrics m;
  Layout out;
};

}  // namespace gf::scene
