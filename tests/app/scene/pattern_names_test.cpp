// Names and values of a pattern, and names beside other sheets that fill the picture.
#include <array>
#include <set>

#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

using PatternNames = NamesInPanes;

TEST_F(PatternNames, the_title_names_the_head_that_fills_the_picture) {
  for (const PaneOfWindow& in : kPanes) {
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("head 5.1");
    const auto all = seen();
    const auto& path = composer.frame().guides.path;
    const bool said_by_path = pane_is_low(pane) && !path.empty();
    EXPECT_TRUE(said_by_path || with(all, "block 5 · head 1").size() == 1);
    pane.guides = false;
    EXPECT_EQ(with(seen(), "block 5 · head 1").size(), 1U) << "in a picture";
    look("block 5");
    EXPECT_TRUE(with(seen(), "· head").empty());
  }
}

TEST_F(PatternNames, every_key_of_a_large_pattern_is_named) {
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400 * in.letters) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("head 5.1");
    const auto all = seen();
    const ScreenBox plate = plate_on_screen(5, 1);
    std::multiset<std::string> below;
    for (const Seen& label : all)
      if (is_token(label) && label.low.y > plate.high.y - 30 && label.low.x > plate.low.x - 30 && label.high.x < plate.high.x + 30)
        below.insert(label.text);
    // Where letters are large in the pane every second one, counted from the last.
    const auto& tokens = composer.built().row_texts;
    const std::size_t stride = in.size.y >= 600 * in.letters ? 1 : 2;
    for (std::size_t p = (tokens.size() - 1) % stride; p < tokens.size(); p += stride) EXPECT_TRUE(below.contains(tokens[p])) << tokens[p];
  }
}

TEST_F(PatternNames, a_pattern_in_present_names_each_row_and_writes_its_values) {
  for (const PaneOfWindow& in : kPanes) {
    if (in.letters <= 1 || in.size.y < 600) continue;
    for (const char* camera : {"head 4.3", "head 5.1", "head 2.0"}) {
      SCOPED_TRACE(std::string(in.name) + ", " + camera);
      window(in.size, in.letters);
      view = {};
      const int block = camera[5] - '0', head = camera[7] - '0';
      view.selection = CellRef{{{HookKind::Pattern, block}, {}}, {head, 13, 0}};
      look(camera);
      const auto all = seen();
      const ScreenBox plate = plate_on_screen(block, head);
      int rows = 0, values = 0;
      for (const Seen& label : all) {
        const glm::vec2 middle = (label.low + label.high) / 2.0F;
        const bool high_enough = middle.y > plate.low.y && middle.y < plate.high.y;
        if (is_token(label) && high_enough && label.high.x < plate.low.x + 14 && label.high.x > plate.low.x - 24) ++rows;
        if (label.text.starts_with(".") && lies_in({label.low, label.high}, plate)) ++values;
      }
      EXPECT_EQ(rows, 14);
      EXPECT_GE(values, 60) << "of 105 cells, " << (plate.high.x - plate.low.x) / 14 << " px";
    }
  }
}

TEST_F(PatternNames, the_title_leaves_the_name_of_the_first_row_to_be_read) {
  for (const glm::vec2 size : {glm::vec2(626, 388), {640, 400}, {666, 420}, {680, 440}, {720, 480}})
    for (const char* camera : {"head 4.3", "head 5.1"}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + camera);
      window(size);
      look(camera);
      const auto all = seen();
      const std::string& first = composer.built().row_texts.front();
      const ScreenBox plate = plate_on_screen(camera[5] - '0', camera[7] - '0');
      const auto beside = [&](const Seen& label) { return label.text == first && label.high.x < plate.low.x + 4; };
      EXPECT_EQ(std::ranges::count_if(all, beside), 1);
    }
}

TEST_F(PatternNames, rows_that_are_left_out_beside_a_sheet_are_said) {
  of_long_prompt(40);
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    view.selection = CellRef{{{HookKind::Pattern, 5}, {}}, {1, 13, 1}};
    look("head 5.1");
    const auto all = seen();
    const ScreenBox plate = plate_on_screen(5, 1);
    int rows = 0;
    for (const Seen& label : all) {
      // At its rows, or in a list of two columns.
      const bool beside = label.high.x < plate.low.x + 14 && label.high.x > plate.low.x - 160 * in.letters;
      if (is_token(label) && beside && label.low.y > plate.low.y - 60 && label.high.y < plate.high.y + 60) ++rows;
    }
    const int T = static_cast<int>(composer.built().row_texts.size());
    ASSERT_GT(rows, 5);
    if (rows < T / 2 + 2) {
      EXPECT_EQ(with(all, "named").size() - with(all, "keys named").size(), 1U) << rows << " of " << T;
    }
  }
}

TEST_F(PatternNames, a_layer_norms_rows_are_named_beside_its_scales) {
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("blocks.4.ln1.hook_normalized");
    const auto all = seen();
    const ViewScene& built = composer.built();
    const auto strip = std::ranges::find_if(built.panels, [](const PanelInfo& p) {
      return p.role == PanelInfo::Role::Statistic && p.tensor.hook == HookId{HookKind::Ln1Scale, 4};
    });
    ASSERT_NE(strip, built.panels.end());
    const render::Panel& scales = built.scene->panels[static_cast<std::size_t>(strip - built.panels.begin())];
    const auto box = sheet_on_screen(scales, render::Projection(*view.camera, pane.size));
    ASSERT_TRUE(box);
    int named = 0;
    for (const Seen& label : all) {
      if (!is_token(label)) continue;
      const bool tagged = composer.frame().scene.scene->labels[label.index].background.a > 0.8F;
      // The strip leans: at each height its own left side counts.
      const float t = ((label.low.y + label.high.y) / 2 - box->low.y) / (box->high.y - box->low.y);
      const glm::vec3 side = render::Projection(*view.camera, pane.size).pixel(scales.origin + scales.down * t);
      if (t < 0 || t > 1) continue;
      EXPECT_TRUE(tagged || label.high.x <= side.x + 2) << label.text << " over the scales";
      ++named;
    }
    EXPECT_GE(named, 7);
  }
}

TEST_F(PatternNames, what_is_taken_and_meets_no_name_changes_none) {
  for (const PaneOfWindow& in : kPanes)
    for (const char* camera : {"head 5.1", "attention 4", "blocks.4.attn.hook_q"}) {
      SCOPED_TRACE(std::string(in.name) + ", " + camera);
      window(in.size, in.letters);
      look(camera);
      compose();
      const ViewScene& built = composer.built();
      const render::Projection seen_by(*view.camera, pane.size);
      const SheetInFocus sheet{sheet_in_middle(built, *view.camera, pane)};
      EdgeRoom room = room_of(pane, {});
      const auto names = edge_names(built, input, sheet, seen_by, view.camera->target, room);
      for (const EdgeName& name : names) EXPECT_FALSE(stand_beside(names, std::array{name.box}));
      // Boxes all over the picture.
      constexpr int kSteps = 6;
      for (int i = 0; i < kSteps * kSteps; ++i) {
        const glm::vec2 cell = pane.size / static_cast<float>(kSteps), at = cell * glm::vec2(i % kSteps, i / kSteps);
        const ScreenBox box{at, at + 0.6F * cell};
        if (!stand_beside(names, std::array{box})) continue;
        room.taken.push_back(box);
        const auto again = edge_names(built, input, sheet, seen_by, view.camera->target, room);
        room.taken.pop_back();
        ASSERT_EQ(again.size(), names.size());
        for (std::size_t k = 0; k < names.size(); ++k) {
          EXPECT_EQ(again[k].box.low, names[k].box.low);
          EXPECT_EQ(again[k].label.text, names[k].label.text);
        }
      }
    }
}

TEST_F(PatternNames, letters_beside_low_rows_are_as_large_in_present_as_their_rows_let_them) {
  int beside_plates = 0;
  for (const PaneOfWindow& in : kPanes) {
    if (in.letters <= 1) continue;
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"head 4.3", "attention 4"}) {
        if (shown == View::Machine && camera[0] == 'a') continue;
        SCOPED_TRACE(std::string(in.name) + ", " + camera);
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        look(camera);
        const auto all = seen();
        const ScreenBox plate = plate_on_screen(4, 3);
        const float row = (plate.high.y - plate.low.y) / 14;
        if (row < 12.5F) continue;
        for (const Seen& label : all) {
          if (!is_token(label) || label.high.x > plate.low.x + 14 || label.high.x < plate.low.x - 24) continue;
          if (label.low.y < plate.low.y - 4 || label.high.y > plate.high.y + 4) continue;
          EXPECT_GE(label.high.y - label.low.y, std::min(18 * 1.04F, 0.82F * row) - 0.01F) << label.text << " in a row of " << row;
          ++beside_plates;
        }
      }
  }
  EXPECT_GT(beside_plates, 30);
}

}  // namespace
}  // namespace gf::scene
