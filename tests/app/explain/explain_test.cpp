// Cards against the trace: what a card's formula adds up to is what was captured, for every hook.
#include "app/scene/cards/explain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

#include "tests/app/explain/cells.h"

namespace gf {
namespace {

using explain_cells::fable;
using explain_cells::hook_cell;
using explain_cells::random_cell;
using explain_cells::small;
using explain_cells::weight_cell;
using scene::Card;
using scene::CellRef;
using scene::SceneInput;
using scene::ViewState;
using testing_models::Lcg;

/// Read straight from the rows, apart from what explain does.
float in_trace(const Trace& trace, const CellRef& cell) {
  const HookId hook = cell.tensor.hook;
  const auto [a, b, d] = cell.index;
  const ModelConfig& c = trace.config();
  switch (info_of(hook.kind).shape) {
    case RowShape::Causal: return trace.causal_row(hook, a, b)[static_cast<std::size_t>(d)];
    case RowShape::Heads: return trace.row(hook, a)[static_cast<std::size_t>(b * c.d_head + d)];
    case RowShape::HeadsDModel: return trace.row(hook, a)[static_cast<std::size_t>(b * c.d_model + d)];
    default: return trace.row(hook, a)[static_cast<std::size_t>(b)];
  }
}

double tolerance(HookKind kind, float v, bool edited) {
  const double size = std::abs(static_cast<double>(v));
  if (kind == HookKind::Logits) return edited ? 3e-4 + 2e-4 * size : 2e-4 + 1e-5 * size;
  return 1e-4 + 1e-4 * size;
}

std::vector<HookId> hooks_of(const Trace& trace) {
  std::vector<HookId> hooks;
  for (const HookId hook : all_hooks(trace.config().n_layer))
    if (trace.has(hook)) hooks.push_back(hook);
  return hooks;
}

/// Every captured hook, several cells each; returns how many cells an edit acts on.
int check_every_hook(const SceneInput& input, scene::Compare compare, int cells, std::uint64_t seed) {
  const Trace& trace = compare == scene::Compare::Base ? *input.run->base : *input.run->edited;
  ViewState view;
  view.compare = compare;
  Lcg rng{seed};
  int edited = 0;
  for (const HookId hook : hooks_of(trace))
    for (int i = 0; i < cells; ++i) {
      const CellRef cell = random_cell(hook, trace.config(), trace.length(), rng);
      const Card card = scene::explain(cell, input, view);
      const float truth = in_trace(trace, cell);
      EXPECT_TRUE(card.value.has_value()) << name_of(hook);
      if (!card.value) continue;
      EXPECT_EQ(*card.value, truth) << name_of(hook);
      EXPECT_EQ(scene::value_of(cell, input, view), card.value);
      EXPECT_TRUE(card.total.has_value()) << name_of(hook) << ": " << card.note;
      if (!card.total) continue;
      if (!card.edits.empty()) ++edited;
      else
        EXPECT_NEAR(static_cast<double>(*card.total), static_cast<double>(truth), tolerance(hook.kind, truth, input.run->has_edits()))
            << name_of(hook) << '\n'
            << scene::to_text(card);
      EXPECT_FALSE(card.formula.empty()) << name_of(hook);
      EXPECT_FALSE(card.sources.empty()) << name_of(hook);
      EXPECT_EQ(card.sources.size(), card.extents.size());
      EXPECT_LE(card.terms.size(), 5U);
    }
  return edited;
}

constexpr const char* kThreeHeads = R"({"version": 1, "edits": [
  {"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]},
  {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]})";
constexpr const char* kManyEdits = R"({"version": 1, "edits": [
  {"hook": "hook_embed", "op": "scale", "factor": 0.5, "positions": [2]},
  {"hook": "blocks.0.ln1.hook_scale", "op": "scale", "factor": 2.0},
  {"hook": "blocks.0.attn.hook_attn_scores", "op": "scale", "factor": 0.5, "heads": [1]},
  {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [1], "keys": [0]},
  {"hook": "blocks.1.attn.hook_result", "op": "zero", "heads": [2]},
  {"hook": "blocks.1.hook_resid_mid", "op": "scale", "factor": 3.0, "dims": [4]},
  {"hook": "blocks.1.mlp.hook_post", "op": "scale", "factor": 0.25, "neurons": [1, 2, 3]},
  {"hook": "blocks.2.attn.hook_z", "op": "mean", "heads": [1]},
  {"hook": "blocks.2.hook_resid_pre", "op": "zero", "positions": "last"}]})";

TEST(Explain, totals_are_the_captured_values_of_a_random_model) { EXPECT_EQ(check_every_hook(small(), scene::Compare::Edited, 25, 11), 0); }

TEST(Explain, totals_are_the_captured_values_of_fable) { EXPECT_EQ(check_every_hook(fable(), scene::Compare::Edited, 4, 12), 0); }

TEST(Explain, totals_hold_downstream_of_cut_heads) {
  const SceneInput input = fable(kThreeHeads);
  EXPECT_GT(check_every_hook(input, scene::Compare::Edited, 6, 13), 0);
  EXPECT_EQ(check_every_hook(input, scene::Compare::Base, 2, 13), 0);
}

TEST(Explain, totals_hold_among_edits_of_all_kinds) { EXPECT_GT(check_every_hook(small(kManyEdits), scene::Compare::Edited, 40, 14), 10); }

TEST(Explain, a_cut_cell_says_what_it_was) {
  const SceneInput input = small(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  const Card cut = scene::explain(hook_cell(HookKind::Z, 1, {4, 2, 3}), input, {});
  EXPECT_EQ(cut.value, 0.0F);
  ASSERT_EQ(cut.edits.size(), 1U);
  EXPECT_TRUE(cut.edits[0].starts_with("edited: cut (was ")) << cut.edits[0];
  // Nothing before it is edited, so what it was is what the base run has.
  ASSERT_TRUE(cut.base && cut.total);
  EXPECT_NEAR(*cut.total, *cut.base, 1e-5F);
  EXPECT_EQ(cut.edited, 0.0F);
  EXPECT_TRUE(scene::explain(hook_cell(HookKind::Z, 1, {4, 1, 3}), input, {}).edits.empty());
  ViewState base;
  base.compare = scene::Compare::Base;
  EXPECT_TRUE(scene::explain(hook_cell(HookKind::Z, 1, {4, 2, 3}), input, base).edits.empty());
}

TEST(Explain, a_scaled_cell_is_its_total_times_the_factor) {
  const SceneInput input = small(kManyEdits);
  const Card card = scene::explain(hook_cell(HookKind::MlpPost, 1, {5, 2, -1}), input, {});
  ASSERT_TRUE(card.value && card.total);
  EXPECT_NEAR(*card.value, 0.25F * *card.total, 1e-5F);
  ASSERT_EQ(card.edits.size(), 1U);
  EXPECT_TRUE(card.edits[0].starts_with("edited: × 0.25")) << card.edits[0];
}

TEST(Explain, difference_is_edited_minus_base) {
  const SceneInput input = small(kManyEdits);
  ViewState view;
  view.compare = scene::Compare::Difference;
  const CellRef cell = hook_cell(HookKind::ResidPost, 2, {6, 5, -1});
  const Card card = scene::explain(cell, input, view);
  ASSERT_TRUE(card.value && card.base && card.edited);
  EXPECT_EQ(*card.base, in_trace(*input.run->base, cell));
  EXPECT_EQ(*card.edited, in_trace(*input.run->edited, cell));
  EXPECT_EQ(*card.value, *card.edited - *card.base);
  EXPECT_EQ(scene::value_of(cell, input, view), card.value);
  EXPECT_TRUE(card.formula.front().starts_with("edited - base: ")) << card.formula.front();
}

TEST(Explain, a_value_that_is_not_a_number_says_so) {
  const std::string at = R"({"hook": "blocks.1.attn.hook_q", "positions": [4], "op": "scale", "factor": )";
  const SceneInput input = small(R"({"version": 1, "edits": [)" + at + "1e38}, " + at + "1e38}, " + at + "0}]}");
  const Card pattern = scene::explain(hook_cell(HookKind::Pattern, 1, {0, 4, 2}), input, {});
  ASSERT_TRUE(pattern.value && pattern.total);
  EXPECT_TRUE(std::isnan(*pattern.value) && std::isnan(*pattern.total));
  EXPECT_NE(scene::to_text(pattern).find("value NaN\n"), std::string::npos) << scene::to_text(pattern);
  EXPECT_NE(scene::to_text(pattern).find("a score is NaN, so the whole row is"), std::string::npos) << scene::to_text(pattern);
  EXPECT_FALSE(scene::to_text(scene::explain(hook_cell(HookKind::Logits, -1, {4, 2, -1}), input, {})).empty());
  EXPECT_FALSE(std::isnan(*scene::explain(hook_cell(HookKind::Pattern, 1, {0, 3, 2}), input, {}).value));
}

TEST(Explain, what_the_plan_left_out_is_recomputed_and_says_so) {
  const SceneInput input = small({}, CapturePlan::defaults());
  const SceneInput all = small();
  for (const CellRef& cell : {hook_cell(HookKind::AttnScores, 1, {2, 6, 3}), hook_cell(HookKind::Result, 0, {3, 1, 7}),
                              hook_cell(HookKind::Logits, -1, {2, 40, -1})}) {
    const Card card = scene::explain(cell, input, {});
    ASSERT_TRUE(card.value.has_value()) << cell.tensor.name();
    EXPECT_NEAR(*card.value, in_trace(*all.run->base, cell), 2e-4F);
    EXPECT_NE(card.note.find("recomputed"), std::string::npos) << card.note;
  }
}

TEST(Explain, an_edit_at_scores_that_were_not_kept_is_not_guessed) {
  const SceneInput input = small(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_attn_scores", "op": "scale", "factor": 0.5}]})",
                                 CapturePlan::defaults());
  const Card score = scene::explain(hook_cell(HookKind::AttnScores, 1, {0, 6, 3}), input, {});
  EXPECT_FALSE(score.value.has_value());
  EXPECT_FALSE(score.note.empty());
  const Card pattern = scene::explain(hook_cell(HookKind::Pattern, 1, {0, 6, 3}), input, {});
  EXPECT_TRUE(pattern.value.has_value());
  EXPECT_FALSE(pattern.total.has_value());
}

TEST(Explain, a_thin_plan_says_what_is_missing) {
  const SceneInput input = small({}, CapturePlan::none());
  const Card z = scene::explain(hook_cell(HookKind::Z, 1, {4, 2, 3}), input, {});
  EXPECT_FALSE(z.value.has_value());
  EXPECT_NE(z.note.find("not captured"), std::string::npos) << z.note;
  EXPECT_TRUE(scene::explain(hook_cell(HookKind::K, 1, {4, 2, 3}), input, {}).value.has_value());
}

TEST(Explain, what_is_not_computed_at_the_time_has_no_value) {
  const SceneInput input = small();
  const scene::Timeline timeline(input.model->weights->config, 9);
  ViewState view;
  view.time = timeline.start_of(4);
  EXPECT_TRUE(scene::explain(hook_cell(HookKind::ResidPost, 2, {3, 1, -1}), input, view).value.has_value());
  const Card later = scene::explain(hook_cell(HookKind::ResidPost, 2, {4, 1, -1}), input, view);
  EXPECT_FALSE(later.value.has_value());
  EXPECT_EQ(later.note, "not computed yet at this time");
  EXPECT_FALSE(scene::value_of(hook_cell(HookKind::ResidPost, 2, {4, 1, -1}), input, view).has_value());
}

TEST(Explain, masked_and_missing_cells_say_why) {
  const SceneInput input = small();
  const Card masked = scene::explain(hook_cell(HookKind::Pattern, 0, {1, 3, 5}), input, {});
  EXPECT_FALSE(masked.value.has_value());
  EXPECT_TRUE(masked.note.starts_with("masked")) << masked.note;
  EXPECT_EQ(masked.title, "block 0, head 1, pattern");
  const Card nowhere = scene::explain(hook_cell(HookKind::Q, 9, {0, 0, 0}), input, {});
  EXPECT_EQ(nowhere.note, "there is no block 9: there are 3");
  EXPECT_EQ(scene::explain(weight_cell("h.0.nonsense", 1), input, {}).note, "this checkpoint has no tensor h.0.nonsense");
  EXPECT_EQ(scene::explain(hook_cell(HookKind::Q, 0, {0, 0, 0}), {input.model, nullptr}, {}).note, "no prompt has been run yet");
}

TEST(Explain, every_weight_has_a_card_with_its_value) {
  for (const SceneInput& input : {small(), fable()}) {
    Lcg rng{5};
    for (const NamedTensor& row : input.model->weights->table()) {
      const bool matrix = row.view.shape.rank() == 2;
      const auto rows = static_cast<int>(row.view.shape[0]), cols = matrix ? static_cast<int>(row.view.shape[1]) : 0;
      for (int i = 0; i < 5; ++i) {
        const int r = rng.below(rows), c = matrix ? rng.below(cols) : -1;
        const float truth = row.view.at(matrix ? std::int64_t{r} * cols + c : r);
        const bool swapped = matrix && !row.in_major && row.name == "lm_head.weight";
        const Card card = scene::explain(swapped ? weight_cell(row.name, c, r) : weight_cell(row.name, r, c), input, {});
        ASSERT_TRUE(card.value.has_value()) << row.name << card.note;
        EXPECT_EQ(*card.value, truth) << row.name;
        EXPECT_FALSE(card.title.empty());
        EXPECT_FALSE(card.formula.empty()) << row.name;
        EXPECT_FALSE(card.indices.empty()) << row.name;
      }
    }
    // Without a run a weight still has its card.
    EXPECT_TRUE(scene::explain(weight_cell("h.0.mlp.c_fc.weight", 1, 2), {input.model, nullptr}, {}).value.has_value());
  }
}

TEST(Explain, a_weight_shows_its_part_of_the_output_at_the_position) {
  const SceneInput input = small();
  ViewState view;
  view.selected_position = 4;
  const Card card = scene::explain(weight_cell("h.1.mlp.c_proj.weight", 7, 11), input, view);
  const float post = in_trace(*input.run->base, hook_cell(HookKind::MlpPost, 1, {4, 7, -1}));
  ASSERT_EQ(card.terms.size(), 1U);
  EXPECT_NEAR(card.terms[0].contribution, post * *card.value, 1e-6F);
  ASSERT_EQ(card.sources.size(), 1U);
  EXPECT_EQ(card.sources[0], hook_cell(HookKind::MlpPost, 1, {4, 7, -1}));
}

TEST(Explain, terms_are_the_largest_and_name_their_sources) {
  const SceneInput input = small();
  const CellRef cell = hook_cell(HookKind::MlpOut, 1, {5, 3, -1});
  const Card card = scene::explain(cell, input, {});
  ASSERT_EQ(card.terms.size(), 5U);
  EXPECT_EQ(card.terms_total, 40);
  // The naive twin: every product, sorted.
  std::vector<float> products;
  for (int i = 0; i < 40; ++i)
    products.push_back(in_trace(*input.run->base, hook_cell(HookKind::MlpPost, 1, {5, i, -1})) *
                       input.model->weights->blocks[1].out.at(i, 3));
  std::ranges::sort(products, [](float a, float b) { return std::abs(a) > std::abs(b); });
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(card.terms[i].contribution, products[i], 1e-6F);
    ASSERT_TRUE(card.terms[i].left && card.terms[i].right);
    EXPECT_EQ(card.terms[i].left->tensor.hook.kind, HookKind::MlpPost);
    EXPECT_EQ(card.terms[i].right->tensor.weight, "h.1.mlp.c_proj.weight");
    EXPECT_EQ(card.terms[i].left->index[1], card.terms[i].right->index[0]);
  }
}

TEST(Explain, the_card_of_a_pattern_reads_well) {
  const SceneInput input = fable();
  const std::string text = scene::to_text(scene::explain(hook_cell(HookKind::Pattern, 4, {3, 13, 1}), input, {}));
  EXPECT_NE(text.find("block 4, head 3, pattern\n"), std::string::npos) << text;
  EXPECT_NE(text.find("softmax over 14 keys of the scores; max "), std::string::npos) << text;
  EXPECT_NE(text.find("exp("), std::string::npos) << text;
  EXPECT_NE(text.find("key 1 \"·Mary\""), std::string::npos) << text;
  EXPECT_NE(text.find("dim "), std::string::npos) << text;
  if (const char* show = std::getenv("SHOW_CARDS"); show != nullptr) {
    Lcg rng{99};
    for (const HookId hook : hooks_of(*input.run->base))
      if (hook.layer < 0 || hook.layer == 4)
        std::puts(scene::to_text(scene::explain(random_cell(hook, input.model->weights->config, 14, rng), input, {})).c_str());
    for (const NamedTensor& row : input.model->weights->table())
      if (row.name.starts_with("h.4") || row.name.starts_with("w") || row.name.starts_with("ln"))
        std::puts(scene::to_text(scene::explain(weight_cell(row.name, 3, row.view.shape.rank() > 1 ? 77 : -1), input, {})).c_str());
  }
}

}  // namespace
}  // namespace gf
