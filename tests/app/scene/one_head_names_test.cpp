// Names of a head that is shown alone.
#include "app/scene/legend_shape.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

using OneHeadNames = NamesInPanes;

TEST_F(OneHeadNames, a_head_alone_names_its_sheets_and_its_rows) {
  const auto T = static_cast<int>(input.run->base->length());
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    show_head_alone(in);
    const auto all = seen();
    const ViewScene& built = composer.built();
    for (const std::size_t index : built.sheet_names)
      EXPECT_NE(std::ranges::find(all, index, &Seen::index), all.end()) << built.scene->labels[index].text;
    const ScreenBox whole{{0, 0}, pane.size};
    for (const render::Panel& sheet : built.scene->panels) {
      const auto box = on_screen({sheet.origin, sheet.origin + sheet.across + sheet.down}, render::Projection(*view.camera, pane.size));
      ASSERT_TRUE(box);
      EXPECT_TRUE(box->low.x >= 0 && box->low.y >= 0 && box->high.x <= whole.high.x && box->high.y <= whole.high.y) << "in sight";
      const auto legend = legend_box(composer.frame().legend, pane, composer.frame().legend_room.spoken, true);
      if (legend) {
        EXPECT_FALSE(legend->meets(*box)) << "the legend covers a sheet";
      }
    }
    const int named = names().tokens;
    const bool low = in.size.y < 300;
    EXPECT_GE(named, low ? 8 : 2 * T) << "of both lines";
    expect_nothing_lost("pattern", {{{HookKind::Pattern, 5}, {}}, {1, 13, 1}});
    expect_nothing_lost("q", {{{HookKind::Q, 5}, {}}, {13, 1, 5}});
  }
}

TEST_F(OneHeadNames, a_head_alone_names_each_row_of_a_sheet_once) {
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    show_head_alone(in);
    const auto all = seen();
    const render::Projection seen_by(*view.camera, pane.size);
    for (const ViewScene::RowLine& line : composer.built().row_lines) {
      const glm::vec2 low(seen_by.pixel({line.x, line.y, 0})), foot(seen_by.pixel({line.x, line.y + 1, 0}));
      // "garden" stands once in the prompt, and so once left of each line.
      const auto times = std::ranges::count_if(all, [&](const Seen& label) {
        const float middle = (label.low.y + label.high.y) / 2;
        return label.text == composer.built().row_texts[7] && label.high.x < low.x + 2 && label.high.x > low.x - 130 * in.letters &&
               middle > low.y - 60 && middle < foot.y + 60;
      });
      EXPECT_LE(times, 1) << line.x << ", " << line.y;
    }
  }
}

}  // namespace
}  // namespace gf::scene
