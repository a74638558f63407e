// Where a sheet is on the screen, and its rows and columns.
#pragma once

#include <optional>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "renderer/camera.h"

namespace gf::scene {

/// An upright box of the page, or before it, on the screen; nullopt where part of it is behind the eye.
[[nodiscard]] std::optional<ScreenBox> on_screen(const ViewScene::Box& box, const render::Projection& view, float z = 0);
/// The same of a sheet that stands upright.
[[nodiscard]] std::optional<ScreenBox> sheet_on_screen(const render::Panel& sheet, const render::Projection& view);

/// The part of a line that is in a rectangle of the screen.
struct SeenLine {
  glm::vec2 a{0}, b{0};
  bool a_cut = false, b_cut = false;  ///< the line goes on beyond that end
};

/// Rows or columns, half open.
struct IndexSpan {
  int from = 0, to = 0;
};

/// A sheet as the view shows it.
/// Lifetime: all that it is made of outlives it.
class SeenSheet {
 public:
  SeenSheet(const render::Panel& panel, const PanelInfo& info, const render::Projection& view, const ScreenBox& free)
      : panel_(panel), info_(info), view_(view), free_(free) {}

  [[nodiscard]] glm::vec3 at(float row, float col) const {
    return panel_.origin + panel_.across * (col / static_cast<float>(info_.cols)) + panel_.down * (row / static_cast<float>(info_.rows));
  }
  /// Along the middle of a row: `a` is its left end.
  [[nodiscard]] std::optional<SeenLine> row(int i) const;
  /// Along a column, counted in halves: `a` is its upper end.
  [[nodiscard]] std::optional<SeenLine> column(float at_col) const;
  /// Those that may be in sight, by where the corners of the view meet the sheet.
  [[nodiscard]] IndexSpan rows() const { return window(panel_.down, info_.rows); }
  [[nodiscard]] IndexSpan cols() const { return window(panel_.across, info_.cols); }

 private:
  [[nodiscard]] IndexSpan window(glm::vec3 edge, int count) const;

  const render::Panel& panel_;
  const PanelInfo& info_;
  const render::Projection& view_;
  const ScreenBox& free_;
};

/// A pattern, or scores, with its box on the screen.
struct SeenPlate {
  int panel = 0;
  ScreenBox box;
};
/// All plates of the scene that are before the eye. Their boxes may lie outside the picture.
[[nodiscard]] std::vector<SeenPlate> plates_on_screen(const ViewScene& scene, const render::Projection& view);

}  // namespace gf::scene
