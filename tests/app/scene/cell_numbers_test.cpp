// Values in the cells of sheets that are near enough, in windows and in Present.
#include <cmath>

#include "app/scene/label_box.h"
#include "app/scene/legend_shape.h"
#include "app/scene/placed_names.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

class CellNumbers : public NamesInPanes {
 protected:
  struct Cells {
    int wide_enough = 0, written = 0;
    float least_px = 1e9F;  ///< of their letters
  };
  /// Of a panel: the cells in the picture, off what covers it, that are this large.
  Cells cells_of(std::size_t panel, glm::vec2 least) {
    const auto all = seen();
    const Frame& frame = composer.frame();
    const render::Projection view_of(frame.camera, pane.size);
    const ViewScene& built = composer.built();
    const render::Panel& sheet = built.scene->panels[panel];
    const PanelInfo& info = built.panels[panel];
    const glm::vec3 across = sheet.across / static_cast<float>(info.cols), down = sheet.down / static_cast<float>(info.rows);
    const EdgeRoom room = room_of(pane, frame.guides);
    const auto legend = legend_box(frame.legend, pane, frame.legend_room.spoken, true);
    std::vector<ScreenBox> names;  // of rows and columns, which stand over cells at the picture's edges
    for (const Seen& label : all)
      if (frame.scene.scene->labels[label.index].priority > 2) names.push_back({label.low, label.high});
    Cells found;
    for (int row = 0; row < info.rows; ++row)
      for (int col = 0; col < info.cols; ++col) {
        if (std::isnan(sheet.source->value(row, col))) continue;
        const glm::vec3 corner = sheet.origin + across * static_cast<float>(col) + down * static_cast<float>(row);
        const glm::vec2 low(view_of.pixel(corner)), right(view_of.pixel(corner + across)), below(view_of.pixel(corner + down)),
            high(view_of.pixel(corner + across + down));
        const ScreenBox box{glm::min(glm::min(low, right), glm::min(below, high)), glm::max(glm::max(low, right), glm::max(below, high))};
        if (glm::length(right - low) < least.x || glm::length(below - low) < least.y || !lies_in(box, room.free)) continue;
        const auto covers = [&](const ScreenBox& other) { return other.meets(box); };
        if (std::ranges::any_of(room.taken, covers) || std::ranges::any_of(names, covers) || (legend && legend->meets(box))) continue;
        ++found.wide_enough;
        const auto in_cell = [&](const Seen& label) {
          return frame.scene.scene->labels[label.index].priority == 2 && box.contains((label.low + label.high) / 2.0F);
        };
        const auto number = std::ranges::find_if(all, in_cell);
        if (number == all.end()) continue;
        ++found.written;
        found.least_px = std::min(found.least_px, (number->high.y - number->low.y) / 1.04F);
      }
    return found;
  }
  std::size_t panel_of(HookId hook, int head) {
    const auto& panels = composer.built().panels;
    const auto is_it = [&](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook == hook && (head < 0 || p.head == head); };
    return static_cast<std::size_t>(std::ranges::find_if(panels, is_it) - panels.begin());
  }
};

TEST_F(CellNumbers, each_cell_that_is_large_enough_has_its_value) {
  int patterns = 0, sheets = 0;
  for (const PaneOfWindow& in : kPanes)
    for (const float zoom : {1.0F, 0.8F, 0.65F, 0.5F, 0.42F, 0.35F}) {
      SCOPED_TRACE(std::string(in.name) + ", zoom " + std::to_string(zoom));
      window(in.size, in.letters);
      view = {};
      look("head 4.3");
      view.camera->distance *= zoom;
      compose();
      const Cells plate = cells_of(panel_of({HookKind::Pattern, 4}, 3), {24, 14});
      EXPECT_EQ(plate.written, plate.wide_enough) << "of a pattern";
      patterns += plate.written;
      view.one_head = OneHead{5, 1, {}};
      look("home");
      view.camera->distance *= 0.5F * zoom;
      compose();
      for (const HookKind kind : {HookKind::Q, HookKind::AttnScores}) {
        const Cells sheet = cells_of(panel_of({kind, 5}, -1), {30, 14});
        EXPECT_GE(sheet.written, sheet.wide_enough) << "of " << info_of(kind).name;
        sheets += sheet.written;
      }
    }
  EXPECT_GT(patterns, 500);
  EXPECT_GT(sheets, 450);
}

}  // namespace
}  // namespace gf::scene
