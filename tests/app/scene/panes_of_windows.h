// The names that stand in the panes of real windows, for tests of who takes room from whom.
#pragma once
#include <set>

#include "tests/app/scene/kept_names.h"

namespace gf::scene {

struct PaneOfWindow {
  const char* name;
  glm::vec2 size;
  float letters;
};
/// Panes of windows of 1280 x 720 and 1600 x 1000, with and without docks, in Present, and at a scale of 2.
inline constexpr PaneOfWindow kPanes[] = {{"1280x720", {1280, 640}, 1},
                                          {"1280x720 with docks", {640, 470}, 1},
                                          {"1600x1000", {1600, 920}, 1},
                                          {"1600x1000 with docks", {980, 720}, 1},
                                          {"Present, 1280x720", {1280, 673}, 1.5F},
                                          {"Present, 1600x1000", {1600, 953}, 1.5F},
                                          {"Present, scale 2", {960, 493}, 1.5F},
                                          {"scale 2 with both docks", {380, 180}, 1}};

class NamesInPanes : public KeptNames {
 protected:
  /// How often each kind of name stands in the picture.
  struct Names {
    int tokens = 0, answers = 0, sheets = 0;
    std::string said;
  };
  Names names() {
    Names found;
    const auto all = seen();
    const ViewScene& built = composer.built();
    const std::set<std::size_t> sheets(built.sheet_names.begin(), built.sheet_names.end()),
        answers(built.answers.begin(), built.answers.end());
    for (const Seen& label : all) {
      const bool added = label.index >= built.scene->labels.size();
      if (sheets.contains(label.index)) ++found.sheets;
      else if (answers.contains(label.index)) ++found.answers;
      else if (is_token(label)) ++found.tokens, found.said += (added ? "+" : "") + label.text + " ";
    }
    return found;
  }
  void of_long_prompt(int least) {
    std::string prompt;
    for (int i = 0; i < 18; ++i) prompt += std::string(i == 0 ? "" : " ") + truth::kPrompt;
    input = fable_input(prompt.substr(0, least >= 150 ? 900 : 290));
  }
  void expect_nothing_lost(const std::string& what, const CellRef& cell) {
    view.selection.reset();
    const Names before = names();
    view.selection = cell;
    const Names after = names();
    EXPECT_GE(after.tokens, before.tokens) << what << "\n" << before.said << "\n" << after.said;
    EXPECT_GE(after.answers, before.answers) << what;
    // In the lowest panes the legend of the selected tensor stands over some sheets.
    if (!pane_is_low(pane)) {
      EXPECT_GE(after.sheets, before.sheets) << what;
    }
    view.selection.reset();
  }
  void show_head_alone(const PaneOfWindow& in) {
    window(in.size, in.letters);
    view = {};
    view.one_head = OneHead{5, 1, {}};
    look("home");
  }
};

}  // namespace gf::scene
