// The map and boards leave to be read what they are not about.
#include "app/scene/operations/board.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

using MapCovers = NamesInPanes;

TEST_F(MapCovers, the_map_covers_no_name) {
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"embedding", "block 4", "block 3"}) {
        SCOPED_TRACE(std::string(in.name) + ", " + camera);
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        look(camera);
        const auto with_map = names();
        const bool mapped = !composer.frame().guides.places.empty();
        if (!mapped || shown == View::Stream) continue;
        pane.guides = false;
        look(camera);
        const auto without = names();
        EXPECT_GE(with_map.tokens, without.tokens) << with_map.said << "\n" << without.said;
      }
}

TEST_F(MapCovers, the_map_covers_no_plate_and_no_board) {
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  int maps = 0;
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"attention 4", "attention 2", "block 4", "head 4.3", "blocks.4.attn.hook_q"})
        for (const bool at_work : {false, true}) {
          if (shown == View::Stream && std::string(camera).starts_with("blocks")) continue;  // it has no such sheet
          SCOPED_TRACE(std::string(in.name) + ", " + spelled(shown) + ", " + camera + (at_work ? ", at work" : ""));
          window(in.size, in.letters);
          view = {};
          view.view = shown;
          if (at_work) view.time = timeline.start_of(9, timeline.op_of({HookKind::Pattern, 4})) + 0.5;
          look(camera);
          const Frame& frame = compose();
          if (frame.guides.places.empty()) continue;
          ++maps;
          const render::Projection seen_by(*view.camera, pane.size);
          // What a camera of something else makes pale may be covered.
          const auto& drawn = frame.scene.scene->panels;
          for (const SeenPlate& plate : plates_on_screen(composer.built(), seen_by))
            if (drawn[static_cast<std::size_t>(plate.panel)].alpha == 1 && plate.box.high.y - plate.box.low.y > 40 * in.letters) {
              EXPECT_FALSE(plate.box.meets(frame.guides.map)) << composer.built().panels[static_cast<std::size_t>(plate.panel)].head;
            }
          if (!frame.scene.focus || !reads(*frame.scene.focus, seen_by)) continue;
          const ViewScene::Box& board = frame.scene.focus->board;
          const auto box = on_screen(board, seen_by, board.low.z);
          ASSERT_TRUE(box);
          EXPECT_FALSE(box->meets(frame.guides.map)) << "the board";
        }
  EXPECT_GT(maps, 20) << "where there is a corner it stands there";
}

TEST_F(MapCovers, the_map_covers_no_word_of_the_stream) {
  int maps = 0, words = 0;
  for (const char* prompt :
       {truth::kPrompt, "When Mary and John went to the garden, John gave a ring to Mary and the garden was full of roses"}) {
    input = fable_input(prompt);
    for (const PaneOfWindow& in : kPanes)
      for (const char* camera : {"home", "block 1", "attention 4", "block 5"}) {
        SCOPED_TRACE(std::string(in.name) + ", " + camera + ", " + prompt);
        window(in.size, in.letters);
        view = {};
        view.view = View::Stream;
        look(camera);
        const Guides guides = compose().guides;
        if (guides.places.empty()) continue;
        ++maps;
        pane.guides = false;
        look(camera);
        const auto& rooms = composer.built().rooms;
        for (const Seen& label : seen()) {
          if (std::ranges::find(rooms, label.index, &std::pair<std::size_t, float>::first) == rooms.end()) continue;
          ++words;
          EXPECT_FALSE((ScreenBox{label.low, label.high}.meets(guides.map))) << label.text;
        }
      }
  }
  EXPECT_GT(maps, 0);
  EXPECT_GT(words, 0);
}

TEST_F(MapCovers, a_board_is_written_as_large_as_all_else) {
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  for (const PaneOfWindow& in : kPanes)
    for (const HookKind made : {HookKind::Q, HookKind::AttnScores, HookKind::Z}) {
      if (in.size.y < 600) continue;
      SCOPED_TRACE(std::string(in.name) + ", " + std::string(info_of(made).name));
      window(in.size, in.letters);
      view = {};
      view.time = timeline.start_of(13, timeline.op_of({made, 4})) + 0.6;
      look("attention 4");
      const Frame& frame = compose();
      ASSERT_TRUE(frame.scene.focus);
      const ViewScene::Focus& focus = *frame.scene.focus;
      const render::Projection seen_by(*view.camera, pane.size);
      EXPECT_GE(focus.letters * seen_by.focal_px() / seen_by.depth((focus.board.low + focus.board.high) * 0.5F), in.letters > 1 ? 15 : 11);
      // It stands beside the sheets of attention.
      const auto box = on_screen(focus.board, seen_by, focus.board.low.z);
      ASSERT_TRUE(box);
      for (std::size_t i = 0; i < frame.scene.panels.size(); ++i) {
        const PanelInfo& info = frame.scene.panels[i];
        const auto sheet = sheet_on_screen(frame.scene.scene->panels[i], seen_by);
        if (info.tensor.is_weight() || info.tensor.hook.layer != 4 || info.mapping != PanelInfo::Mapping::Rows || !sheet) continue;
        if (info.tensor.hook.kind != HookKind::Q && info.tensor.hook.kind != HookKind::K && info.tensor.hook.kind != HookKind::V) continue;
        EXPECT_LT(area(common(*sheet, *box)), 0.15F * area(*sheet)) << info.tensor.name();
      }
    }
}

TEST_F(MapCovers, a_board_takes_no_name_of_a_row) {
  const Timeline timeline(input.model->weights->config, input.run->base->length());
  for (const PaneOfWindow& in : kPanes)
    for (const char* camera : {"attention 4", "block 4"})
      for (const HookKind made : {HookKind::Q, HookKind::AttnScores, HookKind::Pattern, HookKind::Z}) {
        if (in.size.y < 400) continue;
        SCOPED_TRACE(std::string(in.name) + ", " + camera + ", " + std::string(info_of(made).name));
        window(in.size, in.letters);
        view = {};
        view.time = timeline.start_of(13, timeline.op_of({made, 4})) + 0.5;
        look(camera);
        const auto with_board = seen();
        const bool far = composer.frame().scene.focus && composer.built().focus && composer.frame().scene.focus != composer.built().focus;
        const auto in_list = [&](const std::vector<Seen>& all) {
          return std::ranges::count_if(
              all, [&](const Seen& label) { return is_token(label) && label.index >= composer.built().scene->labels.size(); });
        };
        if (!far) continue;  // the board stands where the page leaves room for it
        const auto named = in_list(with_board);
        EXPECT_TRUE(with(with_board, "named").empty()) << named;
      }
}

}  // namespace
}  // namespace gf::scene
