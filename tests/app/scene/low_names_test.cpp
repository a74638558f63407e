// Names in low panes beside what covers the picture: path, title, chip and legend.
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/legend_shape.h"
#include "tests/app/scene/kept_names.h"

namespace gf::scene {
namespace {

TEST_F(KeptNames, a_low_plate_has_the_names_of_its_rows_and_one_line_of_keys) {
  for (const glm::vec2 size : {glm::vec2(380, 180), {460, 190}, {548, 208}}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    window(size);
    view.selection = CellRef{{{HookKind::Pattern, 4}, {}}, {3, 13, 0}};
    look("head 4.3");
    const auto all = seen();
    const ScreenBox plate = plate_on_screen(4, 3);
    int rows = 0, keys = 0;
    std::vector<float> lines;
    std::string said;
    for (const Seen& label : all) {
      if (!is_token(label)) continue;
      const glm::vec2 middle = (label.low + label.high) / 2.0F;
      said += label.text + " at " + std::to_string(middle.x) + ", " + std::to_string(middle.y) + "; ";
      if (middle.y > plate.low.y && middle.y < plate.high.y && label.high.x < plate.low.x + 12 && label.high.x > plate.low.x - 24) ++rows;
      if (middle.x <= plate.low.x - 4 || middle.x >= plate.high.x + 4 || label.low.y < plate.high.y - 14) continue;
      ++keys;
      lines.push_back(label.low.y);
    }
    const auto T = static_cast<int>(composer.built().row_texts.size());
    EXPECT_GE(rows, T / 2) << said << plate.low.x << ", " << plate.low.y << " to " << plate.high.x << ", " << plate.high.y;
    EXPECT_GE(keys, size.x < 400 ? 1 : 2) << "the selected one, and as many as stand in a line beside the legend";
    for (const float line : lines) EXPECT_NEAR(line, lines.front(), 8) << "the plate's foot leans a little";
  }
}

TEST_F(KeptNames, a_selected_key_is_named_once) {
  for (const float presentation : {1.0F, 1.5F})
    for (const glm::vec2 size : {glm::vec2(960, 433), {1280, 720}}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", letters " + std::to_string(presentation));
      window(size, presentation);
      view.selection = CellRef{{{HookKind::Pattern, 4}, {}}, {3, 12, 8}};
      look("blocks.4.attn.hook_pattern 3");
      const auto all = seen();
      int times = 0;
      for (const Seen& label : all)
        times += label.text == composer.built().row_texts[8] && composer.frame().scene.scene->labels[label.index].bold ? 1 : 0;
      EXPECT_EQ(times, 1);
    }
}

TEST_F(KeptNames, low_lines_list_every_row_and_have_a_path_and_names_of_sheets) {
  for (const char* camera : {"attention 4", "attention 5"}) {
    SCOPED_TRACE(camera);
    input = fable_input(truth::kPrompt, kCut);
    window({380, 177});
    look(camera);
    const auto all = seen();
    const int block = camera[10] - '0';
    EXPECT_FALSE(composer.frame().guides.path.empty());
    const auto& texts = composer.built().row_texts;
    std::vector<std::string> named;
    for (const Seen& label : all)
      if (label.index >= composer.built().scene->labels.size() && is_token(label)) named.push_back(label.text);
    EXPECT_EQ(named.size(), texts.size());
    EXPECT_TRUE(std::ranges::equal(named, texts)) << "in the order of the rows";
    const auto of_block = part_of_block(composer.built(), block, true);
    int sheets = 0;
    for (const std::size_t index : composer.built().sheet_names) {
      const glm::vec3 at = composer.built().scene->labels[index].anchor;
      const bool here = at.x > of_block.low.x && at.x < of_block.high.x && at.y > of_block.low.y && at.y < of_block.high.y;
      sheets += here && std::ranges::find(all, index, &Seen::index) != all.end() ? 1 : 0;
    }
    EXPECT_GE(sheets, 6);
  }
}

TEST_F(KeptNames, no_name_lies_below_the_legend) {
  struct Case {
    View shown;
    const char* camera;
    const char* product;
  };
  const Case cases[] = {{View::Machine, "head 4.3", nullptr},
                        {View::Machine, "attention 4", nullptr},
                        {View::Machine, "logits", nullptr},
                        {View::Stream, "home", nullptr},
                        {View::Machine, "home", "blocks.4.attn.hook_attn_scores.3"}};
  for (const glm::vec2 size : {glm::vec2(380, 180), {548, 208}, {800, 500}})
    for (const Case& c : cases) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + c.camera + (c.product != nullptr ? ", cube" : ""));
      window(size);
      view = {};
      view.view = c.shown;
      if (c.product != nullptr) view.cube = *cube_named(c.product);
      const HookKind kind = c.product != nullptr ? HookKind::AttnScores : HookKind::Pattern;
      view.selection = CellRef{{{kind, 4}, {}}, {3, 13, 0}};
      look(c.camera);
      const auto all = seen();
      const Frame& frame = composer.frame();
      const auto legend = legend_box(frame.legend, pane, frame.legend_room.spoken, true);
      // Of the selected tensor at least, unless a pane without room for a legend has tokens or answers everywhere.
      ASSERT_TRUE(legend || pane.legend_rows == 0);
      if (!legend) continue;
      for (const Seen& label : all) {
        if (frame.scene.scene->labels[label.index].priority <= 2) continue;  // a cell's number
        EXPECT_FALSE(legend->meets({label.low, label.high})) << label.text;
      }
    }
}

TEST_F(KeptNames, titles_stand_over_their_columns_where_the_picture_is_turned) {
  view.view = View::Stream;
  for (const glm::vec2 size : {glm::vec2(548, 208), {380, 180}, {900, 240}}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    window(size);
    look("home");
    const auto all = seen();
    const ViewScene& built = composer.built();
    const render::Projection seen_by(*view.camera, pane.size);
    int titles = 0;
    for (const std::size_t index : built.column_names) {
      const auto label = std::ranges::find(all, index, &Seen::index);
      if (label == all.end()) continue;
      const glm::vec2 middle = (label->low + label->high) / 2.0F;
      // The column at the height of its title on the screen.
      const glm::vec3 anchor = built.scene->labels[index].anchor;
      const glm::vec2 upper(seen_by.pixel(anchor)), lower(seen_by.pixel({anchor.x, built.scene->high.y, anchor.z}));
      const float share = (label->high.y - upper.y) / (lower.y - upper.y);
      EXPECT_NEAR(middle.x, std::lerp(upper.x, lower.x, share), 1.5F) << label->text;
      ++titles;
    }
    EXPECT_GE(titles, 4);
  }
}

TEST_F(KeptNames, the_title_of_an_edited_block_leaves_the_stream_free) {
  input = fable_input(truth::kPrompt, kCut);
  for (const auto& [size, presentation] :
       {std::pair(glm::vec2(380, 177), 1.0F), std::pair(glm::vec2(548, 208), 1.0F), std::pair(glm::vec2(960, 433), 1.5F),
        std::pair(glm::vec2(1920, 973), 1.5F), std::pair(glm::vec2(1280, 560), 1.0F)})
    for (const char* camera : {"block 4", "attention 4", "MLP 4"}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + camera);
      window(size, presentation);
      look(camera);
      const auto all = seen();
      const ViewScene& built = composer.built();
      const ViewScene::Box& block = built.blocks[5];
      const auto line =
          std::ranges::find_if(built.row_lines, [&](const ViewScene::RowLine& l) { return l.y > block.low.y && l.y < block.high.y; });
      ASSERT_NE(line, built.row_lines.end());
      const float foot = line->y + line->row * static_cast<float>(built.row_texts.size());
      const auto band = on_screen({{block.low.x, line->y, 0}, {block.high.x, foot, 0}}, render::Projection(*view.camera, pane.size));
      ASSERT_TRUE(band);
      const auto title = std::ranges::find(built.titles, 4, &ViewScene::Title::block);
      const auto said = std::ranges::find(all, title->label, &Seen::index);
      ASSERT_NE(said, all.end());
      const float over = std::min(said->high.y, band->high.y) - std::max(said->low.y, band->low.y);
      EXPECT_LT(over, 0.2F * (band->high.y - band->low.y)) << said->text;
    }
}

TEST_F(KeptNames, the_embedding_keeps_every_word_beside_title_chip_and_path) {
  for (const auto& [size, presentation] :
       {std::pair(glm::vec2(380, 180), 1.0F), std::pair(glm::vec2(548, 208), 1.0F), std::pair(glm::vec2(640, 300), 1.0F),
        std::pair(glm::vec2(960, 433), 1.5F), std::pair(glm::vec2(1280, 720), 1.0F)}) {
    SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y));
    window(size, presentation);
    look("embedding");
    const auto all = seen();
    const ViewScene& built = composer.built();
    const auto T = built.row_texts.size();
    std::vector<std::string> named;
    for (const Seen& label : all) {
      const render::Label& l = built.scene->labels[std::min(label.index, built.scene->labels.size() - 1)];
      const bool listed = label.index < built.scene->labels.size() && l.horizontal == render::Align::End && l.background.a <= 0 &&
                          l.anchor.x <= built.tokens.high.x + 0.1F && is_token(label);
      if (listed && std::ranges::find(built.row_names, label.index) == built.row_names.end()) named.push_back(label.text);
    }
    std::ranges::sort(named);
    auto wanted = built.row_texts;
    std::ranges::sort(wanted);
    std::string said;
    for (const std::string& name : named) said += name + " ";
    EXPECT_EQ(named.size(), T) << said;
    const auto& path = composer.frame().guides.path;
    EXPECT_TRUE(!with(all, "embedding").empty() || (path.size() > 1 && path[1].text == "embedding"));
  }
}

TEST_F(KeptNames, no_sheets_name_lies_over_the_sheet_beside_it) {
  int seen_names = 0;
  for (const auto& [size, presentation] :
       {std::pair(glm::vec2(547, 208), 1.0F), std::pair(glm::vec2(626, 388), 1.0F), std::pair(glm::vec2(1280, 614), 1.5F),
        std::pair(glm::vec2(795, 560), 1.5F), std::pair(glm::vec2(980, 720), 1.0F)})
    for (const char* camera : {"home", "block 0", "block 4", "attention 4", "embedding"}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + camera);
      window(size, presentation);
      look(camera);
      const auto all = seen();
      const ViewScene& built = composer.built();
      const render::Projection seen_by(*view.camera, pane.size);
      for (const std::size_t index : built.sheet_names) {
        const auto name = std::ranges::find(all, index, &Seen::index);
        if (name == all.end() || !whole(*name)) continue;
        ++seen_names;
        const glm::vec3 anchor = built.scene->labels[index].anchor;
        std::optional<ScreenBox> own;
        for (std::size_t i = 0; i < built.panels.size(); ++i) {
          const glm::vec3 corner = built.scene->panels[i].origin;
          if (!built.panels[i].tensor.is_weight() && std::abs(corner.x - anchor.x) < 0.05F && corner.y >= anchor.y &&
              corner.y < anchor.y + 0.05F)
            own = sheet_on_screen(built.scene->panels[i], seen_by);
        }
        if (!own || name->high.x - name->low.x < 1.6F * (own->high.x - own->low.x)) continue;
        for (std::size_t i = 0; i < built.panels.size(); ++i) {
          const PanelInfo& info = built.panels[i];
          if (info.tensor.is_weight() || info.role != PanelInfo::Role::Activation) continue;
          const auto box = sheet_on_screen(built.scene->panels[i], seen_by);
          if (!box || box->low.x < own->high.x - 3) continue;
          const ScreenBox both = common(*box, {name->low, name->high});
          EXPECT_FALSE(both.high.x - both.low.x > 3 && both.high.y - both.low.y > 3) << name->text << " over " << info.tensor.name();
        }
      }
    }
  EXPECT_GT(seen_names, 50);
}

}  // namespace
}  // namespace gf::scene
