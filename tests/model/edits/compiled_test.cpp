#include "model/edits/compiled.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>

#include "tests/model/edits/naive_edits.h"
#include "tests/model/edits/recipe_of.h"

namespace gf::testing {
namespace {

ModelConfig small() {
  ModelConfig c;
  c.n_layer = 3, c.n_head = 2, c.d_model = 6, c.d_head = 3, c.d_mlp = 5, c.n_ctx = 32, c.n_vocab = 7;
  return c;
}

// ---- the naive twin: a mask of the whole activation, step by step ---------------------------------------------------

/// Places [row][element within the row] that the edit writes, in a run of T positions.
std::vector<std::set<std::size_t>> naive_selection(const Edit& e, RowShape shape, const ModelConfig& c, int T, int n_prompt) {
  std::vector<std::set<std::size_t>> rows(static_cast<std::size_t>(T));
  for (int n = std::min(n_prompt, T); n <= T; ++n) {
    Indices step;
    if (n == std::min(n_prompt, T)) step = naive_resolve({}, n, n_prompt);
    else step.insert(n - 1);
    for (const int r : naive_resolve(shape == RowShape::Causal ? e.queries : e.positions, n, n_prompt)) {
      if (!step.contains(r)) continue;
      auto& out = rows[static_cast<std::size_t>(r)];
      const auto index = [](int a, int width, int b) { return static_cast<std::size_t>(a * width + b); };
      if (shape == RowShape::Causal) {
        for (const int h : naive_resolve(e.heads, c.n_head, c.n_head))
          for (const int k : naive_resolve(e.keys, n, n_prompt))
            if (k <= r) out.insert(index(h, r + 1, k));
      } else if (shape == RowShape::Heads || shape == RowShape::HeadsDModel) {
        const int width = shape == RowShape::Heads ? c.d_head : c.d_model;
        for (const int h : naive_resolve(e.heads, c.n_head, c.n_head))
          for (const int d : naive_resolve(e.dims, width, width)) out.insert(index(h, width, d));
      } else {
        const bool mlp = shape == RowShape::DMlp;
        const int width = static_cast<int>(row_size(shape, c, r));
        for (const int d : naive_resolve(mlp ? e.neurons : e.dims, width, width)) out.insert(index(0, width, d));
      }
    }
  }
  return rows;
}

Selector random_selector(std::mt19937& rng, int length, bool rows) {
  const auto pick = [&](int a, int b) { return std::uniform_int_distribution<int>(a, b)(rng); };
  Selector s;
  switch (pick(0, rows ? 5 : 3)) {
    case 0: break;
    case 1:
      s.kind = Selector::Kind::List;
      for (int i = pick(1, 3); i > 0; --i) s.list.push_back(pick(rows ? -2 : -length, length - 1));
      break;
    case 2:
      s.kind = Selector::Kind::Range;
      if (pick(0, 3) > 0) s.begin = pick(-length - 2, length + 1);
      if (pick(0, 3) > 0) s.end = pick(-length - 2, length + 1);
      break;
    case 3: s.kind = Selector::Kind::Last; break;
    case 4: s.kind = Selector::Kind::Prompt; break;
    default: s.kind = Selector::Kind::Generated; break;
  }
  return s;
}

TEST(CompiledEdits, select_as_the_naive_twin) {
  std::mt19937 rng(7);
  const ModelConfig c = small();
  int compared = 0, refused = 0;
  for (int round = 0; round < 4000; ++round) {
    const auto pick = [&](int a, int b) { return std::uniform_int_distribution<int>(a, b)(rng); };
    const int n_prompt = pick(1, 6), T = n_prompt + pick(0, 5);
    const auto hooks = all_hooks(c.n_layer);
    const HookId hook = hooks[static_cast<std::size_t>(pick(0, static_cast<int>(hooks.size()) - 1))];
    const RowShape shape = info_of(hook.kind).shape;
    Edit e;
    e.hook = name_of(hook);
    for (const Axis axis : axes_of(shape)) {
      const bool rows = axis == Axis::Positions || axis == Axis::Queries || axis == Axis::Keys;
      if (pick(0, 2) > 0) selector_of(e, axis) = random_selector(rng, rows ? T : extent_of(axis, shape, c), rows);
    }
    const auto expected = naive_selection(e, shape, c, T, n_prompt);
    const auto edits = compile({{e}, {}}, {.config = c, .n_prompt = n_prompt, .n_total = T});
    std::size_t total = 0;
    for (const auto& row : expected) total += row.size();
    if (!edits) {
      EXPECT_EQ(edits.error().code, ErrorCode::InvalidArgument);
      // Refused: it selects nothing, or names an index beyond the prompt's end that can't be reached.
      const bool out_of_reach = edits.error().message.find("out of reach") != std::string::npos;
      EXPECT_TRUE(total == 0 || out_of_reach) << edits.error().message;
      ++refused;
      continue;
    }
    EXPECT_GT(total, 0U);
    EXPECT_TRUE((*edits)->touches(hook));
    for (int r = 0; r < T; ++r) {
      std::vector<float> row(row_size(shape, c, r), 1.0F);
      if (shape == RowShape::Causal) (*edits)->apply_causal(hook, r, row.data());
      else (*edits)->apply(hook, r, 1, row.data(), row.size());
      for (std::size_t i = 0; i < row.size(); ++i)
        ASSERT_EQ(row[i] == 0.0F, expected[static_cast<std::size_t>(r)].contains(i))
            << summary(e) << ", row " << r << " element " << i << ", T " << T << ", prompt " << n_prompt;
    }
    EXPECT_EQ((*edits)->receipts()[0].fired, static_cast<long long>(total));
    EXPECT_NEAR((*edits)->receipts()[0].norm, std::sqrt(static_cast<double>(total)), 1e-9);
    ++compared;
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(refused, 100);
}

struct BadRun {
  const char* edit;
  const char* sentence;
};

class BadEditOfARun : public ::testing::TestWithParam<BadRun> {};

TEST_P(BadEditOfARun, is_refused_in_one_sentence) {
  const auto edits = compile(recipe_of(std::string(R"({"hook": "blocks.0.attn.hook_z", "op": "zero"}, )") + GetParam().edit),
                             {.config = small(), .n_prompt = 4, .n_total = 6});
  ASSERT_FALSE(edits);
  EXPECT_EQ(edits.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(edits.error().message, GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Run, BadEditOfARun,
    ::testing::Values(
        BadRun{R"({"hook": "blocks.3.attn.hook_z", "op": "zero"})",
               "edit 2: there is no hook 'blocks.3.attn.hook_z' in this model; its blocks are 0 to 2"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [2]})",
               "edit 2: index 2 of 'heads' is out of reach; blocks.0.attn.hook_z has heads 0 to 1 (or -2 to -1 from "
               "the end) in this run"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": [6]})",
               "edit 2: index 6 of 'positions' is out of reach; blocks.0.attn.hook_z has positions 0 to 5 (or -4 to -1 "
               "from the end) in this run"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": [-5]})",
               "edit 2: index -5 of 'positions' is out of reach; blocks.0.attn.hook_z has positions 0 to 5 (or -4 to "
               "-1 from the end) in this run"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": "6:"})",
               "edit 2: 'positions' \"6:\" selects nothing; there are 6 positions in this run"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "dims": "2:1"})",
               "edit 2: 'dims' \"2:1\" selects nothing; there are 3 dims in this run"},
        BadRun{R"({"hook": "blocks.0.attn.hook_pattern", "op": "zero", "queries": [1], "keys": [2]})",
               "edit 2: 'queries' and 'keys' together select nothing; a key must not stand after its query"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "source": {"ids": [1], "hook": "blocks.7.attn.hook_z"}})",
               "edit 2: there is no hook 'blocks.7.attn.hook_z' in this model to take values from; its blocks are 0 to 2"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "source": {"ids": [1, 2]}})",
               "edit 2: the source has 2 tokens, so it has no position 5 to copy; name 'positions' that both runs have"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "positions": [0, 1, 2], "source": {"ids": [1, 2], "positions": [0, 1]}})",
               "edit 2: the source's 'positions' name 2 rows, but there are 3 to copy to; name one row or as many"},
        BadRun{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "positions": [0], "source": {"ids": [1, 2], "positions": [2]}})",
               "edit 2: index 2 of the source's 'positions' is out of reach; the source has 2 tokens"},
        BadRun{R"({"hook": "blocks.0.attn.hook_pattern", "op": "patch", "source": {"ids": [1, 2]}})",
               "edit 2: at blocks.0.attn.hook_pattern the same query and key are copied, so the source must have as many "
               "tokens as this run, 6, and it has 2"}));

TEST(CompiledEdits, leaves_out_disabled_ones_but_counts_them) {
  const auto edits = compile(recipe_of(R"({"hook": "blocks.9.attn.hook_z", "op": "zero", "enabled": false},
                                          {"hook": "blocks.1.attn.hook_z", "op": "scale", "factor": 3})"),
                             {.config = small(), .n_prompt = 2, .n_total = 2});
  ASSERT_TRUE(edits) << edits.error().message;
  EXPECT_FALSE((*edits)->touches({HookKind::Z, 2}));
  EXPECT_EQ((*edits)->first_block(), 1);
  std::vector<float> z(12, 2.0F);
  (*edits)->begin_step(0, 2, 2);
  (*edits)->apply({HookKind::Z, 1}, 0, 2, z.data(), 6);
  EXPECT_EQ(z, std::vector<float>(12, 6.0F));
  EXPECT_EQ((*edits)->receipts().size(), 2U);
  EXPECT_EQ((*edits)->receipts()[0].fired, 0);
  EXPECT_EQ((*edits)->receipts()[1].fired, 12);
}

TEST(CompiledEdits, renormalizes_only_edited_rows_and_counts_what_it_wrote) {
  const auto edits =
      compile(recipe_of(R"({"hook": "blocks.0.attn.hook_pattern", "op": "zero", "heads": [1], "keys": [0], "renormalize": true})"),
              {.config = small(), .n_prompt = 2, .n_total = 2});
  ASSERT_TRUE(edits);
  std::vector<float> row = {0.25F, 0.75F, 0.5F, 0.5F};
  (*edits)->apply_causal({HookKind::Pattern, 0}, 1, row.data());
  EXPECT_EQ(row, (std::vector<float>{0.25F, 0.75F, 0.0F, 1.0F}));
  EXPECT_EQ((*edits)->receipts()[0].fired, 1);
  EXPECT_NEAR((*edits)->receipts()[0].norm, std::sqrt(0.5), 1e-7);
  std::vector<float> first = {1.0F, 1.0F};
  (*edits)->apply_causal({HookKind::Pattern, 0}, 0, first.data());
  EXPECT_EQ(first, (std::vector<float>{1.0F, 0.0F})) << "a row that sums to 0 stays";
  EXPECT_EQ((*edits)->receipts()[0].empty_rows, 1);
  std::vector<float> zeros = {0.0F, 0.0F};
  (*edits)->apply_causal({HookKind::Pattern, 0}, 0, zeros.data());
  EXPECT_EQ((*edits)->receipts()[0].empty_rows, 2) << "both rows of query 0 summed to 0";
}

TEST(CompiledEdits, leaves_infinities_out_of_the_norm) {
  const auto edits = compile(recipe_of(R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [0]})"),
                             {.config = small(), .n_prompt = 1, .n_total = 1});
  ASSERT_TRUE(edits);
  std::vector<float> row = {1.0F, 2.0F};
  (*edits)->apply_causal({HookKind::AttnScores, 0}, 0, row.data());
  EXPECT_EQ(row[0], -std::numeric_limits<float>::infinity());
  EXPECT_EQ(row[1], 2.0F);
  EXPECT_EQ((*edits)->receipts()[0].fired, 1);
  EXPECT_EQ((*edits)->receipts()[0].norm, 0.0);
  EXPECT_TRUE((*edits)->receipts()[0].changed);
}

TEST(CompiledEdits, adds_a_vector_to_the_selected_places) {
  const auto edits = compile(recipe_of(R"({"hook": "blocks.0.attn.hook_z", "op": "add", "vector": [1, 2], "factor": 10, "dims": [0, 2]})"),
                             {.config = small(), .n_prompt = 1, .n_total = 1});
  ASSERT_TRUE(edits);
  std::vector<float> z(6, 0.0F);
  (*edits)->apply({HookKind::Z, 0}, 0, 1, z.data(), 6);
  EXPECT_EQ(z, (std::vector<float>{10, 0, 20, 10, 0, 20}));
  const auto wrong = compile(recipe_of(R"({"hook": "blocks.0.attn.hook_z", "op": "add", "vector": [1, 2]})"),
                             {.config = small(), .n_prompt = 1, .n_total = 1});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "edit 1: the vector has 2 numbers, but the last axis of blocks.0.attn.hook_z has 3 selected entries");
}

TEST(CompiledEdits, adds_a_vector_to_the_selected_keys) {
  const auto edits = compile(
      recipe_of(R"({"hook": "blocks.0.attn.hook_pattern", "op": "add", "vector": [1, 2, 3], "factor": 10, "heads": [1], "keys": "1:4"})"),
      {.config = small(), .n_prompt = 3, .n_total = 4});
  ASSERT_TRUE(edits) << edits.error().message;
  std::vector<float> row(2 * 3, 0.0F);
  (*edits)->apply_causal({HookKind::Pattern, 0}, 2, row.data());
  EXPECT_EQ(row, (std::vector<float>{0, 0, 0, 0, 10, 20})) << "the prompt has no key 3 yet";
  row.assign(2 * 4, 0.0F);
  (*edits)->apply_causal({HookKind::Pattern, 0}, 3, row.data());
  EXPECT_EQ(row, (std::vector<float>{0, 0, 0, 0, 0, 10, 20, 30}));
  EXPECT_EQ((*edits)->receipts()[0].fired, 5);

  const auto on_device = (*edits)->elements_at({HookKind::Pattern, 0}, 2, 2);
  ASSERT_TRUE(on_device && on_device->size() == 1);
  EXPECT_EQ(on_device->front().values, (std::vector<float>{0, 1, 2, 0, 0, 1, 2, 3})) << "each row's, as wide as the widest";

  const auto wrong = compile(recipe_of(R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "add", "vector": [1, 2]})"),
                             {.config = small(), .n_prompt = 3, .n_total = 4});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message,
            "edit 1: the vector has 2 numbers, but the last axis of blocks.0.attn.hook_attn_scores has 4 selected entries");
}

// Counted from the end, a key is another one in each step; what it gets stays the same.
TEST(CompiledEdits, adds_a_vector_to_the_keys_of_each_steps_end) {
  const auto edits = compile(recipe_of(R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "add", "vector": [1, 2], "keys": [-1, -2]})"),
                             {.config = small(), .n_prompt = 2, .n_total = 4});
  ASSERT_TRUE(edits) << edits.error().message;
  for (int query = 1; query < 4; ++query) {
    const auto keys = static_cast<std::size_t>(query) + 1;
    std::vector<float> row(2 * keys, 0.0F);
    (*edits)->apply_causal({HookKind::AttnScores, 0}, query, row.data());
    for (const std::size_t head : {0U, 1U}) {
      const auto line = std::span(row).subspan(head * keys, keys);
      EXPECT_EQ(line[keys - 2], 1.0F);
      EXPECT_EQ(line[keys - 1], 2.0F);
    }
  }
}

}  // namespace
}  // namespace gf::testing
