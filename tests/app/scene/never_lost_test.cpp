// Every row and every key of a pattern that one looks at is named, or the picture says how many are; nothing covers the pattern.
#include <array>
#include <set>

#include "app/scene/label_box.h"
#include "app/scene/palette.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

class NeverLost : public NamesInPanes {
 protected:
  /// Strips of the ground's colour that hide what is behind names at the picture's edges.
  [[nodiscard]] std::vector<ScreenBox> strips() {
    const Frame& frame = composer.frame();
    const render::Projection seen_by(frame.camera, pane.size);
    std::vector<ScreenBox> all;
    for (const render::Line& line : frame.scene.scene->lines) {
      if (!line.on_top || line.points.size() != 2 || line.width_px < 10) continue;
      const glm::vec2 a(seen_by.pixel(line.points[0])), b(seen_by.pixel(line.points[1])), half(0, line.width_px / 2);
      all.push_back({a - half, b + half});
    }
    return all;
  }
  /// The tokens that are said of a pattern's rows or keys by labels that no tile has.
  [[nodiscard]] std::multiset<std::string> tokens_in(const std::vector<Seen>& all, const ScreenBox& part) const {
    std::multiset<std::string> said;
    for (const Seen& label : all) {
      const glm::vec2 middle = (label.low + label.high) / 2.0F;
      if (label.index >= composer.built().scene->labels.size() && is_token(label) && part.contains(middle)) said.insert(label.text);
    }
    return said;
  }
  [[nodiscard]] bool notes_in(const std::vector<Seen>& all, const ScreenBox& part) const {
    return std::ranges::any_of(with(all, "1 in "), [&](const Seen& s) { return part.contains((s.low + s.high) / 2.0F); });
  }
  void expect_named(const std::vector<Seen>& all, const ScreenBox& plate) {
    std::multiset<std::string> wanted(composer.built().row_texts.begin(), composer.built().row_texts.end());
    const float s = pane.presentation, row = (plate.high.y - plate.low.y) / static_cast<float>(wanted.size());
    const float wide = std::min(200 * s, plate.low.x);
    const ScreenBox left{{plate.low.x - wide, plate.low.y - row - 70 * s}, {plate.low.x + 14, plate.high.y + 40 * s}};
    const ScreenBox below{{plate.low.x - 40 * s, plate.high.y - 24 * s}, {plate.high.x + 40 * s, plate.high.y + 90 * s}};
    const ScreenBox near_keys{below.low - glm::vec2(120 * s, 0), below.high + glm::vec2(120 * s, 40 * s)};
    const auto missing = [&](std::multiset<std::string> there) {
      std::string names;
      for (const std::string& name : wanted)
        if (const auto at = there.find(name); at != there.end()) there.erase(at);
        else names += name + " ";
      return names;
    };
    if (!notes_in(all, left)) {
      EXPECT_EQ(missing(tokens_in(all, left)), "") << "rows";
    }
    if (!notes_in(all, near_keys) && with(all, "keys named").empty()) {
      EXPECT_EQ(missing(tokens_in(all, below)), "") << "keys";
    }
  }
};

TEST_F(NeverLost, a_heads_pattern_has_its_first_row_and_its_names) {
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"head 4.3", "head 5.1", "head 0.0", "head 2.6"})
        for (const bool guides : {true, false}) {
          if (in.size.y < 300 || (!guides && in.letters > 1)) continue;  // a picture's letters are the usual ones
          SCOPED_TRACE(std::string(in.name) + ", " + camera + (shown == View::Stream ? ", stream" : "") + (guides ? "" : ", a picture"));
          window(in.size, in.letters);
          pane.guides = guides;
          view = {};
          view.view = shown;
          look(camera);
          const auto all = seen();
          const ScreenBox plate = plate_on_screen(camera[5] - '0', camera[7] - '0');
          for (const ScreenBox& strip : strips())
            if (strip.high.x - strip.low.x > pane.size.x / 2) {
              EXPECT_GE(plate.low.y, strip.high.y - 1);
            }
          for (const ScreenBox& taken : composer.frame().guides.boxes()) EXPECT_FALSE(taken.meets(plate));
          if (shown == View::Machine || in.size.y >= 400 * in.letters) expect_named(all, plate);
        }
}

TEST_F(NeverLost, the_path_of_a_heads_pattern_over_the_stream_says_its_block) {
  for (const PaneOfWindow& in : kPanes)
    for (int block = 0; block < 6; ++block)
      for (const int head : {0, 3, 7}) {
        window(in.size, in.letters);
        view = {};
        view.view = View::Stream;
        look("head " + std::to_string(block) + "." + std::to_string(head));
        compose();
        const auto path = path_to(composer.built(), *view.camera, pane, input, view.view);
        ASSERT_GE(path.size(), 2U) << in.name;
        EXPECT_EQ(path[1].camera, "block " + std::to_string(block)) << in.name << ", head " << head;
      }
}

TEST_F(NeverLost, patterns_over_a_block_of_the_stream_are_whole_below_its_title) {
  for (const PaneOfWindow& in : kPanes)
    for (const int block : {0, 4, 5}) {
      if (in.size.y < 300 && block == 5) continue;  // there it is nearly the camera of the whole
      SCOPED_TRACE(std::string(in.name) + ", block " + std::to_string(block));
      window(in.size, in.letters);
      view = {};
      view.view = View::Stream;
      look("block " + std::to_string(block));
      const auto all = seen();
      const ViewScene& built = composer.built();
      const std::size_t title = built.column_names[static_cast<std::size_t>(7 + block)];
      EXPECT_NE(std::ranges::find(all, title, &Seen::index), all.end());
      for (int head = 0; head < 8; ++head) {
        const ScreenBox plate = plate_on_screen(block, head);
        for (const ScreenBox& strip : strips())
          if (strip.high.x - strip.low.x > pane.size.x / 2) {
            EXPECT_GE(plate.low.y, strip.high.y - 1) << head;
          }
        for (const ScreenBox& taken : composer.frame().guides.boxes()) EXPECT_FALSE(taken.meets(plate)) << head;
        EXPECT_GE(plate.low.y, 0) << head;
      }
    }
}

TEST_F(NeverLost, a_frame_that_marks_a_pattern_runs_through_no_name) {
  int names = 0;
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Stream, View::Machine})
      for (const char* camera : {"attention 0", "head 0.0"}) {
        if (in.size.y < 400) continue;
        SCOPED_TRACE(std::string(in.name) + ", " + camera + (shown == View::Stream ? ", stream" : ""));
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        view.highlights = {CellRef{{{HookKind::Pattern, 0}, {}}, {0, -1, -1}}};
        look(camera);
        const auto all = seen();
        const Frame& frame = composer.frame();
        const render::Projection seen_by(frame.camera, pane.size);
        const render::Color mark = palette_of(view.theme).mark;
        for (const render::Line& line : frame.scene.scene->lines) {
          if (line.color != mark || line.points.size() != 5) continue;
          for (std::size_t i = 0; i + 1 < line.points.size(); ++i) {
            const glm::vec2 a(seen_by.pixel(line.points[i])), b(seen_by.pixel(line.points[i + 1]));
            for (int k = 0; k <= 200; ++k) {
              const glm::vec2 at = glm::mix(a, b, static_cast<float>(k) / 200);
              for (const Seen& label : all)
                if (is_token(label) && label.index >= composer.built().scene->labels.size()) {
                  EXPECT_FALSE((ScreenBox{label.low + 0.5F, label.high - 0.5F}.contains(at))) << label.text;
                  ++names;
                }
            }
          }
        }
      }
  EXPECT_GT(names, 0);
}

TEST_F(NeverLost, rows_that_the_stream_does_not_name_are_said) {
  of_long_prompt(150);
  const auto T = static_cast<int>(input.run->base->length());
  for (const PaneOfWindow& in : kPanes)
    for (const char* camera : {"whole", "home", "front"}) {
      SCOPED_TRACE(std::string(in.name) + ", " + camera);
      window(in.size, in.letters);
      view = {};
      view.view = View::Stream;
      look(camera);
      const auto all = seen();
      const auto& rows = composer.built().row_names;
      std::vector<int> named;
      for (const Seen& label : all)
        if (const auto at = std::ranges::find(rows, label.index); at != rows.end()) named.push_back(static_cast<int>(at - rows.begin()));
      std::ranges::sort(named);
      ASSERT_GE(named.size(), 2U);
      int stride = 1;
      for (std::size_t i = 1; i < named.size(); ++i) stride = std::max(stride, named[i] - named[i - 1]);
      if (stride == 1) continue;
      const auto notes = with(all, "1 in " + std::to_string(stride) + " named");
      EXPECT_EQ(notes.size(), 1U) << stride << " of " << T;
      for (const Seen& note : notes) EXPECT_TRUE(whole(note));
    }
}

TEST_F(NeverLost, a_head_alone_names_its_keys) {
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 300) continue;
    SCOPED_TRACE(in.name);
    show_head_alone(in);
    const auto all = seen();
    const ViewScene& built = composer.built();
    const render::Projection seen_by(*view.camera, pane.size);
    for (std::size_t i = 0; i < built.panels.size(); ++i) {
      if (built.panels[i].mapping != PanelInfo::Mapping::Causal) continue;
      const ScreenBox plate = *sheet_on_screen(built.scene->panels[i], seen_by);
      const float s = pane.presentation;
      const ScreenBox below{{plate.low.x - 40 * s, plate.high.y - 10}, {plate.high.x + 40 * s, plate.high.y + 90 * s}};
      const auto keys = tokens_in(all, below);
      const float wide = plate.high.x - plate.low.x;
      if (keys.size() < built.row_texts.size() && wide > 14 * 12 * s) {
        EXPECT_FALSE(with(all, "keys named").empty()) << built.panels[i].tensor.name() << " has " << keys.size() << ", " << wide << " px";
      }
    }
    // No name of a key stands in the line of a sheet's name.
    for (const std::size_t index : built.sheet_names) {
      const auto name = std::ranges::find(all, index, &Seen::index);
      ASSERT_NE(name, all.end());
      for (const Seen& label : all)
        if (is_token(label) && label.index >= built.scene->labels.size() && label.low.x > name->high.x &&
            label.low.x < name->high.x + 300) {
          EXPECT_FALSE(label.low.y < name->high.y - 3 && label.high.y > name->low.y + 3) << label.text << " beside " << name->text;
        }
    }
  }
}

TEST_F(NeverLost, the_board_beside_a_head_alone_covers_no_sheet_and_is_written_whole) {
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  int boards = 0;
  for (const auto& [size, letters] :
       {std::pair(glm::vec2(795, 572), 1.5F), std::pair(glm::vec2(795, 650), 1.5F), std::pair(glm::vec2(1280, 640), 1.0F)}) {
    window(size, letters);
    view = {};
    view.one_head = OneHead{5, 1, {}};
    view.selected_position = 13;
    look("home");
    for (const HookKind kind : {HookKind::Pattern, HookKind::Z})
      for (const double share : {0.1, 0.3, 0.5, 0.7, 0.95}) {
        SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + std::string(info_of(kind).name) + " at " +
                     std::to_string(share));
        view.time = timeline.start_of(13, timeline.op_of({kind, 5})) + share;
        const auto all = seen();
        const Frame& frame = composer.frame();
        if (!frame.scene.focus) continue;
        ++boards;
        const ViewScene::Box& board = frame.scene.focus->board;
        const render::Projection seen_by(frame.camera, pane.size);
        const ScreenBox box = *on_screen(board, seen_by, board.low.z);
        for (std::size_t i = 0; i < composer.built().panels.size(); ++i) {
          if (composer.built().panels[i].role != PanelInfo::Role::Activation) continue;
          const ScreenBox both = common(box, *sheet_on_screen(composer.built().scene->panels[i], seen_by));
          EXPECT_FALSE(both.high.x - both.low.x > 4 && both.high.y - both.low.y > 4) << composer.built().panels[i].tensor.name();
        }
        for (const Seen& label : all)
          if (box.contains((label.low + label.high) / 2.0F)) {
            EXPECT_FALSE(label.text.ends_with("…")) << label.text;
          }
        for (const std::string& token : composer.built().row_texts) EXPECT_FALSE(with(all, token).empty()) << token << " is cut";
      }
  }
  EXPECT_GT(boards, 10);
}

TEST_F(NeverLost, the_tag_of_a_cut_takes_no_depth_that_it_does_not_meet) {
  std::string prompt;
  for (int i = 0; i < 12; ++i) prompt += std::string(i == 0 ? "" : " ") + truth::kPrompt;
  input = fable_input(prompt, kCut);
  window({1280, 640});
  view.view = View::Stream;
  look("home");
  const auto all = seen();
  EXPECT_FALSE(with(all, "block 4: ").empty());
  for (const int depth : {0, 1, 2, 3}) EXPECT_EQ(with(all, "depth " + std::to_string(depth)).size(), 1U) << depth;
}

TEST_F(NeverLost, each_row_of_a_line_is_named_once_and_all_alike) {
  for (const glm::vec2 size : {glm::vec2(3840, 2160), glm::vec2(2560, 1440), glm::vec2(1920, 1080)}) {
    SCOPED_TRACE(std::to_string(size.x));
    window(size);
    look("block 4");
    const auto all = seen();
    const ViewScene& built = composer.built();
    const auto first =
        std::ranges::find_if(built.panels, [](const PanelInfo& p) { return p.tensor.hook == HookId{HookKind::ResidPre, 4}; });
    ASSERT_NE(first, built.panels.end());
    const auto& panel = built.scene->panels[static_cast<std::size_t>(first - built.panels.begin())];
    const ScreenBox sheet = *sheet_on_screen(panel, render::Projection(*view.camera, pane.size));
    const ScreenBox beside{{0, sheet.low.y}, {sheet.low.x + 0.1F * (sheet.high.x - sheet.low.x), sheet.high.y}};
    float low = 1e9F, high = 0;
    int named = 0;
    for (const Seen& label : all) {
      if (!is_token(label) || !beside.contains((label.low + label.high) / 2.0F)) continue;
      ++named;
      low = std::min(low, label.high.y - label.low.y);
      high = std::max(high, label.high.y - label.low.y);
    }
    const auto rows = static_cast<int>(built.row_texts.size());
    EXPECT_LE(named, rows) << "none twice";
    if (sheet.high.y - sheet.low.y < 15 * static_cast<float>(rows)) continue;  // a list beside the line names them
    EXPECT_EQ(named, rows);
    EXPECT_LT(high - low, 2);
  }
}

TEST_F(NeverLost, a_turned_pattern_has_names_and_numbers_at_its_far_end_too) {
  input = fable_input("When Mary and John went to the store, John gave a drink to");
  for (const PaneOfWindow& in :
       {PaneOfWindow{"Present", {1280, 614}, 1.5F}, PaneOfWindow{"a", {1280, 673}, 1.5F}, PaneOfWindow{"b", {1280, 640}, 1}})
    for (const int row : {14, 10}) {
      SCOPED_TRACE(in.name + std::string(" ") + std::to_string(row));
      window(in.size, in.letters);
      view = {};
      look("head 4.3");
      view.selection = CellRef{{{HookKind::Pattern, 4}, {}}, {3, row, row}};
      view.selected_position = row;
      const auto all = seen();
      expect_named(all, plate_on_screen(4, 3));
      const auto numbers = std::ranges::count_if(all, [](const Seen& label) { return label.text.starts_with(".") || label.text == "1.0"; });
      EXPECT_GE(numbers, 15 * 16 / 2) << "each cell that is not masked has its number";
    }
}

TEST_F(NeverLost, a_title_says_the_edits_whose_sheets_are_not_in_the_picture) {
  input = fable_input(truth::kPrompt, kCut);
  int titles = 0;
  for (const PaneOfWindow& in : kPanes) {
    if (pane_is_low(Pane{in.size, in.letters})) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    look("head 4.3");
    std::string all;
    for (const Seen& label : with(seen(), "block 4")) all += label.text + "; ";
    if (all.empty()) continue;  // from so near no title of the block is in the picture
    ++titles;
    EXPECT_NE(all.find("cut head 3"), std::string::npos) << all;
  }
  EXPECT_GE(titles, 4);
}

}  // namespace
}  // namespace gf::scene
