// What edits promise at every hook of a whole run, and where they take values from.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "model/backend.h"
#include "model/edits/compiled.h"
#include "model/io/files/safetensors.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class SessionEdits : public ::testing::Test {
 protected:
  SessionEdits() : session(session_of(open_case_model("sort-nano"))) {
    request.prompt = ids_of({2, 1, 0, 1, 1, 2, 0});
    request.plan = CapturePlan::full();
  }
  gf::Run run(const std::string& edits, const std::string& folder = {}) {
    request.recipe = parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}", folder).value();
    auto result = session->run(request);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(gf::Run{});
  }
  Error refusal(const std::string& edits, const std::string& folder = {}) {
    request.recipe = parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}", folder).value();
    const auto result = session->run(request);
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }
  std::vector<std::string> hooks() const {
    std::vector<std::string> names;
    for (const HookId hook : all_hooks(session->model().weights->config.n_layer)) names.push_back(name_of(hook));
    return names;
  }

  std::unique_ptr<Session> session;
  RunRequest request;
};

TEST_F(SessionEdits, patching_a_run_with_itself_changes_nothing_at_any_hook) {
  for (const std::string& hook : hooks()) {
    const gf::Run r = run(R"({"hook": ")" + hook + R"(", "op": "patch", "source": {"ids": [2, 1, 0, 1, 1, 2, 0]}})");
    ASSERT_EQ(r.receipts.size(), 1U);
    EXPECT_GT(r.receipts[0].fired, 0) << hook;
    EXPECT_EQ(r.receipts[0].norm, 0) << hook;
    EXPECT_FALSE(r.has_edits()) << hook;
  }
}

/// The pass that shares nothing: all rows of all blocks, with these edits.
Trace computed_anew(const Model& model, const RunRequest& request) {
  const auto backend = make_cpu_backend(2);
  EXPECT_TRUE(backend->load(model.weights));
  const int n = static_cast<int>(request.prompt.size());
  const auto edits = compile(request.recipe, {.config = model.weights->config, .n_prompt = n, .n_total = n, .base = nullptr});
  EXPECT_TRUE(edits) << edits.error().message;
  Trace trace(model.weights->config, request.plan);
  ForwardStep step;
  step.ids = request.prompt;
  step.n_prompt = n;
  step.edits = edits->get();
  EXPECT_TRUE(backend->forward(trace, step));
  return trace;
}

TEST(SessionRows, of_an_edit_far_back_only_the_rows_behind_it_are_computed_to_the_same_bit) {
  const auto model = open_case_model("fable");
  const ModelConfig& c = model->weights->config;
  struct Case {
    const char* edit;
    int tokens, block, shared_chunks;
  };
  for (const Case& k : {Case{R"({"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [3], "positions": "last"})", 200, 2, 3},
                        Case{R"({"hook": "blocks.0.hook_resid_pre", "op": "scale", "factor": 2, "positions": [-1]})", 193, 0, 2},
                        Case{R"({"hook": "hook_embed", "op": "zero", "positions": [140, 130]})", 200, 0, 2},
                        Case{R"({"hook": "blocks.4.attn.hook_pattern", "op": "zero", "queries": [70], "keys": [0]})", 150, 4, 1},
                        Case{R"({"hook": "blocks.5.hook_resid_pre", "op": "add", "value": 1, "positions": "64:"})", 128, 5, 1},
                        Case{R"({"hook": "ln_final.hook_normalized", "op": "scale", "factor": 2, "positions": [100]})", 150, 6, 1},
                        Case{R"({"hook": "blocks.3.mlp.hook_post", "op": "zero", "positions": [5]})", 150, 3, 0}}) {
    SCOPED_TRACE(k.edit);
    for (const CapturePlan& plan : {CapturePlan::full(), CapturePlan::defaults()}) {
      RunRequest request;
      for (int i = 0; i < k.tokens; ++i) request.prompt.emplace_back(i * 37 % c.n_vocab);
      request.plan = plan;
      request.recipe = parse_recipe(R"({"version": 1, "edits": [)" + std::string(k.edit) + "]}").value();
      const gf::Run run = session_of(model)->run(request).value();  // a base run of its own, in one pass
      ASSERT_TRUE(run.has_edits());
      const Trace anew = computed_anew(*model, request);
      ASSERT_EQ(run.edited->length(), anew.length());
      for (const HookId hook : all_hooks(c.n_layer)) {
        if (!anew.has(hook)) continue;
        ASSERT_TRUE(run.edited->has(hook)) << name_of(hook);
        for (int p = 0; p < anew.length(); ++p)
          ASSERT_TRUE(std::ranges::equal(run.edited->row(hook, p), anew.row(hook, p))) << name_of(hook) << " row " << p;
        if (hook.kind == HookKind::Embed || hook.kind == HookKind::PosEmbed) continue;
        const int b = info_of(hook.kind).scope == HookScope::Block ? hook.layer : c.n_layer;
        const auto chunks = run.edited->chunks(hook), base = run.base->chunks(hook);
        for (std::size_t i = 0; i < chunks.size() && b > k.block; ++i)
          EXPECT_EQ(chunks[i] == base[i], static_cast<int>(i) < k.shared_chunks) << name_of(hook) << " chunk " << i;
      }
      for (int p = 0; p < anew.length(); ++p) {
        const TokenStats &got = run.edited->stats(p), &want = anew.stats(p);
        EXPECT_TRUE(got.logprob == want.logprob || (std::isnan(got.logprob) && std::isnan(want.logprob))) << p;
        EXPECT_EQ(got.rank, want.rank) << p;
        EXPECT_TRUE(got.entropy == want.entropy || (std::isnan(got.entropy) && std::isnan(want.entropy))) << p;
      }
    }
  }
}

TEST_F(SessionEdits, scaling_by_one_is_bit_identical_at_any_hook_and_zero_is_not) {
  const gf::Run base = session->run(request).value();
  for (const std::string& hook : hooks()) {
    const gf::Run same = run(R"({"hook": ")" + hook + R"(", "op": "scale", "factor": 1})");
    EXPECT_TRUE(std::ranges::equal(same.edited->last_logits(), base.base->last_logits())) << hook;
    EXPECT_FALSE(same.receipts[0].changed) << hook;
    const gf::Run cut = run(R"({"hook": ")" + hook + R"(", "op": "set", "value": 0.5})");
    EXPECT_TRUE(cut.has_edits()) << hook;
    EXPECT_GT(cut.receipts[0].norm, 0) << hook;
  }
}

// Generated rows are made one by one, and so no pass over all of them at once may stand in for them.
TEST_F(SessionEdits, scaling_by_one_is_bit_identical_during_generation_too) {
  request.prompt.resize(3);
  request.n_generate = 4;
  const gf::Run plain = session->run(request).value();
  for (const std::string& hook : hooks()) {
    const gf::Run same = run(R"({"hook": ")" + hook + R"(", "op": "scale", "factor": 1})");
    EXPECT_EQ(same.base, same.edited) << hook;
    ASSERT_TRUE(std::ranges::equal(same.edited->ids(), plain.edited->ids())) << hook;
    for (int p = 0; p < plain.edited->length(); ++p)
      for (const HookId at : {HookId{HookKind::AttnOut, 0}, HookId{HookKind::LnFinalNormalized, -1}, HookId{HookKind::Logits, -1}})
        EXPECT_TRUE(std::ranges::equal(same.edited->row(at, p), plain.edited->row(at, p)))
            << hook << ", row " << p << " of " << name_of(at);
  }
}

TEST_F(SessionEdits, a_stream_edit_acts_once_wherever_the_run_goes_on_from) {
  const std::string stream = R"({"hook": "blocks.1.hook_resid_pre", "op": "scale", "factor": 1.5})";
  const std::string early = R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0]})";
  const std::string late = R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [1]})";
  const gf::Run first = run(early + "," + stream);
  const gf::Run both = run(early + "," + stream + "," + late);
  auto fresh = session_of(open_case_model("sort-nano"));
  const gf::Run alone = fresh->run(request).value();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(both.receipts[i].fired, alone.receipts[i].fired);
    EXPECT_NEAR(both.receipts[i].norm, alone.receipts[i].norm, 1e-5);
  }
  for (std::size_t i = 0; i < alone.edited->last_logits().size(); ++i)
    EXPECT_NEAR(both.edited->last_logits()[i], alone.edited->last_logits()[i], 1e-5F);

  const auto cut = logits_with(*session, first, request.recipe.edits[2]);
  ASSERT_EQ(cut.size(), alone.edited->last_logits().size());
  for (std::size_t i = 0; i < cut.size(); ++i) EXPECT_NEAR(cut[i], alone.edited->last_logits()[i], 1e-5F);

  const auto replayed = session->replay(*both.edited, {HookKind::Q, 1}, request);
  ASSERT_TRUE(replayed) << replayed.error().message;
  for (int p = 0; p < both.edited->length(); ++p)
    EXPECT_NEAR((*replayed)->row({HookKind::Q, 1}, p)[3], alone.edited->row({HookKind::Q, 1}, p)[3], 1e-5F);
}

TEST_F(SessionEdits, a_row_without_scores_attends_to_nothing) {
  const gf::Run r = run(R"({"hook": "blocks.1.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [1], "queries": [3]})");
  ASSERT_TRUE(r.has_edits());
  EXPECT_EQ(r.receipts[0].fired, 4);
  EXPECT_EQ(r.receipts[0].norm, 0);
  EXPECT_TRUE(r.receipts[0].changed);
  for (const float p : r.edited->causal_row({HookKind::Pattern, 1}, 1, 3)) EXPECT_EQ(p, 0.0F);
  for (const float x : r.edited->last_logits()) EXPECT_TRUE(std::isfinite(x));
  const gf::Run left = run(R"({"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [1], "queries": [3], "renormalize": true})");
  EXPECT_EQ(left.receipts[0].empty_rows, 1);
}

TEST_F(SessionEdits, a_patch_takes_what_the_source_has_there) {
  RunRequest other = request;
  other.prompt = ids_of({0, 0, 1, 2, 2, 1, 0});
  const gf::Run source = session->run(other).value();
  const gf::Run z = run(R"({"hook": "blocks.2.attn.hook_z", "op": "patch", "heads": [1], "positions": [2, 5],
                       "source": {"ids": [0, 0, 1, 2, 2, 1, 0], "hook": "blocks.1.attn.hook_z", "positions": [6, 1]}})");
  const auto d_head = static_cast<std::size_t>(session->model().weights->config.d_head);
  EXPECT_EQ(z.edited->row({HookKind::Z, 2}, 2)[d_head], source.base->row({HookKind::Z, 1}, 1)[d_head]);
  EXPECT_EQ(z.edited->row({HookKind::Z, 2}, 5)[d_head], source.base->row({HookKind::Z, 1}, 6)[d_head]);
  EXPECT_EQ(z.edited->row({HookKind::Z, 2}, 4)[d_head], z.base->row({HookKind::Z, 2}, 4)[d_head]);
  const gf::Run pattern = run(R"({"hook": "blocks.1.attn.hook_pattern", "op": "patch", "heads": [2], "queries": [4],
                             "source": {"ids": [0, 0, 1, 2, 2, 1, 0]}})");
  EXPECT_TRUE(
      std::ranges::equal(pattern.edited->causal_row({HookKind::Pattern, 1}, 2, 4), source.base->causal_row({HookKind::Pattern, 1}, 2, 4)));
  // The same run named by its text.
  const std::string edit = R"({"hook": "blocks.0.hook_attn_out", "op": "patch", "source": )";
  const gf::Run by_text = run(edit + R"({"prompt": "AABCCBA"}})"), by_ids = run(edit + R"({"ids": [0, 0, 1, 2, 2, 1, 0]}})");
  EXPECT_TRUE(std::ranges::equal(by_text.edited->last_logits(), by_ids.edited->last_logits()));
  EXPECT_GT(by_text.receipts[0].norm, 0);
}

TEST_F(SessionEdits, a_vector_is_read_from_the_recipes_folder) {
  const auto folder = std::filesystem::temp_directory_path() / "gf-session-edits-test";
  std::filesystem::create_directories(folder);
  const auto write = [&](std::vector<float> values) {
    const TensorView view{reinterpret_cast<const std::byte*>(values.data()), DType::F32, {static_cast<std::int64_t>(values.size())}};
    const SafetensorsTensor tensor{"v", view};
    ASSERT_TRUE(write_safetensors((folder / "v.safetensors").string(), {&tensor, 1}));
  };
  const std::string edit =
      R"({"hook": "blocks.1.hook_resid_mid", "op": "add", "dims": [0, 5], "vector": {"file": "v.safetensors", "tensor": ")";
  write({1, 2});
  const gf::Run from_file = run(edit + R"(v"}})", folder.string());
  const gf::Run from_list = run(R"({"hook": "blocks.1.hook_resid_mid", "op": "add", "dims": [0, 5], "vector": [1, 2]})");
  EXPECT_TRUE(std::ranges::equal(from_file.edited->last_logits(), from_list.edited->last_logits()));
  write({3, -2});  // the file's content counts, not its name
  EXPECT_FALSE(std::ranges::equal(run(edit + R"(v"}})", folder.string()).edited->last_logits(), from_list.edited->last_logits()));

  EXPECT_EQ(refusal(edit + R"(w"}})", folder.string()).message,
            "edit 1: there is no tensor 'w' in " + (folder / "v.safetensors").string() + "; it holds v");
  write({1, 2, 3});
  EXPECT_EQ(refusal(edit + R"(v"}})", folder.string()).message,
            "edit 1: the vector has 3 numbers, but the last axis of blocks.1.hook_resid_mid has 2 selected entries");
  write({1, std::numeric_limits<float>::infinity()});
  EXPECT_NE(refusal(edit + R"(v"}})", folder.string()).message.find("not finite"), std::string::npos);
  std::filesystem::remove_all(folder);
  const Error missing = refusal(edit + R"(v"}})", folder.string());
  EXPECT_EQ(missing.code, ErrorCode::NotFound);
  EXPECT_TRUE(missing.message.starts_with("edit 1: ")) << missing.message;
}

TEST_F(SessionEdits, refuses_sources_that_the_model_cannot_run) {
  const std::string edit = R"({"hook": "blocks.0.attn.hook_z", "op": "zero"}, {"hook": "blocks.0.hook_attn_out", "op": )";
  EXPECT_EQ(refusal(edit + R"("mean", "over": {"ids": [[0], [77]]}})").message,
            "edit 2: token id 77 is not in the vocabulary, whose ids are 0 to 2");
  EXPECT_TRUE(refusal(edit + R"("patch", "source": {"prompt": "xyz"}})").message.starts_with("edit 2: "));
  EXPECT_TRUE(
      refusal(edit + R"("patch", "source": {"ids": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}})")
          .message.ends_with("; shorten it"));
}

TEST_F(SessionEdits, a_knockout_of_attention_says_how_much_it_moved) {
  const gf::Run r = run(R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [0], "keys": [1]})");
  double attended = 0;
  for (int q = 1; q < 7; ++q) attended += static_cast<double>(r.base->causal_row({HookKind::Pattern, 0}, 0, q)[1]);
  EXPECT_GT(attended, 0.01);
  EXPECT_NEAR(r.receipts[0].attention, attended, 1e-5) << "what went to the key goes elsewhere";
  EXPECT_EQ(r.receipts[0].norm, 0) << "infinities are left out";
  EXPECT_TRUE(r.receipts[0].changed);
  EXPECT_EQ(run(R"({"hook": "blocks.0.attn.hook_pattern", "op": "zero", "heads": [0], "keys": [1]})").receipts[0].attention, 0);
}

/// Infinity minus infinity in the query of position 3.
constexpr const char* kNanQuery = R"({"hook": "blocks.0.attn.hook_q", "op": "scale", "factor": 1e38, "positions": [3]},
  {"hook": "blocks.0.attn.hook_q", "op": "scale", "factor": 1e38, "positions": [3]},
  {"hook": "blocks.0.attn.hook_q", "op": "scale", "factor": 0, "positions": [3]})";

TEST_F(SessionEdits, the_first_hook_with_a_nan_is_named_whatever_was_captured) {
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults(), CapturePlan::full()}) {
    request.plan = plan;
    const gf::Run r = run(kNanQuery);
    ASSERT_TRUE(r.first_nan);
    EXPECT_EQ(name_of(r.first_nan->hook), "blocks.0.attn.hook_q");
    EXPECT_EQ(r.first_nan->position, 3);
    EXPECT_TRUE(std::isnan(*r.kl));
    EXPECT_FALSE(r.stopped_at_nan) << "nothing was to be chosen";
    EXPECT_FALSE(run(R"({"hook": "blocks.0.attn.hook_q", "op": "zero"})").first_nan);
  }
}

TEST_F(SessionEdits, nothing_is_chosen_by_logits_that_are_nan) {
  request.n_generate = 3;
  for (const bool greedy : {true, false}) {
    request.sampler.greedy = greedy;
    const gf::Run r = run(kNanQuery);
    EXPECT_TRUE(r.stopped_at_nan);
    EXPECT_EQ(r.edited->length(), 7) << "the prompt alone";
    EXPECT_TRUE(run(kNanQuery).stopped_at_nan) << "the same answer from the cache";
  }
  request.sampler = {};
  request.sampler.beams = 2;
  EXPECT_TRUE(run(kNanQuery).stopped_at_nan);
  request.sampler = {};
  request.sampler.force = ids_of({1, 2});
  EXPECT_EQ(run(kNanQuery).edited->length(), 9) << "a forced token is not chosen";
}

}  // namespace
}  // namespace gf::testing
