// Batches of variants beside one forward pass after the other, and beside the naive backend.
#include <algorithm>
#include <cstring>
#include <functional>

#include "model/base/logits.h"
#include "model/edits/compiled.h"
#include "model/sweep.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

using Rows = std::vector<std::vector<float>>;

/// What batches may differ from one after the other: the sums are cut elsewhere where there are more rows.
/// The reference values allow 5e-4 + 1e-4 |x|.
constexpr double kAbsolute = 2e-5, kRelative = 1e-5;

struct SweepCase {
  const char* name;
  RandomModel model;
  int T = 9;
};
void PrintTo(const SweepCase& c, std::ostream* out) { *out << c.name; }

/// A model, a run of it (with a recipe), and cuts of that run.
class SweepTwin : public ::testing::TestWithParam<SweepCase> {
 protected:
  void SetUp() override { open(GetParam().model, GetParam().T, 2); }

  void open(const RandomModel& m, int n, int threads) {
    T = n;
    weights = make_random(m);
    ids = random_ids(T, m.n_vocab);
    backend = make_cpu_backend(threads);
    ASSERT_TRUE(backend->load(weights));
    base = run_of(*backend, ids, nullptr);
    source = std::make_shared<const Trace>(run_of(*backend, random_ids(T, m.n_vocab, 8), nullptr));
    edited = base;
  }
  [[nodiscard]] const ModelConfig& config() const { return weights->config; }

  [[nodiscard]] Trace run_of(Backend& by, std::span<const TokenId> tokens, CompiledEdits* edits) const {
    Trace trace(config(), everything());
    extend(by, trace, tokens, {1 << 20}, edits);
    return trace;
  }
  void under(const std::string& edits) {
    recipe = parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}").value();
    edited = run_of(*backend, ids, compiled(recipe).get());
  }
  [[nodiscard]] std::unique_ptr<CompiledEdits> compiled(const Recipe& edits) const {
    if (edits.empty()) return nullptr;
    std::vector<std::vector<std::shared_ptr<const Trace>>> sources(edits.edits.size(), {source});
    auto result = compile(edits, {.config = config(), .n_prompt = T, .n_total = T, .base = &base, .sources = sources});
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
  }
  [[nodiscard]] std::vector<std::unique_ptr<CompiledEdits>> cuts_at(HookId hook) const {
    std::vector<Edit> cuts;
    const auto add = [&](EditOp op) -> Edit& {
      Edit& e = cuts.emplace_back();
      e.hook = name_of(hook);
      e.op = op;
      return e;
    };
    const RowShape shape = info_of(hook.kind).shape;
    const auto list = [](std::vector<int> at) {
      return Selector{.kind = Selector::Kind::List, .list = std::move(at), .begin = {}, .end = {}};
    };
    for (int head = 0; head < config().n_head && shape == RowShape::Heads; ++head) add(EditOp::Zero).heads = list({head});
    add(EditOp::Zero);
    add(EditOp::Scale).factor = 1.0F;
    const bool causal = shape == RowShape::Causal;
    if (!causal) add(EditOp::Mean);
    for (const int p : {0, T / 2, T - 1}) {
      Edit& e = add(EditOp::Patch);
      (causal ? e.queries : e.positions) = list({p});
      e.source = RunSource{.prompt = {}, .ids = {source->ids().begin(), source->ids().end()}, .hook = {}, .positions = {}};
    }
    add(EditOp::Scale).factor = 1.5F;
    (causal ? cuts.back().queries : cuts.back().positions) = Selector{.kind = Selector::Kind::Last, .list = {}, .begin = {}, .end = {}};
    std::vector<std::unique_ptr<CompiledEdits>> all;
    for (const Edit& cut : cuts) all.push_back(compiled({{cut}, {}}));
    return all;
  }

  struct Answer {
    Rows logits;
    std::uint64_t work = 0;
  };
  using Way = std::function<Result<std::uint64_t>(const Sweep&)>;
  [[nodiscard]] Answer answer(const Way& way, HookId hook, int position = -1) const {
    const auto cuts = cuts_at(hook);
    const auto edits = compiled(recipe);
    Answer a;
    Sweep sweep;
    sweep.trace = &edited;
    sweep.edits = edits.get();
    sweep.hook = hook;
    sweep.cuts = cuts;
    sweep.position = position;
    sweep.done = [&](std::size_t i, std::span<const float> row) {
      EXPECT_EQ(i, a.logits.size()) << "in order";
      a.logits.emplace_back(row.begin(), row.end());
    };
    const auto work = way(sweep);
    EXPECT_TRUE(work) << work.error().message;
    EXPECT_EQ(a.logits.size(), cuts.size());
    a.work = work.value_or(0);
    return a;
  }
  /// Why batches leave cuts at this hook to one_by_one(); nullopt: they do not.
  [[nodiscard]] std::optional<ErrorCode> refusal(HookId hook) const {
    const auto cuts = cuts_at(hook);
    const auto edits = compiled(recipe);
    Sweep sweep;
    sweep.trace = &edited;
    sweep.edits = edits.get();
    sweep.hook = hook;
    sweep.cuts = cuts;
    sweep.done = [](std::size_t, std::span<const float>) {};
    const auto work = backend->sweep(sweep);
    return work ? std::optional<ErrorCode>{} : work.error().code;
  }
  [[nodiscard]] Way batches() const {
    return [this](const Sweep& s) { return backend->sweep(s); };
  }
  [[nodiscard]] static Way one_by_one(Backend& by) {
    return [&by](const Sweep& s) { return sweep_one_by_one(by, s); };
  }
  static void expect_rows_close(const Rows& got, const Rows& want, double absolute, double relative) {
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      for (std::size_t j = 0; j < got[i].size(); ++j) {
        const double a = static_cast<double>(got[i][j]), b = static_cast<double>(want[i][j]);
        ASSERT_LE(std::abs(a - b), absolute + relative * std::abs(b)) << "variant " << i << " logit " << j;
      }
  }

  int T = 0;
  std::shared_ptr<const Weights> weights;
  std::vector<TokenId> ids;
  std::unique_ptr<Backend> backend;
  Trace base, edited;
  std::shared_ptr<const Trace> source;
  Recipe recipe;
};

const HookKind kBatched[] = {HookKind::ResidPre, HookKind::Q,       HookKind::K,        HookKind::V,      HookKind::Pattern,
                             HookKind::Z,        HookKind::AttnOut, HookKind::ResidMid, HookKind::MlpOut, HookKind::ResidPost};

TEST_P(SweepTwin, batches_agree_with_one_by_one_at_each_site) {
  auto naive = make_naive_backend();
  ASSERT_TRUE(naive->load(weights));
  for (int layer = 0; layer < config().n_layer; ++layer)
    for (const HookKind kind : kBatched) {
      const HookId hook{kind, layer};
      SCOPED_TRACE(name_of(hook));
      const Answer got = answer(batches(), hook), want = answer(one_by_one(*backend), hook);
      expect_rows_close(got.logits, want.logits, kAbsolute, kRelative);
      EXPECT_LT(got.work, want.work);
      if (layer == 0 && T < 20) expect_rows_close(got.logits, answer(one_by_one(*naive), hook).logits, 2e-4, 1e-5);
    }
}

TEST_P(SweepTwin, the_recipe_acts_again_behind_each_cut) {
  const char* recipes[] = {
      R"({"hook": "blocks.0.attn.hook_z", "op": "scale", "factor": 1.5}, {"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [0]})",
      R"({"hook": "blocks.1.hook_resid_pre", "op": "scale", "factor": 1.25}, {"hook": "blocks.0.mlp.hook_pre", "op": "add", "value": 0.5})",
      R"({"hook": "blocks.1.ln1.hook_scale", "op": "scale", "factor": 0.5}, {"hook": "blocks.1.ln2.hook_normalized", "op": "scale", "factor": 2})",
      R"({"hook": "blocks.1.attn.hook_k", "op": "scale", "factor": 2, "positions": ":2"}, {"hook": "blocks.1.attn.hook_q", "op": "mean"})",
      R"({"hook": "blocks.0.hook_attn_out", "op": "scale", "factor": 2, "positions": "last"}, {"hook": "blocks.1.mlp.hook_post", "op": "zero", "neurons": [1]})",
      R"({"hook": "logits", "op": "add", "value": 1, "dims": [1]}, {"hook": "ln_final.hook_scale", "op": "scale", "factor": 0.5})",
      R"({"hook": "blocks.1.hook_mlp_out", "op": "mean"}, {"hook": "blocks.1.hook_resid_post", "op": "scale", "factor": 0.5, "positions": [0]})",
  };
  for (const char* edits : recipes) {
    SCOPED_TRACE(edits);
    under(edits);
    for (int layer = 0; layer < config().n_layer; ++layer)
      for (const HookKind kind : kBatched) {
        const HookId hook{kind, layer};
        SCOPED_TRACE(name_of(hook));
        const bool twice = kind == HookKind::Pattern && compiled(recipe)->touches({HookKind::Z, layer});
        if (twice) continue;  // another test
        expect_rows_close(answer(batches(), hook).logits, answer(one_by_one(*backend), hook).logits, kAbsolute, kRelative);
      }
  }
}

TEST_P(SweepTwin, an_edit_at_any_hook_acts_again_or_is_refused) {
  const HookKind starts[] = {HookKind::ResidPre, HookKind::Q,        HookKind::Pattern, HookKind::Z,
                             HookKind::AttnOut,  HookKind::ResidMid, HookKind::MlpOut,  HookKind::ResidPost};
  for (const HookInfo& info : hook_table()) {
    const HookId touched{info.kind, info.scope == HookScope::Block ? 1 : -1};
    under(R"({"hook": ")" + name_of(touched) + R"(", "op": "scale", "factor": 1.25})");
    int agreeing = 0;
    for (const int layer : {0, 1})
      for (const HookKind kind : starts) {
        const HookId hook{kind, layer};
        SCOPED_TRACE(name_of(touched) + " scaled, cut at " + name_of(hook));
        if (const auto why = refusal(hook)) {
          EXPECT_EQ(why, ErrorCode::Unsupported);
          continue;
        }
        expect_rows_close(answer(batches(), hook).logits, answer(one_by_one(*backend), hook).logits, kAbsolute, kRelative);
        ++agreeing;
      }
    EXPECT_GT(agreeing, 0) << name_of(touched) << ": a cut behind it needs no edit again";
  }
}

TEST_P(SweepTwin, any_position_may_be_asked_for) {
  if (T < 3) GTEST_SKIP() << "there is but one position";
  under(R"({"hook": "blocks.1.hook_attn_out", "op": "scale", "factor": 2}, {"hook": "logits", "op": "scale", "factor": 2, "dims": [1]})");
  const int position = T / 2;
  for (const HookKind kind : {HookKind::Z, HookKind::ResidPost, HookKind::Pattern, HookKind::K}) {
    const HookId hook{kind, config().n_layer - 1};
    SCOPED_TRACE(name_of(hook));
    const Answer got = answer(batches(), hook, position), want = answer(one_by_one(*backend), hook, position);
    expect_rows_close(got.logits, want.logits, kAbsolute, kRelative);
    // The last cut is at the last position, which this one does not see.
    const auto row = edited.row({HookKind::Logits, -1}, position);
    expect_rows_close({got.logits.back()}, {{row.begin(), row.end()}}, kAbsolute, kRelative);
  }
}

TEST_P(SweepTwin, other_prompts_share_their_beginning) {
  std::vector<std::vector<TokenId>> prompts{ids};
  for (int i = 0; i < T && T > 1; ++i) {
    prompts.push_back(ids);
    prompts.back().erase(prompts.back().begin() + i);
  }
  prompts.push_back({ids[0]});
  Sweep sweep;
  sweep.trace = &base;
  sweep.prompts = prompts;
  Rows got, want;
  sweep.done = [&](std::size_t, std::span<const float> row) { got.emplace_back(row.begin(), row.end()); };
  ASSERT_TRUE(backend->sweep(sweep));
  for (const auto& prompt : prompts) {
    const Trace whole = run_of(*backend, prompt, nullptr);
    want.emplace_back(whole.last_logits().begin(), whole.last_logits().end());
  }
  expect_rows_close(got, want, kAbsolute, kRelative);
  got.clear();
  ASSERT_TRUE(sweep_one_by_one(*backend, sweep));
  expect_rows_close(got, want, kAbsolute, kRelative);
}

INSTANTIATE_TEST_SUITE_P(
    Models, SweepTwin,
    ::testing::Values(SweepCase{"plain", {}, 9}, SweepCase{"one_token", {}, 1}, SweepCase{"two_chunks", {.n_layer = 2, .d_head = 4}, 70},
                      SweepCase{"no_bias_untied", {.n_layer = 3, .n_head = 3, .bias = false, .tied = false, .in_major = false}, 12},
                      SweepCase{"bf16", {.scale_by_layer = true, .activation = Activation::GeluErf, .dtype = DType::BF16}, 10}),
    [](const auto& info) { return info.param.name; });

class SweepReuse : public SweepTwin {};

TEST_P(SweepReuse, the_same_bits_on_any_number_of_threads) {
  const Answer two = answer(batches(), {HookKind::Z, 1});
  for (const int threads : {1, 3}) {
    backend = make_cpu_backend(threads);
    ASSERT_TRUE(backend->load(weights));
    const Answer other = answer(batches(), {HookKind::Z, 1});
    for (std::size_t i = 0; i < two.logits.size(); ++i) ASSERT_TRUE(same_bits(other.logits[i], two.logits[i])) << i;
  }
}

/// Multiply-adds of one block for `rows` rows from W_O on, and of the head.
std::uint64_t rest_of_block(const ModelConfig& c, std::uint64_t rows) {
  const auto d = static_cast<std::uint64_t>(c.d_model);
  return rows * (d * d + 2 * d * static_cast<std::uint64_t>(c.d_mlp));
}
std::uint64_t logits_work(const ModelConfig& c) { return static_cast<std::uint64_t>(c.d_model) * static_cast<std::uint64_t>(c.n_vocab); }

TEST_P(SweepReuse, what_a_cut_does_not_touch_is_not_computed) {
  const ModelConfig& c = config();
  const auto one = [&](const std::string& edit) {
    const Recipe cut = parse_recipe(R"({"version": 1, "edits": [)" + edit + "]}").value();
    std::vector<std::unique_ptr<CompiledEdits>> cuts;
    cuts.push_back(compiled(cut));
    Sweep sweep;
    sweep.trace = &edited;
    sweep.hook = *parse_hook(cut.edits[0].hook, c.n_layer);
    sweep.cuts = cuts;
    std::vector<float> logits;
    sweep.done = [&](std::size_t, std::span<const float> row) { logits.assign(row.begin(), row.end()); };
    const auto work = backend->sweep(sweep);
    EXPECT_TRUE(work);
    return std::pair{work.value_or(1), same_bits(logits, base.last_logits())};
  };
  // Nothing changes: nothing is computed, and the answer is the run's own.
  EXPECT_EQ(one(R"({"hook": "blocks.0.attn.hook_z", "op": "scale", "factor": 1})"), (std::pair{std::uint64_t{0}, true}));
  EXPECT_EQ(one(R"({"hook": "blocks.1.hook_mlp_out", "op": "zero", "positions": [0]})"), (std::pair{std::uint64_t{0}, true}))
      << "of the last block only the last position counts";
  EXPECT_EQ(one(R"({"hook": "blocks.1.attn.hook_z", "op": "zero"})").first, rest_of_block(c, 1) + logits_work(c));
  // Block 1 makes k and v of the changed rows, and all else of the last.
  const auto d = static_cast<std::uint64_t>(c.d_model), keys = static_cast<std::uint64_t>(T);
  const auto second = [&](std::uint64_t rows) { return rows * 2 * d * d + d * d + 2 * keys * d + rest_of_block(c, 1) + logits_work(c); };
  EXPECT_EQ(one(R"({"hook": "blocks.0.attn.hook_z", "op": "zero"})").first, rest_of_block(c, keys) + second(keys));
  EXPECT_EQ(one(R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": [6]})").first,
            rest_of_block(c, keys - 6) + second(keys - 6));
  EXPECT_EQ(one(R"({"hook": "blocks.0.hook_resid_post", "op": "zero", "positions": [8]})").first, second(keys - 8));
}

TEST_P(SweepReuse, leaves_to_one_by_one_what_batches_cannot_hold) {
  for (const HookKind kind : {HookKind::Ln1Scale, HookKind::MlpPre, HookKind::Result})
    EXPECT_EQ(refusal({kind, 0}), ErrorCode::Unsupported);
  EXPECT_EQ(refusal({HookKind::Z, 0}), std::nullopt);
  under(R"({"hook": "blocks.1.attn.hook_pattern", "op": "zero", "keys": [0]})");
  EXPECT_EQ(refusal({HookKind::Z, 0}), ErrorCode::Unsupported) << "the pattern of block 1 has to be cut again";
  EXPECT_EQ(refusal({HookKind::Z, 1}), std::nullopt) << "the cut is behind it";
  EXPECT_EQ(refusal({HookKind::V, 1}), ErrorCode::Unsupported);
  under(R"({"hook": "blocks.1.attn.hook_z", "op": "scale", "factor": 2})");
  EXPECT_EQ(refusal({HookKind::Pattern, 1}), ErrorCode::Unsupported) << "z is scaled already";
  edited = Trace(config(), CapturePlan::none());
  recipe = {};
  extend(*backend, edited, ids);
  EXPECT_EQ(refusal({HookKind::Z, 0}), ErrorCode::Unsupported) << "z was not kept";
  EXPECT_EQ(refusal({HookKind::ResidPre, 0}), std::nullopt);
}

TEST_P(SweepReuse, a_head_sweep_takes_less_than_half_of_as_many_passes) {
  // GPT-2 small in proportion: 12 blocks, W_U 5.4 times a block.
  open({.n_layer = 12, .n_head = 12, .d_head = 4, .d_mlp = 192, .n_ctx = 64, .n_vocab = 3140}, 32, 2);
  std::uint64_t work = 0;
  int n_cuts = 0;
  for (int layer = 0; layer < 12; ++layer) {
    std::vector<std::unique_ptr<CompiledEdits>> cuts;
    for (int head = 0; head < 12; ++head)
      cuts.push_back(compiled(parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.)" + std::to_string(layer) +
                                           R"(.attn.hook_z", "op": "zero", "heads": [)" + std::to_string(head) + "]}]}")
                                  .value()));
    Sweep sweep;
    sweep.trace = &base;
    sweep.hook = {HookKind::Z, layer};
    sweep.cuts = cuts;
    sweep.done = [&](std::size_t, std::span<const float>) { ++n_cuts; };
    work += backend->sweep(sweep).value();
  }
  EXPECT_EQ(n_cuts, 144);
  const double share = static_cast<double>(work) / (144.0 * static_cast<double>(full_pass_work(config(), 32)));
  EXPECT_LT(share, 0.48);
  EXPECT_GT(share, 0.40) << "12 blocks, half of them behind the cut";
}

INSTANTIATE_TEST_SUITE_P(Plain, SweepReuse, ::testing::Values(SweepCase{"plain", {}, 9}), [](const auto& info) { return info.param.name; });

TEST(KlFrom, is_the_divergence_of_the_two) {
  const std::vector<float> p = {1, 2, 3}, q = {3, 1, 0};
  double sum_p = 0, sum_q = 0, want = 0;
  for (std::size_t i = 0; i < 3; ++i) sum_p += std::exp(static_cast<double>(p[i])), sum_q += std::exp(static_cast<double>(q[i]));
  for (std::size_t i = 0; i < 3; ++i) {
    const double a = std::exp(static_cast<double>(p[i])) / sum_p, b = std::exp(static_cast<double>(q[i])) / sum_q;
    want += a * std::log(a / b);
  }
  EXPECT_NEAR(KlFrom(p).to(q), want, 1e-12);
  EXPECT_EQ(KlFrom(p).to(p), 0.0);
}

}  // namespace
}  // namespace gf::testing
