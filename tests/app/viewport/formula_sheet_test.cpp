// Formulas on cards: set as a textbook does, and none of their signs lost.
#include "app/ui/viewport/formula_sheet.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/lessons/formula.h"
#include "model/hooks.h"
#include "tests/app/explain/cells.h"

namespace gf::ui {
namespace {

const CardLine& line_of(const FormulaSheet& sheet, std::string_view text) {
  const auto at = std::ranges::find(sheet.lines, text, &CardLine::text);
  EXPECT_NE(at, sheet.lines.end()) << text;
  return at == sheet.lines.end() ? sheet.lines.front() : *at;
}
float baseline(const CardLine& line) { return line.at.y + kBaselineOfLine * line.size; }

std::string all_words(const FormulaSheet& sheet) {
  std::string all;
  for (const CardLine& line : sheet.lines) all += line.text;
  return all;
}

TEST(FormulaSheet, stands_a_fraction_above_its_bar_and_a_root_under_its_sign) {
  const FormulaSheet sheet = formula_sheet("s_{13{,}1} = \\frac{q \\cdot k}{\\sqrt{16}}", 20);
  EXPECT_EQ(all_words(sheet), "s13,1=q\u00B7k16");
  const auto bar =
      std::ranges::max_element(sheet.strokes, {}, [](const CardStroke& s) { return s.from.y == s.to.y ? s.to.x - s.from.x : 0; });
  const CardLine &q = line_of(sheet, "q"), &root = line_of(sheet, "16"), &name = line_of(sheet, "s"), &index = line_of(sheet, "13,1");
  EXPECT_LT(baseline(q), bar->from.y);
  EXPECT_GT(root.at.y + 0.2F * root.size, bar->from.y - 4) << "letters begin below the bar";
  EXPECT_GT(baseline(root), bar->from.y + 10);
  const float over_root = std::ranges::max(sheet.strokes, {}, [](const CardStroke& s) { return s.from.y == s.to.y ? s.from.y : 0; }).from.y;
  EXPECT_GT(over_root, bar->from.y) << "the root's own bar stands below the fraction's";
  EXPECT_LT(index.size, name.size);
  EXPECT_GT(baseline(index), baseline(name));
  EXPECT_TRUE(name.slanted && q.slanted && !root.slanted) << "variables lean, numbers stand";
}

TEST(FormulaSheet, sets_what_a_sum_runs_over_below_its_sign) {
  const FormulaSheet sheet = formula_sheet("z_5 = \\sum_{j \\le 13} p_j v_j", 20);
  const CardLine &sum = line_of(sheet, "\u2211"), &under = line_of(sheet, "\u2264");
  EXPECT_GT(baseline(under), baseline(sum) + 5);
  EXPECT_GT(sum.size, line_of(sheet, "p").size);
  EXPECT_LE(baseline(under), sheet.size.y);
}

TEST(FormulaSheet, keeps_what_cannot_be_read) {
  EXPECT_EQ(all_words(formula_sheet("a \\foo b", 20)), "afoob");
  EXPECT_EQ(all_words(formula_sheet("a^", 20)), "a");
  EXPECT_EQ(formula_sheet("", 20).size.x, 0);
}

TEST(FormulaSheet, sets_the_formula_of_a_cell_of_every_hook) {
  testing_models::Lcg rng{5};
  int set = 0;
  for (const scene::SceneInput& input : {explain_cells::fable(), explain_cells::small()}) {
    const ModelConfig& config = input.model->weights->config;
    for (const HookId hook : all_hooks(config.n_layer)) {
      const scene::CellRef cell = explain_cells::random_cell(hook, config, input.run->base->length(), rng);
      const scene::Card card = scene::explain(cell, input, {});
      const bool has_sum = info_of(hook.kind).place != HookPlace::Stream && hook.kind != HookKind::Embed &&
                           hook.kind != HookKind::PosEmbed && !is_split_input(hook.kind);
      EXPECT_EQ(!card.typeset.empty(), has_sum) << name_of(hook);
      if (card.typeset.empty()) continue;
      EXPECT_EQ(lessons::formula_fault(card.typeset), std::nullopt) << card.typeset;
      EXPECT_FALSE(card.formula.empty()) << "it stands for the first line in words";
      const FormulaSheet sheet = formula_sheet(card.typeset, 17);
      EXPECT_LT(sheet.size.x, 440) << card.typeset << " fits on a card";
      EXPECT_LT(sheet.size.y, 3.6F * 17) << card.typeset;
      for (const CardLine& line : sheet.lines) {
        EXPECT_GE(line.at.x, 0) << card.typeset;
        EXPECT_LE(line.at.x + line_width(line.text, line.size), sheet.size.x + 1) << card.typeset << ": " << line.text;
        EXPECT_LE(baseline(line), sheet.size.y + 1) << card.typeset;
      }
      ++set;
    }
  }
  EXPECT_GT(set, 60);
}

TEST(FormulaSheet, names_the_cell_and_the_model) {
  const scene::SceneInput input = explain_cells::fable();
  const std::string scores = scene::explain(explain_cells::hook_cell(HookKind::AttnScores, 4, {3, 13, 1}), input, {}).typeset;
  EXPECT_EQ(scores, "s_{13{,}1} = \\frac{q_{13} \\cdot k_{1}}{\\sqrt{" + std::to_string(input.model->weights->config.d_head) + "}}");
  ModelConfig plain = input.model->weights->config;
  EXPECT_TRUE(plain.scale_attn) << "so that the root is right";
  EXPECT_EQ(scene::explain(explain_cells::hook_cell(HookKind::Z, 4, {13, 3, 5}), input, {}).typeset,
            "z_{13{,}5} = \\sum_{j \\le 13} p_{13{,}j} v_{j{,}5}");
}

}  // namespace
}  // namespace gf::ui
