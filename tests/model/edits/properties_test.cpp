// What holds for any recipe, tried on random ones over random models.
#include <random>

#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"
#include "tests/model/edits/naive_edits.h"

namespace gf::testing {
namespace {

constexpr int kAllAtOnce = 1 << 20;

class RecipeProperties : public ::testing::Test {
 protected:
  RecipeProperties() : weights(make_random({.n_layer = 2, .n_head = 2, .d_head = 8})), ids(random_ids(11, 17)) {}

  [[nodiscard]] const ModelConfig& config() const { return weights->config; }
  [[nodiscard]] int T() const { return static_cast<int>(ids.size()); }
  int pick(int a, int b) { return std::uniform_int_distribution<int>(a, b)(rng); }

  Selector list(int length, bool relative) {
    Selector s{.kind = Selector::Kind::List, .list = {}, .begin = {}, .end = {}};
    for (int i = pick(1, 3); i > 0; --i) s.list.push_back(pick(relative ? -2 : 0, length - 1));
    return s;
  }
  Selector rows_selector(bool relative) {
    Selector s;
    if (relative && pick(0, 1) == 0) {
      constexpr Selector::Kind kNames[] = {Selector::Kind::Last, Selector::Kind::Prompt, Selector::Kind::Generated};
      s.kind = kNames[pick(0, 2)];
      return s;
    }
    if (pick(0, 1) == 0) return list(T(), relative);
    s.kind = Selector::Kind::Range;
    s.begin = pick(relative ? -3 : 0, T() - 1);
    if (pick(0, 1) == 0) s.end = relative ? pick(-3, T()) : pick(*s.begin + 1, T());
    return s;
  }
  Edit random_edit(bool relative) {
    const auto hooks = all_hooks(config().n_layer);
    Edit e;
    const HookId hook = hooks[static_cast<std::size_t>(pick(0, static_cast<int>(hooks.size()) - 1))];
    e.hook = name_of(hook);
    constexpr EditOp kOps[] = {EditOp::Zero, EditOp::Set, EditOp::Scale, EditOp::Add};
    e.op = kOps[pick(0, 3)];
    if (info_of(hook.kind).unit == HookUnit::Scale) e.op = EditOp::Scale;  // nothing is divided by zero
    if (e.op == EditOp::Scale) e.factor = 0.5F;
    if (e.op == EditOp::Set || e.op == EditOp::Add) e.value = 0.25F;
    const RowShape shape = info_of(hook.kind).shape;
    for (const Axis axis : axes_of(shape)) {
      if (pick(0, 2) == 0) continue;
      const bool rows = axis == Axis::Positions || axis == Axis::Queries || axis == Axis::Keys;
      selector_of(e, axis) = rows ? rows_selector(relative) : list(extent_of(axis, shape, config()), false);
    }
    return e;
  }
  /// One to three edits that act on this run; nullptr in `edits` where they select nothing.
  Recipe random_recipe(bool relative) {
    Recipe recipe;
    for (int i = pick(1, 3); i > 0; --i) recipe.edits.push_back(random_edit(relative));
    return recipe;
  }
  [[nodiscard]] std::unique_ptr<CompiledEdits> compiled(const Recipe& recipe, int n_prompt) const {
    auto edits = compile(recipe, {.config = config(), .n_prompt = n_prompt, .n_total = T()});
    return edits ? std::move(*edits) : nullptr;
  }
  Trace run(Backend& backend, CompiledEdits* edits, const std::vector<int>& steps) const {
    Trace trace(config(), everything());
    extend(backend, trace, ids, steps, edits);
    return trace;
  }
  std::unique_ptr<Backend> cpu(int threads = 2) const {
    auto backend = make_cpu_backend(threads);
    EXPECT_TRUE(backend->load(weights));
    return backend;
  }
  static std::string text_of(const Recipe& recipe) { return to_json(recipe); }

  std::mt19937 rng{11};
  std::shared_ptr<const Weights> weights;
  std::vector<TokenId> ids;
};

TEST_F(RecipeProperties, token_by_token_is_all_at_once_with_absolute_selectors) {
  const auto backend = cpu();
  int compared = 0;
  for (int round = 0; round < 120; ++round) {
    const Recipe recipe = random_recipe(false);
    const int n_prompt = pick(1, T());
    SCOPED_TRACE(text_of(recipe) + ", prompt " + std::to_string(n_prompt));
    const auto whole = compiled(recipe, T()), stepwise = compiled(recipe, n_prompt);
    ASSERT_EQ(whole == nullptr, stepwise == nullptr);
    if (!whole) continue;
    const Trace a = run(*backend, whole.get(), {kAllAtOnce}), b = run(*backend, stepwise.get(), {n_prompt, 1});
    expect_close(b, a);
    for (std::size_t i = 0; i < recipe.edits.size(); ++i) {
      EXPECT_EQ(whole->receipts()[i].fired, stepwise->receipts()[i].fired);
      EXPECT_NEAR(whole->receipts()[i].norm, stepwise->receipts()[i].norm, 1e-3 * whole->receipts()[i].norm + 1e-5);
    }
    if (HasFatalFailure()) return;
    ++compared;
  }
  EXPECT_GT(compared, 80);
}

TEST_F(RecipeProperties, relative_selectors_act_as_in_the_naive_stepwise_twin) {
  const auto backend = cpu();
  const auto naive = make_naive_backend();
  ASSERT_TRUE(naive->load(weights));
  int compared = 0;
  for (int round = 0; round < 120; ++round) {
    const Recipe recipe = random_recipe(true);
    const int n_prompt = pick(2, T());
    SCOPED_TRACE(text_of(recipe) + ", prompt " + std::to_string(n_prompt));
    const auto at_once = compiled(recipe, n_prompt), stepwise = compiled(recipe, n_prompt);
    if (!at_once) continue;
    NaiveEdits twin(recipe, config(), n_prompt);
    const Trace want = run(*naive, &twin, {n_prompt, 1});
    expect_close(run(*backend, at_once.get(), {kAllAtOnce}), want);
    expect_close(run(*backend, stepwise.get(), {n_prompt, 1}), want);
    long long fired = 0;
    for (const Receipt& r : at_once->receipts()) fired += r.fired;
    EXPECT_EQ(fired, twin.fired);
    if (HasFatalFailure()) return;
    ++compared;
  }
  EXPECT_GT(compared, 60);
}

TEST_F(RecipeProperties, any_number_of_threads_gives_the_same_bits) {
  const auto one = cpu(1), two = cpu(2), five = cpu(5);
  int compared = 0;
  for (int round = 0; round < 40; ++round) {
    const Recipe recipe = random_recipe(true);
    SCOPED_TRACE(text_of(recipe));
    const auto a = compiled(recipe, 6), b = compiled(recipe, 6), c = compiled(recipe, 6);
    if (!a) continue;
    const Trace want = run(*one, a.get(), {6, 1});
    expect_same_bits(run(*two, b.get(), {6, 1}), want);
    expect_same_bits(run(*five, c.get(), {6, 1}), want);
    if (HasFatalFailure()) return;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST_F(RecipeProperties, scaling_by_one_is_bit_identical_under_any_selectors) {
  const auto backend = cpu();
  const Trace base = run(*backend, nullptr, {6, 1});
  int compared = 0;
  for (int round = 0; round < 80; ++round) {
    Edit e = random_edit(true);
    if (parse_hook(e.hook, config().n_layer)->kind == HookKind::Result) continue;  // attn_out is then a sum in another order
    e.op = EditOp::Scale;
    e.factor = 1.0F;
    e.value.reset();
    const auto edits = compiled({{e}, {}}, 6);
    if (!edits) continue;
    SCOPED_TRACE(summary(e));
    expect_same_bits(run(*backend, edits.get(), {6, 1}), base);
    EXPECT_FALSE(edits->receipts()[0].changed);
    if (HasFatalFailure()) return;
    ++compared;
  }
  EXPECT_GT(compared, 40);
}

}  // namespace
}  // namespace gf::testing
