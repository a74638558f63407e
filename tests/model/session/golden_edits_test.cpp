// Operations along directions, with noise and with rounding against values of numpy (tests/golden/edits/make_edits.py).
#include <algorithm>

#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class EditValues : public GoldenCase {
 protected:
  void SetUp() override {
    GoldenCase::SetUp();
    const auto path = std::filesystem::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/edits";
    std::ifstream file(path / "edits.json");
    ASSERT_TRUE(file) << path;
    golden = Json::parse(file)[GetParam().model.empty() ? GetParam().folder : GetParam().model];
    folder = path.string();
    request.prompt = ids_of(golden["ids"]);
  }
  gf::Run run_of(Session& on, const RunRequest& asked) {
    auto result = on.run(asked);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(gf::Run{});
  }
  /// The tokens of a run as given ones, in a session that knows nothing yet: one pass in place of many steps.
  gf::Run as_given(const gf::Run& made) {
    RunRequest forced = made.request;
    const auto ids = made.edited->ids();
    forced.n_generate = 0;
    forced.sampler = {};
    forced.forced.assign(ids.begin() + static_cast<std::ptrdiff_t>(forced.prompt.size()), ids.end());
    const auto fresh = session_of(open_case_model(session->model().weights->path));
    return run_of(*fresh, forced);
  }
};

TEST_P(EditValues, are_those_of_numpy) {
  ASSERT_GE(golden["recipes"].size(), 21U);
  for (const Json& want : golden["recipes"]) {
    SCOPED_TRACE(want["recipe"].dump().substr(0, 300));
    expect_recipe(want);
    if (request.recipe.edits.size() != 1 || names_every_block(request.recipe.edits[0].hook)) continue;
    RunRequest plain = request;
    plain.recipe = {};
    plain.recipe.folder = folder;
    const auto cut = logits_with(*session, run_of(*session, plain), request.recipe.edits[0]);
    const auto logits = run.edited->last_logits();
    ASSERT_EQ(cut.size(), logits.size());
    for (std::size_t i = 0; i < cut.size(); ++i) expect_near(cut[i], logits[i], 1e-4, 1e-5, "sweep " + std::to_string(i));
  }
}

TEST_P(EditValues, act_during_generation) {
  ASSERT_EQ(golden["generated_edited"].size(), 2U);
  for (const Json& want : golden["generated_edited"]) {
    SCOPED_TRACE(want["recipe"].dump().substr(0, 300));
    const auto ids = ids_of(want["ids"]);
    request.recipe = parse_recipe(want["recipe"].dump(), folder).value();
    request.n_generate = static_cast<int>(ids.size() - request.prompt.size());
    request.sampler.stop_at_eos = false;  // the references go on behind that token
    const auto made = run_of(*session, request);
    EXPECT_TRUE(std::ranges::equal(made.edited->ids(), ids));
    expect_receipts(made, want);
    expect_receipts(as_given(made), want);
  }
}

TEST_P(EditValues, of_a_swap_follow_each_beam) {
  request.recipe = parse_recipe(golden["generated_edited"][0]["recipe"].dump(), folder).value();
  request.n_generate = 4;
  request.sampler.beams = 3;
  const auto made = run_of(*session, request), again = as_given(made);
  ASSERT_EQ(made.receipts.size(), again.receipts.size());
  EXPECT_EQ(made.receipts[0].fired, again.receipts[0].fired);
  EXPECT_NEAR(made.receipts[0].norm, again.receipts[0].norm, 1e-3 * again.receipts[0].norm);
  const auto a = made.edited->last_logits(), b = again.edited->last_logits();
  for (std::size_t i = 0; i < a.size(); ++i) expect_near(a[i], b[i], 3e-4, 2e-4, "logit " + std::to_string(i));
}

TEST_P(EditValues, of_every_block_have_whole_receipts_whatever_ran_before) {
  const std::string every = R"({"hook": "blocks.*.attn.hook_z", "op": "scale", "factor": 0.5, "heads": [0]})";
  const auto with = [&](const std::string& edits) {
    RunRequest asked = request;
    asked.recipe = parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}").value();
    return asked;
  };
  // A run that differs in the last block alone is made from the one before.
  const auto later = with(every + R"(, {"hook": "blocks.2.hook_mlp_out", "op": "zero"})");
  run_of(*session, with(every));
  const auto fresh = session_of(open_case_model(session->model().weights->path));
  const gf::Run got = run_of(*session, later), want = run_of(*fresh, later);
  ASSERT_EQ(got.receipts.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(got.receipts[i].fired, want.receipts[i].fired);
    EXPECT_NEAR(got.receipts[i].norm, want.receipts[i].norm, 1e-5 * want.receipts[i].norm);
  }
  // And it is what an edit for each block does.
  const ModelConfig& c = session->model().weights->config;
  std::string each;
  for (int b = 0; b < c.n_layer; ++b) {
    auto one = every;
    one.replace(one.find('*'), 1, std::to_string(b));
    each += (b > 0 ? ", " : "") + one;
  }
  const gf::Run apart = run_of(*fresh, with(each)), together = run_of(*fresh, with(every));
  double squares = 0;
  for (const Receipt& r : apart.receipts) squares += r.norm * r.norm;
  EXPECT_NEAR(together.receipts[0].norm, std::sqrt(squares), 1e-4 * together.receipts[0].norm);
  EXPECT_TRUE(std::ranges::equal(together.edited->last_logits(), apart.edited->last_logits()));
}

TEST_P(EditValues, name_a_token_that_is_none) {
  const auto sentence = [&](const std::string& token) {
    RunRequest asked = request;
    asked.recipe =
        parse_recipe(R"({"version": 1, "edits": [{"hook": "hook_embed", "op": "project_out", "vector": {"tokens": ")" + token + "\"}}]}")
            .value();
    const auto result = session->run(asked);
    return result ? std::string() : result.error().message;
  };
  EXPECT_EQ(sentence("#5"), "");
  EXPECT_EQ(sentence("#99999"),
            "edit 1: Token #99999 is outside the vocabulary of " + std::to_string(session->model().weights->config.n_vocab) + " tokens.");
  EXPECT_TRUE(sentence("two words of text").ends_with("give one token, or its number as #id.")) << sentence("two words of text");
}

INSTANTIATE_TEST_SUITE_P(Golden, EditValues,
                         ::testing::Values(ReferenceCase{"models/hf-openai-keys", ""}, ReferenceCase{"trained/indirect-object", "fable"}),
                         case_name);

}  // namespace
}  // namespace gf::testing
